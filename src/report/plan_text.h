/* What `plan` prints for people: like a diff, grouped by manifest and reason. Pure.
 *
 * May use: base, reconcile. */
#pragma once

#include "reconcile/preview.h"

/* Returns 0 or -ENOMEM. `colourful`: with the escape sequences of a terminal. */
int plan_text_format(const struct preview *preview, bool colourful, struct buffer *out);
