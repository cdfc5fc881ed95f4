#include "seldon/resource.h"

#include <stdlib.h>
#include <string.h>

static const char *const KIND_NAMES[KIND_MAX_] = {
    [KIND_MODEL] = "Model",
    [KIND_PIPELINE] = "Pipeline",
};

const char *resource_kind_name(enum resource_kind kind) {
    return KIND_NAMES[kind];
}

enum resource_kind resource_kind_parse(const char *name) {
    enum resource_kind kind = 0;
    while (kind < KIND_MAX_ && strcmp(name, KIND_NAMES[kind]) != 0)
        kind++;
    return kind;
}

struct resources *resources_new(void) {
    struct resources *resources = calloc(1, sizeof *resources);
    if (resources)
        resources->refs = 1;
    return resources;
}

struct resources *resources_ref(struct resources *resources) {
    if (resources)
        resources->refs++;
    return resources;
}

struct resources *resources_unref(struct resources *resources) {
    if (resources && --resources->refs == 0) {
        arena_free(&resources->arena);
        free(resources);
    }
    return NULL;
}

int resource_compare(const struct resource *a, const struct resource *b) {
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->namespace, b->namespace);
    return order != 0 ? order : strcmp(a->name, b->name);
}

bool resource_equal(const struct resource *a, const struct resource *b) {
    if (resource_compare(a, b) != 0 || a->clean != b->clean || a->n_needs != b->n_needs)
        return false;
    for (size_t i = 0; i < 2; i++)
        if (strcmp(a->owned[i], b->owned[i]) != 0)
            return false;
    for (size_t i = 0; i < a->n_needs; i++)
        if (strcmp(a->needs[i], b->needs[i]) != 0)
            return false;
    return true;
}

bool resources_equal(const struct resources *a, const struct resources *b) {
    if (a == b)
        return true;
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!resource_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}
