#include "config/config.h"

#include "base/file.h"
#include "config/fields.h"
#include "config/hide.h"
#include "config/values.h"
#include "yaml/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_SIZE_MAX = 1 << 20 };

/* The one document of the file; NULL if it is empty. */
static const struct node *only_root(const struct documents *documents, struct diagnostics *diagnostics) {
    if (documents->roots.count > 1)
        diagnostics_add(diagnostics, SEVERITY_ERROR, documents->roots.items[1]->mark,
                        "the configuration is one document, and here begins a second one");
    return documents->roots.count > 0 ? documents->roots.items[0] : NULL;
}

static int check(const struct documents *documents, const struct node *root, struct diagnostics *diagnostics) {
    const struct schema_options options = {.unknown_is_warning = false};
    size_t budget = schema_budget(documents->nodes);
    return root ? schema_check(root, config_fields, "", &options, &budget, diagnostics) : 0;
}

static int read_tree(struct arena *tree, const char *text, size_t length, bool secrets, struct config *config,
                     struct diagnostics *diagnostics) {
    struct documents documents;
    int r = yaml_parse(text, length, tree, &documents, diagnostics);
    if (r < 0)
        return r;
    const struct node *root = only_root(&documents, diagnostics);
    r = check(&documents, root, diagnostics);
    if (r == 0 && diagnostics->errors == 0)
        r = config_fill(config, root, secrets, diagnostics);
    array_free(&documents.roots);
    return r < 0 || diagnostics->failed ? -ENOMEM : diagnostics->errors > 0;
}

static int read_text(const char *text, size_t length, bool secrets, struct config **ret,
                     struct diagnostics *diagnostics) {
    struct config *config = calloc(1, sizeof *config);
    struct arena tree = {0};
    if (!config)
        return -ENOMEM;
    int r = read_tree(&tree, text, length, secrets, config, diagnostics);
    arena_free(&tree);
    if (r >= 0) {
        diagnostics_finish(diagnostics, text, length);
        hide_secrets(diagnostics, text, length);
        r = diagnostics->failed ? -ENOMEM : r;
    }
    if (r == 0)
        *ret = config;
    else
        config_free(config);
    return r;
}

int config_parse(const char *text, size_t length, struct config **ret, struct diagnostics *diagnostics) {
    return read_text(text, length, false, ret, diagnostics);
}

int config_load(const char *path, bool optional, struct config **ret, struct diagnostics *diagnostics) {
    char *text;
    size_t length;
    int r = file_read(AT_FDCWD, path, CONFIG_SIZE_MAX, &text, &length);
    if (r == -ENOENT && optional)
        return read_text("", 0, true, ret, diagnostics);
    if (r < 0)
        return r;
    r = read_text(text, length, true, ret, diagnostics);
    explicit_bzero(text, length);
    free(text);
    return r;
}

struct config *config_free(struct config *config) {
    if (config)
        arena_free(&config->arena);
    free(config);
    return NULL;
}

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_properties(const struct property *a, size_t n_a, const struct property *b, size_t n_b) {
    if (n_a != n_b)
        return false;
    for (size_t i = 0; i < n_a; i++)
        if (strcmp(a[i].key, b[i].key) != 0 || !same_text(a[i].value, b[i].value))
            return false;
    return true;
}

static bool same_settings(const struct topic_settings *a, const struct topic_settings *b) {
    return same_properties(a->config, a->n_config, b->config, b->n_config);
}

static bool same_rules(const struct topic_policy *a, const struct topic_policy *b) {
    if (a->n_rules != b->n_rules)
        return false;
    for (size_t i = 0; i < a->n_rules; i++)
        if (strcmp(a->rules[i].match, b->rules[i].match) != 0 ||
            !same_properties(a->rules[i].config, a->rules[i].n_config, b->rules[i].config, b->rules[i].n_config))
            return false;
    return true;
}

void config_needs_restart(const struct config *running, const struct config *loaded, struct buffer *out) {
    const struct topic_settings *a = &running->topics.general, *b = &loaded->topics.general;
    const struct {
        const char *name;
        bool same;
    } settings[] = {
        {"kafka.bootstrap", strcmp(running->bootstrap, loaded->bootstrap) == 0},
        {"kafka.topicPrefix", strcmp(running->topic_prefix, loaded->topic_prefix) == 0},
        {"kafka.topics.numPartitions", a->partitions == b->partitions},
        {"kafka.topics.replicationFactor", a->replication_factor == b->replication_factor},
        {"kafka.topics.config", same_settings(a, b)},
        {"kafka.topics.rules", same_rules(&running->topics, &loaded->topics)},
        {"kafka.properties",
         same_properties(running->properties, running->n_properties, loaded->properties, loaded->n_properties)},
        {"namespace", strcmp(running->namespace, loaded->namespace) == 0},
    };
    const char *separator = "";
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (settings[i].same)
            continue;
        buffer_puts(out, separator);
        buffer_puts(out, settings[i].name);
        separator = ", ";
    }
    buffer_puts(out, "");
}
