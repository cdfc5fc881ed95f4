/* plan as text and as JSON, of a plan that has one of everything. */
#include "reconcile/owed.h"
#include "report/plan_json.h"
#include "report/plan_text.h"
#include "unit/support/look.h"

#include <jansson.h>

static const struct property CONFIG[] = {{"max.message.bytes", "1000000000"}};
static const struct topic_policy SETTINGS = {
    .general = {.partitions = 1, .replication_factor = 1, .config = CONFIG, .n_config = 1}};

#define MESH "seldon.seldon-mesh."

static const struct found_topic FOUND[] = {
    {.name = MESH "model.drift.inputs",
     .partitions = 3,
     .replication_factor = 1,
     .shape_known = true,
     .config_known = true},
    {.name = MESH "model.drift.outputs",
     .partitions = 1,
     .replication_factor = 1,
     .shape_known = true,
     .config_hidden = true},
    {.name = MESH "model.gone.inputs"},
    {.name = MESH "model.lost.inputs", .namespace = "seldon-mesh", .namespace_length = 11},
};

/* drift.yaml is there, gone.yaml was removed, held.yaml was removed and awaits approval, used.yaml was removed and is
 * needed by pipe.yaml, bad.yaml was broken after it had been accepted. */
static struct look one_of_everything(void) {
    struct snapshot *last = snapshot_after(TEXTS("bad.yaml", MODEL("bad", "true"), "drift.yaml", MODEL("drift", "true"),
                                                 "gone.yaml", MODEL("gone", "true"), "held.yaml", MODEL("held", "true"),
                                                 "used.yaml", MODEL("used", "true")),
                                           TEXTS("bad.yaml", MODEL("bad", "true"), "drift.yaml", MODEL("drift", "true"),
                                                 "used.yaml", MODEL("used", "true")));
    assert_string_equal(last->owed.items[0].name, "gone");
    last->owed.items[0].approved = true;
    last->owed.items[1].held = HOLD_LIMIT;
    struct look l = look(last, TEXTS("bad.yaml", MODEL("bad", "maybe"), "drift.yaml", MODEL("drift", "true"),
                                     "pipe.yaml", PIPELINE("pipe", "used")));
    assert_int_equal(preview_compare(l.preview, &SETTINGS, FOUND, sizeof FOUND / sizeof *FOUND), 0);
    return l;
}

static void expect_text(const struct preview *preview, bool colourful, const char *expected) {
    struct buffer text = {0};
    assert_int_equal(plan_text_format(preview, colourful, &text), 0);
    assert_string_equal(text.data, expected);
    buffer_free(&text);
}

static void C_plan_text_is_like_a_diff(void **state) {
    (void)state;
    struct look l = one_of_everything();
    char id[17], approved_id[17], *expected;
    owed_id(l.last, id);
    owed_revocable_id(l.last, NULL, approved_id);
    l.preview->delete.items[0].due_usec = NOON_USEC + 8 * USEC_PER_SEC;
    assert_true(
        asprintf(&expected,
                 "bad.yaml\n"
                 "  + seldon.seldon-mesh.model.bad.inputs\n"
                 "  + seldon.seldon-mesh.model.bad.outputs\n"
                 "\n"
                 "gone.yaml (goes at 10:20:38 UTC: gone.yaml was removed with cleanTopicsOnDelete: true)\n"
                 "  - seldon.seldon-mesh.model.gone.inputs\n"
                 "\n"
                 "held.yaml (awaits approval)\n"
                 "  ! seldon.seldon-mesh.model.held.inputs\n"
                 "  ! seldon.seldon-mesh.model.held.outputs\n"
                 "\n"
                 "pipe.yaml\n"
                 "  + seldon.seldon-mesh.errors.errors\n"
                 "  + seldon.seldon-mesh.model.used.inputs\n"
                 "  + seldon.seldon-mesh.model.used.outputs\n"
                 "  + seldon.seldon-mesh.pipeline.pipe.inputs\n"
                 "  + seldon.seldon-mesh.pipeline.pipe.outputs\n"
                 "\n"
                 "used.yaml (in use: needed by Pipeline/seldon-mesh/pipe)\n"
                 "  ! seldon.seldon-mesh.model.used.inputs\n"
                 "  ! seldon.seldon-mesh.model.used.outputs\n"
                 "\n"
                 "rejected manifests (what was accepted of them before stays in force)\n"
                 "  x bad.yaml:4:60: %s\n"
                 "\n"
                 "drift (an existing topic is never altered)\n"
                 "  ~ seldon.seldon-mesh.model.drift.inputs  config.max.message.bytes: not set, wanted: 1000000000\n"
                 "  ~ seldon.seldon-mesh.model.drift.inputs  partitions: 3, wanted: 1\n"
                 "\n"
                 "orphans (nothing accounts for them; they are left alone)\n"
                 "  ? seldon.seldon-mesh.model.lost.inputs\n"
                 "\n"
                 "awaiting approval (they were more than deletion.limit allowed when they came due)\n"
                 "  topicd approve %s   deletes 2 topics\n"
                 "  topicd deny %s      keeps them\n"
                 "\n"
                 "approved (and not sent yet)\n"
                 "  topicd deny %s      keeps 1 topic after all\n"
                 "\n"
                 "7 to create, 1 to delete, 2 awaiting approval, 2 in use, 1 orphan, 1 drifted "
                 "(configuration of 1 topic unknown: is DescribeConfigs allowed?), 1 manifest rejected\n",
                 l.preview->catalog->rejected.items[0].errors[0].message, id, id, approved_id) > 0);
    expect_text(l.preview, false, expected);
    free(expected);
    end(&l);
}

