/* Reads the lines of a snapshot's text: see snapshot_text.h. Any bytes give a snapshot that keeps all that its types
 * promise, or none. Functions return 0, SNAPSHOT_DAMAGED with the reason said, or -ENOMEM. */
#include "base/name.h"
#include "store/snapshot_fields.h"
#include "store/snapshot_text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct parser {
    const char *at, *end; /* the lines that are left; each ends in a newline */
    unsigned line;        /* number of the last line taken */
    bool batch;           /* files may be gone */
    struct snapshot *snapshot;
    struct arena words; /* what need not last */
    struct buffer *why;
};

static bool next_line(struct parser *parser, struct fields *ret) {
    if (parser->at == parser->end)
        return false;
    const char *newline = memchr(parser->at, '\n', (size_t)(parser->end - parser->at));
    parser->line++;
    *ret = (struct fields){.at = parser->at, .end = newline, .line = parser->line, .why = parser->why};
    parser->at = newline + 1;
    return true;
}

static int take_identity(struct fields *fields, struct arena *arena, enum resource_kind *kind, const char **namespace,
                         const char **name) {
    const char *word;
    int r = fields_name(fields, arena, &word);
    if (r != 0)
        return r;
    *kind = resource_kind_parse(word);
    if (*kind == KIND_MAX_)
        return fields_damaged(fields, "has an unknown kind");
    r = fields_name(fields, arena, namespace);
    return r == 0 ? fields_name(fields, arena, name) : r;
}

static int parse_needs(struct fields *fields, struct arena *arena, struct resource *resource) {
    if (fields->over)
        return 0;
    size_t count = 1;
    for (const char *p = fields->at; p < fields->end; p++)
        count += *p == '\t';
    const char **needs = arena_array(arena, count, sizeof *needs);
    if (!needs)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int r = fields_topic(fields, arena, &needs[i]);
        if (r != 0)
            return r;
        if (i > 0 && strcmp(needs[i - 1], needs[i]) >= 0)
            return fields_damaged(fields, "names topics out of order");
    }
    resource->needs = needs;
    resource->n_needs = count;
    return 0;
}

static int parse_resource(struct fields *fields, struct arena *arena, struct resource *resource) {
    fields_word(fields, "resource"); /* as count_resources() has seen */
    int r = take_identity(fields, arena, &resource->kind, &resource->namespace, &resource->name);
    if (r == 0 && !fields_either(fields, "clean", "keep", &resource->clean))
        r = fields_damaged(fields, "lacks clean or keep");
    for (size_t i = 0; i < 2 && r == 0; i++)
        r = fields_topic(fields, arena, &resource->owned[i]);
    return r == 0 ? parse_needs(fields, arena, resource) : r;
}

/* How many of the next lines are resources. */
static size_t count_resources(struct parser parser) {
    struct fields line;
    size_t count = 0;
    while (next_line(&parser, &line) && fields_word(&line, "resource"))
        count++;
    return count;
}

/* A file whose resources come next; NULL: it is gone. */
static int add_file(struct parser *parser, struct fields *fields, struct resources *resources) {
    struct snapshot *snapshot = parser->snapshot;
    struct accepted_file file = {.resources = resources};
    if (array_push(&snapshot->files, file) < 0) {
        resources_unref(resources);
        return -ENOMEM;
    }
    struct accepted_file *added = &snapshot->files.items[snapshot->files.count - 1];
    const char *name;
    int r = fields_name(fields, &parser->words, &name);
    if (r == 0 && !(added->name = name_new(name)))
        r = -ENOMEM;
    if (r == 0 && strchr(added->name, '/'))
        r = fields_damaged(fields, "has a file name with a slash");
    if (r == 0 && snapshot->files.count > 1 && strcmp(added[-1].name, added->name) >= 0)
        r = fields_damaged(fields, "has a file out of order");
    return r;
}

/* A "file" line and its "resource" lines. */
static int parse_file(struct parser *parser, struct fields *fields) {
    struct resources *resources = resources_new();
    int r = resources ? add_file(parser, fields, resources) : -ENOMEM;
    if (r != 0)
        return r;
    struct accepted_file *added = &parser->snapshot->files.items[parser->snapshot->files.count - 1];
    r = fields_number(fields, NULL, UINT64_MAX, &added->rejected_since_usec);
    size_t count = count_resources(*parser);
    if (r == 0 && count > 0 && !(resources->items = arena_array(&resources->arena, count, sizeof *resources->items)))
        return -ENOMEM;
    for (; r == 0 && resources->count < count; resources->count += r == 0) {
        next_line(parser, fields);
        r = parse_resource(fields, &resources->arena, &resources->items[resources->count]);
    }
    return r;
}

static int compare_owed(const struct owed *a, const struct owed *b) {
    struct resource x = {.kind = a->kind, .namespace = a->namespace, .name = a->name};
    struct resource y = {.kind = b->kind, .namespace = b->namespace, .name = b->name};
    return resource_compare(&x, &y);
}

