/* The topics that must exist, and for whom: the accepted set turned around. Pure.
 *
 * May use: base, seldon's resource, snapshot.h. */
#pragma once

#include "reconcile/snapshot.h"

struct use {
    const char *topic;
    const struct resource *resource;
};

/* Refers to the snapshot's resources and holds a reference to each, so it may outlive the snapshot. */
struct desired {
    ARRAY(struct use) uses; /* sorted by topic, then identity */
    ARRAY(size_t) topics;   /* of each distinct topic the index of its first use */
    ARRAY(struct resources *) references;
};

int desired_new(const struct snapshot *snapshot, struct desired **ret);
struct desired *desired_free(struct desired *desired); /* accepts NULL, returns NULL */
/* The uses of a topic: their number, and the first in *ret. 0 if nobody needs it (D3). */
size_t desired_uses(const struct desired *desired, const char *topic, const struct use **ret);
/* Name of the i-th distinct topic, i < topics.count. */
static inline const char *desired_topic(const struct desired *desired, size_t i) {
    return desired->uses.items[desired->topics.items[i]].topic;
}
