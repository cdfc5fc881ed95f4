#include "reconcile/claims.h"

/* A resource that a candidate claims by its new version or by its last good one. All of them stand in one sorted
 * array, so that the claims on one resource are neighbours. */
struct claim {
    const struct resource *resource;
    struct candidate *by;
    bool last_good;
};

struct court {
    ARRAY(struct claim) claims;
    ARRAY(struct candidate *) fallen; /* rejected, and what they fall back to is not judged yet */
};

struct resources *candidate_claim(const struct candidate *candidate) {
    if (!candidate->rejected)
        return candidate->file->manifest->resources;
    return candidate->before ? candidate->before->resources : NULL;
}

static int compare_claims(const void *a, const void *b) {
    const struct claim *x = a, *y = b;
    int order = resource_compare(x->resource, y->resource);
    if (order == 0)
        order = (x->by > y->by) - (x->by < y->by); /* candidates are in the order of names */
    return order ? order : x->last_good - y->last_good;
}

static int collect(struct court *court, struct candidate *by, const struct resources *resources, bool last_good) {
    for (size_t i = 0; resources && i < resources->count; i++) {
        struct claim claim = {.resource = &resources->items[i], .by = by, .last_good = last_good};
        if (array_push(&court->claims, claim) < 0)
            return -ENOMEM;
    }
    return 0;
}

static bool stands(const struct claim *claim) {
    return claim->last_good == claim->by->rejected;
}

/* The end of the run of claims on the resource of `start`. */
static size_t run_end(const struct court *court, size_t start) {
    size_t end = start + 1;
    while (end < court->claims.count &&
           resource_compare(court->claims.items[start].resource, court->claims.items[end].resource) == 0)
        end++;
    return end;
}

static size_t run_find(const struct court *court, const struct resource *resource) {
    size_t low = 0, high = court->claims.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (resource_compare(court->claims.items[middle].resource, resource) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* All who claim the run's resource, but for the winner, fall back to their last good version. */
static int award(struct court *court, size_t start, size_t end, struct candidate *winner) {
    for (size_t i = start; i < end; i++) {
        struct claim *claim = &court->claims.items[i];
        /* A last good version is never taken away: accepted sets have no conflicts. */
        if (claim->by == winner || claim->last_good || !stands(claim))
            continue;
        claim->by->rejected = true;
        claim->by->lost = claim->resource;
        claim->by->winner = winner;
        if (array_push(&court->fallen, claim->by) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Whoever fell back holds what its last good version says; that may push others back in turn. */
static int settle_fallen(struct court *court) {
    while (court->fallen.count > 0) {
        struct candidate *holder = court->fallen.items[--court->fallen.count];
        const struct resources *held = candidate_claim(holder);
        for (size_t i = 0; held && i < held->count; i++) {
            size_t start = run_find(court, &held->items[i]);
            int r = award(court, start, run_end(court, start), holder);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

/* The candidate that gets the run's resource: who held it, or (unless `holder_only`) the first. NULL: nobody has to
 * give way. A run has an entry for everybody who held the resource or wants it, by candidate, the new version first. */
static struct candidate *winner_of(const struct court *court, size_t start, size_t end, bool holder_only) {
    struct candidate *first = NULL, *last = NULL, *holder = NULL;
    for (size_t i = start; i < end; i++) {
        const struct claim *claim = &court->claims.items[i];
        if (stands(claim)) {
            first = first ? first : claim->by;
            last = claim->by;
        }
        if (claim->last_good && last == claim->by)
            holder = claim->by;
    }
    if (first == last)
        return NULL;
    return holder || holder_only ? holder : first;
}

static int settle_runs(struct court *court, bool holder_only) {
    for (size_t start = 0, end; start < court->claims.count; start = end) {
        end = run_end(court, start);
        struct candidate *winner = winner_of(court, start, end, holder_only);
        int r = winner ? award(court, start, end, winner) : 0;
        if (r == 0)
            r = settle_fallen(court);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Whether the resource is in the version of `by` that counts. */
static bool holds(const struct court *court, struct candidate *by, const struct resource *resource) {
    const struct claim key = {.resource = resource, .by = by, .last_good = by->rejected};
    return bsearch(&key, court->claims.items, court->claims.count, sizeof key, compare_claims) != NULL;
}

/* Finds what stands in the way of the new version: its resource that another candidate has, and that candidate. */
static bool find_obstacle(const struct court *court, struct candidate *candidate) {
    const struct resources *wanted = candidate->file->manifest->resources;
    for (size_t i = 0; i < wanted->count; i++) {
        size_t start = run_find(court, &wanted->items[i]);
        for (size_t k = start, end = run_end(court, start); k < end; k++)
            if (court->claims.items[k].by != candidate && stands(&court->claims.items[k])) {
                candidate->lost = &wanted->items[i];
                candidate->winner = court->claims.items[k].by;
                return true;
            }
    }
    return false;
}

/* Puts those on the pile who lost something in the run, so that the first by byte order is on top. */
static int pile_losers(struct court *court, size_t start, size_t end) {
    for (size_t i = end; i-- > start;)
        if (court->claims.items[i].by->lost && !court->claims.items[i].last_good &&
            array_push(&court->fallen, court->claims.items[i].by) < 0)
            return -ENOMEM;
    return 0;
}

/* What a fallen one held until now is free, and may be all that another one lacks. */
static int let_in(struct court *court, struct candidate *candidate) {
    candidate->rejected = false;
    candidate->lost = NULL;
    candidate->winner = NULL;
    for (size_t i = 0; candidate->before && i < candidate->before->resources->count; i++) {
        size_t start = run_find(court, &candidate->before->resources->items[i]);
        int r = pile_losers(court, start, run_end(court, start));
        if (r < 0)
            return r;
    }
    return 0;
}

/* Who won may have fallen later, over another resource: then whoever gave way to it has what it claims after all, or
 * names the one who has it now. */
static int reconsider(struct court *court, struct candidate *candidates, size_t count) {
    for (size_t i = count; i-- > 0;)
        if (candidates[i].lost && array_push(&court->fallen, &candidates[i]) < 0)
            return -ENOMEM;
    while (court->fallen.count > 0) {
        struct candidate *candidate = court->fallen.items[--court->fallen.count];
        if (!candidate->lost || holds(court, candidate->winner, candidate->lost))
            continue;
        int r = find_obstacle(court, candidate) ? 0 : let_in(court, candidate);
        if (r < 0)
            return r;
    }
    return 0;
}

int claims_settle(struct candidate *candidates, size_t count) {
    struct court court = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (candidates[i].settled)
            continue;
        r = collect(&court, &candidates[i], candidates[i].file->manifest->resources, false);
        if (r == 0 && candidates[i].before)
            r = collect(&court, &candidates[i], candidates[i].before->resources, true);
    }
    if (r == 0 && court.claims.count > 1)
        qsort(court.claims.items, court.claims.count, sizeof *court.claims.items, compare_claims);
    /* Holders first: what they keep decides who is left to compete for the rest. */
    if (r == 0)
        r = settle_runs(&court, true);
    if (r == 0)
        r = settle_runs(&court, false);
    if (r == 0)
        r = reconsider(&court, candidates, count);
    array_free(&court.claims);
    array_free(&court.fallen);
    return r;
}
