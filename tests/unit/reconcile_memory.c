/* S2: every allocation of every step from a scan to a plan fails once. Then the step says -ENOMEM, has written nothing
 * out, and what it was made from is as it was; or it is whole. Leaks are the sanitizer's to find (SAN=1). */
#include "base/name.h"
#include "reconcile/owed.h"
#include "reconcile/plan.h"
#include "support/failing_alloc.h"
#include "unit/support/cmocka.h"
#include "unit/support/manifests.h"

#include <stdio.h>

/* Everything that a step may need, made from histories in which everything happens. */
struct bench {
    struct snapshot *last;
    struct scan *scan;
    struct snapshot *next;
    struct catalog *catalog;
    struct desired *desired;
    struct deletions *deletions;
    struct plan *plan;
    struct ledger ledger;
    struct deletion_rules rules;
};

static const struct moment NOW = {5000 * USEC_PER_SEC, 9000 * USEC_PER_SEC};
static const char *const SENT[] = {"p.ns.model.gone1.inputs", "p.ns.model.sent.inputs"};

static struct scan *scan_new(const char *directory, const char *const files[][2], size_t count) {
    struct scan *scan = calloc(1, sizeof *scan);
    assert_non_null(scan);
    scan->complete = true;
    scan->directory = strdup(directory);
    scan->started = (struct moment){NOW.monotonic_usec - 100 * USEC_PER_SEC, NOW.wall_usec - 100 * USEC_PER_SEC};
    for (size_t i = 0; i < count; i++) {
        struct scan_file file = {.name = name_new(files[i][0]), .manifest = make_manifest("p", files[i][1])};
        if (array_push(&scan->files, file) < 0) {
            name_unref(file.name);
            manifest_unref(file.manifest);
            fail_msg("no memory");
        }
    }
    return scan;
}

static struct snapshot *judge_scan(struct snapshot *last, struct scan *scan) {
    struct snapshot *next;
    struct catalog *catalog;
    assert_int_equal(catalog_judge(last, scan, NULL, false, &next, &catalog), 0);
    catalog_free(catalog);
    snapshot_free(last);
    scan_free(scan);
    return next;
}

static void bench_begin(struct bench *bench) {
    static const struct scope scope = {.cluster_id = "A", .prefix = "p", .namespace = "ns", .manifests = "/m"};
    static const char *const first[][2] = {{"a.yaml", "Model gone1 clean; Model gone2 clean"},
                                           {"b.yaml", "Model gone3 clean; Model used"},
                                           {"c.yaml", "Model dropped clean; Model kept clean"},
                                           {"d.yaml", "Model d clean"}};
    static const char *const second[][2] = {{"b.yaml", "Model gone3 clean; Model used"},
                                            {"c.yaml", "Model dropped clean; Model kept clean"},
                                            {"d.yaml", "Model d clean"}};
    static const char *const third[][2] = {{"a.yaml", "Model kept; Model new"},
                                           {"b.yaml", "broken"},
                                           {"c.yaml", "Model kept clean"},
                                           {"d.yaml", ""},
                                           {"e.yaml", "Pipeline e clean uses used,kept"},
                                           {"f.yaml", "Pipeline e"}};
    *bench = (struct bench){.rules = {true, 10 * USEC_PER_SEC, 1, 600 * USEC_PER_SEC}};
    bench->ledger.retry_max_usec = 300 * USEC_PER_SEC;
    bench->last = snapshot_new(&scope);
    bench->last = judge_scan(bench->last, scan_new("one", first, 4));
    bench->last = judge_scan(bench->last, scan_new("one", second, 3));
    assert_int_equal(owed_note_sent(bench->last, SENT, 2, NOW.wall_usec - USEC_PER_SEC), 0);
    bench->scan = scan_new("two", third, 6);
    assert_int_equal(catalog_judge(bench->last, bench->scan, NULL, false, &bench->next, &bench->catalog), 0);
    assert_int_equal(desired_new(bench->next, &bench->desired), 0);
    assert_int_equal(plan_track(&bench->ledger, bench->desired, bench->next), 0);
}

static void bench_end(struct bench *bench) {
    ledger_free(&bench->ledger);
    plan_free(bench->plan);
    deletions_free(bench->deletions);
    desired_free(bench->desired);
    catalog_free(bench->catalog);
    snapshot_free(bench->next);
    snapshot_free(bench->last);
    scan_free(bench->scan);
}

/* A step: returns what the function under test does. */
typedef int step(struct bench *bench);

