/* What the journal tells of one topic (N4's TOPICD_TOPIC=).
 *
 * May use: base, report/words, libsystemd. */
#pragma once

#include "base/buffer.h"

/* Appends the latest entries, oldest first, or why there are none. `directory` NULL: the system's journal. Returns how
 * many entries there were, or -ENOMEM. */
int history_format(const char *directory, const char *topic, struct buffer *out);
