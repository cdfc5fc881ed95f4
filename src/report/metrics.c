#include "report/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static const struct {
    uint64_t usec;
    const char *text;
} BOUNDS[] = {
    {5000, "0.005"},  {10000, "0.01"},  {25000, "0.025"}, {50000, "0.05"},    {100000, "0.1"},
    {250000, "0.25"}, {500000, "0.5"},  {1000000, "1"},   {2500000, "2.5"},   {5000000, "5"},
    {10000000, "10"}, {30000000, "30"}, {60000000, "60"}, {300000000, "300"},
};
static_assert(sizeof BOUNDS / sizeof *BOUNDS == METRICS_BOUNDS, "every bucket has a bound");

static const char *const OPERATIONS[] = {
    [OPERATION_NONE] = NULL, [OPERATION_CREATE] = "create", [OPERATION_DELETE] = "delete", [OPERATION_ASK] = "ask"};
enum { OPERATIONS_MAX = sizeof OPERATIONS / sizeof *OPERATIONS };

static const char *const OUTCOMES[] = {
    [OUTCOME_DONE] = "done",       [OUTCOME_EXISTS] = "exists",   [OUTCOME_MISSING] = "missing",
    [OUTCOME_REFUSED] = "refused", [OUTCOME_UNKNOWN] = "unknown", [OUTCOME_NOT_SENT] = "not-sent"};
enum { OUTCOMES_MAX = sizeof OUTCOMES / sizeof *OUTCOMES };

/* ---- counting ---- */

static struct metrics_error *find_error(struct metrics *metrics, enum operation operation, const char *code) {
    for (size_t i = 0; i < metrics->n_errors; i++)
        if (metrics->errors[i].operation == operation && strcmp(metrics->errors[i].code, code) == 0)
            return &metrics->errors[i];
    size_t size = strlen(code) + 1;
    if (metrics->n_errors == METRICS_ERRORS_MAX || size > METRICS_CODE_MAX)
        return NULL;
    struct metrics_error *error = &metrics->errors[metrics->n_errors++];
    error->operation = operation;
    memcpy(error->code, code, size);
    return error;
}

void metrics_count(struct metrics *metrics, enum operation operation, const struct topic_result *result) {
    metrics->results[operation][result->outcome]++;
    if (result->outcome != OUTCOME_REFUSED && result->outcome != OUTCOME_UNKNOWN && result->outcome != OUTCOME_NOT_SENT)
        return;
    struct metrics_error *error = find_error(metrics, operation, result->code ? result->code : "unnamed");
    if (error)
        error->count++;
    else
        metrics->other_errors[operation]++;
}

void metrics_observe(struct metrics *metrics, uint64_t latency_usec) {
    size_t bucket = 0;
    while (bucket < METRICS_BOUNDS && latency_usec > BOUNDS[bucket].usec)
        bucket++;
    metrics->latencies[bucket]++;
    metrics->latency_sum_usec += latency_usec;
}

/* ---- the text ---- */

