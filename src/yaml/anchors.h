/* The anchors of one document by name.
 *
 * May use: node. */
#pragma once

#include "yaml/node.h"

/* Kept sorted by insertion, so their number has a limit. */
#define ANCHORS_MAX 1024

struct anchor {
    const char *name;
    struct node *node;
};

struct anchors {
    ARRAY(struct anchor) list; /* sorted by name */
};

/* `node` is what `name` means from here on; the name lives in `arena`. Returns 0, -ENOMEM, or 1 if there are too many.
 */
int anchors_set(struct anchors *anchors, struct arena *arena, const char *name, struct node *node);
/* NULL if there is none. */
struct node *anchors_get(const struct anchors *anchors, const char *name);
/* Forgets all of them; anchors_free() also frees their memory. */
void anchors_clear(struct anchors *anchors);
void anchors_free(struct anchors *anchors);
