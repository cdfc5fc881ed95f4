/* Small pieces of sentences that several reports share. Pure.
 *
 * May use: base. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whatever text, made fit for a terminal and for JSON: bytes that are not UTF-8, and control characters, become \xNN.
 */
void words_clean(const char *text, struct buffer *out);
bool words_is_utf8(const char *text);
/* The same as words_clean(), at most `width` characters of it, with an ellipsis when it was longer. */
void words_cut(const char *text, size_t width, struct buffer *out);
/* "1 topic", "2 topics" */
void words_count(size_t count, const char *noun, struct buffer *out);
/* How many of `total` things that were named: "2 of them", "all of them", "it" */
void words_of_them(size_t count, size_t total, struct buffer *out);
/* What an approval of `total` topics still does not do at once: `count` of them wait for `also` as well. Nothing if
 * none does. */
void words_unless_held(size_t count, size_t total, const char *also, struct buffer *out);
/* Begins one more part of a line: `separator` unless the line is empty so far (it began at `start`). */
void words_part(struct buffer *out, size_t start, const char *separator);
/* RFC 3339 in UTC, to the second: 2024-05-01T10:20:30Z */
void words_time(uint64_t wall_usec, struct buffer *out);
/* Reads what words_time() wrote. False if it is something else. */
bool words_parse_time(const char *text, uint64_t *ret_wall_usec);
/* 10:20:30 UTC */
void words_clock(uint64_t wall_usec, struct buffer *out);
/* A stretch of time as people say it: "8 s", "3 min", "2 h", "5 d". Rounded up: what comes in 0.2 s is not now. */
void words_span(uint64_t usec, struct buffer *out);
