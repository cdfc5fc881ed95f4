/* status.json, and what people are shown of it. */
#include "reconcile/owed.h"
#include "report/status_json.h"
#include "report/status_text.h"
#include "report/summary.h"
#include "unit/support/turn.h"

#include <jansson.h>

/* ---- in sync, and problems ---- */

static void expect_in_sync(const struct turn *turn, bool in_sync, size_t problems) {
    assert_int_equal(status_in_sync(&turn->report), in_sync);
    assert_int_equal(status_problems(&turn->report), problems);
}

static void C_all_well_is_in_sync(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    expect_in_sync(&turn, true, 0);
    turn_end(&turn);
}

static void C_what_only_takes_time_is_no_problem(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    turn.report.observed_generation = 6;
    expect_in_sync(&turn, false, 0);
    turn.report.observed_generation = 7;
    turn.plan.n_present = 11;
    expect_in_sync(&turn, false, 0);
    turn.plan.n_present = 12;
    delete_iris(&turn, DELETION_GRACE_PERIOD, "", NOW_USEC);
    delete_iris(&turn, DELETION_IN_USE, "", USEC_NEVER);
    delete_iris(&turn, DELETION_SENDING, "", USEC_NEVER);
    expect_in_sync(&turn, true, 0);
    turn.report.kafka.reachable = false; /* it has not answered yet, and not failed either */
    expect_in_sync(&turn, false, 0);
    turn.report.plan = NULL;
    turn.report.catalog = NULL;
    expect_in_sync(&turn, false, 0);
    turn_end(&turn);
}

static void C_each_problem_counts(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    reject(&turn, "a.yaml");
    reject(&turn, "b.yaml");
    expect_in_sync(&turn, false, 2);
    fail_topic(&turn, "t");
    expect_in_sync(&turn, false, 3);
    delete_iris(&turn, DELETION_AWAITING_APPROVAL, "", USEC_NEVER); /* one set: one answer */
    expect_in_sync(&turn, false, 4);
    delete_iris(&turn, DELETION_BLOCKED, "", USEC_NEVER);
    delete_iris(&turn, DELETION_RETRYING, "", USEC_NEVER);
    expect_in_sync(&turn, false, 8);
    turn.report.kafka.reachable = false;
    turn.report.kafka.error = "refused";
    expect_in_sync(&turn, false, 9);
    turn.report.scan.complete = false;
    turn.report.scan.error = "denied";
    expect_in_sync(&turn, false, 10);
    turn.report.troubles = (const char *const[]){"the disk is full"};
    turn.report.n_troubles = 1;
    expect_in_sync(&turn, false, 11);
    turn_end(&turn);
}

static void C_a_retried_deletion_alone_is_not_in_sync(void **state) {
    (void)state;
    static const enum deletion_state STATES[] = {DELETION_AWAITING_APPROVAL, DELETION_BLOCKED, DELETION_RETRYING};
    for (size_t i = 0; i < 3; i++) {
        struct turn turn;
        turn_begin(&turn);
        delete_iris(&turn, STATES[i], "", USEC_NEVER);
        expect_in_sync(&turn, false, STATES[i] == DELETION_AWAITING_APPROVAL ? 1 : 2);
        turn_end(&turn);
    }
}

/* ---- status.json ---- */

static void expect_json(const struct turn *turn, const char *expected_text) {
    struct buffer text = {0};
    assert_int_equal(status_json_format(&turn->report, &text), 0);
    json_error_t error;
    json_t *actual = json_loads(text.data, 0, NULL), *expected = json_loads(expected_text, 0, &error);
    assert_non_null(actual);
    if (!expected)
        fail_msg("%s", error.text);
    if (!json_equal(actual, expected))
        assert_string_equal(text.data, expected_text);
    json_decref(actual);
    json_decref(expected);
    buffer_free(&text);
}

