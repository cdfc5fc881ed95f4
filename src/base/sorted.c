#include "base/sorted.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int sorted_compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t sorted_unique_texts(const char **texts, size_t count) {
    size_t unique = 0;
    if (count > 1)
        qsort(texts, count, sizeof *texts, sorted_compare_texts);
    for (size_t i = 0; i < count; i++)
        if (unique == 0 || strcmp(texts[unique - 1], texts[i]) != 0)
            texts[unique++] = texts[i];
    return unique;
}

static const char *at(struct span span, size_t index, size_t size) {
    return (const char *)span.items + index * size;
}

/* The first place from `low` on whose item is not less than the key. */
static size_t lower_bound(struct span span, size_t low, const void *key, size_t size,
                          int (*compare)(const void *, const void *)) {
    for (size_t high = span.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare(at(span, middle, size), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t copy(char *to, size_t count, struct span from, size_t start, size_t end, size_t size) {
    if (end > start)
        memcpy(to + count * size, at(from, start, size), (end - start) * size);
    return count + (end - start);
}

size_t sorted_splice(void *to, struct span from, struct span out, struct span in, size_t size,
                     int (*compare)(const void *, const void *)) {
    size_t count = 0, next = 0;
    for (size_t o = 0, i = 0; o < out.count || i < in.count;) {
        bool leaves = i == in.count || (o < out.count && compare(at(out, o, size), at(in, i, size)) <= 0);
        const char *key = leaves ? at(out, o, size) : at(in, i, size);
        size_t place = lower_bound(from, next, key, size, compare);
        count = copy(to, count, from, next, place, size);
        next = place;
        if (leaves) {
            o++;
            next++;
        } else {
            count = copy(to, count, in, i, i + 1, size);
            i++;
        }
    }
    return copy(to, count, from, next, from.count, size);
}
