/* Taking back an approval while nothing was sent: reconcile/owed.h. tests/unit/plan_property.c holds it against the
 * naive model. */
#include "reconcile/owed.h"
#include "unit/support/look.h"

#define MESH "seldon.seldon-mesh.model."

/* a, b and c were removed and await approval. */
static struct snapshot *three_held(void) {
    struct snapshot *snapshot = snapshot_after(
        TEXTS("a.yaml", MODEL("a", "true"), "b.yaml", MODEL("b", "true"), "c.yaml", MODEL("c", "true")), NOTHING);
    for (size_t i = 0; i < 3; i++)
        snapshot->owed.items[i].held = HOLD_LIMIT;
    return snapshot;
}

/* The same, after a person said yes. ret_spent: to what. */
static struct snapshot *three_approved(char spent[17]) {
    struct snapshot *snapshot = three_held();
    owed_id(snapshot, spent);
    assert_int_equal(owed_n_held(snapshot), 6);
    assert_int_equal(owed_answer(snapshot, spent, true, NULL), 0);
    return snapshot;
}

static void expect_revoked(struct snapshot *snapshot, const struct ledger *ledger, const char *id, size_t topics,
                           size_t left) {
    size_t revoked = 0;
    assert_int_equal(owed_revoke(snapshot, ledger, id, &revoked), 0);
    assert_int_equal(revoked, topics);
    assert_int_equal(snapshot->owed.count, left);
}

static void D6_an_approval_is_taken_back_by_an_id_of_its_own(void **state) {
    (void)state;
    char spent[17], id[17];
    size_t topics;
    struct snapshot *snapshot = three_approved(spent);
    owed_revocable_id(snapshot, NULL, id);
    assert_int_equal(strlen(id), 12);
    assert_string_not_equal(id, spent);
    assert_int_equal(owed_revoke(snapshot, NULL, spent, &topics), 1); /* an answered one is spent */
    assert_int_equal(owed_revoke(snapshot, NULL, "", &topics), 1);
    assert_int_equal(owed_answer(snapshot, id, true, NULL), 1); /* nor does it approve anything */
    assert_int_equal(owed_answer(snapshot, id, false, NULL), 1);
    assert_int_equal(snapshot->owed.count, 3);
    expect_revoked(snapshot, NULL, id, 6, 0);
    assert_int_equal(owed_revoke(snapshot, NULL, id, &topics), 1);
    owed_revocable_id(snapshot, NULL, id);
    assert_string_equal(id, "");
    snapshot_free(snapshot);
}

static void D6_what_awaits_approval_is_not_taken_back_with_it(void **state) {
    (void)state;
    char spent[17], id[17], whole[17], held[17];
    struct snapshot *snapshot = three_approved(spent);
    owed_revocable_id(snapshot, NULL, whole);
    snapshot->owed.items[1].approved = false;
    snapshot->owed.items[1].held = HOLD_LIMIT;
    owed_revocable_id(snapshot, NULL, id);
    owed_id(snapshot, held);
    assert_string_not_equal(id, whole);
    assert_string_not_equal(id, held);
    size_t topics;
    assert_int_equal(owed_revoke(snapshot, NULL, whole, &topics), 1); /* it shrank: another set */
    expect_revoked(snapshot, NULL, id, 4, 1);
    assert_string_equal(snapshot->owed.items[0].name, "b");
    snapshot_free(snapshot);
}

/* Of b, one topic or the other. The snapshot notes it before it is sent, so that this holds across a kill too. */
static void L5_what_was_sent_is_never_taken_back(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        char spent[17], whole[17], id[17];
        size_t topics;
        struct snapshot *snapshot = three_approved(spent);
        owed_revocable_id(snapshot, NULL, whole);
        assert_int_equal(owed_note_sent(snapshot, &snapshot->owed.items[1].topics[k], 1, NOON_USEC), 0);
        assert_int_equal(owed_revoke(snapshot, NULL, whole, &topics), 1);
        owed_revocable_id(snapshot, NULL, id);
        expect_revoked(snapshot, NULL, id, 4, 1);
        assert_string_equal(snapshot->owed.items[0].name, "b");
        snapshot_free(snapshot);
    }
}

