#include "yaml/map.h"

#include "yaml/quote.h"

#include <string.h>

static bool is_merge_key(const struct node *key) {
    return key->plain && key->type == NODE_STRING && strcmp(key->text, "<<") == 0;
}

/* How many maps a merge key's value stands for: itself, or a list's items. */
static size_t source_count(const struct node *value) {
    return value->type == NODE_LIST ? value->list.count : 1;
}

static struct node *source(struct node *value, size_t i) {
    return value->type == NODE_LIST ? value->list.items[i] : value;
}

/* How many pairs a merge key brings. */
static int merge_size(struct map_maker *maker, struct node *key, struct node *value, size_t *total) {
    for (size_t i = 0; i < source_count(value); i++) {
        const struct node *map = source(value, i);
        if (map->type != NODE_MAP) {
            diagnostics_add(maker->diagnostics, SEVERITY_ERROR, key->mark,
                            "the merge key << needs a map or a list of maps, not %s: quote it if it is a plain key",
                            node_type_name(map));
            return 1;
        }
        if (map->map.count > maker->merge_left) {
            diagnostics_add(maker->diagnostics, SEVERITY_ERROR, key->mark,
                            "the merge keys << of this file add too many fields for its size");
            return 1;
        }
        maker->merge_left -= map->map.count;
        *total += map->map.count;
    }
    return 0;
}

static int compare_entries(const void *a, const void *b) {
    const struct map_entry *x = a, *y = b;
    int c = memcmp(x->prefix, y->prefix, sizeof x->prefix);
    if (c == 0 && x->prefix[sizeof x->prefix - 1] != '\0')
        c = strcmp(x->pair->key->text, y->pair->key->text);
    return c != 0 ? c : (x->pair > y->pair) - (x->pair < y->pair);
}

static int report_duplicate(struct map_maker *maker, const struct node *key, const struct node *first) {
    struct buffer shown = {0};
    quote_text(&shown, key->text, key->length);
    if (!shown.failed)
        diagnostics_add(maker->diagnostics, SEVERITY_ERROR, key->mark, "duplicate key \"%s\"; it is on line %u already",
                        shown.data ? shown.data : "", first->mark.line);
    int r = shown.failed ? -ENOMEM : 0;
    buffer_free(&shown);
    return r;
}

/* What is written in a map wins over what is merged into it; but where it is written before the merge key, kubectl
 * lets the merged value win. So that nobody has to know, this is an error. */
static void report_late_merge(struct map_maker *maker, const struct node *merge_key, const struct node *first) {
    diagnostics_add(maker->diagnostics, SEVERITY_ERROR, merge_key->mark,
                    "the merge key << brings a key that line %u has already: put << before it", first->mark.line);
}

/* Of pairs with the same key the first stays: a later one is an error if it was written here, and gives way if it was
 * merged (`written` pairs come first, then the merged ones). Dropped pairs lose their key. */
static int drop_duplicates(struct map_maker *maker, struct pair *pairs, size_t count, size_t written,
                           const struct pair *merge) {
    const struct node *merge_key = merge ? merge->key : NULL; /* it may be a duplicate itself */
    maker->entries.count = 0;
    if (count < 2)
        return 0;
    if (array_reserve(&maker->entries, count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct map_entry *entry = &maker->entries.items[maker->entries.count++];
        *entry = (struct map_entry){.pair = &pairs[i]};
        memcpy(entry->prefix, pairs[i].key->text,
               pairs[i].key->length < sizeof entry->prefix ? pairs[i].key->length : sizeof entry->prefix);
    }
    qsort(maker->entries.items, count, sizeof *maker->entries.items, compare_entries);
    const struct map_entry *first = maker->entries.items;
    for (const struct map_entry *entry = first + 1; entry < maker->entries.items + count; entry++) {
        if (strcmp(first->pair->key->text, entry->pair->key->text) != 0) {
            first = entry;
            continue;
        }
        if (entry->pair >= pairs + written && merge && first->pair < merge)
            report_late_merge(maker, merge_key, first->pair->key);
        else if (entry->pair < pairs + written && report_duplicate(maker, entry->pair->key, first->pair->key) < 0)
            return -ENOMEM;
        entry->pair->key = NULL;
    }
    return 0;
}

static size_t remove_dropped(struct pair *pairs, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (pairs[i].key && !is_merge_key(pairs[i].key))
            pairs[kept++] = pairs[i];
    return kept;
}

static size_t add_merged(struct pair *pairs, size_t count, struct node *value) {
    for (size_t i = 0; i < source_count(value); i++) {
        const struct node *map = source(value, i);
        if (map->map.count > 0)
            memcpy(pairs + count, map->map.pairs, map->map.count * sizeof *pairs);
        count += map->map.count;
    }
    return count;
}

int map_make(struct map_maker *maker, struct node *map, struct node *const *children, size_t count) {
    size_t written = count / 2, total = written;
    for (size_t i = 0; i < count; i += 2) {
        int r = is_merge_key(children[i]) ? merge_size(maker, children[i], children[i + 1], &total) : 0;
        if (r != 0)
            return r;
    }
    struct pair *pairs = arena_array(maker->arena, total, sizeof *pairs);
    if (!pairs)
        return -ENOMEM;
    for (size_t i = 0; i < written; i++)
        pairs[i] = (struct pair){children[2 * i], children[2 * i + 1]};
    const struct pair *merge = NULL;
    size_t all = written;
    for (size_t i = 0; i < written; i++) {
        if (!is_merge_key(pairs[i].key))
            continue;
        merge = &pairs[i];
        all = add_merged(pairs, all, merge->value);
    }
    int r = drop_duplicates(maker, pairs, all, written, merge);
    if (r < 0)
        return r;
    map->map.pairs = pairs;
    map->map.count = remove_dropped(pairs, all);
    return 0;
}
