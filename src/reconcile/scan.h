/* What one look at the manifests directory found, as a value. store/ makes it, catalog.h judges it. Types and the
 * two functions that free it.
 *
 * May use: base, seldon's resource and manifest. */
#pragma once

#include "base/array.h"
#include "base/clock.h"
#include "seldon/manifest.h"

struct scan_file {
    char *name;                /* within the directory */
    struct manifest *manifest; /* referenced; accepted or rejected, never NULL */
};

struct scan {
    bool complete;         /* the directory was opened anew by its path and every entry classified (D2) */
    bool troubled;         /* a file could not be opened, and no event may tell when it can be */
    char *error;           /* why it is not complete, for people; NULL if it is */
    char *directory;       /* identity of the directory: inode and file system; NULL if it could not be opened */
    struct moment started; /* when the look began */
    ARRAY(struct scan_file) files; /* the names that count (M1), sorted by bytes */
};

struct scan *scan_free(struct scan *scan); /* accepts NULL, returns NULL */
const struct scan_file *scan_find(const struct scan *scan, const char *name);
