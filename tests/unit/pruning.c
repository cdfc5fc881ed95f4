/* What prune may delete, and when it may delete nothing. */
#include "reconcile/pruning.h"

#include "unit/support/look.h"

#define MESH "seldon.seldon-mesh."

static const struct topic_policy POLICY = {.general = {.partitions = 1, .replication_factor = 1}};
#define TOPIC(NAME)                                                                                                    \
    { .name = MESH NAME, .namespace = "seldon-mesh", .namespace_length = 11 }
static const struct found_topic FOUND[] = {TOPIC("model.iris.inputs"), TOPIC("model.lost.inputs"),
                                           TOPIC("model.owed.inputs"), TOPIC("model.went.inputs")};

/* iris.yaml is there, owed.yaml and went.yaml went, the first of them with the flag. */
static struct look take(const char *const *texts) {
    struct snapshot *last = snapshot_of(&SCOPE, TEXTS("iris.yaml", MODEL("iris", "true"), "owed.yaml",
                                                      MODEL("owed", "true"), "went.yaml", MODEL("went", "false")));
    struct look l = look(last, texts);
    assert_int_equal(preview_compare(l.preview, &POLICY, FOUND, sizeof FOUND / sizeof *FOUND), 0);
    return l;
}

static struct pruning_facts facts_of(const struct look *l) {
    return (struct pruning_facts){.preview = l->preview, .last = l->last, .scan = l->scan, .cluster_id = "C1"};
}

static void expect_refusal(const struct pruning_facts *facts, const char *words) {
    struct arena arena = {0};
    struct pruning pruning;
    assert_int_equal(pruning_judge(facts, &arena, &pruning), 0);
    assert_non_null(pruning.refusal);
    if (!strstr(pruning.refusal, words))
        fail_msg("not '%s' in '%s'", words, pruning.refusal);
    assert_int_equal(pruning.topics.count, 0);
    arena_free(&arena);
}

static void D1_only_what_nothing_accounts_for_now_and_before(void **state) {
    (void)state;
    struct look l = take(TEXTS("iris.yaml", MODEL("iris", "true")));
    struct pruning_facts facts = facts_of(&l);
    struct arena arena = {0};
    struct pruning pruning;
    assert_int_equal(l.preview->orphans.count, 2); /* for plan, what went without the flag is one */
    assert_int_equal(pruning_judge(&facts, &arena, &pruning), 0);
    assert_null(pruning.refusal);
    assert_int_equal(pruning.topics.count, 1);
    assert_true(pruning_has(&pruning, MESH "model.lost.inputs"));
    assert_false(pruning_has(&pruning, MESH "model.went.inputs"));
    array_free(&pruning.topics);
    arena_free(&arena);
    end(&l);
}

static void D4_nothing_while_a_file_is_rejected(void **state) {
    (void)state;
    /* Also one that has a last good version. */
    struct look l = take(TEXTS("iris.yaml", MODEL("iris", "maybe")));
    struct pruning_facts facts = facts_of(&l);
    expect_refusal(&facts, "iris.yaml is rejected");
    l.scan->complete = false;
    expect_refusal(&facts, "cannot be read");
    l.scan->complete = true;
    end(&l);
}

static void D5_nothing_in_another_world(void **state) {
    (void)state;
    struct look l = take(TEXTS("iris.yaml", MODEL("iris", "true")));
    struct pruning_facts facts = facts_of(&l);
    facts.cluster_id = NULL;
    expect_refusal(&facts, "which cluster");
    facts.cluster_id = "C2";
    expect_refusal(&facts, "another cluster");
    facts = facts_of(&l);
    facts.last = NULL;
    expect_refusal(&facts, "no snapshot");
    facts = facts_of(&l);
    l.preview->other_scope = true;
    expect_refusal(&facts, "another cluster");
    l.preview->other_scope = false;
    l.last->scope.cluster_id = NULL;
    expect_refusal(&facts, "no snapshot");
    l.last->scope.cluster_id = "C1";
    l.last->directory = "9:9";
    expect_refusal(&facts, "not the one that the daemon knows");
    end(&l);
}

static void D6_nothing_while_no_model_or_pipeline_is_left(void **state) {
    (void)state;
    struct look l = take(NOTHING);
    struct pruning_facts facts = facts_of(&l);
    expect_refusal(&facts, "no Model or Pipeline is accepted");
    end(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(D1_only_what_nothing_accounts_for_now_and_before),
        cmocka_unit_test(D4_nothing_while_a_file_is_rejected),
        cmocka_unit_test(D5_nothing_in_another_world),
        cmocka_unit_test(D6_nothing_while_no_model_or_pipeline_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
