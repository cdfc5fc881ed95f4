/* What Models and Pipelines have in common: how they speak, who they are, how they become resources. */
#include "seldon/reading.h"

#include "base/sorted.h"
#include "seldon/fields.h"
#include "yaml/quote.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((format(printf, 4, 0))) void report(struct reading *reading, enum severity severity,
                                                         struct mark mark, const char *format, va_list args) {
    char *message = arena_vprintf(&reading->scratch, format, args);
    if (message)
        diagnostics_add(reading->diagnostics, severity, mark, "%s", message);
    else
        reading->diagnostics->failed = true;
}

void reading_error(struct reading *reading, struct mark mark, const char *format, ...) {
    va_list args;
    va_start(args, format);
    report(reading, SEVERITY_ERROR, mark, format, args);
    va_end(args);
}

void reading_warning(struct reading *reading, struct mark mark, const char *format, ...) {
    va_list args;
    va_start(args, format);
    report(reading, SEVERITY_WARNING, mark, format, args);
    va_end(args);
}

const char *reading_quote(struct reading *reading, const char *word) {
    struct buffer out = {0};
    buffer_puts(&out, "\"");
    quote_text(&out, word, strlen(word));
    buffer_puts(&out, "\"");
    const char *quoted = out.failed ? NULL : arena_strndup(&reading->scratch, out.data, out.length);
    buffer_free(&out);
    if (!quoted)
        reading->diagnostics->failed = true;
    return quoted ? quoted : "";
}

const char *reading_hint(struct reading *reading, const char *word, const char *const *candidates) {
    const char *nearest = diagnostic_nearest(word, candidates);
    if (!nearest)
        return "";
    const char *hint = arena_printf(&reading->scratch, "; did you mean %s?", reading_quote(reading, nearest));
    if (!hint)
        reading->diagnostics->failed = true;
    return hint ? hint : "";
}

const char *node_string(const struct node *map, const char *key) {
    const struct node *node = node_get(map, key);
    return node && node->type == NODE_STRING ? node->text : NULL;
}

const struct node *node_list(const struct node *map, const char *key) {
    const struct node *node = node_get(map, key);
    return node && node->type == NODE_LIST ? node : NULL;
}

bool node_is_true(const struct node *map, const char *key) {
    const struct node *node = node_get(map, key);
    return node && node->type == NODE_BOOLEAN && node->boolean;
}

/* R-M4, R-P2, and whether there is room for it in a topic (T4). */
static bool check_name(struct reading *reading, const struct identity *identity) {
    const char *kind = resource_kind_name(identity->kind);
    if (!naming_is_resource_name(identity->name)) {
        reading_error(reading, identity->mark,
                      "%s cannot be the name of a %s: a name has lower-case letters, digits and \"-\" only (no dots), "
                      "and begins and ends with a letter or a digit",
                      reading_quote(reading, identity->name), kind);
        return false;
    }
    size_t length = strlen(identity->name), longest = naming_longest(&identity->naming, identity->kind);
    if (length > longest)
        reading_error(reading, identity->mark,
                      "this name of %zu characters is too long: the %s's topics may have %d characters in all, which "
                      "leaves %zu for its name",
                      length, kind, TOPIC_LENGTH_MAX, longest);
    return length <= longest;
}

static bool check_namespace(struct reading *reading, const struct node *node) {
    if (naming_is_namespace(node->text))
        return true;
    reading_error(reading, node->mark,
                  "%s cannot be a namespace: it has at most 63 lower-case letters, digits and \"-\", and begins and "
                  "ends with a letter or a digit",
                  reading_quote(reading, node->text));
    return false;
}

int reading_identify(struct reading *reading, const struct node *object, enum resource_kind kind,
                     const struct field *fields, const char *path, struct identity *ret) {
    const struct schema_options options = {.unknown_is_warning = reading->options->unknown_is_warning};
    int r = schema_check(object, fields, path, &options, &reading->budget, reading->diagnostics);
    if (r < 0)
        return r;
    struct identity identity = {
        .kind = kind,
        .naming = {reading->options->topic_prefix, reading->options->default_namespace},
        .mark = object->mark,
        .line = object->mark.line,
    };
    const struct node *metadata = node_get(object, "metadata");
    const char *namespace = node_string(metadata, "namespace");
    bool fine = true;
    if (namespace && *namespace) {
        fine = check_namespace(reading, node_get(metadata, "namespace"));
        identity.naming.namespace = fine ? namespace : identity.naming.namespace;
    }
    identity.name = node_string(metadata, "name");
    if (identity.name) {
        identity.mark = node_get(metadata, "name")->mark;
        identity.usable = check_name(reading, &identity) && fine;
    }
    *ret = identity;
    return 0;
}

/* Its own copy of a topic; the same one if it is among those it needs. */
static const char *own(struct arena *arena, const struct resource *resource, const char *topic) {
    for (size_t i = 0; i < resource->n_needs; i++)
        if (strcmp(resource->needs[i], topic) == 0)
            return resource->needs[i];
    return arena_strdup(arena, topic);
}

/* `topics` sorted, each once, in `arena`. */
static bool keep_needs(struct arena *arena, const char **topics, size_t count, struct resource *resource) {
    const char **needs = NULL;
    size_t unique = sorted_unique_texts(topics, count);
    if (!(needs = arena_array(arena, unique, sizeof *needs)))
        return false;
    for (size_t i = 0; i < unique; i++)
        if (!(needs[i] = arena_strdup(arena, topics[i])))
            return false;
    resource->needs = needs;
    resource->n_needs = unique;
    return true;
}

int reading_claim(struct reading *reading, const struct identity *identity, bool clean, const char **topics,
                  size_t n_topics) {
    if (!identity->usable)
        return 0;
    struct arena *arena = &reading->resources->arena;
    struct resource resource = {.kind = identity->kind, .clean = clean, .line = identity->line};
    resource.namespace = arena_strdup(arena, identity->naming.namespace);
    resource.name = arena_strdup(arena, identity->name);
    if (!resource.namespace || !resource.name || !keep_needs(arena, topics, n_topics, &resource))
        return -ENOMEM;
    for (enum direction direction = 0; direction < DIRECTION_MAX_; direction++) {
        const char *topic =
            naming_topic(&reading->scratch, &identity->naming, identity->kind, identity->name, direction);
        if (!topic || !(resource.owned[direction] = own(arena, &resource, topic)))
            return -ENOMEM;
    }
    if (!naming_is_legal_topic(resource.owned[DIRECTION_INPUTS]))
        reading_error(reading, identity->mark,
                      "its topic %s would not be a legal name to Kafka; mend kafka.topicPrefix or namespace in the "
                      "configuration",
                      reading_quote(reading, resource.owned[DIRECTION_INPUTS]));
    return array_push(&reading->claims, (struct claim){resource, identity->mark});
}
