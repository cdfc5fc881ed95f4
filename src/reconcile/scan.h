/* What one look at the manifests directory found, as a value. store/ makes it, catalog.h judges it.
 *
 * May use: base, seldon's resource and manifest. */
#pragma once

#include "base/array.h"
#include "base/clock.h"
#include "seldon/manifest.h"

struct scan_file {
    char *name;                /* within the directory; shared (base/name.h) */
    struct manifest *manifest; /* referenced; accepted or rejected, never NULL */
};

struct scan {
    bool complete;         /* the directory was opened anew by its path and every entry classified (D2) */
    bool extended;         /* no look at all of it: the last complete one, and files that arrived since */
    bool troubled;         /* a file could not be opened, and no event may tell when it can be */
    char *error;           /* why it is not complete, for people; NULL if it is */
    char *directory;       /* identity of the directory: inode and file system; NULL if it could not be opened */
    struct moment started; /* when the look began */
    ARRAY(struct scan_file) files; /* the names that count (M1), sorted by bytes */
};

void scan_file_release(struct scan_file *file);
struct scan *scan_free(struct scan *scan); /* accepts NULL, returns NULL */
/* What `last` found, and what arrived: files that `last` does not have, sorted. NULL when memory is exhausted. */
struct scan *scan_extend(const struct scan *last, struct moment now, const struct scan_file *arrived, size_t count);
const struct scan_file *scan_find(const struct scan *scan, const char *name);
