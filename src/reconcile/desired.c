#include "reconcile/desired.h"

#include <string.h>

static int compare_uses(const void *a, const void *b) {
    const struct use *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);
    return order ? order : resource_compare(x->resource, y->resource);
}

static int collect(struct desired *desired, struct resources *resources) {
    if (array_push(&desired->references, resources) < 0)
        return -ENOMEM;
    resources_ref(resources);
    for (size_t i = 0; i < resources->count; i++)
        for (size_t k = 0; k < resources->items[i].n_needs; k++) {
            struct use use = {.topic = resources->items[i].needs[k], .resource = &resources->items[i]};
            if (array_push(&desired->uses, use) < 0)
                return -ENOMEM;
        }
    return 0;
}

static int fill(struct desired *desired, const struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->files.count; i++)
        if (collect(desired, snapshot->files.items[i].resources) < 0)
            return -ENOMEM;
    if (desired->uses.count > 1)
        qsort(desired->uses.items, desired->uses.count, sizeof *desired->uses.items, compare_uses);
    for (size_t i = 0; i < desired->uses.count; i++)
        if (i == 0 || strcmp(desired->uses.items[i - 1].topic, desired->uses.items[i].topic) != 0)
            if (array_push(&desired->topics, i) < 0)
                return -ENOMEM;
    return 0;
}

int desired_new(const struct snapshot *snapshot, struct desired **ret) {
    struct desired *desired = calloc(1, sizeof *desired);
    if (!desired)
        return -ENOMEM;
    int r = fill(desired, snapshot);
    if (r < 0)
        desired_free(desired);
    else
        *ret = desired;
    return r;
}

struct desired *desired_free(struct desired *desired) {
    if (!desired)
        return NULL;
    for (size_t i = 0; i < desired->references.count; i++)
        resources_unref(desired->references.items[i]);
    array_free(&desired->references);
    array_free(&desired->uses);
    array_free(&desired->topics);
    free(desired);
    return NULL;
}

size_t desired_uses(const struct desired *desired, const char *topic, const struct use **ret) {
    size_t low = 0, high = desired->topics.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(desired_topic(desired, middle), topic) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == desired->topics.count || strcmp(desired_topic(desired, low), topic) != 0)
        return 0;
    size_t start = desired->topics.items[low];
    *ret = &desired->uses.items[start];
    return (low + 1 < desired->topics.count ? desired->topics.items[low + 1] : desired->uses.count) - start;
}
