/* What `plan` computes: the daemon's decision, against a listing. */
#include "reconcile/preview.h"

#include "reconcile/owed.h"
#include "unit/support/look.h"

#define IRIS "seldon.seldon-mesh.model.iris."

static const struct property CONFIG[] = {{"max.message.bytes", "1000000000"}, {"retention.ms", "1000"}};
static const struct topic_policy SETTINGS = {
    .general = {.partitions = 2, .replication_factor = 1, .config = CONFIG, .n_config = 2}};

static void compare(struct look *look, const struct found_topic *found, size_t count) {
    assert_int_equal(preview_compare(look->preview, &SETTINGS, found, count), 0);
}

static void C_what_is_not_listed_is_created(void **state) {
    (void)state;
    struct look l = look(NULL, TEXTS("iris.yaml", MODEL("iris", "false")));
    compare(&l, (struct found_topic[]){{.name = IRIS "inputs"}}, 1);
    assert_int_equal(l.preview->create.count, 1);
    assert_string_equal(desired_topic(l.preview->desired, l.preview->create.items[0]), IRIS "outputs");
    assert_int_equal(l.preview->delete.count + l.preview->held.count + l.preview->orphans.count, 0);
    end(&l);
}

static void C_a_removed_resource_is_in_delete_within_its_grace_period(void **state) {
    (void)state;
    struct look l = look(snapshot_of(&SCOPE, TEXTS("iris.yaml", MODEL("iris", "true"))), NOTHING);
    compare(&l, (struct found_topic[]){{.name = IRIS "inputs"}, {.name = IRIS "outputs"}}, 2);
    assert_int_equal(l.preview->delete.count, 2);
    assert_string_equal(l.preview->delete.items[0].topic, IRIS "inputs");
    assert_string_equal(l.preview->delete.items[1].topic, IRIS "outputs");
    end(&l);
}

static void C_an_owed_topic_that_is_not_listed_is_no_deletion(void **state) {
    (void)state;
    struct look l = look(snapshot_of(&SCOPE, TEXTS("iris.yaml", MODEL("iris", "true"))), NOTHING);
    compare(&l, (struct found_topic[]){{.name = IRIS "outputs"}}, 1);
    assert_int_equal(l.preview->delete.count, 1);
    assert_string_equal(l.preview->delete.items[0].topic, IRIS "outputs");
    end(&l);
}

static void D3_a_topic_in_use_is_held(void **state) {
    (void)state;
    struct look l =
        look(snapshot_of(&SCOPE, TEXTS("iris.yaml", MODEL("iris", "true"), "pipe.yaml", PIPELINE("pipe", "iris"))),
             TEXTS("pipe.yaml", PIPELINE("pipe", "iris")));
    compare(&l, NULL, 0);
    assert_int_equal(l.preview->delete.count, 0);
    assert_int_equal(l.preview->held.count, 2);
    assert_int_equal(l.preview->held.items[0].state, DELETION_IN_USE);
    assert_null(l.preview->held.items[0].id);
    end(&l);
}

/* Which fields of the snapshot's scope differ from now's: nothing is owed, and what is there now is accepted. */
static void expect_other_scope(struct scope scope) {
    struct look l =
        look(snapshot_of(&scope, TEXTS("iris.yaml", MODEL("iris", "true"))), TEXTS("rose.yaml", MODEL("rose", "true")));
    compare(&l, (struct found_topic[]){{.name = IRIS "inputs"}, {.name = IRIS "outputs"}}, 2);
    assert_true(l.preview->other_scope);
    assert_int_equal(l.preview->delete.count + l.preview->held.count, 0);
    assert_int_equal(l.preview->create.count, 2);
    end(&l);
}

static void D5_in_another_scope_nothing_is_owed(void **state) {
    (void)state;
    expect_other_scope((struct scope){"C2", "seldon", "seldon-mesh", "/m"});
    expect_other_scope((struct scope){"C1", "other", "seldon-mesh", "/m"});
    expect_other_scope((struct scope){"C1", "seldon", "other", "/m"});
    expect_other_scope((struct scope){"C1", "seldon", "seldon-mesh", "/other"});
}

static void D5_a_snapshot_without_a_cluster_takes_the_first(void **state) {
    (void)state;
    struct scope scope = SCOPE;
    scope.cluster_id = NULL;
    struct look l = look(snapshot_of(&scope, TEXTS("iris.yaml", MODEL("iris", "true"))), NOTHING);
    assert_false(l.preview->other_scope);
    assert_string_equal(l.preview->snapshot->scope.cluster_id, "C1");
    assert_int_equal(l.preview->deletions->list.count, 1);
    end(&l);
}

