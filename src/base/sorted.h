/* Sorted arrays: texts, each once; and changing one at a few places without sorting it anew. Pure.
 *
 * May use: libc. */
#pragma once

#include <stddef.h>

/* For qsort() and bsearch() of pointers to texts: by bytes. */
int sorted_compare_texts(const void *a, const void *b);
/* Sorts the texts, and leaves one pointer to each. Returns how many these are. */
size_t sorted_unique_texts(const char **texts, size_t count);

struct span {
    const void *items;
    size_t count;
};

/* Copies `from` to `to` without the items of `out`, each of which is in it, and with those of `in`. All are sorted by
 * `compare`, and in `to` there is room for all of `from` and `in`. An item of `in` takes the place of an equal one of
 * `out`. A binary search for each change, the rest is copied. Returns the number of items in `to`. */
size_t sorted_splice(void *to, struct span from, struct span out, struct span in, size_t size,
                     int (*compare)(const void *, const void *));
