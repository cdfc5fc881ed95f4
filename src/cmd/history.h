/* What the journal tells of one topic or manifest (N4's TOPICD_TOPIC=, TOPICD_MANIFEST=).
 *
 * May use: base, report, libsystemd. */
#pragma once

#include "report/explain.h"

/* Reads the latest entries whose field has this value. `directory` NULL: the system's journal. Returns 0, also when it
 * could not be read (ret->error says why), or -ENOMEM. In any case history_free() frees it. */
int history_read(const char *directory, const char *field, const char *value, struct history *ret);
/* Appends them, or why there are none. */
void history_format(const struct history *history, bool system, struct buffer *out);
void history_free(struct history *history);
