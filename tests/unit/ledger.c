/* What is known of each topic: reconcile/ledger.h, and what plan.h makes of it (L3 to L5, D7). */
#include "base/name.h"
#include "reconcile/plan.h"
#include "unit/support/cmocka.h"
#include "unit/support/manifests.h"

#define MAX_USEC (300 * USEC_PER_SEC)

static void answer(struct ledger *ledger, enum operation operation, const char *topic, enum outcome outcome,
                   uint64_t now_usec) {
    bool refused = outcome == OUTCOME_REFUSED;
    const struct topic_result result = {.topic = topic,
                                        .outcome = outcome,
                                        .code = refused ? "POLICY_VIOLATION" : NULL,
                                        .message = refused ? "no" : NULL};
    ledger_sent(ledger, topic, operation);
    ledger_answer(ledger, operation, &result, now_usec);
}

static struct ledger ledger_of(const char *name) {
    struct ledger ledger = {.retry_max_usec = MAX_USEC, .random = 42};
    assert_int_equal(ledger_track(&ledger, &name, 1), 0);
    return ledger;
}

/* ---- delays ---- */

static void L5_delays_grow_with_jitter_up_to_the_resync_period(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    const struct topic *topic = ledger_find(&ledger, "t");
    uint64_t now = 7 * USEC_PER_SEC, usec = 250 * USEC_PER_MSEC;
    for (int i = 0; i < 200; i++) {
        answer(&ledger, OPERATION_CREATE, "t", OUTCOME_REFUSED, now);
        uint64_t delay = topic->retry_usec - now;
        assert_in_range(delay, usec * 3 / 4, usec * 5 / 4 < MAX_USEC ? usec * 5 / 4 : MAX_USEC);
        usec = usec * 2 < MAX_USEC ? usec * 2 : MAX_USEC;
        now += delay;
    }
    assert_int_equal(topic->failures, 200);
    ledger_free(&ledger);
}

static uint64_t longest_delay(uint64_t random) {
    struct ledger ledger = ledger_of("t");
    ledger.random = random;
    for (int i = 0; i < 20; i++)
        answer(&ledger, OPERATION_CREATE, "t", OUTCOME_REFUSED, 0);
    uint64_t delay = ledger_find(&ledger, "t")->retry_usec;
    ledger_free(&ledger);
    return delay;
}

static void L5_the_longest_delay_has_jitter_too(void **state) {
    (void)state;
    uint64_t least = USEC_NEVER;
    for (uint64_t random = 0; random < 20; random++) {
        uint64_t delay = longest_delay(random * 977);
        assert_in_range(delay, MAX_USEC * 3 / 4, MAX_USEC);
        least = delay < least ? delay : least;
    }
    assert_true(least < MAX_USEC);
}

static void L5_tries_start_over(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    for (int i = 0; i < 10; i++)
        answer(&ledger, OPERATION_CREATE, "t", OUTCOME_REFUSED, 0);
    ledger_start_over(&ledger);
    const struct topic *topic = ledger_find(&ledger, "t");
    assert_int_equal(topic->retry_usec, 0);
    assert_string_equal(topic->error, "no (POLICY_VIOLATION)"); /* what is wrong is still wrong */
    answer(&ledger, OPERATION_CREATE, "t", OUTCOME_REFUSED, 0);
    assert_in_range(topic->retry_usec, 1, 400 * USEC_PER_MSEC);
    ledger_free(&ledger);
}

static void L5_a_good_answer_ends_the_failures(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    for (int i = 0; i < 10; i++)
        answer(&ledger, OPERATION_CREATE, "t", OUTCOME_REFUSED, 0);
    answer(&ledger, OPERATION_CREATE, "t", OUTCOME_EXISTS, 9);
    const struct topic *topic = ledger_find(&ledger, "t");
    assert_int_equal(topic->presence, PRESENCE_PRESENT);
    assert_int_equal(topic->changed_usec, 9);
    assert_int_equal(topic->failures, 0);
    assert_null(topic->error);
    assert_false(topic->error_refused);
    ledger_free(&ledger);
}

/* A broker that answers questions but loses every creation: each question is answered well, and yet nothing gets
 * anywhere. */
