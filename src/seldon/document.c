/* Documents to objects: apiVersion and kind (M3), lists (M2). Which objects make topics is decided here, and only
 * here. */
#include "seldon/fields.h"
#include "seldon/kinds.h"
#include "seldon/reading.h"

#include <string.h>
#include <strings.h>

static const struct kind *find_kind(const char *name) {
    for (const struct kind *kind = KINDS; kind->name; kind++)
        if (strcmp(kind->name, name) == 0)
            return kind;
    return NULL;
}

static const char *hint_kind(struct reading *reading, const char *name) {
    enum { MOST = 32 };
    const char *names[MOST + 1] = {0};
    for (size_t i = 0; i < MOST && KINDS[i].name; i++)
        names[i] = KINDS[i].name;
    return reading_hint(reading, name, names);
}

/* An object on its way to what it is. */
struct object {
    const struct node *node;
    const char *api_version, *kind;
    const char *path; /* its place in its document, for messages: "" or "items[2]" */
    bool in_list;
};

/* A key that somebody may have written for `key`, or NULL. */
static const struct node *find_similar(const struct node *object, const char *key) {
    const char *const candidates[] = {key, NULL};
    for (size_t i = 0; i < object->map.count; i++) {
        const struct node *similar = object->map.pairs[i].key;
        if (strcmp(similar->text, key) != 0 && diagnostic_nearest(similar->text, candidates))
            return similar;
    }
    return NULL;
}

/* apiVersion or kind: why it is not there. Returns false, always. */
static bool complain_of_missing(struct reading *reading, const struct node *object, const char *key,
                                const char *example) {
    const struct node *given = node_get(object, key), *similar = find_similar(object, key);
    if (given)
        reading_error(reading, given->mark, "%s must be a string, as in %s, not %s", key, example,
                      node_type_name(given));
    else if (similar)
        reading_error(reading, similar->mark, "%s is missing; did you mean it where you wrote %s?", key,
                      reading_quote(reading, similar->text));
    else
        reading_error(reading, object->mark, "%s is missing; a manifest says %s", key, example);
    return false;
}

/* Kubernetes' form of a version: v1, v1beta2, … */
static bool is_version(const char *text) {
    if (*text++ != 'v')
        return false;
    size_t digits = strspn(text, "0123456789");
    text += digits;
    if (digits > 0 && (strncmp(text, "alpha", 5) == 0 || strncmp(text, "beta", 4) == 0)) {
        text += *text == 'a' ? 5 : 4;
        digits = strspn(text, "0123456789");
        text += digits;
    }
    return digits > 0 && *text == '\0';
}

/* SELDON_GROUP/VERSION, or VERSION alone for Kubernetes' own first group. `ret_group` is "" for that. */
static bool split_api_version(struct reading *reading, const char *api_version, const char **ret_group) {
    const char *slash = strchr(api_version, '/');
    const char *version = slash ? slash + 1 : api_version;
    const char *group = slash ? arena_strndup(&reading->scratch, api_version, (size_t)(slash - api_version)) : "";
    if (!group) {
        reading->diagnostics->failed = true;
        return false;
    }
    *ret_group = group;
    return is_version(version) && (!slash || *group);
}

/* An object that is not of Seldon's group. If it was meant to be, say so; if not, it is somebody else's (M3). */
static void skip_foreign(struct reading *reading, const struct object *object, const char *group) {
    static const char *const GROUPS[] = {SELDON_GROUP, NULL};
    struct mark mark = node_get(object->node, "apiVersion")->mark;
    bool ours = *group ? diagnostic_nearest(group, GROUPS) : false;
    for (const struct kind *kind = KINDS; !*group && kind->name; kind++)
        ours = ours || strcasecmp(object->kind, kind->name) == 0;
    ours = ours || (!*group && strcasecmp(object->kind, "List") == 0);
    const char *wanted = strcasecmp(object->kind, "List") == 0 ? "kind: List, apiVersion: v1" : SELDON_GROUP_VERSION;
    if (ours)
        reading_error(reading, mark, "there is no %s in apiVersion %s; did you mean %s?",
                      reading_quote(reading, object->kind), reading_quote(reading, object->api_version), wanted);
    else
        reading_warning(reading, mark,
                        "a %s of apiVersion %s is none of Seldon's kinds, so it makes no topics and is skipped",
                        reading_quote(reading, object->kind), reading_quote(reading, object->api_version));
}

/* An object whose kind makes no topics: the file is told once. */
static void skip_without_topics(struct reading *reading, const struct object *object) {
    if (!reading->ignored_kind_was_noticed)
        reading_warning(reading, node_get(object->node, "kind")->mark,
                        "the kind %s makes no topics, so it is skipped; only Model and Pipeline make some",
                        object->kind);
    reading->ignored_kind_was_noticed = true;
}

static int read_object(struct reading *reading, const struct object *object);

