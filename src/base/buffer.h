/* A growing text. Appending never fails in the caller's face: the first failure is remembered in `failed` and
 * everything after it is dropped, so that a writer checks once, at its end.
 *
 * May use: libc. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; /* always terminated by a zero byte once anything was appended; NULL before */
    size_t length, capacity;
    bool failed; /* memory was exhausted: the text is not whole */
};

void buffer_append(struct buffer *buffer, const char *bytes, size_t length);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(struct buffer *buffer);
