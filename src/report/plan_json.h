/* plan --json (section 7). Pure.
 *
 * May use: base, reconcile, jansson. */
#pragma once

#include "reconcile/preview.h"

/* Appends the document, with a final newline. Returns 0 or -ENOMEM. */
int plan_json_format(const struct preview *preview, const struct topic_policy *policy, struct buffer *out);
