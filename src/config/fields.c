#include "config/fields.h"

#include "config/config.h"
#include "config/hide.h"

#include <string.h>

/* ---- checks beyond the type ---- */

static const char TOPIC_CHARACTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static void check_bootstrap(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    if (!config_bootstrap_is_valid(node->text))
        schema_error(walk, node, "must be HOST:PORT, or several of them with commas between");
}

static void check_prefix(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    if (node->text[strspn(node->text, TOPIC_CHARACTERS)] != '\0')
        schema_error(walk, node, "may only have the characters a-z, A-Z, 0-9, dot, underscore and dash");
    else if (node->length > 0 && strspn(node->text, ".") == node->length)
        schema_error(walk, node, "must not be made of dots only");
    else if (node->length > 0 && node->text[node->length - 1] == '.')
        schema_warning(walk, node, "ends with a dot, which Seldon advises against");
}

static bool is_dns_label(const char *text) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t length = strspn(text, letters);
    return length > 0 && length <= 63 && text[length] == '\0' && *text != '-' && text[length - 1] != '-';
}

static void check_namespace(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    if (node->length == 0)
        schema_warning(walk, node, "is empty, so the default is taken: " CONFIG_NAMESPACE);
    else if (!is_dns_label(node->text))
        schema_error(walk, node,
                     "must be a DNS label: at most 63 of a-z, 0-9 and dash, a letter or digit first and last");
}

static void check_from_one(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    if (node->number == -1)
        schema_error(walk, node,
                     "must be at least 1: the broker's own default (-1) is not supported, because drift could not be "
                     "told from intent");
    else if (node->number < 1)
        schema_error(walk, node, "must be at least 1, not %.40s", node->text);
}

static bool is_scalar(const struct node *node) {
    return node->type != NODE_LIST && node->type != NODE_MAP;
}

static void check_topic_setting(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    if (node->type == NODE_BOOLEAN && strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0)
        schema_error(walk, node, "must be written true or false, as Kafka wants it");
}

static void check_source(struct schema_walk *walk, const struct node *key, const struct node *source) {
    bool is_file = strcmp(key->text, "file") == 0;
    if (source->type != NODE_STRING)
        schema_error(walk, source, "needs a string behind \"%s:\": quote it", is_file ? "file" : "credential");
    else if (is_file && *source->text != '/')
        schema_error(walk, source, "must name its file by an absolute path");
    else if (!is_file && (*source->text == '\0' || *source->text == '.' || strchr(source->text, '/')))
        schema_error(walk, source, "must name its credential without slashes and without a dot in front");
}

static void check_match(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    for (const char *c = node->text; *c; c++) {
        if (strchr(TOPIC_CHARACTERS, *c) || *c == '*' || *c == '?')
            continue;
        schema_error(walk, node,
                     "can match no topic: a pattern has the characters of a topic's name (a-z, A-Z, 0-9, dot, "
                     "underscore, dash), * for any text and ? for any character");
        return;
    }
    if (node->length == 0)
        schema_error(walk, node, "is empty and matches no topic; \"*\" matches every one");
}

static void refuse_partitions(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    schema_error(walk, node,
                 "cannot be set by a rule: Seldon joins topics and passes messages on by partition, so all topics need "
                 "the same number of them; set kafka.topics.numPartitions");
}

static void refuse_replication(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    schema_error(walk, node,
                 "cannot be set by a rule: a pipeline stands still when one of its topics does, so all topics need the "
                 "same number of copies; set kafka.topics.replicationFactor");
}

/* The value is never shown: a password without quotes can look like a list or a map. */
static void check_property_value(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    const struct pair *pair = node->type == NODE_MAP && node->map.count == 1 ? node->map.pairs : NULL;
    if (pair && (strcmp(pair->key->text, "file") == 0 || strcmp(pair->key->text, "credential") == 0))
        check_source(walk, pair->key, pair->value);
    else if (!is_scalar(node))
        schema_error(walk, node,
                     "must be one value, {file: PATH} or {credential: NAME}; quote a value with special characters");
}

/* A property of librdkafka that is not the user's to set. */
struct refused {
    const char *property, *why;
};

static const struct refused *find_refused(const char *property) {
    static const struct refused callback = {"a callback (_cb)", "it cannot be written as text"};
    static const struct refused table[] = {
        {"bootstrap.servers", "say it with kafka.bootstrap"},
        {"metadata.broker.list", "say it with kafka.bootstrap"},
        {"allow.auto.create.topics", "a topic must not come into being because somebody asks for it"},
        {"log.queue", "topicd takes the library's log itself"},
        {"log_level", "topicd takes the library's log itself"},
        {"enabled_events", "topicd takes the library's events itself"},
        {"default_topic_conf", "it cannot be written as text"},
        {"opaque", "it cannot be written as text"},
        {"ssl_engine_callback_data", "it cannot be written as text"},
        {"plugin.library.paths", "it would load code into a daemon that may delete topics"},
    };
    size_t length = strlen(property);
    if (length > 3 && strcmp(property + length - 3, "_cb") == 0)
        return &callback;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(property, table[i].property) == 0)
            return &table[i];
    return NULL;
}

