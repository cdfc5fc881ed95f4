#include "report/status_json.h"

#include "reconcile/owed.h"
#include "report/json.h"
#include "report/summary.h"

static json_t *kafka(const struct status_report *report) {
    return json_pack("{s:b, s:o, s:o}", "reachable", report->kafka.reachable, "clusterId",
                     json_text(report->kafka.cluster_id), "error", json_text(report->kafka.error));
}

static json_t *scan(const struct status_report *report) {
    return json_pack("{s:b, s:o, s:o}", "complete", report->scan.complete, "error", json_text(report->scan.error),
                     "started", json_time(report->scan.started_usec));
}

static json_t *counts(const struct status_report *report) {
    const struct catalog *catalog = report->catalog;
    const struct plan *plan = report->plan;
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "files", (json_int_t)(catalog ? catalog->n_files : 0), "rejectedFiles",
        (json_int_t)(catalog ? catalog->rejected.count : 0), "models", (json_int_t)(catalog ? catalog->n_models : 0),
        "pipelines", (json_int_t)(catalog ? catalog->n_pipelines : 0), "topics",
        (json_int_t)(plan ? plan->n_topics : 0), "failedTopics", (json_int_t)(plan ? plan->failed.count : 0),
        "owedDeletions", (json_int_t)(plan ? plan->deletions.count : 0));
}

static json_t *failed_topics(const struct status_report *report) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && report->plan && i < report->plan->failed.count; i++) {
        const struct failed_topic *failed = &report->plan->failed.items[i];
        r = json_push(array,
                      json_pack("{s:o, s:o, s:o}", "topic", json_text(failed->topic), "error", json_text(failed->error),
                                "retryAt", json_time(status_retry(&report->now, failed->retry_usec))));
    }
    return json_checked(array, r);
}

static json_t *deletion(const struct status_report *report, const struct planned_deletion *planned,
                        const char *revocable_id) {
    bool awaits = planned->state == DELETION_AWAITING_APPROVAL && report->deletions && report->deletions->id[0];
    const struct owed *owed = planned->owed;
    bool revocable = owed_is_revocable(report->snapshot, report->ledger, owed);
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "topic", json_text(planned->topic), "owner",
                     json_owner(owed->kind, owed->namespace, owed->name), "state", deletion_state_name(planned->state),
                     "reason", json_text(planned->reason), "alsoReason", json_text(planned->also), "id",
                     json_text(awaits ? report->deletions->id : NULL), "approvedId",
                     json_text(revocable ? revocable_id : NULL), "due",
                     json_time(status_wall(&report->now, planned->due_usec)));
}

static json_t *deletions(const struct status_report *report) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    char revocable_id[17];
    owed_revocable_id(report->snapshot, report->ledger, revocable_id);
    for (size_t i = 0; r == 0 && report->plan && i < report->plan->deletions.count; i++)
        r = json_push(array, deletion(report, &report->plan->deletions.items[i], revocable_id));
    return json_checked(array, r);
}

static json_t *summary(const struct status_report *report) {
    struct buffer text = {0};
    summary_format(report, &text);
    json_t *value = text.failed ? NULL : json_text(text.data ? text.data : "");
    buffer_free(&text);
    return value;
}

int status_json_format(const struct status_report *report, struct buffer *out) {
    json_t *document =
        json_pack("{s:i, s:i, s:s, s:b, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "version", 1, "pid",
                  report->pid, "phase", status_phase_name(report->phase), "inSync", status_in_sync(report), "problems",
                  (json_int_t)status_problems(report), "summary", summary(report), "updated",
                  json_time(report->now.wall_usec), "generation", (json_int_t)report->snapshot->generation,
                  "observedGeneration", (json_int_t)report->observed_generation, "kafka", kafka(report), "scan",
                  scan(report), "counts", counts(report), "rejectedFiles", json_rejected_files(report->catalog),
                  "failedTopics", failed_topics(report), "deletions", deletions(report));
    return json_finish(document, out);
}
