/* From the last snapshot and a scan to the next accepted set: which version of each file counts (M6), who holds a
 * resource that two files claim (M7), and what is owed because a resource went (D1). Pure.
 *
 * May use: base, seldon's resource, snapshot.h, scan.h. */
#pragma once

#include "reconcile/scan.h"
#include "reconcile/snapshot.h"

struct rejected_file {
    const char *name;
    const struct diagnostic *errors; /* why; at least one */
    size_t n_errors;
    bool has_last_good;  /* its last good version stays accepted; without one, deletions are blocked (D4). A version
                          * without resources is none: every file that is written slowly begins so */
    uint64_t since_usec; /* wall: first scan of this run of rejections */
};

/* What became of the scan's files. Refers to the scan, which must outlive it. */
struct catalog {
    struct arena arena;
    ARRAY(struct rejected_file) rejected; /* sorted by name */
    size_t n_files;                       /* names that count, rejected ones included */
    size_t n_models, n_pipelines;         /* accepted */
    bool changed;                         /* the accepted set is not the last one: generation went up */
};

/* Makes the next snapshot from the last one and a scan. An incomplete scan changes nothing, unless it is an extended
 * one, by which nothing can be gone. `previous` (or NULL) gives the times since which files are rejected. `old` says
 * that `last` was over 24 h old when this process loaded it and no complete scan has been judged since (D6(d)). Returns
 * 0 or -ENOMEM. */
int catalog_judge(const struct snapshot *last, const struct scan *scan, const struct catalog *previous, bool old,
                  struct snapshot **ret_next, struct catalog **ret);
/* The rejected file of this name, or NULL. */
const struct rejected_file *catalog_rejected(const struct catalog *catalog, const char *name);
struct catalog *catalog_free(struct catalog *catalog); /* accepts NULL, returns NULL */