static int parse_owed(struct parser *parser, struct fields *fields) {
    struct snapshot *snapshot = parser->snapshot;
    struct arena *arena = &snapshot->arena;
    struct owed owed = {0};
    uint64_t population = 0;
    int r = take_identity(fields, arena, &owed.kind, &owed.namespace, &owed.name);
    for (size_t i = 0; i < 2 && r == 0; i++) {
        r = fields_topic(fields, arena, &owed.topics[i]);
        if (r == 0 && !fields_either(fields, "done", "there", &owed.done[i]))
            r = fields_damaged(fields, "lacks done or there");
    }
    if (r != 0 || (r = fields_name(fields, arena, &owed.file)) != 0 ||
        (r = fields_number(fields, "since", UINT64_MAX, &owed.since_usec)) != 0 ||
        (r = fields_number(fields, "generation", UINT64_MAX, &owed.generation)) != 0 ||
        (r = fields_number(fields, "population", UINT_MAX, &population)) != 0 ||
        (r = fields_holds(fields, "circumstances", &owed.circumstances)) != 0 ||
        (r = fields_holds(fields, "held", &owed.held)) != 0)
        return r;
    if (!fields_either(fields, "approved=yes", "approved=no", &owed.approved))
        return fields_damaged(fields, "lacks approved=yes or approved=no");
    if ((r = fields_number(fields, "refused-since", UINT64_MAX, &owed.refused_since_usec)) != 0 ||
        (!fields->over && (r = fields_name(fields, arena, &owed.let_go_by)) != 0))
        return r;
    owed.population = (unsigned)population;
    if (snapshot->owed.count > 0 && compare_owed(&snapshot->owed.items[snapshot->owed.count - 1], &owed) >= 0)
        return fields_damaged(fields, "has an owed deletion out of order");
    return array_push(&snapshot->owed, owed);
}

static int parse_sent(struct parser *parser, struct fields *fields) {
    struct snapshot *snapshot = parser->snapshot;
    struct sent sent = {0};
    int r = fields_number(fields, NULL, UINT64_MAX, &sent.wall_usec);
    if (r != 0 || (r = fields_topic(fields, &snapshot->arena, &sent.topic)) != 0)
        return r;
    if (snapshot->sent.count > 0 && strcmp(snapshot->sent.items[snapshot->sent.count - 1].topic, sent.topic) >= 0)
        return fields_damaged(fields, "has a sent deletion out of order");
    return array_push(&snapshot->sent, sent);
}

static int parse_scope(struct parser *parser, struct fields *fields) {
    struct snapshot *snapshot = parser->snapshot;
    struct scope *scope = &snapshot->scope;
    int r = fields_optional(fields, &snapshot->arena, &scope->cluster_id);
    r = r == 0 ? fields_text(fields, &snapshot->arena, &scope->prefix) : r;
    r = r == 0 ? fields_text(fields, &snapshot->arena, &scope->namespace) : r;
    return r == 0 ? fields_text(fields, &snapshot->arena, &scope->manifests) : r;
}

/* One line, or a file's several. That each has its place is found out by compare_text(). */
static int parse_line(struct parser *parser, struct fields *fields) {
    struct snapshot *snapshot = parser->snapshot;
    const char *word;
    size_t length;
    fields_next(fields, &word, &length);
    if (fields_is(word, length, "file"))
        return parse_file(parser, fields);
    if (parser->batch && fields_is(word, length, "gone"))
        return add_file(parser, fields, NULL);
    if (fields_is(word, length, "owed"))
        return parse_owed(parser, fields);
    if (fields_is(word, length, "sent"))
        return parse_sent(parser, fields);
    if (fields_is(word, length, "scope"))
        return parse_scope(parser, fields);
    if (fields_is(word, length, "directory"))
        return fields_optional(fields, &snapshot->arena, &snapshot->directory);
    if (fields_is(word, length, "scanned"))
        return fields_number(fields, NULL, UINT64_MAX, &snapshot->scanned_usec);
    if (fields_is(word, length, "generation"))
        return fields_number(fields, NULL, UINT64_MAX, &snapshot->generation);
    return fields_damaged(fields, "begins with an unknown word");
}

int snapshot_parse_lines(const char *text, size_t length, unsigned line, bool batch, struct snapshot **ret,
                         struct buffer *why) {
    struct snapshot *snapshot = snapshot_new(&(struct scope){0});
    if (!snapshot)
        return -ENOMEM;
    struct parser parser = {
        .at = text, .end = text + length, .line = line, .batch = batch, .snapshot = snapshot, .why = why};
    struct fields fields;
    int r = 0;
    while (r == 0 && next_line(&parser, &fields))
        r = parse_line(&parser, &fields);
    arena_free(&parser.words);
    if (r != 0)
        snapshot_free(snapshot);
    else
        *ret = snapshot;
    return r;
}
