/* An arena: many small objects with one lifetime, freed at once. A zeroed struct is an empty arena.
 *
 * May use: libc. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena {
    struct arena_block *head;
};

/* Zeroed memory, aligned for any type. NULL when memory is exhausted (the caller returns -ENOMEM). */
void *arena_alloc(struct arena *arena, size_t size);
/* Like arena_alloc for an array; NULL also if count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* All of `from` lives on in `arena`; `from` is empty. */
void arena_join(struct arena *arena, struct arena *from);
/* Frees every object; the arena is empty and can be used again. */
void arena_free(struct arena *arena);