static void check_properties(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    for (size_t i = 0; i < node->map.count; i++) {
        const struct node *key = node->map.pairs[i].key, *value = node->map.pairs[i].value;
        const struct refused *refused = find_refused(key->text);
        if (refused)
            schema_error(walk, key, "may not set %s: %s", refused->property, refused->why);
        else if (hide_is_secret(key->text, key->length) && is_scalar(value) && value->length > 0 &&
                 value->type != NODE_NULL)
            schema_warning(walk, key,
                           "has a secret in a file that others may read: use {file: PATH} or {credential: NAME}");
    }
}

/* ---- the table ---- */

static const struct field topic_setting = {
    .type = FIELD_SCALAR,
    .check = check_topic_setting,
};

static const struct field rule[] = {
    {.name = "match",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .check = check_match,
     .pattern = "^[A-Za-z0-9._*?-]+$",
     .summary = "Pattern for a topic's whole name: * is any text, dots included, ? is any character. Quote it."},
    {.name = "config",
     .type = FIELD_MAP,
     .flags = FIELD_REQUIRED,
     .item = &topic_setting,
     .summary = "Settings that these topics get over kafka.topics.config; null takes one away."},
    {.name = "numPartitions", .type = FIELD_ANY, .flags = FIELD_REFUSED, .check = refuse_partitions},
    {.name = "replicationFactor", .type = FIELD_ANY, .flags = FIELD_REFUSED, .check = refuse_replication},
    {0},
};

static const struct field rule_item = {.type = FIELD_OBJECT, .fields = rule};

static const struct field topics[] = {
    {.name = "numPartitions",
     .type = FIELD_INTEGER,
     .min = INT64_MIN,
     .max = 9999,
     .check = check_from_one,
     .summary = "Partitions of a new topic. Default 1."},
    {.name = "replicationFactor",
     .type = FIELD_INTEGER,
     .min = INT64_MIN,
     .max = 32767,
     .check = check_from_one,
     .summary = "Copies of each partition of a new topic. Default 1."},
    {.name = "config",
     .type = FIELD_MAP,
     .item = &topic_setting,
     .summary = "Kafka's settings of a new topic, by name; null takes a default away. "
                "Default {max.message.bytes: " CONFIG_MAX_MESSAGE_BYTES "} (bytes)."},
    {.name = "rules",
     .type = FIELD_LIST,
     .item = &rule_item,
     .summary = "Other settings for some topics, as {match: PATTERN, config: {…}}; the first that matches counts. "
                "Default none."},
    {0},
};

static const struct field property = {
    .type = FIELD_ANY,
    .check = check_property_value,
};

static const struct field kafka[] = {
    {.name = "bootstrap",
     .type = FIELD_STRING,
     .check = check_bootstrap,
     .pattern = "^[^,]+:[0-9]{1,5} *(,[^,]+:[0-9]{1,5} *)*$",
     .summary = "Brokers to begin with: HOST:PORT, several with commas between. Default " CONFIG_BOOTSTRAP "."},
    {.name = "topicPrefix",
     .type = FIELD_STRING,
     .check = check_prefix,
     .pattern = "^[A-Za-z0-9._-]*$",
     .summary = "First part of every topic's name. Default " CONFIG_TOPIC_PREFIX "."},
    {.name = "topics", .type = FIELD_OBJECT, .fields = topics, .summary = "How a new topic is made."},
    {.name = "properties",
     .type = FIELD_MAP,
     .item = &property,
     .check = check_properties,
     .summary = "Properties of librdkafka, such as security.protocol; a value is one value, {file: PATH} or "
                "{credential: NAME}. Default none."},
    {0},
};

static const struct field limit[] = {
    {.name = "topics",
     .type = FIELD_INTEGER,
     .min = 0,
     .max = 1000000,
     .summary = "Topics that may be deleted within the period without a person's approval. Default 20."},
    {.name = "periodSeconds",
     .type = FIELD_INTEGER,
     .min = 1,
     .max = 31536000,
     .summary = "The period of that limit, in seconds. Default 600."},
    {0},
};

static const struct field deletion[] = {
    {.name = "enabled",
     .type = FIELD_BOOLEAN,
     .summary = "Whether topics are deleted without asking; if not, every deletion awaits approval. Default true."},
    {.name = "gracePeriodSeconds",
     .type = FIELD_INTEGER,
     .min = 0,
     .max = 86400,
     .summary = "How long the directory must rest before a deletion, in seconds. Default 10."},
    {.name = "limit", .type = FIELD_OBJECT, .fields = limit, .summary = "How much is deleted without asking."},
    {0},
};

static const char *const validations[] = {"strict", "warn", NULL};

const struct field config_fields[] = {
    {.name = "kafka", .type = FIELD_OBJECT, .fields = kafka, .summary = "The brokers and their topics."},
    {.name = "namespace",
     .type = FIELD_STRING,
     .check = check_namespace,
     .pattern = "^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$",
     .summary = "Namespace of manifests that name none. Default " CONFIG_NAMESPACE "."},
    {.name = "validation",
     .type = FIELD_STRING,
     .values = validations,
     .summary = "Whether an unknown field of a manifest is an error (strict) or a warning (warn). Default strict."},
    {.name = "resyncPeriodSeconds",
     .type = FIELD_INTEGER,
     .min = 1,
     .max = 86400,
     .summary = "How often everything is looked at anew, in seconds. Default 300."},
    {.name = "deletion", .type = FIELD_OBJECT, .fields = deletion, .summary = "When topics are deleted."},
    {0},
};