/* One level only (M2). `kind` is what items are that do not say it themselves, or NULL. */
static int read_list(struct reading *reading, const struct object *list, const char *kind) {
    const struct schema_options options = {.unknown_is_warning = reading->options->unknown_is_warning};
    int r = schema_check(list->node, LIST_FIELDS, "", &options, &reading->budget, reading->diagnostics);
    const struct node *items = node_list(list->node, "items");
    for (size_t i = 0; r == 0 && items && i < items->list.count && reading->budget > 0; i++) {
        if (items->list.items[i]->type == NODE_NULL) /* the schema has said so */
            continue;
        struct object item = {
            .node = items->list.items[i],
            .api_version = kind ? SELDON_GROUP_VERSION : NULL,
            .kind = kind,
            .path = arena_printf(&reading->scratch, "items[%zu]", i),
            .in_list = true,
        };
        r = item.path ? read_object(reading, &item) : -ENOMEM;
    }
    return r;
}

static int read_seldon_object(struct reading *reading, const struct object *object) {
    const struct node *node = object->node;
    const struct node *kind_node = node_get(node, "kind");
    struct mark mark = kind_node ? kind_node->mark : node->mark;
    const struct kind *kind = find_kind(object->kind);
    if (strcmp(object->api_version, SELDON_GROUP_VERSION) != 0) {
        reading_error(reading, node_get(node, "apiVersion")->mark,
                      "apiVersion %s is not known; write " SELDON_GROUP_VERSION,
                      reading_quote(reading, object->api_version));
        return 0;
    }
    if (!kind) {
        bool list = strcasecmp(object->kind, "List") == 0;
        reading_error(reading, mark, SELDON_GROUP_VERSION " has no kind %s%s", reading_quote(reading, object->kind),
                      list ? "; a List has apiVersion: v1" : hint_kind(reading, object->kind));
        return 0;
    }
    switch (kind->role) {
    case ROLE_MODEL:
        return model_read(reading, node, object->path);
    case ROLE_PIPELINE:
        return pipeline_read(reading, node, object->path);
    case ROLE_MODEL_LIST:
        return read_list(reading, object, "Model");
    case ROLE_PIPELINE_LIST:
        return read_list(reading, object, "Pipeline");
    case ROLE_NO_TOPICS:
        skip_without_topics(reading, object);
    }
    return 0;
}

static bool is_list_kind(const char *kind) {
    const struct kind *known = find_kind(kind);
    return strcmp(kind, "List") == 0 ||
           (known && (known->role == ROLE_MODEL_LIST || known->role == ROLE_PIPELINE_LIST));
}

/* What an item of a list may not be. */
static bool check_item(struct reading *reading, const struct object *object, const char *wanted) {
    const struct node *kind = node_get(object->node, "kind");
    struct mark mark = kind ? kind->mark : object->node->mark;
    if (wanted && strcmp(wanted, object->kind) != 0)
        reading_error(reading, mark, "an item of a %sList must be a %s, not a %s", wanted, wanted,
                      reading_quote(reading, object->kind));
    else if (is_list_kind(object->kind))
        reading_error(reading, mark, "a list cannot stand in a list; write its items into the outer one");
    else
        return true;
    return false;
}

/* apiVersion and kind: as the object says; an item of a typed list need not. */
static bool identify(struct reading *reading, struct object *object) {
    const struct node *node = object->node;
    const char *api_version = node_string(node, "apiVersion"), *kind = node_string(node, "kind");
    const char *wanted = object->kind;
    bool absent = !node_get(node, "apiVersion") && !node_get(node, "kind");
    if (!wanted && absent && !find_similar(node, "apiVersion") && !find_similar(node, "kind")) {
        reading_error(reading, node->mark,
                      "this is no manifest: apiVersion and kind are missing; a Model begins with "
                      "apiVersion: " SELDON_GROUP_VERSION " and kind: Model");
        return false;
    }
    bool fine = true;
    if (!api_version && (!wanted || node_get(node, "apiVersion")))
        fine = complain_of_missing(reading, node, "apiVersion", "apiVersion: " SELDON_GROUP_VERSION);
    if (!kind && (!wanted || node_get(node, "kind")))
        fine = complain_of_missing(reading, node, "kind", "kind: Model or kind: Pipeline");
    object->api_version = api_version ? api_version : object->api_version;
    object->kind = kind ? kind : object->kind;
    return fine && (!object->in_list || check_item(reading, object, wanted));
}

static int read_object(struct reading *reading, const struct object *object) {
    struct object o = *object;
    const char *group;
    if (o.node->type != NODE_MAP) {
        reading_error(reading, o.node->mark,
                      "a manifest is a Model, a Pipeline or a List, written as KEY: VALUE lines, "
                      "not %s",
                      node_type_name(o.node));
        return 0;
    }
    if (!identify(reading, &o))
        return 0;
    if (!split_api_version(reading, o.api_version, &group))
        reading_error(reading, node_get(o.node, "apiVersion")->mark,
                      "%s is no apiVersion; a manifest says " SELDON_GROUP_VERSION,
                      reading_quote(reading, o.api_version));
    else if (strcmp(group, SELDON_GROUP) == 0)
        return read_seldon_object(reading, &o);
    else if (strcmp(o.api_version, "v1") == 0 && strcmp(o.kind, "List") == 0)
        return read_list(reading, &o, NULL);
    else
        skip_foreign(reading, &o, group);
    return 0;
}

int document_read(struct reading *reading, const struct node *root) {
    return read_object(reading, &(struct object){.node = root, .path = ""});
}
