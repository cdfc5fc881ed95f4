#include "yaml/schema.h"

#include "yaml/schema_walk.h"

#include <assert.h>
#include <string.h>

static void check_node(struct schema_walk *walk, const struct field *field, const struct node *node);

size_t schema_budget(size_t nodes) {
    return 2 * nodes + 10000;
}

/* Counts a visit. False if the walk has ended. */
static bool visit(struct schema_walk *walk, const struct node *node) {
    if (walk->ended)
        return false;
    if (walk->diagnostics->errors >= DIAGNOSTICS_MAX) {
        diagnostics_add(walk->diagnostics, SEVERITY_ERROR, node->mark, "%s", ""); /* marks it as truncated */
        walk->ended = true;
    } else if (walk->budget == 0) {
        schema_report(walk, SEVERITY_ERROR, node->mark,
                      "stands for too many values: the aliases of this file expand to many times its size");
        walk->ended = true;
    } else {
        --walk->budget;
    }
    return !walk->ended;
}

/* Checks a node one step below the place where the walk stands. */
static void descend(struct schema_walk *walk, struct place place, const struct field *field, const struct node *node) {
    place.parent = walk->place;
    bool strict = walk->strict;
    walk->place = &place;
    walk->strict = strict || (field->flags & FIELD_STRICT);
    check_node(walk, field, node);
    walk->strict = strict;
    walk->place = place.parent;
}

static size_t find_field(const struct field *fields, const char *name) {
    size_t i = 0;
    while (fields[i].name && strcmp(fields[i].name, name) != 0)
        i++;
    return i;
}

static void report_missing(struct schema_walk *walk, const struct field *field, const struct node *map) {
    const struct place place = {.parent = walk->place, .name = field->name};
    walk->place = &place;
    schema_report(walk, SEVERITY_ERROR, map->mark, "is required");
    walk->place = place.parent;
}

static void check_fields(struct schema_walk *walk, const struct field *fields, const struct node *map) {
    uint64_t seen = 0;
    for (size_t i = 0; i < map->map.count; i++) {
        const struct pair *pair = &map->map.pairs[i];
        size_t row = find_field(fields, pair->key->text);
        assert(row < 64);
        if (!visit(walk, pair->key))
            return;
        if (!fields[row].name) {
            schema_report_unknown(walk, fields, pair->key);
            continue;
        }
        seen |= UINT64_C(1) << row;
        descend(walk, (struct place){.key = pair->key}, &fields[row], pair->value);
    }
    for (size_t row = 0; fields[row].name && !walk->ended; row++)
        if ((fields[row].flags & FIELD_REQUIRED) && !(seen & UINT64_C(1) << row))
            report_missing(walk, &fields[row], map);
}

static void check_items(struct schema_walk *walk, const struct field *field, const struct node *list) {
    for (size_t i = 0; i < list->list.count && !walk->ended; i++)
        descend(walk, (struct place){.index = i}, field->item, list->list.items[i]);
}

static void check_values(struct schema_walk *walk, const struct field *field, const struct node *map) {
    for (size_t i = 0; i < map->map.count && !walk->ended; i++)
        descend(walk, (struct place){.key = map->map.pairs[i].key}, field->item, map->map.pairs[i].value);
}

/* null counts as absent, except for an item of a list. */
static void check_null(struct schema_walk *walk, const struct field *field, const struct node *node) {
    if (!walk->place->key && !walk->place->name)
        schema_report(walk, SEVERITY_ERROR, node->mark, "must not be null: give the item a value, or take it out");
    else if (field->flags & FIELD_REQUIRED)
        schema_report(walk, SEVERITY_ERROR, node->mark, "is required, and null does not count as a value");
}

static void check_node(struct schema_walk *walk, const struct field *field, const struct node *node) {
    if (!visit(walk, node))
        return;
    if (node->type == NODE_NULL) {
        check_null(walk, field, node);
        return;
    }
    if (!schema_type_fits(walk, field, node))
        return;
    if (field->type == FIELD_OBJECT)
        check_fields(walk, field->fields, node);
    else if (field->type == FIELD_LIST)
        check_items(walk, field, node);
    else if (field->type == FIELD_MAP)
        check_values(walk, field, node);
    else
        schema_check_value(walk, field, node);
    if (field->check && !walk->ended)
        field->check(walk, field, node);
}

int schema_check(const struct node *node, const struct field *fields, const char *path,
                 const struct schema_options *options, size_t *budget, struct diagnostics *diagnostics) {
    const struct field root = {.type = FIELD_OBJECT, .fields = fields};
    const struct place place = {.name = path};
    struct schema_walk walk = {.options = options, .budget = *budget, .diagnostics = diagnostics, .place = &place};
    check_node(&walk, &root, node);
    *budget = walk.budget;
    return diagnostics->failed ? -ENOMEM : 0;
}
