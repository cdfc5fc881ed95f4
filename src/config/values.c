#include "config/values.h"

#include "config/fields.h"
#include "config/secret.h"
#include "yaml/quote.h"

#include <string.h>

#define USEC_PER_SEC UINT64_C(1000000)

struct filler {
    struct config *config;
    bool secrets;
    struct diagnostics *diagnostics;
};

static int64_t integer_or(const struct node *map, const char *key, int64_t otherwise) {
    const struct node *node = node_get(map, key);
    return !node ? otherwise : node->type == NODE_INTEGER ? node->integer : (int64_t)node->number;
}

static uint64_t seconds_or(const struct node *map, const char *key, int64_t otherwise) {
    return (uint64_t)integer_or(map, key, otherwise) * USEC_PER_SEC;
}

/* An empty text counts as absent. Returns 0 or -ENOMEM. */
static int string_or(struct arena *arena, const struct node *map, const char *key, const char *otherwise,
                     const char **ret) {
    const struct node *node = node_get(map, key);
    *ret = arena_strdup(arena, node && node->length > 0 ? node->text : otherwise);
    return *ret ? 0 : -ENOMEM;
}

static int compare_properties(const void *a, const void *b) {
    const struct property *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static void sort_properties(struct property *properties, size_t count) {
    if (count > 1)
        qsort(properties, count, sizeof *properties, compare_properties);
}

static int set_property(struct arena *arena, struct property *property, const struct node *key, const char *value) {
    property->key = arena_strndup(arena, key->text, key->length);
    property->value = value ? arena_strdup(arena, value) : NULL;
    return property->key && (property->value || !value) ? 0 : -ENOMEM;
}

/* A map as it is written; null is a value that is NULL. */
static int read_topic_config(struct arena *arena, const struct node *map, const struct property **ret,
                             size_t *ret_count) {
    size_t count = map ? map->map.count : 0;
    struct property *properties = arena_array(arena, count, sizeof *properties);
    if (!properties)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct pair *pair = &map->map.pairs[i];
        const char *value = pair->value->type == NODE_NULL ? NULL : pair->value->text;
        if (set_property(arena, &properties[i], pair->key, value) < 0)
            return -ENOMEM;
    }
    sort_properties(properties, count);
    *ret = properties;
    *ret_count = count;
    return 0;
}

/* What is written replaces what stands below it, and takes it away with null. Both are sorted: walks them side by side.
 */
static int merge_topic_config(struct arena *arena, const struct topic_settings *below, const struct property *written,
                              size_t n_written, struct topic_settings *settings) {
    struct property *merged = arena_array(arena, below->n_config + n_written, sizeof *merged);
    size_t used = 0;
    if (!merged)
        return -ENOMEM;
    for (size_t b = 0, w = 0; b < below->n_config || w < n_written;) {
        int order = b == below->n_config ? 1 : w == n_written ? -1 : strcmp(below->config[b].key, written[w].key);
        const struct property *taken = order < 0 ? &below->config[b] : &written[w];
        if (taken->value)
            merged[used++] = *taken;
        b += order <= 0;
        w += order >= 0;
    }
    settings->config = merged;
    settings->n_config = used;
    return 0;
}

static int fill_rule(struct arena *arena, const struct topic_settings *general, const struct node *node,
                     struct topic_rule *rule) {
    rule->match = arena_strdup(arena, node_get(node, "match")->text);
    rule->settings = *general;
    int r = rule->match ? read_topic_config(arena, node_get(node, "config"), &rule->config, &rule->n_config) : -ENOMEM;
    return r == 0 ? merge_topic_config(arena, general, rule->config, rule->n_config, &rule->settings) : r;
}

/* A pattern is held against whole names, which its writer may have forgotten. */
static void check_head(struct filler *filler, const struct node *match, size_t index) {
    const char *prefix = filler->config->topic_prefix, *pattern = match->text;
    size_t head = strcspn(pattern, "*?"), length = strlen(prefix);
    bool fits = head > length ? strncmp(pattern, prefix, length) == 0 && pattern[length] == '.'
                              : pattern[head] != '\0' && strncmp(pattern, prefix, head) == 0;
    if (!fits)
        diagnostics_add(filler->diagnostics, SEVERITY_WARNING, match->mark,
                        "kafka.topics.rules[%zu].match matches no topic: it is held against the whole name, which "
                        "begins with \"%s.\"; put \"*\" in front",
                        index, prefix);
}

static int fill_rules(struct filler *filler, const struct node *list) {
    struct topic_policy *policy = &filler->config->topics;
    struct arena *arena = &filler->config->arena;
    size_t count = list ? list->list.count : 0;
    struct topic_rule *rules = arena_array(arena, count, sizeof *rules);
    int r = rules ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = fill_rule(arena, &policy->general, list->list.items[i], &rules[i]);
        check_head(filler, node_get(list->list.items[i], "match"), i);
    }
    policy->rules = rules;
    policy->n_rules = count;
    return r;
}

