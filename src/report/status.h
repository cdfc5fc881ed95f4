/* What the daemon knows of itself after a turn, as one value: the source of status.json, the STATUS= line and the
 * exit code of `status`. The daemon fills it with what it has at hand; everything else is derived here. Pure.
 *
 * May use: base, reconcile. */
#pragma once

#include "base/clock.h"
#include "reconcile/catalog.h"
#include "reconcile/deletions.h"
#include "reconcile/plan.h"
#include "reconcile/snapshot.h"

enum status_phase {
    STATUS_STARTING, /* before the first READY (N1) */
    STATUS_RUNNING,
    STATUS_STOPPING,
    STATUS_PHASE_MAX_,
};
/* "starting", "running", "stopping" */
const char *status_phase_name(enum status_phase phase);

/* Refers to what the turn was made of, and owns nothing. */
struct status_report {
    int pid;
    enum status_phase phase;
    struct moment now;                 /* "updated"; also what turns monotonic times into wall times */
    const struct snapshot *snapshot;   /* never NULL: the accepted set, its generation */
    const struct catalog *catalog;     /* of the last complete scan; NULL before the first */
    const struct deletions *deletions; /* NULL before the first; its id stands by the deletions that await approval */
    const struct plan *plan;           /* NULL before the first */
    const struct ledger *ledger;       /* what may have been sent; NULL: nothing */
    /* The generation whose topics all exist or have their own reported error, and that is in the snapshot on disk. */
    uint64_t observed_generation;
    struct {
        bool reachable;
        const char *cluster_id; /* NULL as long as the broker has not said */
        const char *error;      /* the connection's problem, or NULL */
    } kafka;
    struct {
        bool complete;         /* of the latest scan, complete or not; false before the first */
        const char *error;     /* why it is not; NULL */
        uint64_t started_usec; /* wall; 0 before the first */
    } scan;
    /* What else is wrong, a sentence each: the snapshot cannot be written, topicd.yaml is bad since the last reload.
     * Each counts as a problem and stands in the summary. */
    const char *const *troubles;
    size_t n_troubles;
    /* Why the directory is looked at every 5 s instead of when it changes (L1), or NULL. No problem, but worth saying.
     */
    const char *note;
};

/* How many things need somebody: rejected files, topics that the broker refused, deletions (a topic each) that are
 * blocked or are retried, and one each for the set that awaits approval, which one answer answers, for a Kafka and a
 * directory that cannot be reached for a known reason, and for a trouble. What only takes time (a first answer, a
 * creation, a grace period) or is as it should be (in use) is none. */
size_t status_problems(const struct status_report *report);
/* Section 7: the observed generation has caught up, all topics exist, nothing is rejected, failed or awaiting approval,
 * or is another problem, and what one knows is of now: Kafka answers, and the latest scan was complete. */
bool status_in_sync(const struct status_report *report);

/* A monotonic time as wall time; USEC_NEVER stays what it is. */
uint64_t status_wall(const struct moment *now, uint64_t monotonic_usec);
/* When a topic is tried again, as wall time: a time that has come is now. */
uint64_t status_retry(const struct moment *now, uint64_t retry_usec);
