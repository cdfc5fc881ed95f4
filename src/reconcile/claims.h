/* M7: one resource claimed by two files. Claims are judged together over the whole directory. Private to catalog.c.
 *
 * May use: base, seldon's resource, snapshot.h, scan.h. */
#pragma once

#include "reconcile/scan.h"
#include "reconcile/snapshot.h"

/* One file of the scan on its way to being accepted. */
struct candidate {
    const struct scan_file *file;
    const struct accepted_file *before; /* its last good version, or NULL */
    bool settled;                       /* claims what it held, and nobody else claims any of it */
    bool rejected;                      /* what it claims is its last good version, or nothing */
    /* If it was rejected for a claim: the resource, and the file that has it. */
    const struct resource *lost;
    struct candidate *winner;
};

/* What the candidate claims now; NULL if nothing. */
struct resources *candidate_claim(const struct candidate *candidate);

/* Rejects candidates that are not settled, all sorted by file name, until no two claim the same resource: the file that
 * held it keeps it, else the first by byte order. Nobody is rejected for a resource that in the end no other one has.
 * Returns 0 or -ENOMEM. */
int claims_settle(struct candidate *candidates, size_t count);
