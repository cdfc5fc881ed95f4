#include "reconcile/desired.h"

#include "base/sorted.h"

#include <string.h>

static int compare_uses(const void *a, const void *b) {
    const struct use *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);
    return order ? order : resource_compare(x->resource, y->resource);
}

struct uses {
    ARRAY(struct use) list;
};

static int collect(struct uses *uses, const struct resources *resources) {
    for (size_t i = 0; i < resources->count; i++)
        for (size_t k = 0; k < resources->items[i].n_needs; k++) {
            struct use use = {.topic = resources->items[i].needs[k], .resource = &resources->items[i]};
            if (array_push(&uses->list, use) < 0)
                return -ENOMEM;
        }
    return 0;
}

/* The uses of some contents, sorted. */
static int collect_all(struct uses *uses, const struct contents *contents) {
    for (size_t i = 0; i < contents->list.count; i++)
        if (collect(uses, contents->list.items[i]) < 0)
            return -ENOMEM;
    if (uses->list.count > 1)
        qsort(uses->list.items, uses->list.count, sizeof *uses->list.items, compare_uses);
    return 0;
}

static int find_topics(struct desired *desired) {
    for (size_t i = 0; i < desired->uses.count; i++)
        if (i == 0 || strcmp(desired->uses.items[i - 1].topic, desired->uses.items[i].topic) != 0)
            if (array_push(&desired->topics, i) < 0)
                return -ENOMEM;
    return 0;
}

static int fill(struct desired *desired, const struct desired *last, const struct uses *gone, const struct uses *come) {
    struct span from = {last ? last->uses.items : NULL, last ? last->uses.count : 0};
    struct span out = {gone->list.items, gone->list.count}, in = {come->list.items, come->list.count};
    if (array_reserve(&desired->uses, from.count + in.count) < 0)
        return -ENOMEM;
    desired->uses.count = sorted_splice(desired->uses.items, from, out, in, sizeof(struct use), compare_uses);
    return find_topics(desired);
}

int desired_update(const struct desired *last, const struct snapshot *before, const struct snapshot *after,
                   struct desired **ret) {
    struct changes changes = {0};
    struct uses gone = {0}, come = {0};
    struct desired *desired = calloc(1, sizeof *desired);
    int r = desired ? snapshot_changes(before, after, &changes) : -ENOMEM;
    if (r == 0)
        r = collect_all(&gone, &changes.gone);
    if (r == 0)
        r = collect_all(&come, &changes.come);
    if (r == 0)
        r = fill(desired, last, &gone, &come);
    changes_free(&changes);
    array_free(&gone.list);
    array_free(&come.list);
    if (r < 0)
        desired_free(desired);
    else
        *ret = desired;
    return r;
}

int desired_new(const struct snapshot *snapshot, struct desired **ret) {
    return desired_update(NULL, NULL, snapshot, ret);
}

struct desired *desired_free(struct desired *desired) {
    if (!desired)
        return NULL;
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
