/* The STATUS= line (N2): manifests, topics, what is wrong by name, what happens next. Pure.
 *
 * May use: base, reconcile. */
#pragma once

#include "report/status.h"

/* Appends one line without a newline; times in it are UTC, since it stays true until the next turn. Like everything
 * appended to a buffer it can fail: see buffer.h. */
void summary_format(const struct status_report *report, struct buffer *out);