/* Lets each allocation of the step fail once. `again` undoes a success that came in spite of it. */
static void fail_each(step *run, void (*again)(struct bench *bench), struct bench *bench,
                      const struct snapshot *input) {
    struct snapshot *before = snapshot_copy(input);
    assert_non_null(before);
    for (long n = 0;; n++) {
        alloc_fail_after(n);
        int r = run(bench);
        bool failed = alloc_reset();
        if (!failed) {
            assert_int_equal(r, 0);
            assert_true(n > 0);
            break;
        }
        if (r != 0) {
            assert_int_equal(r, -ENOMEM);
            assert_true(snapshot_equal(before, input));
        } else {
            again(bench);
        }
    }
    snapshot_free(before);
}

static int run_catalog(struct bench *bench) {
    struct snapshot *next = NULL;
    struct catalog *catalog = NULL;
    int r = catalog_judge(bench->last, bench->scan, NULL, true, &next, &catalog);
    assert_true(r == 0 ? next && catalog : !next && !catalog);
    if (r == 0) {
        snapshot_free(bench->next);
        catalog_free(bench->catalog);
        bench->next = next;
        bench->catalog = catalog;
    }
    return r;
}
static void nothing_to_undo(struct bench *bench) {
    assert_int_equal(bench->catalog->rejected.count, 4); /* a, b, d, f */
    assert_int_equal(bench->next->files.count, 4);
    assert_int_equal(bench->next->owed.count, 3);
}

static void S2_catalog(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    fail_each(run_catalog, nothing_to_undo, &bench, bench.last);
    nothing_to_undo(&bench);
    bench_end(&bench);
}

static int run_desired(struct bench *bench) {
    struct desired *desired = NULL;
    int r = desired_new(bench->next, &desired);
    assert_true(r == 0 ? desired != NULL : desired == NULL);
    if (r == 0) {
        desired_free(bench->desired);
        bench->desired = desired;
    }
    return r;
}
static void desired_is_whole(struct bench *bench) {
    assert_int_equal(bench->desired->topics.count, 11);
}

static void S2_desired(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    desired_is_whole(&bench);
    fail_each(run_desired, desired_is_whole, &bench, bench.next);
    desired_is_whole(&bench);
    bench_end(&bench);
}

/* Deletions of one kind are due and too many, so that a hold is written. */
static int run_deletions(struct bench *bench) {
    struct deletions *deletions = NULL;
    struct deletion_facts facts = {.rules = &bench->rules,
                                   .desired = bench->desired,
                                   .catalog = bench->catalog,
                                   .now = NOW,
                                   .scanned_usec = NOW.monotonic_usec,
                                   .changed_usec = NOW.monotonic_usec - 200 * USEC_PER_SEC,
                                   .scan_is_last_word = true,
                                   .ledger = &bench->ledger};
    bench->catalog->rejected.count = 1; /* without those that block (D4) */
    bench->catalog->rejected.items[0].has_last_good = true;
    int r = deletions_judge(bench->next, &facts, &deletions);
    assert_true(r == 0 ? deletions != NULL : deletions == NULL);
    if (r == 0) {
        deletions_free(bench->deletions);
        bench->deletions = deletions;
    }
    return r;
}
static void deletions_are_whole(struct bench *bench) {
    assert_int_equal(bench->deletions->list.count, 3);
    assert_int_equal(bench->deletions->reasons & HOLD_LIMIT, HOLD_LIMIT);
    for (size_t i = 0; i < bench->next->owed.count; i++)
        bench->next->owed.items[i].held = 0;
}

static void S2_deletions(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    fail_each(run_deletions, deletions_are_whole, &bench, bench.next);
    assert_int_equal(bench.next->owed.items[0].held & HOLD_LIMIT, HOLD_LIMIT);
    deletions_are_whole(&bench);
    bench_end(&bench);
}

static int run_plan(struct bench *bench) {
    struct plan *plan = NULL;
    const struct plan_facts facts = {
        .deletions = bench->deletions, .ledger = &bench->ledger, .now_usec = NOW.monotonic_usec};
    int r = plan_make(&facts, &plan);
    assert_true(r == 0 ? plan != NULL : plan == NULL);
    if (r == 0) {
        plan_free(bench->plan);
        bench->plan = plan;
    }
    return r;
}
static void plan_is_whole(struct bench *bench) {
    assert_int_equal(bench->plan->create.count, 9);
    assert_int_equal(bench->plan->ask.count, 1);
    assert_int_equal(bench->plan->failed.count, 1);
    assert_int_equal(bench->plan->delete.count, 6);
    assert_int_equal(bench->plan->deletions.count, 6);
}

