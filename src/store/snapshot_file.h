/* STATE/snapshot: the snapshot as lines of text, written durably (S1, S2, S4).
 *
 * May use: base, reconcile's types. */
#pragma once

#include "base/buffer.h"
#include "reconcile/snapshot.h"

#define SNAPSHOT_FILE "snapshot"
#define SNAPSHOT_SIZE_MAX (512u << 20)

enum snapshot_load {
    SNAPSHOT_LOADED = 0,
    SNAPSHOT_ABSENT = 1,
    SNAPSHOT_DAMAGED = 2, /* checksum or form */
    SNAPSHOT_NEWER = 3,   /* a format this version does not know */
};

/* Returns one of snapshot_load, or a negative errno when the file could not be read. *ret only when LOADED; `why`
 * gets a sentence when DAMAGED or NEWER. */
int snapshot_file_load(const char *state_dir, struct snapshot **ret, struct buffer *why);
/* Durable (S1). Returns 0 or a negative errno; on failure the old file is whole. */
int snapshot_file_save(const char *state_dir, const struct snapshot *snapshot);
/* Renames it to "snapshot.REASON-N" with the first N from 1 that is free (S4, D5), durably; the new name goes to
 * `kept_as`. 0 also if there is none (then `kept_as` stays empty), else a negative errno. */
int snapshot_file_keep_aside(const char *state_dir, const char *reason, struct buffer *kept_as);

/* The text itself, for tests, fuzzing and who wants to look. */
int snapshot_format(const struct snapshot *snapshot, struct buffer *out);
int snapshot_parse(const char *text, size_t length, struct snapshot **ret, struct buffer *why);