static void head(struct buffer *out, const char *name, const char *type, const char *help) {
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The value of a label. */
static void escaped(const char *text, struct buffer *out) {
    for (; *text; text++) {
        if (*text == '\n')
            buffer_puts(out, "\\n");
        else if (*text == '"' || *text == '\\')
            buffer_printf(out, "\\%c", *text);
        else
            buffer_append(out, text, 1);
    }
}

static void gauge(struct buffer *out, const char *name, const char *help, uint64_t value) {
    head(out, name, "gauge", help);
    buffer_printf(out, "%s %" PRIu64 "\n", name, value);
}

static void seconds(struct buffer *out, uint64_t usec) {
    buffer_printf(out, "%" PRIu64 ".%06" PRIu64 "\n", usec / USEC_PER_SEC, usec % USEC_PER_SEC);
}

static void timestamp(struct buffer *out, const char *name, const char *help, uint64_t usec) {
    head(out, name, "gauge", help);
    buffer_printf(out, "%s ", name);
    seconds(out, usec);
}

static void format_process(const struct metrics_report *report, struct buffer *out) {
    head(out, "topicd_build_info", "gauge", "Always 1; what runs stands in the labels.");
    buffer_puts(out, "topicd_build_info{version=\"");
    escaped(report->version, out);
    buffer_puts(out, "\",librdkafka=\"");
    escaped(report->library_version, out);
    buffer_puts(out, "\"} 1\n");
    timestamp(out, "topicd_start_time_seconds", "When the daemon started, in seconds since 1970.",
              report->started_usec);
    timestamp(out, "topicd_last_reconciliation_timestamp_seconds",
              "When the directory was last read and every topic that it wants was known to exist or to be refused, in "
              "seconds since 1970; 0 if never.",
              report->reconciled_usec);
    gauge(out, "topicd_resync_period_seconds", "resyncPeriodSeconds: how often everything is looked at anew.",
          report->resync_usec / USEC_PER_SEC);
}

static void format_state(const struct status_report *status, struct buffer *out) {
    gauge(out, "topicd_in_sync", "1 if Kafka has what the manifests say and nothing needs anybody.",
          status_in_sync(status));
    gauge(out, "topicd_problems", "Things that need somebody, as topicd status lists them.", status_problems(status));
    gauge(out, "topicd_kafka_reachable", "1 if the last word from Kafka was an answer.", status->kafka.reachable);
    gauge(out, "topicd_scan_complete", "1 if the manifests directory could be read at the last try.",
          status->scan.complete);
}

static void format_manifests(const struct catalog *catalog, struct buffer *out) {
    gauge(out, "topicd_files", "Manifest files in the directory.", catalog ? catalog->n_files : 0);
    gauge(out, "topicd_rejected_files", "Manifest files that cannot be accepted as they are.",
          catalog ? catalog->rejected.count : 0);
    head(out, "topicd_resources", "gauge", "Accepted resources by kind.");
    buffer_printf(out, "topicd_resources{kind=\"Model\"} %zu\n", catalog ? catalog->n_models : 0);
    buffer_printf(out, "topicd_resources{kind=\"Pipeline\"} %zu\n", catalog ? catalog->n_pipelines : 0);
}

static void format_topics(const struct plan *plan, struct buffer *out) {
    gauge(out, "topicd_desired_topics", "Topics that accepted manifests want.", plan ? plan->n_topics : 0);
    gauge(out, "topicd_ready_topics", "Topics of those that are known to exist.", plan ? plan->n_present : 0);
    gauge(out, "topicd_failed_topics", "Topics of those of which the broker refused a request.",
          plan ? plan->failed.count : 0);
    head(out, "topicd_owed_deletions", "gauge", "Topics whose deletion was asked for and is not done, by state.");
    for (enum deletion_state state = 0; state < DELETION_STATE_MAX_; state++) {
        size_t count = 0;
        for (size_t k = 0; plan && k < plan->deletions.count; k++)
            count += plan->deletions.items[k].state == state;
        buffer_printf(out, "topicd_owed_deletions{state=\"%s\"} %zu\n", deletion_state_name(state), count);
    }
}

static void format_results(const struct metrics *metrics, struct buffer *out) {
    head(
        out, "topicd_topic_requests_total", "counter",
        "What became of requests, counted by topic. A request to ask has the result done if the topic does not exist.");
    for (size_t operation = OPERATION_CREATE; operation < OPERATIONS_MAX; operation++)
        for (size_t outcome = 0; outcome < OUTCOMES_MAX; outcome++)
            buffer_printf(out, "topicd_topic_requests_total{operation=\"%s\",result=\"%s\"} %" PRIu64 "\n",
                          OPERATIONS[operation], OUTCOMES[outcome], metrics->results[operation][outcome]);
}

static void format_error(const char *operation, const char *code, uint64_t count, struct buffer *out) {
    buffer_printf(out, "topicd_topic_errors_total{operation=\"%s\",code=\"", operation);
    escaped(code, out);
    buffer_printf(out, "\"} %" PRIu64 "\n", count);
}

static void format_errors(const struct metrics *metrics, struct buffer *out) {
    head(out, "topicd_topic_errors_total", "counter",
         "Requests that failed, counted by topic, by Kafka's name of the error; one that begins with _ is the client's "
         "own.");
    for (size_t operation = OPERATION_CREATE; operation < OPERATIONS_MAX; operation++) {
        for (size_t i = 0; i < metrics->n_errors; i++)
            if (metrics->errors[i].operation == operation)
                format_error(OPERATIONS[operation], metrics->errors[i].code, metrics->errors[i].count, out);
        format_error(OPERATIONS[operation], "other", metrics->other_errors[operation], out);
    }
}

static void format_latency(const struct metrics *metrics, struct buffer *out) {
    static const char name[] = "topicd_change_to_topic_seconds";
    uint64_t count = 0;
    head(out, name, "histogram",
         "From the change of a manifest to the controller's word that a topic it wants exists.");
    for (size_t i = 0; i < METRICS_BOUNDS; i++) {
        count += metrics->latencies[i];
        buffer_printf(out, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, BOUNDS[i].text, count);
    }
    count += metrics->latencies[METRICS_BOUNDS];
    buffer_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, count, name);
    seconds(out, metrics->latency_sum_usec);
    buffer_printf(out, "%s_count %" PRIu64 "\n", name, count);
}

void metrics_format(const struct metrics_report *report, struct buffer *out) {
    format_process(report, out);
    format_state(report->status, out);
    format_manifests(report->status->catalog, out);
    format_topics(report->status->plan, out);
    format_results(report->metrics, out);
    format_errors(report->metrics, out);
    format_latency(report->metrics, out);
}
