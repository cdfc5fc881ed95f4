/* Scans, snapshots and previews made of manifests in the test's own text. */
#pragma once

#include "base/name.h"
#include "reconcile/preview.h"
#include "seldon/manifest.h"
#include "unit/support/cmocka.h"
#include "unit/support/noon.h"

#include <string.h>

#define MODEL(name, flag)                                                                                              \
    "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: " name "}\n"                                  \
    "spec: {storageUri: gs://x, dataflow: {cleanTopicsOnDelete: " flag "}}\n"
#define PIPELINE(name, step)                                                                                           \
    "apiVersion: mlops.seldon.io/v1alpha1\nkind: Pipeline\nmetadata: {name: " name "}\n"                               \
    "spec: {steps: [{name: " step "}], output: {steps: [" step "]}}\n"

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING ((const char *const[]){NULL})

static const struct moment NOW = {.monotonic_usec = 1000 * USEC_PER_SEC, .wall_usec = NOON_USEC};
static const struct scope SCOPE = {
    .cluster_id = "C1", .prefix = "seldon", .namespace = "seldon-mesh", .manifests = "/m"};
static const struct deletion_rules RULES = {
    .enabled = true, .grace_usec = 10 * USEC_PER_SEC, .limit_topics = 20, .limit_period_usec = 600 * USEC_PER_SEC};

/* `texts`: name, content, name, content, …, NULL; names in order. */
static inline struct scan *scan_of(const char *const *texts) {
    static const struct manifest_options options = {.topic_prefix = "seldon", .default_namespace = "seldon-mesh"};
    struct scan *scan = calloc(1, sizeof *scan);
    assert_non_null(scan);
    scan->complete = true;
    scan->directory = strdup("1:1");
    scan->started = NOW;
    for (; texts[0]; texts += 2) {
        struct scan_file file = {.name = name_new(texts[0])};
        assert_int_equal(manifest_read(texts[1], strlen(texts[1]), &options, &file.manifest), 0);
        assert_int_equal(array_push(&scan->files, file), 0);
    }
    return scan;
}

/* The snapshot that a daemon would have of these files. */
static inline struct snapshot *snapshot_of(const struct scope *scope, const char *const *texts) {
    struct scan *scan = scan_of(texts);
    struct snapshot *empty = snapshot_new(scope), *snapshot = NULL;
    struct catalog *catalog = NULL;
    assert_int_equal(catalog_judge(empty, scan, NULL, false, &snapshot, &catalog), 0);
    catalog_free(catalog);
    snapshot_free(empty);
    scan_free(scan);
    return snapshot;
}

/* A snapshot that has seen the files go from `before` to `after`. */
static inline struct snapshot *snapshot_after(const char *const *before, const char *const *after) {
    struct snapshot *last = snapshot_of(&SCOPE, before), *next = NULL;
    struct scan *scan = scan_of(after);
    struct catalog *catalog = NULL;
    assert_int_equal(catalog_judge(last, scan, NULL, false, &next, &catalog), 0);
    catalog_free(catalog);
    snapshot_free(last);
    scan_free(scan);
    return next;
}

struct look {
    struct preview_facts facts;
    struct scan *scan;
    struct snapshot *last;
    struct preview *preview;
};

/* Takes `last` over. */
static inline struct look look(struct snapshot *last, const char *const *texts) {
    struct look look = {.scan = scan_of(texts), .last = last};
    look.facts = (struct preview_facts){.last = last, .scope = &SCOPE, .scan = look.scan, .rules = &RULES, .now = NOW};
    assert_int_equal(preview_new(&look.facts, &look.preview), 0);
    return look;
}

static inline void end(struct look *look) {
    preview_free(look->preview);
    snapshot_free(look->last);
    scan_free(look->scan);
}
