/* topicd.prom: what is counted, and the text. promtool judges a real one in tests/monitoring/. */
#include "report/metrics.h"

#include "unit/support/turn.h"

#include <stdio.h>
#include <string.h>

static char *text_of(const struct turn *turn, const struct metrics *metrics) {
    struct metrics_report report = {.status = &turn->report,
                                    .metrics = metrics,
                                    .version = "1.0\"\\\n",
                                    .library_version = "2.0.2",
                                    .started_usec = 1700000000000001,
                                    .reconciled_usec = 1700000001500000,
                                    .resync_usec = 300 * USEC_PER_SEC};
    struct buffer out = {0};
    metrics_format(&report, &out);
    assert_false(out.failed);
    return out.data;
}

/* The text has this line. */
static void expect_line(const char *text, const char *line) {
    size_t length = strlen(line);
    for (const char *p = text; (p = strstr(p, line)); p += length)
        if ((p == text || p[-1] == '\n') && p[length] == '\n')
            return;
    fail_msg("there is no line \"%s\" in:\n%s", line, text);
}

static void expect_lines(const struct turn *turn, const struct metrics *metrics, const char *const *lines) {
    char *text = text_of(turn, metrics);
    for (; *lines; lines++)
        expect_line(text, *lines);
    free(text);
}

static void C_metrics_tell_the_state(void **state) {
    (void)state;
    struct turn turn;
    struct metrics metrics = {0};
    turn_begin(&turn);
    reject(&turn, "a.yaml");
    fail_topic(&turn, "t");
    delete_iris(&turn, DELETION_AWAITING_APPROVAL, "", USEC_NEVER);
    delete_iris(&turn, DELETION_IN_USE, "", USEC_NEVER);
    expect_lines(&turn, &metrics,
                 (const char *const[]){
                     "topicd_build_info{version=\"1.0\\\"\\\\\\n\",librdkafka=\"2.0.2\"} 1",
                     "topicd_start_time_seconds 1700000000.000001",
                     "topicd_last_reconciliation_timestamp_seconds 1700000001.500000",
                     "topicd_resync_period_seconds 300",
                     "topicd_in_sync 0",
                     "topicd_problems 3",
                     "topicd_kafka_reachable 1",
                     "topicd_scan_complete 1",
                     "topicd_rejected_files 1",
                     "topicd_desired_topics 12",
                     "topicd_failed_topics 1",
                     "topicd_owed_deletions{state=\"awaiting-approval\"} 2",
                     "topicd_owed_deletions{state=\"in-use\"} 2",
                     "topicd_owed_deletions{state=\"blocked\"} 0",
                     NULL,
                 });
    turn_end(&turn);
}

static void C_metrics_before_the_first_look_are_whole(void **state) {
    (void)state;
    struct turn turn;
    struct metrics metrics = {0};
    turn_begin(&turn);
    turn.report.catalog = NULL;
    turn.report.plan = NULL;
    turn.report.deletions = NULL;
    expect_lines(&turn, &metrics,
                 (const char *const[]){"topicd_files 0", "topicd_resources{kind=\"Pipeline\"} 0",
                                       "topicd_desired_topics 0", "topicd_owed_deletions{state=\"retrying\"} 0",
                                       "topicd_topic_requests_total{operation=\"ask\",result=\"not-sent\"} 0",
                                       "topicd_topic_errors_total{operation=\"delete\",code=\"other\"} 0",
                                       "topicd_change_to_topic_seconds_bucket{le=\"+Inf\"} 0",
                                       "topicd_change_to_topic_seconds_count 0", NULL});
    turn_end(&turn);
}

