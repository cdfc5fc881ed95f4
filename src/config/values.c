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

static int set_property(struct arena *arena, struct property *property, const struct node *key, const char *value) {
    property->key = arena_strndup(arena, key->text, key->length);
    property->value = value ? arena_strdup(arena, value) : NULL;
    return property->key && property->value ? 0 : -ENOMEM;
}

/* The file's settings and the default, which the file may replace, or take away with null. */
static int fill_topic_config(struct filler *filler, const struct node *map) {
    static const char largest[] = "max.message.bytes";
    struct arena *arena = &filler->config->arena;
    size_t count = map ? map->map.count : 0, used = 0;
    struct property *properties = arena_array(arena, count + 1, sizeof *properties);
    if (!properties)
        return -ENOMEM;
    bool has_largest = false;
    for (size_t i = 0; i < count; i++) {
        const struct pair *pair = &map->map.pairs[i];
        has_largest |= strcmp(pair->key->text, largest) == 0;
        if (pair->value->type == NODE_NULL)
            continue;
        if (set_property(arena, &properties[used++], pair->key, pair->value->text) < 0)
            return -ENOMEM;
    }
    if (!has_largest)
        properties[used++] = (struct property){largest, CONFIG_MAX_MESSAGE_BYTES};
    qsort(properties, used, sizeof *properties, compare_properties);
    filler->config->topics.config = properties;
    filler->config->topics.n_config = used;
    return 0;
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
    qsort(properties, used, sizeof *properties, compare_properties);
    filler->config->properties = properties;
    filler->config->n_properties = used;
    return 0;
}

static int fill_kafka(struct filler *filler, const struct node *kafka) {
    struct config *config = filler->config;
    const struct node *topics = node_get(kafka, "topics");
    config->topics.partitions = (int)integer_or(topics, "numPartitions", CONFIG_PARTITIONS);
    config->topics.replication_factor = (int)integer_or(topics, "replicationFactor", CONFIG_REPLICATION_FACTOR);
    int r = string_or(&config->arena, kafka, "bootstrap", CONFIG_BOOTSTRAP, &config->bootstrap);
    if (r == 0)
        r = string_or(&config->arena, kafka, "topicPrefix", CONFIG_TOPIC_PREFIX, &config->topic_prefix);
    if (r == 0)
        r = fill_topic_config(filler, node_get(topics, "config"));
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
                        "kafka.topicPrefix is too long: Kafka allows a topic's name %d characters", TOPIC_MAX);
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
