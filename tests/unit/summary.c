/* The STATUS= line. */
#include "report/summary.h"

#include "unit/support/turn.h"

static void expect_summary(const struct turn *turn, const char *expected) {
    struct buffer line = {0};
    summary_format(&turn->report, &line);
    assert_string_equal(line.data, expected);
    buffer_free(&line);
}

static void N2_all_well(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    expect_summary(&turn, "4 manifests, 12 topics, all in sync");
    turn.report.note = "its file system does not report changes";
    expect_summary(&turn, "4 manifests, 12 topics, all in sync; looks every 5 s: its file system does not report "
                          "changes");
    turn.report.phase = STATUS_STOPPING;
    expect_summary(&turn, "stopping");
    turn_end(&turn);
}

static void N2_the_start_says_what_is_awaited(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    turn.report.phase = STATUS_STARTING;
    turn.report.observed_generation = 0;
    turn.plan.n_present = 0;
    turn.report.kafka.reachable = false;
    turn.report.kafka.error = "localhost:9092: Connection refused";
    expect_summary(&turn, "4 manifests, 12 topics (12 missing); waiting for Kafka: localhost:9092: Connection refused");
    turn.report.kafka.reachable = true;
    turn.plan.n_present = 2;
    expect_summary(&turn, "4 manifests, 12 topics (10 missing); creating 10 topics");
    turn_end(&turn);
}

static void N2_the_first_names_are_spelled_out(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    reject(&turn, "a.yaml");
    reject(&turn, "b.yaml");
    reject(&turn, "c.yaml");
    expect_summary(&turn, "4 manifests, 12 topics; rejected a.yaml (line 3: unknown field \"storageURI\"), b.yaml, "
                          "c.yaml");
    for (int i = 0; i < 7; i++)
        reject(&turn, "d.yaml");
    fail_topic(&turn, "t1");
    fail_topic(&turn, "t2");
    fail_topic(&turn, "t3");
    fail_topic(&turn, "t4");
    expect_summary(&turn, "4 manifests, 12 topics (4 missing); rejected a.yaml (line 3: unknown field \"storageURI\"), "
                          "b.yaml, c.yaml and 7 more; Kafka refuses t1 (TOPIC_AUTHORIZATION_FAILED: not allowed), t2, "
                          "t3 and 1 more; tries again at 10:22:00 UTC");
    turn_end(&turn);
}

static void N2_deletions_say_when_and_what_stops_them(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    delete_iris(&turn, DELETION_GRACE_PERIOD, "", NOW_USEC + 8 * USEC_PER_SEC);
    expect_summary(&turn, "4 manifests, 12 topics, all in sync; deletes 2 topics of Model/seldon-mesh/iris at 10:20:38 "
                          "UTC unless iris.yaml returns");
    delete (&turn, "t", &pipe_owed, DELETION_GRACE_PERIOD, "", NOW_USEC + 5 * USEC_PER_SEC);
    expect_summary(&turn, "4 manifests, 12 topics, all in sync; deletes 3 topics at 10:20:35 UTC unless their "
                          "manifests return");
    turn.plan.deletions.items[0].also = turn.plan.deletions.items[1].also = "will await approval: many";
    expect_summary(&turn,
                   "4 manifests, 12 topics, all in sync; deletes 1 topic of Pipeline/seldon-mesh/pipe at 10:20:35 "
                   "UTC unless p.yaml returns; 2 deletions of Model/seldon-mesh/iris will await approval at "
                   "10:20:38 UTC unless iris.yaml returns");
    turn_end(&turn);
}

