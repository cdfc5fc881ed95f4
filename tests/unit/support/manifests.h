/* Manifests for tests of reconcile/, built by hand from one line of text instead of YAML:
 *
 *     Model iris clean; Pipeline p clean uses iris,pipeline.q     resources; a Pipeline that uses "x" needs Model x's
 *                                                                 topics, one that uses "pipeline.q" needs q's outputs
 *     (the empty text)                                            accepted, without resources
 *     broken                                                      rejected
 *
 * A name may carry a namespace ("Model other/iris"); without one it is "ns". */
#pragma once

#include "seldon/manifest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static inline const char *make_topic(struct arena *arena, const char *prefix, const char *namespace, const char *rest) {
    const char *topic = arena_printf(arena, "%s.%s.%s", prefix, namespace, rest);
    assert(topic);
    return topic;
}

static inline int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted and without repetition, as struct resource wants them. */
static inline void finish_needs(struct resource *resource, const char **needs, size_t count) {
    size_t kept = 0;
    qsort(needs, count, sizeof *needs, compare_texts);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(needs[kept - 1], needs[i]) != 0)
            needs[kept++] = needs[i];
    resource->needs = needs;
    resource->n_needs = kept;
}

static inline void make_needs(struct resource *resource, struct arena *arena, const char *prefix, char *uses) {
    const char **needs = arena_array(arena, 3 + 2 * (strlen(uses) + 1), sizeof *needs);
    size_t count = 0;
    assert(needs);
    needs[count++] = resource->owned[0];
    needs[count++] = resource->owned[1];
    if (resource->kind == KIND_PIPELINE)
        needs[count++] = make_topic(arena, prefix, resource->namespace, "errors.errors");
    char *state;
    for (char *use = strtok_r(uses, ",", &state); use; use = strtok_r(NULL, ",", &state)) {
        bool pipeline = strncmp(use, "pipeline.", 9) == 0;
        for (int k = pipeline ? 1 : 0; k < 2; k++) {
            const char *rest = arena_printf(arena, "%s%s.%s", pipeline ? "" : "model.", use, k ? "outputs" : "inputs");
            needs[count++] = make_topic(arena, prefix, resource->namespace, rest);
        }
    }
    finish_needs(resource, needs, count);
}

/* One resource, such as "Pipeline p clean uses a,b". */
static inline void make_resource(struct resource *resource, struct arena *arena, const char *prefix, char *text) {
    char *state, *kind = strtok_r(text, " ", &state), *name = strtok_r(NULL, " ", &state), *uses = NULL;
    assert(kind && name);
    resource->kind = resource_kind_parse(kind);
    assert(resource->kind != KIND_MAX_);
    for (char *word; (word = strtok_r(NULL, " ", &state));) {
        if (strcmp(word, "clean") == 0)
            resource->clean = true;
        else
            uses = strtok_r(NULL, " ", &state);
    }
    char *slash = strchr(name, '/');
    resource->namespace = slash ? arena_strndup(arena, name, (size_t)(slash - name)) : "ns";
    resource->name = arena_strdup(arena, slash ? slash + 1 : name);
    resource->line = 1;
    for (int k = 0; k < 2; k++) {
        const char *rest = arena_printf(arena, "%s.%s.%s", resource->kind == KIND_MODEL ? "model" : "pipeline",
                                        resource->name, k ? "outputs" : "inputs");
        resource->owned[k] = make_topic(arena, prefix, resource->namespace, rest);
    }
    char none[1] = "";
    make_needs(resource, arena, prefix, uses ? uses : none);
}

static inline struct resources *make_resources(const char *prefix, const char *text) {
    struct resources *resources = resources_new();
    assert(resources);
    struct arena *arena = &resources->arena;
    char *copy = arena_strdup(arena, text), *state;
    resources->items = arena_array(arena, strlen(text), sizeof *resources->items);
    assert(copy && resources->items);
    for (char *part = strtok_r(copy, ";", &state); part; part = strtok_r(NULL, ";", &state))
        make_resource(&resources->items[resources->count++], arena, prefix, part);
    return resources;
}

static inline struct manifest *make_manifest(const char *prefix, const char *text) {
    struct manifest *manifest = calloc(1, sizeof *manifest);
    assert(manifest);
    manifest->refs = 1;
    if (strcmp(text, "broken") == 0)
        diagnostics_add(&manifest->diagnostics, SEVERITY_ERROR, (struct mark){1, 1}, "it is broken");
    else
        manifest->resources = make_resources(prefix, text);
    return manifest;
}
