#include "report/status.h"

#include <assert.h>

const char *status_phase_name(enum status_phase phase) {
    static const char *const names[] = {
        [STATUS_STARTING] = "starting", [STATUS_RUNNING] = "running", [STATUS_STOPPING] = "stopping"};
    static_assert(sizeof names / sizeof *names == STATUS_PHASE_MAX_, "every phase has a name");
    return names[phase];
}

size_t status_problems(const struct status_report *report) {
    size_t count = report->n_troubles + (report->kafka.error && !report->kafka.reachable) +
                   (report->scan.error && !report->scan.complete);
    if (report->catalog)
        count += report->catalog->rejected.count;
    if (!report->plan)
        return count;
    count += report->plan->failed.count;
    bool awaits = false;
    for (size_t i = 0; i < report->plan->deletions.count; i++) {
        enum deletion_state state = report->plan->deletions.items[i].state;
        count += state == DELETION_BLOCKED || state == DELETION_RETRYING;
        awaits = awaits || state == DELETION_AWAITING_APPROVAL;
    }
    return count + awaits;
}

bool status_in_sync(const struct status_report *report) {
    return report->catalog && report->plan && report->kafka.reachable && report->scan.complete &&
           report->observed_generation == report->snapshot->generation &&
           report->plan->n_present == report->plan->n_topics && status_problems(report) == 0;
}

uint64_t status_wall(const struct moment *now, uint64_t monotonic_usec) {
    if (monotonic_usec == USEC_NEVER)
        return USEC_NEVER;
    if (monotonic_usec >= now->monotonic_usec)
        return now->wall_usec + (monotonic_usec - now->monotonic_usec);
    uint64_t ago = now->monotonic_usec - monotonic_usec;
    return ago < now->wall_usec ? now->wall_usec - ago : 0;
}

uint64_t status_retry(const struct moment *now, uint64_t retry_usec) {
    return retry_usec <= now->monotonic_usec ? now->wall_usec : status_wall(now, retry_usec);
}
