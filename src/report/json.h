/* Values to JSON, on top of jansson. A NULL result means that memory is exhausted: json_pack() forwards it, so that a
 * whole document is checked once, at its end. Pure.
 *
 * May use: base, reconcile, jansson. */
#pragma once

#include "base/diagnostic.h"
#include "reconcile/catalog.h"
#include "reconcile/snapshot.h"

#include <jansson.h>

/* A text, made valid UTF-8 if it is not (a file's name); JSON's null for NULL. */
json_t *json_text(const char *text);
/* RFC 3339; null for 0 and USEC_NEVER. */
json_t *json_time(uint64_t wall_usec);
json_t *json_owner(enum resource_kind kind, const char *namespace, const char *name);
/* [{"line","column","message"}], of one severity. */
json_t *json_diagnostics(const struct diagnostic *list, size_t count, enum severity severity);
/* [{"file","errors"}]; an empty list for NULL. */
json_t *json_rejected_files(const struct catalog *catalog);
/* Appends `item` to `array` and takes its reference, as json_array_append_new() does. 0 or -ENOMEM. */
int json_push(json_t *array, json_t *item);
/* The array if everything went in (r is 0), else NULL. */
json_t *json_checked(json_t *array, int r);
/* Appends the document and a newline, and drops the reference. `document` NULL is -ENOMEM. Returns 0 or -ENOMEM. */
int json_finish(json_t *document, struct buffer *out);
