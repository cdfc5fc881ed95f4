/* From a list of keys and values to a map: duplicate keys, merge keys.
 *
 * May use: base, node. */
#pragma once

#include "yaml/node.h"

struct map_entry {
    char prefix[8]; /* the key's first bytes, so that sorting seldom needs the key itself */
    struct pair *pair;
};

struct map_maker {
    struct arena *arena;
    struct diagnostics *diagnostics;
    size_t merge_left;               /* pairs that merge keys may still add (each costs no byte of the file) */
    ARRAY(struct map_entry) entries; /* scratch */
};

/* Makes `map` of `count` keys and values, which alternate. Returns 0, 1 if a merge key cannot be carried out (said in
 * diagnostics; duplicate keys are said there too, but go on), or -ENOMEM. */
int map_make(struct map_maker *maker, struct node *map, struct node *const *children, size_t count);
