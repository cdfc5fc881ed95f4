/* STATE/snapshot: the snapshot as lines of text, written durably (S1, S2, S4). It is written as a whole, and what
 * changes then is appended to it, so that a change costs what it is large, until it is time to write it anew.
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

/* The end of the file as it was read or written last. Zeroed: it is not known. */
struct snapshot_mark {
    uint64_t sum;         /* the last checksum in it */
    size_t whole, length; /* bytes: what was written as a whole; all */
};

/* Returns one of snapshot_load, or a negative errno when the file could not be read. *ret and *mark (or NULL) only when
 * LOADED; `why` gets a sentence when DAMAGED or NEWER. */
int snapshot_file_load(const char *state_dir, struct snapshot **ret, struct snapshot_mark *mark, struct buffer *why);
/* Durable (S1). If `mark` is the end of the file and `saved` is what it holds, a small change is appended; else all is
 * written anew. Returns 0 and moves the mark, or a negative errno: then the old file is whole, the mark zeroed. */
int snapshot_file_save(const char *state_dir, const struct snapshot *saved, const struct snapshot *snapshot,
                       struct snapshot_mark *mark);
/* Renames it to "snapshot.REASON-N" with the first N from 1 that is free (S4, D5), durably; the new name goes to
 * `kept_as`. 0 also if there is none (then `kept_as` stays empty), else a negative errno. */
int snapshot_file_keep_aside(const char *state_dir, const char *reason, struct buffer *kept_as);

/* The text itself, for tests, fuzzing and who wants to look: written as a whole; with changes appended or not. */
int snapshot_format(const struct snapshot *snapshot, struct buffer *out);
int snapshot_parse(const char *text, size_t length, struct snapshot **ret, struct buffer *why);