static int fill_topics(struct filler *filler, const struct node *topics) {
    static const struct property largest = {"max.message.bytes", CONFIG_MAX_MESSAGE_BYTES};
    static const struct topic_settings defaults = {.config = &largest, .n_config = 1};
    struct arena *arena = &filler->config->arena;
    struct topic_settings *general = &filler->config->topics.general;
    const struct property *written;
    size_t n_written;
    general->partitions = (int)integer_or(topics, "numPartitions", CONFIG_PARTITIONS);
    general->replication_factor = (int)integer_or(topics, "replicationFactor", CONFIG_REPLICATION_FACTOR);
    int r = read_topic_config(arena, node_get(topics, "config"), &written, &n_written);
    if (r == 0)
        r = merge_topic_config(arena, &defaults, written, n_written, general);
    return r == 0 ? fill_rules(filler, node_get(topics, "rules")) : r;
}

static void report_secret(struct filler *filler, const struct node *source, const char *what, const char *why) {
    struct buffer name = {0};
    quote_text(&name, source->text, source->length);
    if (name.failed)
        filler->diagnostics->failed = true;
    else
        diagnostics_add(filler->diagnostics, SEVERITY_ERROR, source->mark, "cannot read the %s \"%s\": %s", what,
                        name.data ? name.data : "", why);
    buffer_free(&name);
}

/* The value of a property; "" after a secret that cannot be read, which is an error in the diagnostics. */
static int property_value(struct filler *filler, const struct node *node, const char **ret) {
    const struct node *file = node_get(node, "file"), *credential = node_get(node, "credential");
    *ret = "";
    if (!file && !credential)
        *ret = node->text;
    else if (filler->secrets) {
        struct arena *arena = &filler->config->arena;
        int r = file ? secret_read_file(file->text, arena, ret) : secret_read_credential(credential->text, arena, ret);
        if (r == -ENOMEM)
            return r;
        if (r < 0)
            report_secret(filler, file ? file : credential, file ? "file" : "credential", secret_error(r));
    }
    return 0;
}

static int fill_properties(struct filler *filler, const struct node *map) {
    struct arena *arena = &filler->config->arena;
    size_t count = map ? map->map.count : 0, used = 0;
    struct property *properties = arena_array(arena, count, sizeof *properties);
    if (!properties)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct pair *pair = &map->map.pairs[i];
        const char *value;
        if (pair->value->type == NODE_NULL)
            continue;
        int r = property_value(filler, pair->value, &value);
        if (r == 0)
            r = set_property(arena, &properties[used++], pair->key, value);
        if (r < 0)
            return r;
    }
    sort_properties(properties, used);
    filler->config->properties = properties;
    filler->config->n_properties = used;
    return 0;
}

static int fill_kafka(struct filler *filler, const struct node *kafka) {
    struct config *config = filler->config;
    int r = string_or(&config->arena, kafka, "bootstrap", CONFIG_BOOTSTRAP, &config->bootstrap);
    if (r == 0)
        r = string_or(&config->arena, kafka, "topicPrefix", CONFIG_TOPIC_PREFIX, &config->topic_prefix);
    if (r == 0)
        r = fill_topics(filler, node_get(kafka, "topics"));
    return r == 0 ? fill_properties(filler, node_get(kafka, "properties")) : r;
}

static void fill_deletion(struct deletion_settings *settings, const struct node *deletion) {
    const struct node *enabled = node_get(deletion, "enabled"), *limit = node_get(deletion, "limit");
    settings->enabled = enabled ? enabled->boolean : CONFIG_DELETION_ENABLED;
    settings->grace_usec = seconds_or(deletion, "gracePeriodSeconds", CONFIG_GRACE_SEC);
    settings->limit_topics = (unsigned)integer_or(limit, "topics", CONFIG_LIMIT_TOPICS);
    settings->limit_period_usec = seconds_or(limit, "periodSeconds", CONFIG_LIMIT_PERIOD_SEC);
}

/* The shortest topic of all is PREFIX.NAMESPACE.model.X.inputs; without room for it, no manifest can be accepted. */
static void check_room(const struct config *config, const struct node *root, struct diagnostics *diagnostics) {
    enum { TOPIC_MAX = 249 };
    const struct node *prefix = node_get(node_get(root, "kafka"), "topicPrefix");
    size_t length = strlen(config->topic_prefix) + strlen(config->namespace) + strlen("..model.x.outputs");
    if (prefix && length > TOPIC_MAX)
        diagnostics_add(diagnostics, SEVERITY_ERROR, prefix->mark,
                        "kafka.topicPrefix is too long: a topic's whole name has at most %d characters", TOPIC_MAX);
}

int config_fill(struct config *config, const struct node *root, bool secrets, struct diagnostics *diagnostics) {
    struct filler filler = {.config = config, .secrets = secrets, .diagnostics = diagnostics};
    const struct node *validation = node_get(root, "validation");
    config->unknown_is_warning = validation && strcmp(validation->text, "warn") == 0;
    config->resync_usec = seconds_or(root, "resyncPeriodSeconds", CONFIG_RESYNC_SEC);
    fill_deletion(&config->deletion, node_get(root, "deletion"));
    int r = string_or(&config->arena, root, "namespace", CONFIG_NAMESPACE, &config->namespace);
    if (r == 0)
        r = fill_kafka(&filler, node_get(root, "kafka"));
    if (r == 0)
        check_room(config, root, diagnostics);
    return r;
}
