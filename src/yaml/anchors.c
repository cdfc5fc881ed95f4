#include "yaml/anchors.h"

#include <string.h>

/* Where `name` is, or would have to be. */
static size_t find(const struct anchors *anchors, const char *name, bool *ret_found) {
    size_t low = 0, high = anchors->list.count;
    *ret_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = strcmp(anchors->list.items[middle].name, name);
        *ret_found |= c == 0;
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int anchors_set(struct anchors *anchors, struct arena *arena, const char *name, struct node *node) {
    bool found;
    size_t at = find(anchors, name, &found);
    if (found) {
        anchors->list.items[at].node = node;
        return 0;
    }
    if (anchors->list.count == ANCHORS_MAX)
        return 1;
    const struct anchor anchor = {arena_strdup(arena, name), node};
    if (!anchor.name || array_push(&anchors->list, anchor) < 0)
        return -ENOMEM;
    struct anchor *place = &anchors->list.items[at];
    memmove(place + 1, place, (anchors->list.count - 1 - at) * sizeof *place);
    *place = anchor;
    return 0;
}

struct node *anchors_get(const struct anchors *anchors, const char *name) {
    bool found;
    size_t at = find(anchors, name, &found);
    return found ? anchors->list.items[at].node : NULL;
}

void anchors_clear(struct anchors *anchors) {
    anchors->list.count = 0;
}

void anchors_free(struct anchors *anchors) {
    array_free(&anchors->list);
}
