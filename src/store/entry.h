/* One entry of the manifests directory (private to directory.c): what kind of thing has that name, and what it says.
 *
 * May use: base, seldon's manifest. */
#pragma once

#include "base/clock.h"
#include "seldon/manifest.h"

#include <sys/stat.h>

/* What tells one content of a file from another without opening it. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

struct entry {
    char *name; /* shared (base/name.h) */
    struct stamp stamp;
    bool trusted; /* the same stamp will mean the same content */
    struct manifest *manifest;
};

struct entry_look {
    int dirfd;
    const struct manifest_options *options;
    uint64_t now_usec; /* wall */
    bool look_again;   /* out: something may have changed without a trace in its stamp */
    bool troubled;     /* out: something could not be opened, and no event may tell when it can be */
};

/* Fills all of `entry` but its name; `known` is the same name's entry of an earlier look, or NULL. Returns 0; 1 when
 * there is no such name any more; a negative errno when the machine failed rather than the file. Never blocks. */
int entry_read(struct entry_look *look, struct entry *entry, const struct entry *known);