static void C_status_json_is_as_documented(void **state) {
    (void)state;
    struct turn turn;
    one_of_everything(&turn);
    expect_json(
        &turn,
        "{\"version\":1, \"pid\":123, \"phase\":\"running\", \"inSync\":false, \"problems\":3,"
        "\"summary\":\"4 manifests, 12 topics (1 missing); rejected bad\\\\xff.yaml (line 3: unknown field "
        "\\\"storageURI\\\"); Kafka refuses seldon.seldon-mesh.model.x.inputs (TOPIC_AUTHORIZATION_FAILED: not "
        "allowed); 1 deletion of Model/seldon-mesh/iris awaits approval (22 topics within 600 s, more than the limit "
        "of 20): "
        "topicd approve 0123456789ab, or deny; tries again at 10:22:00 UTC; deletes 1 topic of "
        "Pipeline/seldon-mesh/pipe at 10:20:38 UTC unless p.yaml returns\","
        "\"updated\":\"2024-05-01T10:20:30Z\", \"generation\":7, \"observedGeneration\":6,"
        "\"kafka\":{\"reachable\":true, \"clusterId\":\"C1\", \"error\":null},"
        "\"scan\":{\"complete\":true, \"error\":null, \"started\":\"2024-05-01T10:20:18Z\"},"
        "\"counts\":{\"files\":4, \"rejectedFiles\":1, \"models\":3, \"pipelines\":1, \"topics\":12, "
        "\"failedTopics\":1, \"owedDeletions\":2},"
        "\"rejectedFiles\":[{\"file\":\"bad\\\\xff.yaml\",\"errors\":[{\"line\":3,\"column\":5,"
        "\"message\":\"unknown field \\\"storageURI\\\"\"}]}],"
        "\"failedTopics\":[{\"topic\":\"seldon.seldon-mesh.model.x.inputs\","
        "\"error\":\"TOPIC_AUTHORIZATION_FAILED: not allowed\",\"retryAt\":\"2024-05-01T10:22:00Z\"}],"
        "\"deletions\":[{\"topic\":\"seldon.seldon-mesh.model.iris.inputs\",\"owner\":\"Model/seldon-mesh/iris\","
        "\"state\":\"awaiting-approval\",\"reason\":\"22 topics within 600 s, more than the limit of "
        "20\",\"alsoReason\":null,\"id\":\"0123456789ab\","
        "\"approvedId\":null,\"due\":null},"
        "{\"topic\":\"seldon.seldon-mesh.pipeline.pipe.inputs\",\"owner\":\"Pipeline/seldon-mesh/pipe\","
        "\"state\":\"grace-period\",\"reason\":\"p.yaml was removed with cleanTopicsOnDelete: "
        "true\",\"alsoReason\":null,\"id\":null,"
        "\"approvedId\":null,\"due\":\"2024-05-01T10:20:38Z\"}]}");
    turn_end(&turn);
}

static void C_status_json_before_anything_is_known(void **state) {
    (void)state;
    struct snapshot snapshot = {0};
    struct turn turn = {.report = {.pid = 1, .now = {1, NOON_USEC}, .snapshot = &snapshot}};
    expect_json(&turn, "{\"version\":1, \"pid\":1, \"phase\":\"starting\", \"inSync\":false, \"problems\":0,"
                       "\"summary\":\"reading the manifests; waiting for Kafka\","
                       "\"updated\":\"2024-05-01T10:20:30Z\", \"generation\":0, \"observedGeneration\":0,"
                       "\"kafka\":{\"reachable\":false, \"clusterId\":null, \"error\":null},"
                       "\"scan\":{\"complete\":false, \"error\":null, \"started\":null},"
                       "\"counts\":{\"files\":0, \"rejectedFiles\":0, \"models\":0, \"pipelines\":0, \"topics\":0, "
                       "\"failedTopics\":0, \"owedDeletions\":0},"
                       "\"rejectedFiles\":[], \"failedTopics\":[], \"deletions\":[]}");
}

