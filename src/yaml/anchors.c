#include "yaml/anchors.h"

#include <search.h>
#include <string.h>

struct anchor {
    const char *name;
    struct node *node;
};

static int compare(const void *a, const void *b) {
    const struct anchor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int anchors_set(struct anchors *anchors, struct arena *arena, const char *name, struct node *node) {
    struct anchor *anchor = arena_alloc(arena, sizeof *anchor);
    if (!anchor || !(anchor->name = arena_strdup(arena, name)))
        return -ENOMEM;
    struct anchor **found = tsearch(anchor, &anchors->root, compare);
    if (!found)
        return -ENOMEM;
    (*found)->node = node;
    return 0;
}

struct node *anchors_get(const struct anchors *anchors, const char *name) {
    const struct anchor wanted = {.name = name};
    struct anchor *const *found = tfind(&wanted, &anchors->root, compare);
    return found ? (*found)->node : NULL;
}

/* The arena owns what the tree points to. */
static void keep(void *anchor) {
    (void)anchor;
}

void anchors_clear(struct anchors *anchors) {
    tdestroy(anchors->root, keep);
    anchors->root = NULL;
}
