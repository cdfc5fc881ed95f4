/* Which orphans a person may have deleted, and when none: a preview looked at with more suspicion, because what prune
 * deletes nobody asked for before. Pure.
 *
 * May use: base, preview.h. */
#pragma once

#include "reconcile/preview.h"

struct pruning {
    const char *refusal;        /* why nothing may be pruned, a sentence; NULL */
    ARRAY(const char *) topics; /* sorted; the preview's. None if refused */
};

struct pruning_facts {
    const struct preview *preview; /* compared with all topics that exist */
    const struct snapshot *last;   /* as loaded; NULL: there is none that counts */
    const struct scan *scan;
    const char *cluster_id; /* as Kafka says now; NULL: it does not */
};

/* Fills *ret, to be freed with array_free(&ret->topics). `arena` takes the refusal. Returns 0 or -ENOMEM. */
int pruning_judge(const struct pruning_facts *facts, struct arena *arena, struct pruning *ret);
/* Whether `topic` is one of them. */
bool pruning_has(const struct pruning *pruning, const char *topic);