static void S2_plan(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.rules.limit_topics = 20;
    bench.last->directory = arena_strdup(&bench.last->arena, "two");
    assert_int_equal(run_catalog(&bench), 0);
    for (size_t i = 0; i < bench.next->owed.count; i++)
        bench.next->owed.items[i].circumstances = 0;
    assert_int_equal(run_deletions(&bench), 0);
    const struct topic_result unknown = {.topic = "p.ns.model.used.inputs", .outcome = OUTCOME_UNKNOWN};
    const struct topic_result refused = {.topic = "p.ns.model.used.outputs", .outcome = OUTCOME_REFUSED};
    ledger_answer(&bench.ledger, OPERATION_CREATE, &unknown, 0);
    ledger_answer(&bench.ledger, OPERATION_CREATE, &refused, NOW.monotonic_usec);
    fail_each(run_plan, plan_is_whole, &bench, bench.next);
    plan_is_whole(&bench);
    bench_end(&bench);
}

static int run_track(struct bench *bench) {
    struct ledger before = bench->ledger;
    int r = plan_track(&bench->ledger, bench->desired, bench->last);
    if (r < 0) {
        assert_int_equal(bench->ledger.topics.count, before.topics.count);
        for (size_t i = 1; i < before.topics.count; i++)
            assert_true(strcmp(bench->ledger.topics.items[i - 1].name, bench->ledger.topics.items[i].name) < 0);
    }
    return r;
}
static void track_another(struct bench *bench) {
    const char *none = "other";
    assert_int_equal(ledger_track(&bench->ledger, &none, 1), 0);
}

static void S2_tracking(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    track_another(&bench);
    fail_each(run_track, track_another, &bench, bench.last);
    bench_end(&bench);
}

/* The words of a refusal may be lost, the fact may not. */
static void S2_a_refusal(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const struct topic_result refused = {
        .topic = "p.ns.model.used.inputs", .outcome = OUTCOME_REFUSED, .code = "CODE", .message = "no"};
    alloc_fail_after(0);
    ledger_answer(&bench.ledger, OPERATION_CREATE, &refused, 0);
    assert_true(alloc_reset());
    assert_true(ledger_find(&bench.ledger, refused.topic)->error_refused);
    assert_null(ledger_find(&bench.ledger, refused.topic)->error);
    bench_end(&bench);
}

static int run_note_sent(struct bench *bench) {
    char text[400][32];
    const char *topics[402] = {SENT[0], "zzz"};
    for (size_t i = 0; i < 400; i++) {
        snprintf(text[i], sizeof text[i], "topic%zu", i);
        topics[i + 2] = text[i];
    }
    return owed_note_sent(bench->next, topics, 402, NOW.wall_usec);
}
static void never(struct bench *bench) {
    (void)bench;
    fail_msg("a deletion that could not be noted counts as noted");
}

static void S2_noting_what_is_sent(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    fail_each(run_note_sent, nothing_to_undo, &bench, bench.next);
    assert_int_equal(bench.next->sent.count, 403);
    bench_end(&bench);
}

static int run_answer(struct bench *bench) {
    char id[17];
    owed_id(bench->next, id);
    return owed_answer(
        bench->next, id, true,
        "a directory with a name that is too long for what is left of a block of an arena, so that one "
        "is allocated: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123");
}

static void S2_an_answer(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    assert_int_equal(run_deletions(&bench), 0);
    bench.next->owed.items[0].held |= HOLD_DIRECTORY;
    fail_each(run_answer, never, &bench, bench.next);
    bench_end(&bench);
}

static int run_copy(struct bench *bench) {
    struct snapshot *copy = snapshot_copy(bench->next);
    if (!copy)
        return -ENOMEM;
    assert_true(snapshot_equal(copy, bench->next));
    snapshot_free(copy);
    return 0;
}

static void S2_a_copy(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    fail_each(run_copy, never, &bench, bench.next);
    bench_end(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(S2_catalog),
        cmocka_unit_test(S2_desired),
        cmocka_unit_test(S2_deletions),
        cmocka_unit_test(S2_plan),
        cmocka_unit_test(S2_tracking),
        cmocka_unit_test(S2_a_refusal),
        cmocka_unit_test(S2_noting_what_is_sent),
        cmocka_unit_test(S2_an_answer),
        cmocka_unit_test(S2_a_copy),
    };
    return cmocka_run_group_tests_name("reconcile_memory", tests, NULL, NULL);
}