/* Removed, put back, and removed again, all within deletion.limit.periodSeconds. */
static void D6_what_was_deleted_and_came_again_is_taken_back(void **state) {
    (void)state;
    char spent[17], id[17];
    struct snapshot *snapshot = three_approved(spent);
    const struct owed *b = &snapshot->owed.items[1];
    assert_int_equal(owed_note_sent(snapshot, b->topics, 2, b->since_usec - 1), 0);
    owed_revocable_id(snapshot, NULL, id);
    expect_revoked(snapshot, NULL, id, 6, 0);
    snapshot_free(snapshot);
}

/* The snapshot has forgotten that it was sent: deletion.limit.periodSeconds may be short. */
static void L5_what_may_still_be_carried_out_is_never_taken_back(void **state) {
    (void)state;
    for (int doubt = 0; doubt < 3; doubt++) {
        char spent[17], id[17];
        struct snapshot *snapshot = three_approved(spent);
        struct ledger ledger = {.retry_max_usec = USEC_PER_SEC};
        const char *const names[] = {MESH "b.inputs"};
        struct topic_result silence = {.topic = names[0], .outcome = OUTCOME_UNKNOWN},
                            there = {.topic = names[0], .outcome = OUTCOME_EXISTS};
        assert_int_equal(ledger_track(&ledger, names, 1), 0);
        ledger_sent(&ledger, names[0], OPERATION_DELETE);
        if (doubt > 0)
            ledger_answer(&ledger, OPERATION_DELETE, &silence, NOW.monotonic_usec);
        if (doubt > 1) /* it is there, and the request may be carried out within a minute */
            ledger_answer(&ledger, OPERATION_ASK, &there, NOW.monotonic_usec);
        owed_revocable_id(snapshot, &ledger, id);
        expect_revoked(snapshot, &ledger, id, 4, 1);
        assert_string_equal(snapshot->owed.items[0].name, "b");
        owed_revocable_id(snapshot, &ledger, id);
        assert_string_equal(id, "");
        ledger_free(&ledger);
        snapshot_free(snapshot);
    }
}

/* With a broker that is down, whatever the daemon wants to ask stays unanswered for long. */
static void D6_a_question_that_is_open_is_no_obstacle(void **state) {
    (void)state;
    char spent[17], id[17], before[17];
    struct snapshot *snapshot = three_approved(spent);
    struct ledger ledger = {.retry_max_usec = USEC_PER_SEC};
    const char *const names[] = {MESH "b.inputs"};
    struct topic_result there = {.topic = names[0], .outcome = OUTCOME_EXISTS};
    assert_int_equal(ledger_track(&ledger, names, 1), 0);
    owed_revocable_id(snapshot, &ledger, before);
    ledger_answer(&ledger, OPERATION_CREATE, &there, NOW.monotonic_usec);
    ledger_ask_all(&ledger);
    ledger_sent(&ledger, names[0], OPERATION_ASK);
    owed_revocable_id(snapshot, &ledger, id);
    assert_string_equal(id, before);
    expect_revoked(snapshot, &ledger, id, 6, 0);
    ledger_free(&ledger);
    snapshot_free(snapshot);
}

/* What was deleted already does not come back; what is left of it stays. */
static void D6_the_rest_of_a_resource_is_taken_back(void **state) {
    (void)state;
    char spent[17], id[17];
    struct snapshot *snapshot = three_approved(spent);
    assert_int_equal(owed_note_sent(snapshot, &snapshot->owed.items[0].topics[0], 1, NOON_USEC), 0);
    snapshot->owed.items[0].done[0] = true;
    owed_revocable_id(snapshot, NULL, id);
    expect_revoked(snapshot, NULL, id, 5, 0);
    snapshot_free(snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(D6_an_approval_is_taken_back_by_an_id_of_its_own),
        cmocka_unit_test(D6_what_awaits_approval_is_not_taken_back_with_it),
        cmocka_unit_test(L5_what_was_sent_is_never_taken_back),
        cmocka_unit_test(D6_what_was_deleted_and_came_again_is_taken_back),
        cmocka_unit_test(L5_what_may_still_be_carried_out_is_never_taken_back),
        cmocka_unit_test(D6_a_question_that_is_open_is_no_obstacle),
        cmocka_unit_test(D6_the_rest_of_a_resource_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