static void C_plan_text_has_a_topic_once(void **state) {
    (void)state;
    struct look l = look(NULL, TEXTS("a.yaml", PIPELINE("pipe", "iris"), "iris.yaml", MODEL("iris", "true")));
    assert_int_equal(preview_compare(l.preview, &SETTINGS, NULL, 0), 0);
    expect_text(l.preview, false,
                "a.yaml\n"
                "  + seldon.seldon-mesh.errors.errors\n"
                "  + seldon.seldon-mesh.model.iris.inputs\n"
                "  + seldon.seldon-mesh.model.iris.outputs\n"
                "  + seldon.seldon-mesh.pipeline.pipe.inputs\n"
                "  + seldon.seldon-mesh.pipeline.pipe.outputs\n"
                "\n"
                "5 to create, 0 to delete, 0 awaiting approval, 0 orphans, 0 drifted\n");
    end(&l);
}

static void C_plan_text_of_nothing_is_one_line(void **state) {
    (void)state;
    struct look l = look(NULL, NOTHING);
    assert_int_equal(preview_compare(l.preview, &SETTINGS, NULL, 0), 0);
    expect_text(l.preview, false, "0 to create, 0 to delete, 0 awaiting approval, 0 orphans, 0 drifted\n");
    end(&l);
}

static void C_plan_text_has_colours_on_a_terminal(void **state) {
    (void)state;
    struct look l = look(NULL, TEXTS("iris.yaml", MODEL("iris", "true")));
    assert_int_equal(
        preview_compare(l.preview, &SETTINGS, (struct found_topic[]){{.name = MESH "model.iris.inputs"}}, 1), 0);
    expect_text(l.preview, true,
                "iris.yaml\n"
                "  \033[32m+ seldon.seldon-mesh.model.iris.outputs\033[0m\n"
                "\n"
                "1 to create, 0 to delete, 0 awaiting approval, 0 orphans, 0 drifted\n");
    end(&l);
}

static void C_plan_text_names_deletions_that_will_await_approval(void **state) {
    (void)state;
    struct deletion_rules rules = RULES;
    rules.enabled = false;
    struct look l = {.scan = scan_of(NOTHING), .last = snapshot_of(&SCOPE, TEXTS("iris.yaml", MODEL("iris", "true")))};
    l.facts = (struct preview_facts){.last = l.last, .scope = &SCOPE, .scan = l.scan, .rules = &rules, .now = NOW};
    assert_int_equal(preview_new(&l.facts, &l.preview), 0);
    assert_int_equal(preview_compare(l.preview, &SETTINGS, NULL, 0), 0);
    expect_text(l.preview, false,
                "iris.yaml (will await approval)\n"
                "  ! seldon.seldon-mesh.model.iris.inputs\n"
                "  ! seldon.seldon-mesh.model.iris.outputs\n"
                "\n"
                "about to await approval (deletion.enabled is false)\n"
                "  2 topics; then 'topicd status' shows how to answer\n"
                "\n"
                "0 to create, 0 to delete, 2 awaiting approval, 0 orphans, 0 drifted\n");
    end(&l);
}

