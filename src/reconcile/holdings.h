/* The accepted resources by their identity: who holds what. One snapshot's are made from the last one's, and shared by
 * all snapshots that hold the same. Pure.
 *
 * May use: base, seldon's resource, snapshot.h. */
#pragma once

#include "reconcile/snapshot.h"

struct holding {
    const struct resource *resource;
    const struct resources *content; /* of the file that holds it */
};

/* Refers to the contents of the snapshot that has it. */
struct holdings {
    unsigned refs;
    size_t n_models;            /* they come first */
    ARRAY(struct holding) list; /* sorted by identity */
};

/* Those of `last` (or NULL, if there is nothing to begin with), but for the changes. Returns 0 or -ENOMEM. */
int holdings_update(const struct holdings *last, const struct changes *changes, struct holdings **ret);
/* NULL if nobody holds a resource of this identity. */
const struct holding *holdings_find(const struct holdings *holdings, const struct resource *identity);
/* Whether somebody holds any of these. */
bool holdings_meet(const struct holdings *holdings, const struct resources *content);
struct holdings *holdings_ref(struct holdings *holdings);   /* accepts NULL */
struct holdings *holdings_unref(struct holdings *holdings); /* accepts NULL, returns NULL */
