#include "base/array.h"

#include <stdint.h>

int array_reserve_raw(void **items, size_t *capacity, size_t want, size_t size) {
    if (want <= *capacity)
        return 0;
    size_t room = *capacity ? *capacity : 4;
    while (room < want)
        if (__builtin_mul_overflow(room, 2, &room))
            return -ENOMEM;
    size_t bytes;
    if (__builtin_mul_overflow(room, size, &bytes))
        return -ENOMEM;
    void *grown = realloc(*items, bytes);
    if (!grown)
        return -ENOMEM;
    *items = grown;
    *capacity = room;
    return 0;
}