static void C_plan_json_is_as_documented(void **state) {
    (void)state;
    struct look l = one_of_everything();
    struct buffer text = {0};
    l.preview->delete.items[0].due_usec = NOON_USEC + 8 * USEC_PER_SEC;
    assert_int_equal(plan_json_format(l.preview, &SETTINGS, &text), 0);
    json_t *actual = json_loads(text.data, 0, NULL);
    char id[17], approved_id[17];
    owed_id(l.last, id);
    owed_revocable_id(l.last, NULL, approved_id);
    json_t *config = json_pack("{s:s}", "max.message.bytes", "1000000000");
#define CREATE(name, owner)                                                                                            \
    "topic", MESH name, "partitions", 1, "replicationFactor", 1, "config", config, "neededBy", owner
    const char *bad = "Model/seldon-mesh/bad", *pipe = "Pipeline/seldon-mesh/pipe", *held = "Model/seldon-mesh/held",
               *used = "Model/seldon-mesh/used",
               *limit = "they were more than deletion.limit allowed when they came due",
               *needed = "needed by Pipeline/seldon-mesh/pipe";
    json_t *create =
        json_pack("[{s:s,s:i,s:i,s:O,s:[s]}, {s:s,s:i,s:i,s:O,s:[s]}, {s:s,s:i,s:i,s:O,s:[s]}, {s:s,s:i,s:i,s:O,s:[s]},"
                  "{s:s,s:i,s:i,s:O,s:[s]}, {s:s,s:i,s:i,s:O,s:[s]}, {s:s,s:i,s:i,s:O,s:[s]}]",
                  CREATE("errors.errors", pipe), CREATE("model.bad.inputs", bad), CREATE("model.bad.outputs", bad),
                  CREATE("model.used.inputs", pipe), CREATE("model.used.outputs", pipe),
                  CREATE("pipeline.pipe.inputs", pipe), CREATE("pipeline.pipe.outputs", pipe));
    json_t *expected = json_pack(
        "{s:s, s:o, s:[{s:s,s:s,s:s,s:s,s:s}], s:[{s:s,s:s,s:s,s:s,s:n,s:s,s:n,s:n},{s:s,s:s,s:s,s:s,s:n,s:s,s:n,s:n},"
        "{s:s,s:s,s:s,s:s,s:n,s:n,s:n,s:n},{s:s,s:s,s:s,s:s,s:n,s:n,s:n,s:n}], "
        "s:[{s:s,s:s,s:s,s:n},{s:s,s:s,s:s,s:s}], s:[s], "
        "s:[s], s:[{s:s,s:[{s:i,s:i,s:s}]}]}",
        "clusterId", "C1", "create", create, "delete", "topic", MESH "model.gone.inputs", "owner",
        "Model/seldon-mesh/gone", "reason", "gone.yaml was removed with cleanTopicsOnDelete: true", "approvedId",
        approved_id, "due", "2024-05-01T10:20:38Z", "held", "topic", MESH "model.held.inputs", "owner", held, "state",
        "awaiting-approval", "reason", limit, "alsoReason", "id", id, "approvedId", "due", "topic",
        MESH "model.held.outputs", "owner", held, "state", "awaiting-approval", "reason", limit, "alsoReason", "id", id,
        "approvedId", "due", "topic", MESH "model.used.inputs", "owner", used, "state", "in-use", "reason", needed,
        "alsoReason", "id", "approvedId", "due", "topic", MESH "model.used.outputs", "owner", used, "state", "in-use",
        "reason", needed, "alsoReason", "id", "approvedId", "due", "drift", "topic", MESH "model.drift.inputs", "field",
        "config.max.message.bytes", "wanted", "1000000000", "actual", "topic", MESH "model.drift.inputs", "field",
        "partitions", "wanted", "1", "actual", "3", "driftUnknown", MESH "model.drift.outputs", "orphans",
        MESH "model.lost.inputs", "rejectedFiles", "file", "bad.yaml", "errors", "line", 4, "column", 60, "message",
        l.preview->catalog->rejected.items[0].errors[0].message);
    assert_non_null(expected);
    if (!json_equal(actual, expected))
        assert_string_equal(text.data, json_dumps(expected, JSON_INDENT(2)));
    json_decref(config);
    json_decref(expected);
    json_decref(actual);
    buffer_free(&text);
    end(&l);
}

static void C_plan_json_of_nothing_has_every_key(void **state) {
    (void)state;
    struct scope unknown = SCOPE;
    unknown.cluster_id = NULL;
    struct look l = {.scan = scan_of(NOTHING)};
    l.facts = (struct preview_facts){.scope = &unknown, .scan = l.scan, .rules = &RULES, .now = NOW};
    assert_int_equal(preview_new(&l.facts, &l.preview), 0);
    assert_int_equal(preview_compare_offline(l.preview, &SETTINGS, NULL), 0);
    struct buffer text = {0};
    assert_int_equal(plan_json_format(l.preview, &SETTINGS, &text), 0);
    assert_string_equal(
        text.data, "{\n  \"clusterId\": null,\n  \"create\": [],\n  \"delete\": [],\n  \"held\": [],\n"
                   "  \"drift\": null,\n  \"driftUnknown\": null,\n  \"orphans\": null,\n  \"rejectedFiles\": []\n}\n");
    buffer_free(&text);
    end(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_plan_text_is_like_a_diff),
        cmocka_unit_test(C_plan_text_has_a_topic_once),
        cmocka_unit_test(C_plan_text_of_nothing_is_one_line),
        cmocka_unit_test(C_plan_text_has_colours_on_a_terminal),
        cmocka_unit_test(C_plan_text_names_deletions_that_will_await_approval),
        cmocka_unit_test(C_plan_json_is_as_documented),
        cmocka_unit_test(C_plan_json_of_nothing_has_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
