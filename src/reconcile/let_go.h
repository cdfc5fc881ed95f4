/* Who let go of the topics of a removed resource without being removed itself: a file that needed them, and was
 * accepted without that, may be one that is being written (D2). Pure.
 *
 * May use: base, snapshot.h. */
#pragma once

#include "reconcile/snapshot.h"

/* Sets `let_go_by` of what `next` owes, by the files that both have and that changed. Returns 0 or -ENOMEM. */
int let_go_note(const struct snapshot *last, struct snapshot *next);