static void N2_what_was_dropped_from_a_file_that_is_there_returns_to_it(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    char name[] = "iris.yaml";
    struct accepted_file there = {.name = name};
    assert_int_equal(array_push(&turn.snapshot.files, there), 0);
    delete_iris(&turn, DELETION_GRACE_PERIOD, "", NOW_USEC + 8 * USEC_PER_SEC);
    expect_summary(&turn, "4 manifests, 12 topics, all in sync; deletes 2 topics of Model/seldon-mesh/iris at 10:20:38 "
                          "UTC unless it returns to iris.yaml");
    struct owed rose = iris;
    rose.name = "rose";
    delete (&turn, "rose", &rose, DELETION_GRACE_PERIOD, "", NOW_USEC + 8 * USEC_PER_SEC);
    expect_summary(&turn, "4 manifests, 12 topics, all in sync; deletes 3 topics at 10:20:38 UTC unless their owners "
                          "return to iris.yaml");
    delete (&turn, "t", &pipe_owed, DELETION_GRACE_PERIOD, "", NOW_USEC + 8 * USEC_PER_SEC);
    expect_summary(&turn, "4 manifests, 12 topics, all in sync; deletes 4 topics at 10:20:38 UTC unless their owners "
                          "return");
    array_free(&turn.snapshot.files);
    /* One that is rejected, and of which no version counts, is there, too. */
    reject(&turn, "p.yaml");
    turn.plan.deletions.count = 0;
    delete (&turn, "t", &pipe_owed, DELETION_GRACE_PERIOD, "", NOW_USEC + 8 * USEC_PER_SEC);
    expect_summary(&turn, "4 manifests, 12 topics; rejected p.yaml (line 3: unknown field \"storageURI\"); deletes 1 "
                          "topic of Pipeline/seldon-mesh/pipe at 10:20:38 UTC unless it returns to p.yaml");
    turn_end(&turn);
}

static void N2_deletions_that_need_somebody(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    strcpy(turn.deletions.id, "0123456789ab");
    delete_iris(&turn, DELETION_AWAITING_APPROVAL, "deletion.enabled is false", USEC_NEVER);
    delete_iris(&turn, DELETION_BLOCKED, "bad.yaml is rejected", USEC_NEVER);
    delete_iris(&turn, DELETION_RETRYING, "TOPIC_DELETION_DISABLED", USEC_NEVER);
    delete_iris(&turn, DELETION_SENDING, "", USEC_NEVER);
    delete (&turn, "t", &iris, DELETION_IN_USE, "needed by Pipeline/seldon-mesh/pipe", USEC_NEVER);
    expect_summary(&turn, "4 manifests, 12 topics; "
                          "2 deletions of Model/seldon-mesh/iris await approval (deletion.enabled is false): topicd "
                          "approve 0123456789ab, or deny; "
                          "2 deletions of Model/seldon-mesh/iris are blocked: bad.yaml is rejected; "
                          "2 deletions of Model/seldon-mesh/iris are retried: TOPIC_DELETION_DISABLED; "
                          "deleting 2 topics; "
                          "1 deletion of Model/seldon-mesh/iris waits: needed by Pipeline/seldon-mesh/pipe");
    turn_end(&turn);
}

static void N2_trouble_comes_first_and_stays_on_one_line(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    turn.report.troubles = (const char *const[]){"the snapshot cannot be saved:\nno space"};
    turn.report.n_troubles = 1;
    turn.report.scan.complete = false;
    turn.report.scan.error = "/m cannot be opened";
    reject(&turn, "a\nb.yaml");
    expect_summary(&turn, "4 manifests, 12 topics; the snapshot cannot be saved:\\x0ano space; /m cannot be opened; "
                          "rejected a\\x0ab.yaml (line 3: unknown field \"storageURI\")");
    turn_end(&turn);
}

static void N2_long_messages_are_cut(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    char error[4096];
    memset(error, 'e', sizeof error - 1);
    error[sizeof error - 1] = '\0';
    turn.report.kafka.reachable = false;
    turn.report.kafka.error = error;
    struct buffer line = {0};
    summary_format(&turn.report, &line);
    assert_in_range(line.length, 100, 200);
    assert_non_null(strstr(line.data, "e…"));
    buffer_free(&line);
    turn_end(&turn);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(N2_all_well),
        cmocka_unit_test(N2_the_start_says_what_is_awaited),
        cmocka_unit_test(N2_the_first_names_are_spelled_out),
        cmocka_unit_test(N2_deletions_say_when_and_what_stops_them),
        cmocka_unit_test(N2_what_was_dropped_from_a_file_that_is_there_returns_to_it),
        cmocka_unit_test(N2_deletions_that_need_somebody),
        cmocka_unit_test(N2_trouble_comes_first_and_stays_on_one_line),
        cmocka_unit_test(N2_long_messages_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