static void C_metrics_count_by_operation_and_error(void **state) {
    (void)state;
    struct turn turn;
    struct metrics metrics = {0};
    static const struct topic_result done = {.outcome = OUTCOME_DONE},
                                     refused = {.outcome = OUTCOME_REFUSED, .code = "TOPIC_AUTHORIZATION_FAILED"},
                                     silent = {.outcome = OUTCOME_UNKNOWN};
    turn_begin(&turn);
    metrics_count(&metrics, OPERATION_CREATE, &done);
    metrics_count(&metrics, OPERATION_CREATE, &done);
    metrics_count(&metrics, OPERATION_CREATE, &refused);
    metrics_count(&metrics, OPERATION_DELETE, &refused);
    metrics_count(&metrics, OPERATION_DELETE, &refused);
    metrics_count(&metrics, OPERATION_ASK, &silent);
    expect_lines(&turn, &metrics,
                 (const char *const[]){
                     "topicd_topic_requests_total{operation=\"create\",result=\"done\"} 2",
                     "topicd_topic_requests_total{operation=\"create\",result=\"refused\"} 1",
                     "topicd_topic_requests_total{operation=\"delete\",result=\"refused\"} 2",
                     "topicd_topic_requests_total{operation=\"ask\",result=\"unknown\"} 1",
                     "topicd_topic_errors_total{operation=\"create\",code=\"TOPIC_AUTHORIZATION_FAILED\"} 1",
                     "topicd_topic_errors_total{operation=\"delete\",code=\"TOPIC_AUTHORIZATION_FAILED\"} 2",
                     "topicd_topic_errors_total{operation=\"ask\",code=\"unnamed\"} 1",
                     "topicd_topic_errors_total{operation=\"create\",code=\"other\"} 0",
                     NULL,
                 });
    turn_end(&turn);
}

static void C_metrics_have_a_bounded_number_of_series(void **state) {
    (void)state;
    struct turn turn;
    struct metrics metrics = {0};
    char code[100];
    turn_begin(&turn);
    for (int i = 0; i < 100; i++) {
        snprintf(code, sizeof code, "CODE_%d", i);
        metrics_count(&metrics, OPERATION_CREATE, &(struct topic_result){.outcome = OUTCOME_REFUSED, .code = code});
    }
    memset(code, 'x', sizeof code - 1);
    code[sizeof code - 1] = '\0';
    metrics_count(&metrics, OPERATION_DELETE, &(struct topic_result){.outcome = OUTCOME_REFUSED, .code = code});
    assert_int_equal(metrics.n_errors, METRICS_ERRORS_MAX);
    expect_lines(&turn, &metrics,
                 (const char *const[]){"topicd_topic_errors_total{operation=\"create\",code=\"CODE_31\"} 1",
                                       "topicd_topic_errors_total{operation=\"create\",code=\"other\"} 68",
                                       "topicd_topic_errors_total{operation=\"delete\",code=\"other\"} 1", NULL});
    turn_end(&turn);
}

static void C_metrics_sort_latencies_into_buckets(void **state) {
    (void)state;
    struct turn turn;
    struct metrics metrics = {0};
    turn_begin(&turn);
    metrics_observe(&metrics, 0);
    metrics_observe(&metrics, 5000);
    metrics_observe(&metrics, 5001);
    metrics_observe(&metrics, 300 * USEC_PER_SEC + 1);
    expect_lines(&turn, &metrics,
                 (const char *const[]){"topicd_change_to_topic_seconds_bucket{le=\"0.005\"} 2",
                                       "topicd_change_to_topic_seconds_bucket{le=\"0.01\"} 3",
                                       "topicd_change_to_topic_seconds_bucket{le=\"300\"} 3",
                                       "topicd_change_to_topic_seconds_bucket{le=\"+Inf\"} 4",
                                       "topicd_change_to_topic_seconds_sum 300.010002",
                                       "topicd_change_to_topic_seconds_count 4", NULL});
    turn_end(&turn);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_metrics_tell_the_state),
        cmocka_unit_test(C_metrics_before_the_first_look_are_whole),
        cmocka_unit_test(C_metrics_count_by_operation_and_error),
        cmocka_unit_test(C_metrics_have_a_bounded_number_of_series),
        cmocka_unit_test(C_metrics_sort_latencies_into_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