static void L5_delays_grow_across_the_questions_in_between(void **state) {
    (void)state;
    static const struct {
        enum operation operation;
        enum outcome answer; /* to the question: it did not work */
    } cases[] = {{OPERATION_CREATE, OUTCOME_DONE}, {OPERATION_DELETE, OUTCOME_EXISTS}};
    for (size_t i = 0; i < 2; i++) {
        struct ledger ledger = ledger_of("t");
        const struct topic *topic = ledger_find(&ledger, "t");
        uint64_t now = 0, delay = 0;
        for (int k = 0; k < 12; k++) {
            answer(&ledger, cases[i].operation, "t", OUTCOME_UNKNOWN, now);
            delay = topic->retry_usec - now;
            now = topic->retry_usec;
            answer(&ledger, OPERATION_ASK, "t", cases[i].answer, now);
        }
        assert_in_range(delay, MAX_USEC / 2, MAX_USEC);
        ledger_free(&ledger);
    }
}

/* ---- unknown outcomes ---- */

static void L5_after_an_unknown_outcome_is_asked_and_a_minute_later_again(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    const struct topic *topic = ledger_find(&ledger, "t");
    answer(&ledger, OPERATION_CREATE, "t", OUTCOME_UNKNOWN, USEC_PER_SEC);
    assert_true(topic->must_ask);
    assert_null(topic->error);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_UNKNOWN, 3 * USEC_PER_SEC);
    assert_true(topic->must_ask);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_NOT_SENT, 4 * USEC_PER_SEC);
    assert_true(topic->must_ask);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_EXISTS, 5 * USEC_PER_SEC);
    assert_false(topic->must_ask);
    assert_int_equal(topic->presence, PRESENCE_PRESENT);
    assert_int_equal(topic->recheck_usec, 61 * USEC_PER_SEC);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_EXISTS, 60 * USEC_PER_SEC); /* a resync: too early */
    assert_int_equal(topic->recheck_usec, 61 * USEC_PER_SEC);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_EXISTS, 62 * USEC_PER_SEC);
    assert_int_equal(topic->recheck_usec, 0);
    ledger_free(&ledger);
}

static void L5_a_late_answer_to_the_first_question_is_not_the_second(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    answer(&ledger, OPERATION_DELETE, "t", OUTCOME_UNKNOWN, 0);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_DONE, 90 * USEC_PER_SEC);
    const struct topic *topic = ledger_find(&ledger, "t");
    assert_false(topic->must_ask);
    assert_int_equal(topic->recheck_usec, 60 * USEC_PER_SEC);
    ledger_free(&ledger);
}

/* A process that was killed behind its request cannot hear the answer, and the next one may look before the broker is
 * that far (found by the campaign: a topic of a Model that had come back was missing until the resync). */
static void L5_a_deletion_of_an_earlier_process_may_be_carried_out_late(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    const struct topic *topic = ledger_find(&ledger, "t");
    ledger_doubt(&ledger, "t", USEC_PER_SEC);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_EXISTS, 2 * USEC_PER_SEC);
    assert_int_equal(topic->presence, PRESENCE_PRESENT);
    assert_int_equal(topic->recheck_usec, 61 * USEC_PER_SEC);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_DONE, 61 * USEC_PER_SEC);
    assert_int_equal(topic->presence, PRESENCE_ABSENT);
    assert_int_equal(topic->recheck_usec, 0);
    ledger_free(&ledger);
}

static void L5_a_deletion_of_our_own_ends_the_doubt(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    const struct topic *topic = ledger_find(&ledger, "t");
    ledger_doubt(&ledger, "nobody's", USEC_PER_SEC);
    ledger_doubt(&ledger, "t", USEC_PER_SEC);
    answer(&ledger, OPERATION_DELETE, "t", OUTCOME_DONE, 2 * USEC_PER_SEC);
    assert_int_equal(topic->recheck_usec, 0);
    /* … but an unknown outcome of our own is not taken for it. */
    ledger_doubt(&ledger, "t", 2 * USEC_PER_SEC);
    answer(&ledger, OPERATION_CREATE, "t", OUTCOME_UNKNOWN, 3 * USEC_PER_SEC);
    ledger_sent(&ledger, "t", OPERATION_DELETE);
    assert_int_equal(topic->recheck_usec, 63 * USEC_PER_SEC);
    ledger_free(&ledger);
}

