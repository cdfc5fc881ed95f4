/* Changing a sorted array at a few places without sorting it anew. Pure.
 *
 * May use: libc. */
#pragma once

#include <stddef.h>

struct span {
    const void *items;
    size_t count;
};

/* Copies `from` to `to` without the items of `out`, each of which is in it, and with those of `in`. All are sorted by
 * `compare`, and in `to` there is room for all of `from` and `in`. An item of `in` takes the place of an equal one of
 * `out`. A binary search for each change, the rest is copied. Returns the number of items in `to`. */
size_t sorted_splice(void *to, struct span from, struct span out, struct span in, size_t size,
                     int (*compare)(const void *, const void *));
