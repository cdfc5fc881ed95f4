/* The snapshot: all that topicd must remember across a restart (S1), as a value. store/ reads and writes it; catalog.h
 * and deletions.h make the next one from the last one. A snapshot is built completely, then swapped in.
 *
 * May use: base, seldon's resource. */
#pragma once

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "seldon/resource.h"

#include <stdint.h>

/* D5. Outside of it nothing that was remembered counts. */
struct scope {
    const char *cluster_id; /* NULL: no cluster met yet; takes the first */
    const char *prefix;
    const char *namespace;
    const char *manifests; /* the directory's path */
};

/* One file that was accepted, at its last good version (M6). */
struct accepted_file {
    char *name;                   /* shared (base/name.h) */
    struct resources *resources;  /* referenced; may be of count 0 */
    uint64_t rejected_since_usec; /* wall; 0 if its content of now is the accepted one (D6(c)) */
};

/* Why a set of deletions needs a person (D6), as bits. */
enum hold {
    HOLD_LIMIT = 1 << 0,     /* (a) too many in the period */
    HOLD_LAST = 1 << 1,      /* (b) leaves no resource */
    HOLD_DIRECTORY = 1 << 2, /* (c) another directory than before */
    HOLD_REJECTED = 1 << 3,  /* (c) its file had been rejected when it vanished */
    HOLD_OLD = 1 << 4,       /* (d) owed by a snapshot over 24 h old */
    HOLD_REFUSED = 1 << 5,   /* (d) refused by the broker for over 24 h */
    HOLD_DISABLED = 1 << 6,  /* (e) deletion.enabled is false */
};

/* A deletion that a removed resource asked for and that has not happened yet (D1). */
struct owed {
    enum resource_kind kind;
    const char *namespace;
    const char *name;
    const char *topics[2];  /* the names as stored, never computed anew (D5) */
    bool done[2];           /* the controller said that it is gone (D7) */
    const char *file;       /* the file that had held it */
    const char *let_go_by;  /* the last file that had needed its topics and remained without that (D2); NULL */
    uint64_t since_usec;    /* wall: the scan that found it gone first, or when an approval lapsed */
    uint64_t generation;    /* of the accepted set when it went: makes today's ID another than yesterday's */
    unsigned population;    /* resources accepted just before it went (D6(b)) */
    unsigned circumstances; /* holds that its going brings with it: HOLD_DIRECTORY, HOLD_REJECTED, HOLD_OLD */
    unsigned held; /* why the set it is in awaits a person; 0 if it does not. Once set, only an answer clears it */
    bool approved; /* a person said yes */
    uint64_t refused_since_usec; /* wall: the broker's first refusal of a run of refusals; 0 if none */
    /* Not in the file: the monotonic time of the first complete scan of this process since which every one has found it
     * gone, not in use and not blocked (D2 to D4); 0 if none. */
    uint64_t seen_gone_usec;
};

/* When a deletion was asked of Kafka (D6(a)); kept for limit.periodSeconds. */
struct sent {
    uint64_t wall_usec;
    const char *topic;
};

struct holdings;

struct snapshot {
    struct arena arena; /* owns all strings but those of files */
    struct scope scope;
    const char *directory;             /* identity of the manifests directory (D6(c)); NULL if none was scanned yet */
    uint64_t scanned_usec;             /* wall: last complete scan; 0 if none */
    uint64_t generation;               /* counts changes of the accepted set */
    ARRAY(struct accepted_file) files; /* sorted by name */
    ARRAY(struct owed) owed;           /* sorted by identity: kind, namespace, name */
    ARRAY(struct sent) sent;           /* sorted by topic; a topic stands once, with its latest time */
    struct holdings *holdings;         /* what `files` hold, by identity (holdings.h); NULL: nobody needed it yet */
};

void accepted_file_release(struct accepted_file *file);
/* Empty, with a copy of `scope`; NULL when memory is exhausted. */
struct snapshot *snapshot_new(const struct scope *scope);
/* A deep copy that shares the files' names and resources. NULL when memory is exhausted. */
struct snapshot *snapshot_copy(const struct snapshot *snapshot);
/* The same without its files, which are to be found anew. */
struct snapshot *snapshot_successor(const struct snapshot *snapshot);
struct snapshot *snapshot_free(struct snapshot *snapshot); /* accepts NULL, returns NULL */
/* Everything that a file of it holds is equal, `scanned_usec` aside. */
bool snapshot_equal(const struct snapshot *a, const struct snapshot *b);
/* The prefix, namespace and directory agree, and the cluster id where both have one. */
bool scope_equal(const struct scope *a, const struct scope *b);
/* NULL if there is none. */
const struct accepted_file *snapshot_file(const struct snapshot *snapshot, const char *name);
/* The latest request to delete this topic that counts still; NULL. */
const struct sent *snapshot_sent(const struct snapshot *snapshot, const char *topic);

struct contents {
    ARRAY(struct resources *) list; /* not referenced */
};

/* The contents of files that only one of two snapshots has. What they share need not be looked at. */
struct changes {
    struct contents gone, come;
};

/* `before` may be NULL: empty. Returns 0 or -ENOMEM; in any case changes_free() frees it. */
int snapshot_changes(const struct snapshot *before, const struct snapshot *after, struct changes *ret);
void changes_free(struct changes *changes);

/* Appends "Model/NS/NAME". */
void owner_format(enum resource_kind kind, const char *namespace, const char *name, struct buffer *out);
