/* A user's text in a message: one line, bounded, without characters that move the cursor.
 *
 * May use: base. */
#pragma once

#include "base/buffer.h"

/* Appends at most some 60 characters of `text`; what is cut off becomes "…". */
void quote_text(struct buffer *out, const char *text, size_t length);
