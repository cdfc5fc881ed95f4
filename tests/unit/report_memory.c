/* Whatever allocation fails, a report says -ENOMEM, leaks nothing and writes nothing half. */
#include "report/explain.h"
#include "report/plan_json.h"
#include "report/plan_text.h"
#include "report/status_json.h"
#include "report/status_text.h"
#include "support/failing_alloc.h"
#include "unit/support/look.h"
#include "unit/support/turn.h"

static const struct property CONFIG[] = {{"max.message.bytes", "1000000000"}};
static const struct topic_policy POLICY = {
    .general = {.partitions = 1, .replication_factor = 1, .config = CONFIG, .n_config = 1}};

/* Calls `step` with the first, second, … allocation failing, until none does. `step` returns 0 or -ENOMEM. */
static void each_allocation(int (*step)(void *), void *context) {
    for (long n = 0;; n++) {
        alloc_fail_after(n);
        int r = step(context);
        bool failed = alloc_reset();
        if (!failed) {
            assert_int_equal(r, 0);
            assert_true(n > 0);
            return;
        }
        if (r != -ENOMEM)
            fail_msg("allocation %ld failed, and the result is %d", n, r);
    }
}

static int format_status(void *turn) {
    struct buffer text = {0};
    int r = status_json_format(&((struct turn *)turn)->report, &text);
    buffer_free(&text);
    return r;
}

static void C_memory_for_the_status_is_exhausted(void **state) {
    (void)state;
    struct turn turn;
    one_of_everything(&turn);
    each_allocation(format_status, &turn);
    turn_end(&turn);
}

/* Neither crashes nor leaks. */
static int read_status(void *text) {
    const struct buffer *json = text;
    struct status_document *document = NULL;
    struct buffer page = {0};
    int r = status_document_read(json->data, json->length, &document);
    if (r == 0) {
        status_text_format(document, (struct moment){.wall_usec = NOON_USEC}, true, &page);
        r = page.failed ? -ENOMEM : 0;
    }
    status_document_free(document);
    buffer_free(&page);
    /* What jansson makes of it is not always a failure, and not always told from a mistake in the text. */
    return alloc_failed ? -ENOMEM : r;
}

static void C_memory_for_reading_the_status_is_exhausted(void **state) {
    (void)state;
    struct turn turn;
    one_of_everything(&turn);
    struct buffer text = {0};
    assert_int_equal(status_json_format(&turn.report, &text), 0);
    each_allocation(read_status, &text);
    buffer_free(&text);
    turn_end(&turn);
}

struct planning {
    struct preview_facts facts;
    const struct found_topic *found;
    size_t n_found;
};

static int preview(void *context) {
    const struct planning *planning = context;
    struct preview *made = NULL;
    struct buffer text = {0}, json = {0};
    int r = preview_new(&planning->facts, &made);
    if (r == 0)
        r = preview_compare(made, &POLICY, planning->found, planning->n_found);
    if (r == 0)
        r = plan_text_format(made, true, &text);
    if (r == 0)
        r = plan_json_format(made, &POLICY, &json);
    preview_free(made);
    buffer_free(&text);
    buffer_free(&json);
    return r;
}

static int preview_offline(void *context) {
    const struct planning *planning = context;
    struct preview *made = NULL;
    int r = preview_new(&planning->facts, &made);
    if (r == 0)
        r = preview_compare_offline(made, &POLICY, planning->facts.last);
    preview_free(made);
    return r;
}

static void C_memory_for_the_plan_is_exhausted(void **state) {
    (void)state;
    static const struct found_topic FOUND[] = {
        {.name = "seldon.seldon-mesh.model.gone.inputs"},
        {.name = "seldon.seldon-mesh.model.iris.inputs", .partitions = 3, .shape_known = true, .config_known = true},
        {.name = "seldon.seldon-mesh.model.lost.inputs", .namespace = "seldon-mesh", .namespace_length = 11},
    };
    struct scope scope = SCOPE;
    scope.cluster_id = NULL;
    struct snapshot *last = snapshot_of(&scope, TEXTS("gone.yaml", MODEL("gone", "true"), "held.yaml",
                                                      MODEL("held", "true"), "iris.yaml", MODEL("iris", "true")));
    struct scan *scan = scan_of(TEXTS("bad.yaml", "kind: x", "iris.yaml", MODEL("iris", "true")));
    struct planning planning = {.facts = {.last = last, .scope = &SCOPE, .scan = scan, .rules = &RULES, .now = NOW},
                                .found = FOUND,
                                .n_found = sizeof FOUND / sizeof *FOUND};
    each_allocation(preview, &planning);
    each_allocation(preview_offline, &planning);
    snapshot_free(last);
    scan_free(scan);
}

static int explain(void *context) {
    const struct planning *planning = context;
    struct preview *made = NULL, *without = NULL;
    struct buffer text = {0};
    struct journal_entry entry = {.wall_usec = NOON_USEC, .message = "created"};
    struct history history = {.entries = {.items = &entry, .count = 1}};
    int r = preview_new(&planning->facts, &made);
    if (r == 0) {
        struct preview_facts after = planning->facts;
        after.last = made->snapshot;
        r = preview_new(&after, &without);
    }
    struct explain_facts facts = {.preview = made, .last = planning->facts.last, .wall_usec = NOON_USEC};
    const struct explained_owner owner = {
        .owner = "Model/seldon-mesh/gone",
        .topics = {"seldon.seldon-mesh.model.gone.inputs", "seldon.seldon-mesh.model.gone.outputs"}};
    const struct history histories[2] = {history, history};
    if (r == 0)
        r = explain_topic_format(&facts, "seldon.seldon-mesh.model.gone.inputs", &text);
    if (r == 0)
        r = explain_topic_json(&facts, "seldon.seldon-mesh.model.gone.inputs", &history, &text);
    if (r == 0)
        r = explain_file_format(&facts, "iris.yaml", without, &text);
    if (r == 0)
        r = explain_file_json(&facts, "iris.yaml", without, &history, &text);
    if (r == 0)
        r = explain_file_format(&facts, "gone.yaml", made, &text);
    if (r == 0)
        r = explain_owner_json(&facts, &owner, histories, &text);
    preview_free(without);
    preview_free(made);
    buffer_free(&text);
    return r;
}

static void C_memory_for_an_explanation_is_exhausted(void **state) {
    (void)state;
    struct snapshot *last =
        snapshot_of(&SCOPE, TEXTS("gone.yaml", MODEL("gone", "true"), "iris.yaml", MODEL("iris", "true")));
    struct scan *scan = scan_of(TEXTS("iris.yaml", MODEL("iris", "true")));
    struct planning planning = {.facts = {.last = last, .scope = &SCOPE, .scan = scan, .rules = &RULES, .now = NOW}};
    each_allocation(explain, &planning);
    snapshot_free(last);
    scan_free(scan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_memory_for_the_status_is_exhausted),
        cmocka_unit_test(C_memory_for_reading_the_status_is_exhausted),
        cmocka_unit_test(C_memory_for_an_explanation_is_exhausted),
        cmocka_unit_test(C_memory_for_the_plan_is_exhausted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
