#include "seldon/cycle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/* Who needs a node: users[first[node]] up to users[first[node + 1]]. */
struct graph {
    size_t count;
    size_t *first, *users;
    size_t *open; /* how many of a node's needs have not been taken off yet */
};

static bool graph_build(struct arena *arena, size_t count, const struct edge *edges, size_t n_edges,
                        struct graph *ret) {
    struct graph g = {
        .count = count,
        .first = arena_array(arena, count + 2, sizeof *g.first),
        .users = arena_array(arena, n_edges + 1, sizeof *g.users),
        .open = arena_array(arena, count + 1, sizeof *g.open),
    };
    if (!g.first || !g.users || !g.open)
        return false;
    /* Counted two places further on, so that after filling in, `first` has slid to where it belongs. */
    for (size_t i = 0; i < n_edges; i++) {
        g.first[edges[i].to + 2]++;
        g.open[edges[i].from]++;
    }
    for (size_t node = 2; node < count + 2; node++)
        g.first[node] += g.first[node - 1];
    for (size_t i = 0; i < n_edges; i++)
        g.users[g.first[edges[i].to + 1]++] = edges[i].from;
    *ret = g;
    return true;
}

/* Takes off, again and again, every node that needs nothing any more. Those that stay (open > 0) lead to a cycle. */
static bool take_off(struct arena *arena, struct graph *g) {
    size_t *queue = arena_array(arena, g->count + 1, sizeof *queue), head = 0, tail = 0;
    if (!queue)
        return false;
    for (size_t node = 0; node < g->count; node++)
        if (g->open[node] == 0)
            queue[tail++] = node;
    while (head < tail) {
        size_t node = queue[head++];
        for (size_t i = g->first[node]; i < g->first[node + 1]; i++)
            if (--g->open[g->users[i]] == 0)
                queue[tail++] = g->users[i];
    }
    return true;
}

int cycle_find(struct arena *arena, size_t count, const struct edge *edges, size_t n_edges, const size_t **ret_cycle,
               size_t *ret_length) {
    struct graph g;
    if (!graph_build(arena, count, edges, n_edges, &g) || !take_off(arena, &g))
        return -ENOMEM;
    size_t *next = arena_array(arena, count + 1, sizeof *next), *cycle = arena_array(arena, count + 1, sizeof *cycle);
    bool *seen = arena_array(arena, count + 1, sizeof *seen);
    if (!next || !cycle || !seen)
        return -ENOMEM;
    size_t node = SIZE_MAX, length = 0;
    for (size_t i = 0; i < n_edges; i++)
        if (g.open[edges[i].from] > 0 && g.open[edges[i].to] > 0)
            next[node = edges[i].from] = edges[i].to;
    if (node != SIZE_MAX) {
        for (; !seen[node]; node = next[node])
            seen[node] = true;
        size_t smallest = node;
        for (size_t n = next[node]; n != node; n = next[n])
            smallest = n < smallest ? n : smallest;
        node = smallest;
        do
            cycle[length++] = node;
        while ((node = next[node]) != smallest);
    }
    *ret_cycle = cycle;
    *ret_length = length;
    return 0;
}
