/* status.json (section 7). Pure.
 *
 * May use: base, reconcile, jansson. */
#pragma once

#include "report/status.h"

/* Appends the text, with a final newline. Returns 0 or -ENOMEM. */
int status_json_format(const struct status_report *report, struct buffer *out);