static void L5_a_lost_session_leaves_outcomes_unknown(void **state) {
    (void)state;
    static const char *const names[] = {"asked", "created", "deleted", "idle"};
    struct ledger ledger = {.retry_max_usec = MAX_USEC};
    assert_int_equal(ledger_track(&ledger, names, 4), 0);
    ledger_sent(&ledger, "asked", OPERATION_ASK);
    ledger_sent(&ledger, "created", OPERATION_CREATE);
    ledger_sent(&ledger, "deleted", OPERATION_DELETE);
    answer(&ledger, OPERATION_ASK, "asked", OUTCOME_UNKNOWN, USEC_PER_SEC);
    answer(&ledger, OPERATION_CREATE, "created", OUTCOME_UNKNOWN, USEC_PER_SEC);
    answer(&ledger, OPERATION_DELETE, "deleted", OUTCOME_UNKNOWN, USEC_PER_SEC);
    for (size_t i = 0; i < 4; i++) {
        const struct topic *topic = ledger_find(&ledger, names[i]);
        assert_int_equal(topic->in_flight, OPERATION_NONE);
        assert_int_equal(topic->must_ask, i == 1 || i == 2);
        assert_int_equal(topic->recheck_usec, i == 1 || i == 2 ? 61 * USEC_PER_SEC : 0);
    }
    ledger_free(&ledger);
}

static void D7_only_the_answer_says_that_it_is_gone(void **state) {
    (void)state;
    static const enum outcome no_answers[] = {OUTCOME_REFUSED, OUTCOME_NOT_SENT, OUTCOME_UNKNOWN};
    for (size_t i = 0; i < 3; i++) {
        struct ledger ledger = ledger_of("t");
        answer(&ledger, OPERATION_ASK, "t", OUTCOME_DONE, 0);
        assert_int_equal(ledger_find(&ledger, "t")->presence, PRESENCE_ABSENT);
        answer(&ledger, OPERATION_DELETE, "t", no_answers[i], 0);
        assert_int_equal(ledger_find(&ledger, "t")->presence, PRESENCE_UNKNOWN);
        answer(&ledger, OPERATION_DELETE, "t", OUTCOME_MISSING, 0);
        assert_int_equal(ledger_find(&ledger, "t")->presence, PRESENCE_ABSENT);
        ledger_free(&ledger);
    }
}

/* Without the right to create there is no answer to the question; what was known stays. */
static void L4_a_refused_question_says_nothing(void **state) {
    (void)state;
    struct ledger ledger = ledger_of("t");
    answer(&ledger, OPERATION_CREATE, "t", OUTCOME_DONE, 0);
    ledger_ask_all(&ledger);
    answer(&ledger, OPERATION_ASK, "t", OUTCOME_REFUSED, 0);
    const struct topic *topic = ledger_find(&ledger, "t");
    assert_int_equal(topic->presence, PRESENCE_PRESENT);
    assert_false(topic->must_ask);
    assert_null(topic->error);
    ledger_free(&ledger);
}

/* ---- tracking ---- */