/* The order of keys is the documented one, for people who read the file. */
static void C_status_json_keeps_the_order_of_keys(void **state) {
    (void)state;
    static const char *const KEYS[] = {"version",       "pid",          "phase",
                                       "inSync",        "problems",     "summary",
                                       "updated",       "generation",   "observedGeneration",
                                       "kafka",         "scan",         "counts",
                                       "rejectedFiles", "failedTopics", "deletions"};
    struct turn turn;
    turn_begin(&turn);
    struct buffer text = {0};
    assert_int_equal(status_json_format(&turn.report, &text), 0);
    json_t *root = json_loads(text.data, 0, NULL), *value;
    const char *key;
    size_t i = 0;
    json_object_foreach(root, key, value) assert_string_equal(key, KEYS[i++]);
    assert_int_equal(i, sizeof KEYS / sizeof *KEYS);
    json_decref(root);
    buffer_free(&text);
    turn_end(&turn);
}

/* ---- for people ---- */

static void expect_page(const struct turn *turn, uint64_t later_usec, const char *expected) {
    struct buffer json = {0}, page = {0};
    struct status_document *document = NULL;
    assert_int_equal(status_json_format(&turn->report, &json), 0);
    assert_int_equal(status_document_read(json.data, json.length, &document), 0);
    assert_int_equal(status_document_pid(document), turn->report.pid);
    assert_int_equal(status_document_in_sync(document), status_in_sync(&turn->report));
    status_text_format(document, (struct moment){.wall_usec = NOON_USEC + later_usec}, false, &page);
    assert_string_equal(page.data, expected);
    status_document_free(document);
    buffer_free(&json);
    buffer_free(&page);
}

static void C_status_of_all_well_is_short(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    expect_page(&turn, 3 * USEC_PER_SEC,
                "● topicd (pid 123), running: all in sync\n"
                "     Status: 4 manifests, 12 topics, all in sync\n"
                "  Manifests: 4 files, 3 models, 1 pipeline; looked at 15 s ago\n"
                "     Topics: 12\n"
                "      Kafka: reachable, cluster C1\n");
    turn_end(&turn);
}

static void C_status_says_what_is_wrong_and_what_to_type(void **state) {
    (void)state;
    struct turn turn;
    one_of_everything(&turn);
    struct buffer line = {0};
    summary_format(&turn.report, &line);
    char *expected;
    assert_true(
        asprintf(&expected,
                 "● topicd (pid 123), running: 3 problems, not in sync\n"
                 "     Status: %s\n"
                 "  Manifests: 4 files, 3 models, 1 pipeline; looked at 12 s ago\n"
                 "     Topics: 12\n"
                 "      Kafka: reachable, cluster C1\n"
                 "\n"
                 "Rejected: what was accepted before stays in force (where nothing was, no topic is deleted until "
                 "the file is repaired or removed); see 'topicd check'\n"
                 "  bad\\xff.yaml:3:5: unknown field \"storageURI\"\n"
                 "\n"
                 "Refused by Kafka: topicd goes on trying\n"
                 "  seldon.seldon-mesh.model.x.inputs: TOPIC_AUTHORIZATION_FAILED: not allowed; again in 90 s\n"
                 "\n"
                 "Awaiting approval\n"
                 "  22 topics within 600 s, more than the limit of 20:\n"
                 "    seldon.seldon-mesh.model.iris.inputs (Model/seldon-mesh/iris)\n"
                 "  topicd approve 0123456789ab   deletes these topics\n"
                 "  topicd deny 0123456789ab      keeps them\n"
                 "\n"
                 "Deletions in their grace period: a deletion is dropped if its Model or Pipeline returns\n"
                 "  p.yaml was removed with cleanTopicsOnDelete: true:\n"
                 "    seldon.seldon-mesh.pipeline.pipe.inputs in 8 s (Pipeline/seldon-mesh/pipe)\n",
                 line.data) > 0);
    expect_page(&turn, 0, expected);
    free(expected);
    buffer_free(&line);
    turn_end(&turn);
}

