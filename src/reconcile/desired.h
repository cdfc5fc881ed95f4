/* The topics that must exist, and for whom: the accepted set turned around. Pure.
 *
 * May use: base, seldon's resource, snapshot.h. */
#pragma once

#include "reconcile/snapshot.h"

struct use {
    const char *topic;
    const struct resource *resource;
};

/* Refers to the snapshot's resources: that snapshot, or another one that shares them, must outlive it. */
struct desired {
    ARRAY(struct use) uses; /* sorted by topic, then identity */
    ARRAY(size_t) topics;   /* of each distinct topic the index of its first use */
};

int desired_new(const struct snapshot *snapshot, struct desired **ret);
/* The same as desired_new(after), made from what was made of `before`: it sorts only what changed. */
int desired_update(const struct desired *last, const struct snapshot *before, const struct snapshot *after,
                   struct desired **ret);
struct desired *desired_free(struct desired *desired); /* accepts NULL, returns NULL */
/* The uses of a topic: their number, and the first in *ret. 0 if nobody needs it (D3). */
size_t desired_uses(const struct desired *desired, const char *topic, const struct use **ret);
/* Name of the i-th distinct topic, i < topics.count. */
static inline const char *desired_topic(const struct desired *desired, size_t i) {
    return desired->uses.items[desired->topics.items[i]].topic;
}
