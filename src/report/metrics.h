/* topicd.prom: what the daemon counts, and the text that Prometheus reads (for node_exporter's textfile collector).
 * Pure.
 *
 * May use: base, reconcile. */
#pragma once

#include "base/topic.h"
#include "report/status.h"

/* So many kinds of errors (operation and code) have a series of their own; what else comes is "other". */
#define METRICS_ERRORS_MAX 32
#define METRICS_CODE_MAX 48
/* Bounds of the histogram; one more bucket has what is above them. */
#define METRICS_BOUNDS 14

struct metrics_error {
    enum operation operation;
    char code[METRICS_CODE_MAX];
    uint64_t count;
};

/* Counted since the process started. A zeroed struct is the beginning. */
struct metrics {
    uint64_t results[OPERATION_ASK + 1][OUTCOME_NOT_SENT + 1];
    struct metrics_error errors[METRICS_ERRORS_MAX];
    size_t n_errors;
    uint64_t other_errors[OPERATION_ASK + 1];
    uint64_t latencies[METRICS_BOUNDS + 1]; /* not cumulative */
    uint64_t latency_sum_usec;
};

void metrics_count(struct metrics *metrics, enum operation operation, const struct topic_result *result);
/* From the change of a manifest to the controller's word that a topic it wants exists. */
void metrics_observe(struct metrics *metrics, uint64_t latency_usec);

struct metrics_report {
    const struct status_report *status; /* its time is not looked at */
    const struct metrics *metrics;
    const char *version, *library_version; /* topicd's and librdkafka's */
    uint64_t started_usec;                 /* wall */
    /* Wall: when the directory was last read, and every topic that it wants was known to exist or to be refused; 0:
     * never. */
    uint64_t reconciled_usec;
    uint64_t resync_usec; /* resyncPeriodSeconds: at most so much later it should be reconciled again */
};

/* Appends the text; a failure is the buffer's. */
void metrics_format(const struct metrics_report *report, struct buffer *out);