/* Of two owners with one reason, and one whose deletion was sent already. */
static void D6_status_names_what_takes_an_approval_back(void **state) {
    (void)state;
    struct turn turn;
    struct owed owed[3] = {iris, pipe_owed, iris};
    turn_begin(&turn);
    struct sent sent = {NOON_USEC, "c"};
    assert_int_equal(array_push(&turn.snapshot.sent, sent), 0);
    for (int i = 0; i < 3; i++) {
        static const char *const TOPICS[] = {"a", "b", "c"};
        owed[i].approved = true;
        owed[i].topics[0] = owed[i].topics[1] = TOPICS[i];
        assert_int_equal(array_push(&turn.snapshot.owed, owed[i]), 0);
        delete (&turn, TOPICS[i], &owed[i], DELETION_IN_USE, "needed by x", USEC_NEVER);
    }
    char id[17], *expected;
    owed_revocable_id(&turn.snapshot, NULL, id);
    assert_true(asprintf(&expected,
                         "● topicd (pid 123), running: all in sync\n"
                         "     Status: 4 manifests, 12 topics, all in sync; 3 deletions wait: needed by x\n"
                         "  Manifests: 4 files, 3 models, 1 pipeline; looked at 12 s ago\n"
                         "     Topics: 12\n"
                         "      Kafka: reachable, cluster C1\n"
                         "\n"
                         "Deletions that wait for the last user\n"
                         "  needed by x:\n"
                         "    a (Model/seldon-mesh/iris)\n"
                         "    b (Pipeline/seldon-mesh/pipe)\n"
                         "    c (Model/seldon-mesh/iris)\n"
                         "\n"
                         "Approved: not sent yet\n"
                         "  topicd deny %s      keeps 2 topics after all\n",
                         id) > 0);
    expect_page(&turn, 0, expected);
    free(expected);
    array_free(&turn.snapshot.sent);
    array_free(&turn.snapshot.owed);
    turn_end(&turn);
}

/* The one that a user needs too is below the end of the list. */
static void D3_status_says_what_of_a_held_set_waits_for_a_user_too(void **state) {
    (void)state;
    static const char *const TOPICS[] = {"a", "b", "c", "d", "e", "f"};
    struct turn turn;
    turn_begin(&turn);
    strcpy(turn.deletions.id, "0123456789ab");
    for (int i = 0; i < 6; i++)
        delete (&turn, TOPICS[i], &iris, DELETION_AWAITING_APPROVAL, "many", USEC_NEVER);
    turn.plan.deletions.items[1].also = turn.plan.deletions.items[5].also = "needed by x";
    struct buffer line = {0};
    char *expected;
    summary_format(&turn.report, &line);
    assert_true(asprintf(&expected,
                         "● topicd (pid 123), running: 1 problem, not in sync\n"
                         "     Status: %s\n"
                         "  Manifests: 4 files, 3 models, 1 pipeline; looked at 12 s ago\n"
                         "     Topics: 12\n"
                         "      Kafka: reachable, cluster C1\n"
                         "\n"
                         "Awaiting approval\n"
                         "  many:\n"
                         "    a (Model/seldon-mesh/iris)\n"
                         "    b (Model/seldon-mesh/iris); also: needed by x\n"
                         "    c (Model/seldon-mesh/iris)\n"
                         "    d (Model/seldon-mesh/iris)\n"
                         "    e (Model/seldon-mesh/iris)\n"
                         "  … and 1 more (topicd status --json)\n"
                         "  topicd approve 0123456789ab   deletes these topics, 2 of them only when nothing else holds "
                         "them (needed by x)\n"
                         "  topicd deny 0123456789ab      keeps them\n",
                         line.data) > 0);
    expect_page(&turn, 0, expected);
    free(expected);
    buffer_free(&line);
    turn_end(&turn);
}

static void D6_status_says_what_will_be_asked_after_the_grace_period(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    delete_iris(&turn, DELETION_GRACE_PERIOD, "iris.yaml was removed", NOW_USEC + 8 * USEC_PER_SEC);
    for (size_t i = 0; i < 2; i++)
        turn.plan.deletions.items[i].also = "will await approval: many";
    expect_page(&turn, 0,
                "● topicd (pid 123), running: all in sync\n"
                "     Status: 4 manifests, 12 topics, all in sync; 2 deletions of Model/seldon-mesh/iris will await "
                "approval at 10:20:38 UTC unless iris.yaml returns\n"
                "  Manifests: 4 files, 3 models, 1 pipeline; looked at 12 s ago\n"
                "     Topics: 12\n"
                "      Kafka: reachable, cluster C1\n"
                "\n"
                "Deletions in their grace period: a deletion is dropped if its Model or Pipeline returns\n"
                "  iris.yaml was removed:\n"
                "    seldon.seldon-mesh.model.iris.inputs in 8 s (Model/seldon-mesh/iris)\n"
                "    seldon.seldon-mesh.model.iris.outputs in 8 s (Model/seldon-mesh/iris)\n"
                "  after that all of them will await approval: many\n");
    turn_end(&turn);
}

