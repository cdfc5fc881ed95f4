/* Finds a cycle among steps (R-P10).
 *
 * May use: base. */
#pragma once

#include "base/arena.h"

struct edge {
    size_t from, to; /* `from` needs `to` */
};

/* One cycle among the nodes 0 to `count` - 1: each of `ret_cycle` needs the next, the last needs the first, which is
 * the smallest. `ret_length` is 0 if there is none. Returns 0 or -ENOMEM; the cycle is in `arena`. */
int cycle_find(struct arena *arena, size_t count, const struct edge *edges, size_t n_edges, const size_t **ret_cycle,
               size_t *ret_length);