/* Three models went, the last of all: D6(b). */
static struct snapshot *three_are_gone(bool held) {
    struct snapshot *snapshot =
        snapshot_after(TEXTS("a.yaml", MODEL("a", "true"), "b.yaml", MODEL("b", "true"), "c.yaml", MODEL("c", "true")),
                       TEXTS("c.yaml", MODEL("c", "true")));
    assert_int_equal(snapshot->owed.count, 2);
    for (size_t i = 0; held && i < snapshot->owed.count; i++)
        snapshot->owed.items[i].held = HOLD_LIMIT;
    return snapshot;
}

static void D6_an_id_is_shown_for_what_awaits_approval_now(void **state) {
    (void)state;
    struct look l = look(three_are_gone(true), TEXTS("c.yaml", MODEL("c", "true")));
    char id[17];
    owed_id(l.last, id);
    compare(&l, NULL, 0);
    assert_int_equal(l.preview->held.count, 4);
    assert_int_equal(l.preview->held.items[0].state, DELETION_AWAITING_APPROVAL);
    assert_string_equal(l.preview->held.items[0].id, id);
    end(&l);
}

static void D6_what_would_join_a_set_has_no_id_yet(void **state) {
    (void)state;
    struct look l = look(three_are_gone(true), NOTHING);
    char id[17];
    owed_id(l.last, id);
    compare(&l, NULL, 0);
    assert_int_equal(l.preview->held.count, 6);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(l.preview->held.items[i].id, id);
    for (size_t i = 4; i < 6; i++) {
        assert_int_equal(l.preview->held.items[i].state, DELETION_AWAITING_APPROVAL);
        assert_null(l.preview->held.items[i].id);
    }
    end(&l);
}

static void D6_an_old_snapshot_holds_what_is_newly_gone(void **state) {
    (void)state;
    struct look l = {.scan = scan_of(NOTHING), .last = snapshot_of(&SCOPE, TEXTS("iris.yaml", MODEL("iris", "true")))};
    l.facts = (struct preview_facts){
        .last = l.last, .scope = &SCOPE, .scan = l.scan, .rules = &RULES, .now = NOW, .old = true};
    assert_int_equal(preview_new(&l.facts, &l.preview), 0);
    compare(&l, (struct found_topic[]){{.name = IRIS "inputs"}}, 1);
    assert_int_equal(l.preview->delete.count, 0);
    assert_int_equal(l.preview->held.count, 2);
    end(&l);
}

static void T5_differences_of_existing_topics_are_drift(void **state) {
    (void)state;
    struct look l = look(NULL, TEXTS("iris.yaml", MODEL("iris", "false")));
    const struct property actual[] = {{"cleanup.policy", "compact"}, {"max.message.bytes", "5"}, {"segment.ms", "9"}};
    compare(
        &l,
        (struct found_topic[]){{.name = IRIS "inputs",
                                .partitions = 3,
                                .replication_factor = 2,
                                .shape_known = true,
                                .config = actual,
                                .n_config = 3,
                                .config_known = true},
                               {.name = IRIS "outputs", .partitions = 2, .replication_factor = 1, .shape_known = true}},
        2);
    static const struct drift EXPECTED[] = {
        {IRIS "inputs", "config.cleanup.policy", NULL, "compact"},
        {IRIS "inputs", "config.max.message.bytes", "1000000000", "5"},
        {IRIS "inputs", "config.retention.ms", "1000", NULL},
        {IRIS "inputs", "config.segment.ms", NULL, "9"},
        {IRIS "inputs", "partitions", "2", "3"},
        {IRIS "inputs", "replicationFactor", "1", "2"},
    };
    assert_int_equal(l.preview->drift.count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct drift *drift = &l.preview->drift.items[i];
        assert_string_equal(drift->topic, EXPECTED[i].topic);
        assert_string_equal(drift->field, EXPECTED[i].field);
        assert_string_equal(drift->wanted ? drift->wanted : "-", EXPECTED[i].wanted ? EXPECTED[i].wanted : "-");
        assert_string_equal(drift->actual ? drift->actual : "-", EXPECTED[i].actual ? EXPECTED[i].actual : "-");
    }
    end(&l);
}

static struct found_topic ours(const char *name, const char *namespace) {
    return (struct found_topic){.name = name, .namespace = namespace, .namespace_length = strlen(namespace)};
}

static void T5_drift_is_judged_by_the_rule_that_matches(void **state) {
    (void)state;
    static const struct property config[] = {{"retention.ms", "5"}};
    static const struct topic_rule rule = {
        .match = "*.outputs", .settings = {.partitions = 2, .replication_factor = 1, .config = config, .n_config = 1}};
    struct topic_policy policy = SETTINGS;
    policy.rules = &rule;
    policy.n_rules = 1;
    struct look l = look(NULL, TEXTS("iris.yaml", MODEL("iris", "false")));
    const struct found_topic found[] = {
        {.name = IRIS "inputs", .config = CONFIG, .n_config = 2, .config_known = true},
        {.name = IRIS "outputs", .config = CONFIG, .n_config = 2, .config_known = true}};
    assert_int_equal(preview_compare(l.preview, &policy, found, 2), 0);
    assert_int_equal(l.preview->drift.count, 2);
    assert_string_equal(l.preview->drift.items[0].topic, IRIS "outputs");
    assert_string_equal(l.preview->drift.items[0].field, "config.max.message.bytes");
    assert_null(l.preview->drift.items[0].wanted);
    assert_string_equal(l.preview->drift.items[1].field, "config.retention.ms");
    assert_string_equal(l.preview->drift.items[1].wanted, "5");
    end(&l);
}

