/* What makes one snapshot of another, as a snapshot of its own (private to store/): everything but the files is the
 * later one's; of the files it has those that came or changed, and those that are gone, which have no resources (NULL).
 *
 * May use: base, reconcile's types. */
#pragma once

#include "reconcile/snapshot.h"

/* Returns 0 or -ENOMEM. */
int snapshot_diff(const struct snapshot *before, const struct snapshot *after, struct snapshot **ret);
/* Takes over what `changes` says, and all that it owns; it is empty then. Returns 0; 1 when a file is gone that was not
 * there; -ENOMEM. Then the snapshot is of no use. */
int snapshot_patch(struct snapshot *snapshot, struct snapshot *changes);
