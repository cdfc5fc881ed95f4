/* The fields of one line of a snapshot (private to snapshot_parse.c), taken from left to right. What returns int
 * returns 0, SNAPSHOT_DAMAGED with the reason said, or -ENOMEM.
 *
 * May use: base, reconcile's types. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* What is left of a line. */
struct fields {
    const char *at, *end;
    bool over;
    unsigned line;
    struct buffer *why; /* where the reason is said */
};

/* "line N WHAT" */
int fields_damaged(const struct fields *fields, const char *what);
/* False if there is no field any more. */
bool fields_next(struct fields *fields, const char **ret, size_t *ret_length);
bool fields_is(const char *field, size_t length, const char *word);
/* The next field is this word; one of two words. */
bool fields_word(struct fields *fields, const char *word);
bool fields_either(struct fields *fields, const char *yes, const char *no, bool *ret);
/* A text that may be NULL; that is not NULL; that is not empty either. Copied into the arena. */
int fields_optional(struct fields *fields, struct arena *arena, const char **ret);
int fields_text(struct fields *fields, struct arena *arena, const char **ret);
int fields_name(struct fields *fields, struct arena *arena, const char **ret);
/* A name that Kafka allows. */
int fields_topic(struct fields *fields, struct arena *arena, const char **ret);
/* A number from 0 to `max`, after "KEY=" if there is a key. */
int fields_number(struct fields *fields, const char *key, uint64_t max, uint64_t *ret);
/* KEY=WORD,WORD,… as enum hold's bits */
int fields_holds(struct fields *fields, const char *key, unsigned *ret);
