/* A growable array of any type, as a plain struct with three members:
 *
 *     ARRAY(struct owed) owed = {};
 *     r = array_push(&owed, value);        0 or -ENOMEM; the array is then as it was
 *     array_free(&owed);                   frees the items' memory, not what they own
 *
 * May use: libc. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define ARRAY(T)                                                                                                       \
    struct {                                                                                                           \
        T *items;                                                                                                      \
        size_t count, capacity;                                                                                        \
    }

/* Makes room for `want` items of `size` bytes. Returns 0 or -ENOMEM; on failure nothing has changed. */
int array_reserve_raw(void **items, size_t *capacity, size_t want, size_t size);

#define array_reserve(a, want) array_reserve_raw((void **)&(a)->items, &(a)->capacity, (want), sizeof *(a)->items)

#define array_push(a, ...)                                                                                             \
    (array_reserve((a), (a)->count + 1) < 0 ? -ENOMEM : ((a)->items[(a)->count++] = (__VA_ARGS__), 0))

#define array_free(a) (free((a)->items), (a)->items = NULL, (a)->count = (a)->capacity = 0)
