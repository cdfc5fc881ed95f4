#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first block is small, because there is an arena for every manifest; later ones double up to the largest. */
enum { BLOCK_FIRST = 512, BLOCK_LARGEST = 64 << 10 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

static struct arena_block *block_new(const struct arena *arena, size_t need) {
    size_t size = BLOCK_FIRST - sizeof(struct arena_block);
    if (arena->head && arena->head->size < BLOCK_LARGEST)
        size = arena->head->size * 2;
    else if (arena->head)
        size = BLOCK_LARGEST;
    if (size < need)
        size = need;
    if (size > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block = malloc(sizeof *block + size);
    if (block) {
        block->used = 0;
        block->size = size;
    }
    return block;
}

/* Room for `size` bytes at an address of the given alignment; not zeroed. */
static void *take(struct arena *arena, size_t size, size_t alignment) {
    struct arena_block *block = arena->head;
    size_t start = block ? (block->used + alignment - 1) & ~(alignment - 1) : 0;
    if (!block || size > block->size || start > block->size - size) {
        block = block_new(arena, size);
        if (!block)
            return NULL;
        block->next = arena->head;
        arena->head = block;
        start = 0;
    }
    block->used = start + size;
    return block->data + start;
}

void *arena_alloc(struct arena *arena, size_t size) {
    void *memory = take(arena, size, alignof(max_align_t));
    return memory ? memset(memory, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length) {
    char *copy = take(arena, length + 1, 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args) {
    char mostly[256]; /* formatted once, unless it is longer */
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(mostly, sizeof mostly, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : take(arena, (size_t)length + 1, 1);
    if (text && (size_t)length < sizeof mostly)
        memcpy(text, mostly, (size_t)length + 1);
    else if (text)
        vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_join(struct arena *arena, struct arena *from) {
    struct arena_block **place = arena->head ? &arena->head->next : &arena->head; /* the head has room: it stays */
    struct arena_block *rest = *place;
    *place = from->head;
    while (*place)
        place = &(*place)->next;
    *place = rest;
    from->head = NULL;
}

void arena_free(struct arena *arena) {
    while (arena->head) {
        struct arena_block *next = arena->head->next;
        free(arena->head);
        arena->head = next;
    }
}
