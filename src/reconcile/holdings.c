#include "reconcile/holdings.h"

#include "base/sorted.h"

static int compare_holdings(const void *a, const void *b) {
    return resource_compare(((const struct holding *)a)->resource, ((const struct holding *)b)->resource);
}

/* All that some contents hold, sorted. */
static int collect(struct holdings *holdings, const struct contents *contents) {
    for (size_t i = 0; i < contents->list.count; i++) {
        const struct resources *content = contents->list.items[i];
        for (size_t k = 0; k < content->count; k++) {
            struct holding holding = {.resource = &content->items[k], .content = content};
            if (array_push(&holdings->list, holding) < 0)
                return -ENOMEM;
        }
    }
    if (holdings->list.count > 1)
        qsort(holdings->list.items, holdings->list.count, sizeof *holdings->list.items, compare_holdings);
    return 0;
}

static struct span span_of(const struct holdings *holdings) {
    return (struct span){holdings ? holdings->list.items : NULL, holdings ? holdings->list.count : 0};
}

static size_t count_models(const struct holdings *holdings) {
    size_t low = 0;
    for (size_t high = holdings->list.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (holdings->list.items[middle].resource->kind == KIND_MODEL)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int holdings_update(const struct holdings *last, const struct changes *changes, struct holdings **ret) {
    struct holdings gone = {0}, come = {0}, *next = calloc(1, sizeof *next);
    int r = next ? collect(&gone, &changes->gone) : -ENOMEM;
    if (r == 0)
        r = collect(&come, &changes->come);
    if (r == 0)
        r = array_reserve(&next->list, span_of(last).count + come.list.count);
    if (r == 0) {
        next->list.count = sorted_splice(next->list.items, span_of(last), span_of(&gone), span_of(&come),
                                         sizeof(struct holding), compare_holdings);
        next->n_models = count_models(next);
        next->refs = 1;
        *ret = next;
    } else {
        free(next);
    }
    array_free(&gone.list);
    array_free(&come.list);
    return r;
}

const struct holding *holdings_find(const struct holdings *holdings, const struct resource *identity) {
    struct holding key = {.resource = identity};
    if (holdings->list.count == 0)
        return NULL;
    return bsearch(&key, holdings->list.items, holdings->list.count, sizeof key, compare_holdings);
}

bool holdings_meet(const struct holdings *holdings, const struct resources *content) {
    for (size_t i = 0; i < content->count; i++)
        if (holdings_find(holdings, &content->items[i]))
            return true;
    return false;
}

struct holdings *holdings_ref(struct holdings *holdings) {
    if (holdings)
        holdings->refs++;
    return holdings;
}

struct holdings *holdings_unref(struct holdings *holdings) {
    if (holdings && --holdings->refs == 0) {
        array_free(&holdings->list);
        free(holdings);
    }
    return NULL;
}
