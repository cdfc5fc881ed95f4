#include "base/file.h"
#include "daemon/daemon.h"
#include "kafka/version.h"

#include <string.h>

void daemon_measure(struct daemon *daemon, enum operation operation, const struct topic_result *result,
                    struct topic *topic, uint64_t now_usec) {
    metrics_count(&daemon->metrics, operation, result);
    bool there =
        result->outcome == OUTCOME_EXISTS || (operation == OPERATION_CREATE && result->outcome == OUTCOME_DONE);
    if (!topic || topic->wanted_usec == 0 || !there)
        return;
    metrics_observe(&daemon->metrics, now_usec - topic->wanted_usec);
    topic->wanted_usec = 0;
}

void daemon_publish_metrics(struct daemon *daemon, const struct status_report *status) {
    const struct metrics_report report = {
        .status = status,
        .metrics = &daemon->metrics,
        .version = daemon->options.version,
        .library_version = kafka_library_version(),
        .started_usec = daemon->started.wall_usec,
        .reconciled_usec = daemon->reconciled_usec,
        .resync_usec = daemon->resync_usec,
    };
    struct buffer text = {0};
    metrics_format(&report, &text);
    bool same = daemon->metrics_text && !text.failed && strcmp(daemon->metrics_text, text.data) == 0;
    if (text.failed ||
        (!same && file_replace(daemon->options.runtime, "topicd.prom", text.data, text.length, 0644, 0) < 0)) {
        daemon->failed = true; /* tried again in a while */
    } else if (!same) {
        free(daemon->metrics_text);
        daemon->metrics_text = text.data;
        text = (struct buffer){0};
    }
    buffer_free(&text);
}
