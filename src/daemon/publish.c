#include "base/file.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "report/status_json.h"
#include "report/summary.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* While Kafka is at work the status is not written more often: with thousands of deletions in it, that takes longer
 * than a request. */
#define PACE_USEC (100 * USEC_PER_MSEC)

/* How much longer a start may take, as of now: systemd is told again at every turn and at least this often (N1). */
#define EXTEND_USEC (60 * USEC_PER_SEC)

static void note_progress(struct daemon *daemon, struct moment now) {
    bool reached = daemon->link.reachable && !daemon->contact;
    bool caught_up = reached && daemon->scan->complete && !daemon->save_error && plan_settled(daemon->now.plan);
    if (caught_up)
        daemon->observed_generation = daemon->now.snapshot->generation;
    if (caught_up && daemon->scan_is_last_word)
        daemon->reconciled_usec = now.wall_usec;
    if (!daemon->ready && caught_up) {
        daemon->ready = true;
        daemon->published_usec = 0;
        sd_notify(0, "READY=1");
        char refused[48] = "";
        if (daemon->now.plan->n_refused > 0)
            snprintf(refused, sizeof refused, ", %zu of them refused,", daemon->now.plan->n_refused);
        journal_event(EVENT_READY, NULL, "ready: %zu topic%s%s for %zu Model%s and %zu Pipeline%s",
                      daemon->now.plan->n_topics, daemon->now.plan->n_topics == 1 ? "" : "s", refused,
                      daemon->now.catalog->n_models, daemon->now.catalog->n_models == 1 ? "" : "s",
                      daemon->now.catalog->n_pipelines, daemon->now.catalog->n_pipelines == 1 ? "" : "s");
    }
    if (!daemon->ready)
        sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%llu", (unsigned long long)EXTEND_USEC);
}

static void write_line(struct daemon *daemon, const struct buffer *line) {
    if (daemon->status_line && strcmp(daemon->status_line, line->data) == 0)
        return;
    sd_notifyf(0, "STATUS=%s", line->data);
    free(daemon->status_line);
    daemon->status_line = strdup(line->data);
}

static struct status_report report_of(const struct daemon *daemon, struct moment now) {
    struct status_report report = {
        .pid = getpid(),
        .phase = daemon->stopping ? STATUS_STOPPING
                 : daemon->ready  ? STATUS_RUNNING
                                  : STATUS_STARTING,
        .now = now,
        .snapshot = daemon->now.snapshot,
        .catalog = daemon->now.catalog,
        .deletions = daemon->now.deletions,
        .plan = daemon->now.plan,
        .ledger = &daemon->ledger,
        .observed_generation = daemon->observed_generation,
        .kafka = {.reachable = daemon->link.reachable,
                  .cluster_id = daemon->now.snapshot->scope.cluster_id,
                  .error = daemon->link.error},
        .scan = {.complete = daemon->scan_is_last_word,
                 .error = daemon->scan_error,
                 .started_usec = daemon->look_started.wall_usec},
        .note = daemon->polling,
    };
    return report;
}

/* Nobody waits for it, and there will be news soon. */
static bool can_wait(const struct daemon *daemon, struct moment now) {
    return link_in_flight(&daemon->link) > 0 && daemon->requests.list.count == 0 && !daemon->reloading &&
           !daemon->stopping && daemon->published_usec > 0 && now.monotonic_usec < daemon->published_usec + PACE_USEC;
}

uint64_t daemon_publish_usec(const struct daemon *daemon) {
    return daemon->stale ? daemon->published_usec + PACE_USEC : USEC_NEVER;
}

static void publish(struct daemon *daemon, struct moment now) {
    struct buffer save = {0}, config = {0}, json = {0}, line = {0};
    const char *troubles[2];
    struct status_report report = report_of(daemon, now);
    report.troubles = troubles;
    if (daemon->save_error) {
        buffer_printf(&save, "the snapshot cannot be saved in %s: %s", daemon->options.state, daemon->save_error);
        troubles[report.n_troubles++] = save.data;
    }
    if (daemon->config_error) {
        buffer_printf(&config, "the configuration could not be read anew: %s", daemon->config_error);
        troubles[report.n_troubles++] = config.data;
    }
    daemon_publish_metrics(daemon, &report);
    summary_format(&report, &line);
    bool whole =
        !save.failed && !config.failed && status_json_format(&report, &json) == 0 && !json.failed && !line.failed;
    if (whole)
        write_line(daemon, &line);
    /* What could not be said is said in a while, whether or not there is anything else to do by then. */
    if (!whole || file_replace(daemon->options.runtime, "status.json", json.data, json.length, 0644, 0) < 0)
        daemon->failed = true;
    buffer_free(&save);
    buffer_free(&config);
    buffer_free(&json);
    buffer_free(&line);
}

void daemon_publish(struct daemon *daemon, struct moment now) {
    note_progress(daemon, now);
    daemon->stale = can_wait(daemon, now);
    if (daemon->stale)
        return;
    publish(daemon, now);
    daemon->published_usec = now.monotonic_usec;
    if (daemon->reloading)
        sd_notify(0, "READY=1");
    daemon->reloading = false;
}

int daemon_once_result(const struct daemon *daemon) {
    const struct plan *plan = daemon->now.plan;
    if (!daemon->ready || link_in_flight(&daemon->link) > 0 ||
        daemon->now.snapshot->generation != daemon->observed_generation)
        return -1;
    bool failed = plan->n_refused > 0, held = daemon->now.catalog->rejected.count > 0;
    for (size_t i = 0; i < plan->deletions.count; i++) {
        const struct planned_deletion *deletion = &plan->deletions.items[i];
        const struct topic *topic = ledger_find(&daemon->ledger, deletion->topic);
        if (deletion->state == DELETION_RETRYING && topic && topic->error_refused)
            failed = true;
        else if (deletion->state == DELETION_GRACE_PERIOD || deletion->state == DELETION_SENDING ||
                 deletion->state == DELETION_RETRYING)
            return -1;
        else
            held = true;
    }
    return failed ? 1 : held ? 3 : 0;
}