static void C_status_keeps_to_one_screen(void **state) {
    (void)state;
    struct turn turn;
    turn_begin(&turn);
    for (int i = 0; i < 1000; i++) {
        reject(&turn, "a.yaml");
        fail_topic(&turn, "t");
        for (enum deletion_state s = 0; s < DELETION_STATE_MAX_; s++)
            delete_iris(&turn, s, "", USEC_NEVER);
    }
    struct buffer json = {0}, page = {0};
    struct status_document *document = NULL;
    assert_int_equal(status_json_format(&turn.report, &json), 0);
    assert_int_equal(status_document_read(json.data, json.length, &document), 0);
    status_text_format(document, turn.report.now, false, &page);
    size_t lines = 0;
    for (const char *p = page.data; (p = strchr(p, '\n')); p++)
        lines++;
    assert_in_range(lines, 40, 78);
    assert_non_null(strstr(page.data, "… and 995 more"));
    status_document_free(document);
    buffer_free(&json);
    buffer_free(&page);
    turn_end(&turn);
}

static void C_what_is_no_status_is_refused(void **state) {
    (void)state;
    struct status_document *document = NULL;
    static const char *const TEXTS[] = {"", "{", "[]", "null", "{}", "{\"version\":2}", "{\"version\":\"1\"}"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        assert_int_equal(status_document_read(TEXTS[i], strlen(TEXTS[i]), &document), 1);
    assert_null(document);
}

/* Whatever is missing or of another type in it, it can be printed. */
static void C_a_status_with_gaps_can_be_printed(void **state) {
    (void)state;
    static const char *const TEXTS[] = {
        "{\"version\":1}",
        "{\"version\":1,\"pid\":-5,\"kafka\":3,\"scan\":[],\"counts\":null,\"rejectedFiles\":{},\"deletions\":[1,{}]}",
        "{\"version\":1,\"rejectedFiles\":[{\"errors\":[]},{}],\"failedTopics\":[{\"retryAt\":\"soon\"}],"
        "\"deletions\":[{\"state\":\"blocked\",\"due\":\"9\"}]}",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct status_document *document = NULL;
        struct buffer page = {0};
        assert_int_equal(status_document_read(TEXTS[i], strlen(TEXTS[i]), &document), 0);
        status_text_format(document, (struct moment){.wall_usec = NOON_USEC}, true, &page);
        assert_false(page.failed);
        assert_non_null(page.data);
        status_document_free(document);
        buffer_free(&page);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_all_well_is_in_sync),
        cmocka_unit_test(C_what_only_takes_time_is_no_problem),
        cmocka_unit_test(C_each_problem_counts),
        cmocka_unit_test(C_a_retried_deletion_alone_is_not_in_sync),
        cmocka_unit_test(C_status_json_is_as_documented),
        cmocka_unit_test(C_status_json_before_anything_is_known),
        cmocka_unit_test(C_status_json_keeps_the_order_of_keys),
        cmocka_unit_test(C_status_of_all_well_is_short),
        cmocka_unit_test(C_status_says_what_is_wrong_and_what_to_type),
        cmocka_unit_test(D6_status_names_what_takes_an_approval_back),
        cmocka_unit_test(D3_status_says_what_of_a_held_set_waits_for_a_user_too),
        cmocka_unit_test(D6_status_says_what_will_be_asked_after_the_grace_period),
        cmocka_unit_test(C_status_keeps_to_one_screen),
        cmocka_unit_test(C_what_is_no_status_is_refused),
        cmocka_unit_test(C_a_status_with_gaps_can_be_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
