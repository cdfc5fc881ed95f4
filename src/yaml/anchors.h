/* The anchors of one document by name: a balanced tree, so that no choice of names makes it slow.
 *
 * May use: node. */
#pragma once

#include "yaml/node.h"

struct anchors {
    void *root; /* of tsearch(3) */
};

/* `node` is what `name` means from here on; the name lives in `arena`. Returns 0 or -ENOMEM. */
int anchors_set(struct anchors *anchors, struct arena *arena, const char *name, struct node *node);
/* NULL if there is none. */
struct node *anchors_get(const struct anchors *anchors, const char *name);
void anchors_clear(struct anchors *anchors);