static void C_orphans_are_in_a_namespace_in_use_and_unaccounted_for(void **state) {
    (void)state;
    struct look l = look(snapshot_after(TEXTS("gone.yaml", MODEL("gone", "true")), NOTHING),
                         TEXTS("iris.yaml", "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\n"
                                            "metadata: {name: iris, namespace: lab}\nspec: {storageUri: gs://x}\n"));
    compare(&l,
            (struct found_topic[]){
                {.name = "other"},                                            /* not of T1's form */
                ours("seldon.elsewhere.model.x.inputs", "elsewhere"),         /* not in use */
                {.name = "seldon.lab.errors.errors"},                         /* never */
                ours("seldon.lab.model.iris.inputs", "lab"),                  /* desired */
                ours("seldon.lab.model.old.inputs", "lab"),                   /* an orphan: of an accepted resource's */
                ours("seldon.seldon-mesh.model.gone.inputs", "seldon-mesh"),  /* owed */
                ours("seldon.seldon-mesh.pipeline.x.outputs", "seldon-mesh"), /* an orphan: of the default's */
                ours("seldon.seldon-mesh-2.model.x.inputs", "seldon-mesh-2"),
            },
            8);
    assert_int_equal(l.preview->orphans.count, 2);
    assert_string_equal(l.preview->orphans.items[0], "seldon.lab.model.old.inputs");
    assert_string_equal(l.preview->orphans.items[1], "seldon.seldon-mesh.pipeline.x.outputs");
    end(&l);
}

static void C_offline_the_snapshots_topics_exist(void **state) {
    (void)state;
    struct look l = look(snapshot_of(&SCOPE, TEXTS("a.yaml", MODEL("a", "true"), "b.yaml", MODEL("b", "true"))),
                         TEXTS("b.yaml", MODEL("b", "true"), "c.yaml", MODEL("c", "true")));
    assert_int_equal(preview_compare_offline(l.preview, &SETTINGS, l.last), 0);
    assert_int_equal(l.preview->delete.count, 2);
    assert_string_equal(l.preview->delete.items[0].topic, "seldon.seldon-mesh.model.a.inputs");
    assert_int_equal(l.preview->create.count, 2);
    assert_string_equal(desired_topic(l.preview->desired, l.preview->create.items[0]),
                        "seldon.seldon-mesh.model.c.inputs");
    assert_int_equal(l.preview->drift.count, 0);
    end(&l);
}

static void C_offline_what_is_owed_exists(void **state) {
    (void)state;
    struct look l = look(snapshot_after(TEXTS("iris.yaml", MODEL("iris", "true")), NOTHING), NOTHING);
    l.last->owed.items[0].done[0] = true;
    preview_free(l.preview);
    assert_int_equal(preview_new(&l.facts, &l.preview), 0);
    assert_int_equal(preview_compare_offline(l.preview, &SETTINGS, l.last), 0);
    assert_int_equal(l.preview->delete.count, 1);
    assert_string_equal(l.preview->delete.items[0].topic, IRIS "outputs");
    end(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_what_is_not_listed_is_created),
        cmocka_unit_test(C_a_removed_resource_is_in_delete_within_its_grace_period),
        cmocka_unit_test(C_an_owed_topic_that_is_not_listed_is_no_deletion),
        cmocka_unit_test(D3_a_topic_in_use_is_held),
        cmocka_unit_test(D5_in_another_scope_nothing_is_owed),
        cmocka_unit_test(D5_a_snapshot_without_a_cluster_takes_the_first),
        cmocka_unit_test(D6_an_id_is_shown_for_what_awaits_approval_now),
        cmocka_unit_test(D6_what_would_join_a_set_has_no_id_yet),
        cmocka_unit_test(D6_an_old_snapshot_holds_what_is_newly_gone),
        cmocka_unit_test(T5_differences_of_existing_topics_are_drift),
        cmocka_unit_test(T5_drift_is_judged_by_the_rule_that_matches),
        cmocka_unit_test(C_orphans_are_in_a_namespace_in_use_and_unaccounted_for),
        cmocka_unit_test(C_offline_the_snapshots_topics_exist),
        cmocka_unit_test(C_offline_what_is_owed_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
