/* status.json read back: what the commands need of it, and all of it for people. Pure.
 *
 * May use: base, jansson. */
#pragma once

#include "base/buffer.h"
#include "base/clock.h"

#include <stdbool.h>

struct status_document;

/* Returns 0; 1 if it is no status.json of a version that this program knows; -ENOMEM (which jansson does not always
 * tell from a mistake in the text). */
int status_document_read(const char *text, size_t length, struct status_document **ret);
struct status_document *status_document_free(struct status_document *document); /* accepts NULL, returns NULL */
int status_document_pid(const struct status_document *document);
bool status_document_in_sync(const struct status_document *document);
/* The STATUS= line. */
const char *status_document_summary(const struct status_document *document);

/* What it says of a topic's deletion; texts are valid as long as the document. */
struct status_deletion {
    const char *state, *reason; /* "" if absent */
    uint64_t due_usec;          /* wall; 0: no time answers that */
};
/* False: it names no deletion of this topic. */
bool status_document_deletion(const struct status_document *document, const char *topic, struct status_deletion *ret);
/* Why Kafka refuses to make this topic; NULL if it does not. */
const char *status_document_failure(const struct status_document *document, const char *topic);

/* Appends one screen: what it watches, what it reached, what is wrong and what to type, what it does next and when. */
void status_text_format(const struct status_document *document, struct moment now, bool colourful, struct buffer *out);