static void L5_what_is_in_flight_or_unknown_stays_tracked(void **state) {
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d"}, *const others[] = {"b2", "d"};
    struct ledger ledger = {.retry_max_usec = MAX_USEC};
    assert_int_equal(ledger_track(&ledger, names, 4), 0);
    ledger_sent(&ledger, "b", OPERATION_CREATE);
    answer(&ledger, OPERATION_CREATE, "c", OUTCOME_UNKNOWN, 0);
    answer(&ledger, OPERATION_CREATE, "d", OUTCOME_DONE, 0);
    assert_int_equal(ledger_track(&ledger, others, 2), 0);
    assert_null(ledger_find(&ledger, "a"));
    assert_non_null(ledger_find(&ledger, "b"));
    assert_non_null(ledger_find(&ledger, "b2"));
    assert_true(ledger_find(&ledger, "c")->must_ask);
    assert_int_equal(ledger_find(&ledger, "d")->presence, PRESENCE_PRESENT);
    const struct topic_result done = {.topic = "b", .outcome = OUTCOME_DONE};
    ledger_answer(&ledger, OPERATION_CREATE, &done, 0);
    answer(&ledger, OPERATION_ASK, "c", OUTCOME_DONE, 1);
    answer(&ledger, OPERATION_ASK, "c", OUTCOME_DONE, 61 * USEC_PER_SEC);
    assert_int_equal(ledger_track(&ledger, others, 2), 0);
    assert_int_equal(ledger.topics.count, 2);
    const struct topic_result nobody = {.topic = "a", .outcome = OUTCOME_DONE};
    ledger_answer(&ledger, OPERATION_CREATE, &nobody, 0); /* ignored */
    ledger_free(&ledger);
}

static void L4_a_resync_asks_about_what_is_thought_to_exist(void **state) {
    (void)state;
    static const char *const names[] = {"absent", "present", "unknown"};
    struct ledger ledger = {.retry_max_usec = MAX_USEC};
    assert_int_equal(ledger_track(&ledger, names, 3), 0);
    answer(&ledger, OPERATION_CREATE, "present", OUTCOME_DONE, 0);
    answer(&ledger, OPERATION_ASK, "absent", OUTCOME_DONE, 0);
    ledger_ask_all(&ledger);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ledger_find(&ledger, names[i])->must_ask, i == 1);
    ledger_forget(&ledger);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ledger_find(&ledger, names[i])->presence, PRESENCE_UNKNOWN);
        assert_false(ledger_find(&ledger, names[i])->must_ask);
    }
    ledger_free(&ledger);
}

/* ---- the plan's batches ---- */

static struct plan *plan_of(const struct ledger *ledger, uint64_t now_usec) {
    static const struct deletions nothing = {.look_usec = USEC_NEVER};
    const struct plan_facts facts = {.deletions = &nothing, .ledger = ledger, .now_usec = now_usec};
    struct plan *plan;
    assert_int_equal(plan_make(&facts, &plan), 0);
    return plan;
}

static struct desired *desired_of(struct resources *resources) {
    struct accepted_file file = {.name = name_new("a.yaml"), .resources = resources};
    const struct snapshot snapshot = {.files = {&file, 1, 1}};
    struct desired *desired;
    assert_int_equal(desired_new(&snapshot, &desired), 0);
    name_unref(file.name);
    return desired;
}

/* One after the other: a creation in flight holds up creations, not questions. */
static void L3_what_becomes_ready_while_a_request_is_in_flight_is_one_batch(void **state) {
    (void)state;
    struct resources *resources = make_resources("p", "Model a; Model b; Model c");
    struct desired *desired = desired_of(resources);
    const struct snapshot none = {0};
    struct ledger ledger = {.retry_max_usec = MAX_USEC};
    assert_int_equal(plan_track(&ledger, desired, &none), 0);
    ledger_sent(&ledger, "p.ns.model.a.inputs", OPERATION_CREATE);
    answer(&ledger, OPERATION_CREATE, "p.ns.model.b.inputs", OUTCOME_UNKNOWN, 0);
    struct plan *plan = plan_of(&ledger, USEC_PER_SEC);
    assert_int_equal(plan->create.count, 0);
    assert_int_equal(plan->ask.count, 1);
    assert_string_equal(plan->ask.items[0], "p.ns.model.b.inputs");
    plan_free(plan);
    ledger_sent(&ledger, "p.ns.model.b.inputs", OPERATION_ASK);
    const struct topic_result done = {.topic = "p.ns.model.a.inputs", .outcome = OUTCOME_DONE};
    ledger_answer(&ledger, OPERATION_CREATE, &done, USEC_PER_SEC);
    plan = plan_of(&ledger, USEC_PER_SEC);
    assert_int_equal(plan->create.count, 4); /* all others but the one that is asked about */
    assert_int_equal(plan->ask.count, 0);
    assert_int_equal(plan->n_present, 1);
    assert_false(plan_settled(plan));
    plan_free(plan);
    ledger_free(&ledger);
    desired_free(desired);
    resources_unref(resources);
}

