/* The manifests directory: a complete look at it (M1, D2), with a cache so that only what changed is read and parsed.
 * No policy: which content counts is seldon's, what a missing file means is reconcile's.
 *
 * May use: base, seldon, reconcile's types. */
#pragma once

#include "reconcile/scan.h"

struct directory;

/* `path` is opened anew at each scan, since a mount over it gives no event (L1). Returns 0 or -ENOMEM. */
int directory_new(const char *path, const struct manifest_options *options, struct directory **ret);
struct directory *directory_free(struct directory *directory);

/* Looks. Files are known again by device, inode, size, mtime and ctime; a ctime younger than 100 ms at the read is
 * not trusted, and then *ret_look_again is set: the same content may be there under the same times. Returns 0 with a
 * scan (complete or not), or -ENOMEM. Never blocks on what is in the directory. */
int directory_scan(struct directory *directory, struct moment now, struct scan **ret, bool *ret_look_again);
/* Looks at names alone that are said to have arrived since the last look, which was complete and found `last`: a hint
 * that may be wrong. Returns 0 with those that are there, were not, and hold something (an incomplete scan, sorted);
 * 1 if there is none; a negative errno. */
int directory_glance(struct directory *directory, const struct scan *last, const char *const *names, size_t count,
                     struct moment now, struct scan **ret);
/* Changed options: everything is parsed anew at the next scan. */
int directory_set_options(struct directory *directory, const struct manifest_options *options);
/* The file system is one whose changes inotify does not report (NFS, …). */
bool directory_needs_polling(const char *path);
/* The names that M1 counts. */
bool directory_name_counts(const char *name);
