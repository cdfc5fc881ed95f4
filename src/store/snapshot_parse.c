/* Reads a snapshot's text: see snapshot_text.h. Any bytes give a snapshot that keeps all that its types promise, or
 * none. Functions return 0, SNAPSHOT_DAMAGED with the reason said, or -ENOMEM. */
#include "base/hash.h"
#include "store/snapshot_fields.h"
#include "store/snapshot_text.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct parser {
    const char *at, *end; /* the lines that are left; each ends in a newline */
    unsigned line;        /* number of the last line taken */
    struct snapshot *snapshot;
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

/* A "file" line and its "resource" lines. */
static int parse_file(struct parser *parser, struct fields *fields) {
    struct snapshot *snapshot = parser->snapshot;
    struct accepted_file file = {.resources = resources_new()};
    if (!file.resources)
        return -ENOMEM;
    if (array_push(&snapshot->files, file) < 0) {
        resources_unref(file.resources);
        return -ENOMEM;
    }
    struct accepted_file *added = &snapshot->files.items[snapshot->files.count - 1];
    int r = fields_name(fields, &snapshot->arena, &added->name);
    if (r == 0 && strchr(added->name, '/'))
        r = fields_damaged(fields, "has a file name with a slash");
    if (r == 0 && snapshot->files.count > 1 && strcmp(added[-1].name, added->name) >= 0)
        r = fields_damaged(fields, "has a file out of order");
    if (r == 0)
        r = fields_number(fields, NULL, UINT64_MAX, &added->rejected_since_usec);
    if (r != 0)
        return r;
    struct resources *resources = added->resources;
    size_t count = count_resources(*parser);
    if (count > 0 && !(resources->items = arena_array(&resources->arena, count, sizeof *resources->items)))
        return -ENOMEM;
    for (; resources->count < count; resources->count++) {
        next_line(parser, fields);
        r = parse_resource(fields, &resources->arena, &resources->items[resources->count]);
        if (r != 0)
            return r;
    }
    return 0;
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
    if ((r = fields_number(fields, "refused-since", UINT64_MAX, &owed.refused_since_usec)) != 0)
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

static int compare_pointers(const void *a, const void *b) {
    return resource_compare(*(const struct resource *const *)a, *(const struct resource *const *)b);
}

/* A resource stands in one file (M7). */
static int check_unique(const struct snapshot *snapshot, struct buffer *why) {
    ARRAY(const struct resource *) all = {0};
    int r = 0;
    for (size_t i = 0; i < snapshot->files.count && r == 0; i++) {
        const struct resources *resources = snapshot->files.items[i].resources;
        for (size_t j = 0; j < resources->count && r == 0; j++)
            r = array_push(&all, &resources->items[j]);
    }
    if (r == 0 && all.count > 1)
        qsort(all.items, all.count, sizeof(const struct resource *), compare_pointers);
    for (size_t i = 1; i < all.count && r == 0; i++)
        if (resource_compare(all.items[i - 1], all.items[i]) == 0) {
            buffer_puts(why, "a resource stands in it twice");
            r = SNAPSHOT_DAMAGED;
        }
    array_free(&all);
    return r;
}

/* Whether it would be written as it was read: so each line stands in its place, once, and says nothing more than was
 * understood. */
static int compare_text(const struct snapshot *snapshot, const char *text, size_t length, struct buffer *why) {
    struct buffer again = {0};
    int r = snapshot_format(snapshot, &again);
    if (r == 0 && (again.length != length || memcmp(again.data, text, length) != 0)) {
        unsigned line = 1;
        for (size_t i = 0; i < length && i < again.length && text[i] == again.data[i]; i++)
            line += text[i] == '\n';
        buffer_printf(why, "line %u is not as topicd would have written it", line);
        r = SNAPSHOT_DAMAGED;
    }
    buffer_free(&again);
    return r;
}

/* The first line: the only one that all formats share. */
static int check_version(const char *text, size_t length, struct buffer *why) {
    static const char first[] = SNAPSHOT_MAGIC SNAPSHOT_VERSION "\n", magic[] = SNAPSHOT_MAGIC;
    if (length >= sizeof first - 1 && memcmp(text, first, sizeof first - 1) == 0)
        return 0;
    const char *digits = text + sizeof magic - 1;
    const char *newline = length > sizeof magic - 1 && memcmp(text, magic, sizeof magic - 1) == 0
                              ? memchr(digits, '\n', length - (sizeof magic - 1))
                              : NULL;
    size_t count = newline ? (size_t)(newline - digits) : 0, i = 0;
    while (i < count && digits[i] >= '0' && digits[i] <= '9')
        i++;
    if (count == 0 || i < count || digits[0] == '0') {
        buffer_puts(why, "it does not begin as a snapshot of topicd does");
        return SNAPSHOT_DAMAGED;
    }
    buffer_printf(why, "its format is %.*s, of a newer topicd than this one, which knows format " SNAPSHOT_VERSION,
                  count > 20 ? 20 : (int)count, digits);
    return SNAPSHOT_NEWER;
}

/* The last line. The length of what it vouches for goes to *ret. */
static int check_sum(const char *text, size_t length, size_t *ret, struct buffer *why) {
    enum { LAST = sizeof SNAPSHOT_CHECKSUM - 1 + 16 + 1 };
    char last[LAST + 1];
    size_t body = length > LAST ? length - LAST : 0;
    snprintf(last, sizeof last, SNAPSHOT_CHECKSUM "%016" PRIx64 "\n", hash_bytes(HASH_START, text, body));
    if (body == 0 || text[body - 1] != '\n' || memcmp(text + body, last, LAST) != 0) {
        buffer_puts(why, "its checksum is wrong or missing: it was cut off or changed");
        return SNAPSHOT_DAMAGED;
    }
    *ret = body;
    return 0;
}

static int parse_lines(struct parser *parser) {
    struct fields fields;
    next_line(parser, &fields); /* check_version() has seen it */
    int r = 0;
    while (r == 0 && next_line(parser, &fields))
        r = parse_line(parser, &fields);
    return r;
}

int snapshot_parse(const char *text, size_t length, struct snapshot **ret, struct buffer *why) {
    size_t body;
    int r = check_version(text, length, why);
    if (r != 0 || (r = check_sum(text, length, &body, why)) != 0)
        return r;
    struct snapshot *snapshot = snapshot_new(&(struct scope){0});
    if (!snapshot)
        return -ENOMEM;
    struct parser parser = {.at = text, .end = text + body, .snapshot = snapshot, .why = why};
    if ((r = parse_lines(&parser)) == 0 && (r = check_unique(snapshot, why)) == 0)
        r = compare_text(snapshot, text, length, why);
    if (r != 0) {
        snapshot_free(snapshot);
        return r;
    }
    *ret = snapshot;
    return SNAPSHOT_LOADED;
}