static void L5_the_plan_wakes_for_the_next_try(void **state) {
    (void)state;
    struct resources *resources = make_resources("p", "Model a");
    struct desired *desired = desired_of(resources);
    const struct snapshot none = {0};
    struct ledger ledger = {.retry_max_usec = MAX_USEC};
    assert_int_equal(plan_track(&ledger, desired, &none), 0);
    answer(&ledger, OPERATION_CREATE, "p.ns.model.a.inputs", OUTCOME_REFUSED, 0);
    answer(&ledger, OPERATION_CREATE, "p.ns.model.a.outputs", OUTCOME_DONE, 0);
    uint64_t retry = ledger_find(&ledger, "p.ns.model.a.inputs")->retry_usec;
    struct plan *plan = plan_of(&ledger, 0);
    assert_int_equal(plan->create.count, 0);
    assert_int_equal(plan->next_usec, retry);
    assert_int_equal(plan->failed.count, 1);
    assert_string_equal(plan->failed.items[0].error, "no (POLICY_VIOLATION)");
    assert_true(plan_settled(plan)); /* N1: it has an error of its own */
    plan_free(plan);
    plan = plan_of(&ledger, retry);
    assert_int_equal(plan->create.count, 1);
    assert_int_equal(plan->next_usec, USEC_NEVER);
    plan_free(plan);
    ledger_free(&ledger);
    desired_free(desired);
    resources_unref(resources);
}

/* The deletion of a topic was refused, then its resource came back: nothing is wrong with it. */
static void L5_a_topic_that_is_there_has_not_failed(void **state) {
    (void)state;
    struct resources *resources = make_resources("p", "Model a");
    struct desired *desired = desired_of(resources);
    const struct snapshot none = {0};
    struct ledger ledger = {.retry_max_usec = MAX_USEC};
    assert_int_equal(plan_track(&ledger, desired, &none), 0);
    answer(&ledger, OPERATION_CREATE, "p.ns.model.a.inputs", OUTCOME_DONE, 0);
    answer(&ledger, OPERATION_CREATE, "p.ns.model.a.outputs", OUTCOME_DONE, 0);
    answer(&ledger, OPERATION_DELETE, "p.ns.model.a.inputs", OUTCOME_REFUSED, 0);
    struct plan *plan = plan_of(&ledger, USEC_PER_SEC);
    assert_int_equal(plan->failed.count, 0);
    assert_int_equal(plan->n_present, 2);
    plan_free(plan);
    ledger_free(&ledger);
    desired_free(desired);
    resources_unref(resources);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(L5_delays_grow_with_jitter_up_to_the_resync_period),
        cmocka_unit_test(L5_the_longest_delay_has_jitter_too),
        cmocka_unit_test(L5_tries_start_over),
        cmocka_unit_test(L5_a_good_answer_ends_the_failures),
        cmocka_unit_test(L5_delays_grow_across_the_questions_in_between),
        cmocka_unit_test(L5_after_an_unknown_outcome_is_asked_and_a_minute_later_again),
        cmocka_unit_test(L5_a_late_answer_to_the_first_question_is_not_the_second),
        cmocka_unit_test(L5_a_deletion_of_an_earlier_process_may_be_carried_out_late),
        cmocka_unit_test(L5_a_deletion_of_our_own_ends_the_doubt),
        cmocka_unit_test(L5_a_lost_session_leaves_outcomes_unknown),
        cmocka_unit_test(D7_only_the_answer_says_that_it_is_gone),
        cmocka_unit_test(L4_a_refused_question_says_nothing),
        cmocka_unit_test(L5_what_is_in_flight_or_unknown_stays_tracked),
        cmocka_unit_test(L4_a_resync_asks_about_what_is_thought_to_exist),
        cmocka_unit_test(L3_what_becomes_ready_while_a_request_is_in_flight_is_one_batch),
        cmocka_unit_test(L5_the_plan_wakes_for_the_next_try),
        cmocka_unit_test(L5_a_topic_that_is_there_has_not_failed),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
