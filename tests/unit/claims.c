/* M7 and M6 as catalog_judge() has them: who gets a resource that several files claim, and what a rejected file says.
 */
#include "base/name.h"
#include "reconcile/catalog.h"
#include "unit/support/cmocka.h"
#include "unit/support/manifests.h"

#include <stdio.h>
#include <time.h>

/* A directory and the snapshot that its scans led to. */
struct bench {
    struct scan *scan, *judged; /* being filled; the one that the catalog refers to */
    struct snapshot *snapshot;
    struct catalog *catalog;
};

static void put(struct bench *bench, const char *name, const char *text) {
    if (!bench->scan) {
        bench->scan = calloc(1, sizeof *bench->scan);
        assert_non_null(bench->scan);
        bench->scan->complete = true;
        bench->scan->directory = strdup("dir");
    }
    struct scan_file file = {.name = name_new(name), .manifest = make_manifest("p", text)};
    if (array_push(&bench->scan->files, file) < 0) {
        name_unref(file.name);
        manifest_unref(file.manifest);
        fail_msg("no memory");
    }
}

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct scan_file *)a)->name, ((const struct scan_file *)b)->name);
}

/* Judges what was put, and begins an empty directory. */
static void judge(struct bench *bench) {
    static const struct scope scope = {.prefix = "p", .namespace = "ns", .manifests = "/m"};
    struct snapshot *last = bench->snapshot ? bench->snapshot : snapshot_new(&scope), *next;
    qsort(bench->scan->files.items, bench->scan->files.count, sizeof *bench->scan->files.items, compare_files);
    catalog_free(bench->catalog);
    assert_int_equal(catalog_judge(last, bench->scan, NULL, false, &next, &bench->catalog), 0);
    snapshot_free(last);
    scan_free(bench->judged);
    bench->judged = bench->scan;
    bench->snapshot = next;
    bench->scan = NULL;
}

static void finish(struct bench *bench) {
    scan_free(bench->judged);
    catalog_free(bench->catalog);
    snapshot_free(bench->snapshot);
}

/* The file that a resource is accepted from; NULL if none. */
static const char *holder(const struct bench *bench, const char *name) {
    const char *found = NULL;
    for (size_t i = 0; i < bench->snapshot->files.count; i++) {
        const struct accepted_file *file = &bench->snapshot->files.items[i];
        for (size_t k = 0; k < file->resources->count; k++)
            if (strcmp(file->resources->items[k].name, name) == 0) {
                assert_null(found); /* nothing is held twice */
                found = file->name;
            }
    }
    return found;
}

static void assert_holder(const struct bench *bench, const char *name, const char *file) {
    const char *found = holder(bench, name);
    if (!file)
        assert_null(found);
    else
        assert_string_equal(found ? found : "nobody", file);
}

static void assert_rejected(const struct bench *bench, const char *file, const char *message) {
    const struct rejected_file *rejected = catalog_rejected(bench->catalog, file);
    if (!message) {
        assert_null(rejected);
        return;
    }
    assert_non_null(rejected);
    assert_int_equal(rejected->n_errors, 1);
    assert_string_equal(rejected->errors[0].message, message);
}

static void M7_the_first_by_byte_order_gets_what_nobody_held(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "b.yaml", "Model x; Model y");
    put(&bench, "a.yaml", "Model x");
    put(&bench, "B.yaml", "Model y");
    judge(&bench);
    assert_holder(&bench, "x", "a.yaml");
    assert_holder(&bench, "y", "B.yaml");
    assert_int_equal(bench.catalog->rejected.count, 1);
    assert_rejected(&bench, "b.yaml", "Model/ns/x is in a.yaml too; remove it from one of the two files");
    assert_int_equal(catalog_rejected(bench.catalog, "b.yaml")->errors[0].mark.line, 1);
    assert_false(catalog_rejected(bench.catalog, "b.yaml")->has_last_good);
    assert_int_equal(bench.catalog->n_models, 2);
    finish(&bench);
}

static void M7_the_holder_keeps_it(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "b.yaml", "Model x");
    judge(&bench);
    put(&bench, "a.yaml", "Model x; Model y");
    put(&bench, "b.yaml", "Model x clean");
    judge(&bench);
    assert_holder(&bench, "x", "b.yaml");
    assert_holder(&bench, "y", NULL);
    assert_true(snapshot_file(bench.snapshot, "b.yaml")->resources->items[0].clean); /* its new version is accepted */
    put(&bench, "a.yaml", "Model x; Model y");
    put(&bench, "b.yaml", "broken");
    judge(&bench);
    assert_holder(&bench, "x", "b.yaml"); /* at its last good version */
    put(&bench, "a.yaml", "Model x; Model y");
    judge(&bench);
    assert_holder(&bench, "x", "a.yaml");
    assert_holder(&bench, "y", "a.yaml");
    assert_int_equal(bench.snapshot->owed.count, 0); /* nothing deleted in between */
    finish(&bench);
}

static void M7_files_exchange_and_rotate_in_one_scan(void **state) {
    (void)state;
    enum { FILES = 10000 };
    struct bench bench = {0};
    char name[16], text[32];
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < FILES; i++) {
            snprintf(name, sizeof name, "%05d.yaml", i);
            snprintf(text, sizeof text, "Model m%d clean", (i + turn) % FILES);
            put(&bench, name, text);
        }
        judge(&bench);
        assert_int_equal(bench.catalog->rejected.count, 0);
    }
    assert_int_equal(bench.snapshot->owed.count, 0);
    assert_holder(&bench, "m0", "09999.yaml");
    assert_holder(&bench, "m1", "00000.yaml");
    /* Again, but one of them is broken: who wants what it holds stays back, and who wants what that one holds, … */
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "%05d.yaml", i);
        snprintf(text, sizeof text, "Model m%d clean", (i + 2) % FILES);
        put(&bench, name, i == 5000 ? "broken" : text);
    }
    judge(&bench);
    assert_int_equal(bench.catalog->rejected.count, FILES);
    assert_holder(&bench, "m5001", "05000.yaml");
    assert_holder(&bench, "m1", "00000.yaml");
    assert_int_equal(bench.snapshot->owed.count, 0);
    finish(&bench);
}

/* a loses to what b falls back to, which … */
static void M7_chains(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "a.yaml", "Model a");
    put(&bench, "b.yaml", "Model b");
    put(&bench, "c.yaml", "Model c");
    put(&bench, "d.yaml", "Model d");
    judge(&bench);
    put(&bench, "a.yaml", "Model b");
    put(&bench, "b.yaml", "Model c");
    put(&bench, "c.yaml", "Model d");
    put(&bench, "d.yaml", "broken");
    put(&bench, "e.yaml", "Model a; Model e");
    judge(&bench);
    assert_holder(&bench, "a", "a.yaml");
    assert_holder(&bench, "b", "b.yaml");
    assert_holder(&bench, "c", "c.yaml");
    assert_holder(&bench, "d", "d.yaml");
    assert_rejected(&bench, "a.yaml", "Model/ns/b is in b.yaml too; remove it from one of the two files");
    assert_rejected(&bench, "b.yaml", "Model/ns/c is in c.yaml too; remove it from one of the two files");
    assert_rejected(&bench, "c.yaml", "Model/ns/d is in d.yaml too; remove it from one of the two files");
    assert_rejected(&bench, "e.yaml", "Model/ns/a is in a.yaml too; remove it from one of the two files");
    put(&bench, "a.yaml", "Model b");
    put(&bench, "b.yaml", "Model c");
    put(&bench, "c.yaml", "Model d");
    put(&bench, "e.yaml", "Model a; Model e");
    judge(&bench);
    assert_int_equal(bench.catalog->rejected.count, 0);
    assert_holder(&bench, "d", "c.yaml");
    assert_holder(&bench, "a", "e.yaml");
    finish(&bench);
}

/* a wins r1 from b, then loses r2 to 0: nobody has r1 but b. */
static void M7_nobody_is_rejected_for_a_claim_that_fell(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "0.yaml", "Model r2");
    put(&bench, "a.yaml", "Model r1; Model r2");
    put(&bench, "b.yaml", "Model r1");
    judge(&bench);
    assert_holder(&bench, "r1", "b.yaml");
    assert_holder(&bench, "r2", "0.yaml");
    assert_rejected(&bench, "b.yaml", NULL);
    assert_rejected(&bench, "a.yaml", "Model/ns/r2 is in 0.yaml too; remove it from one of the two files");
    finish(&bench);
}

/* As before, and what b held until now is all that c lacks. */
static void M7_who_is_let_in_lets_others_in(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "b.yaml", "Model kept");
    judge(&bench);
    put(&bench, "0.yaml", "Model r2");
    put(&bench, "a.yaml", "Model r1; Model r2");
    put(&bench, "b.yaml", "Model r1");
    put(&bench, "c.yaml", "Model kept");
    put(&bench, "d.yaml", "Model kept; Model r1");
    judge(&bench);
    assert_holder(&bench, "r1", "b.yaml");
    assert_holder(&bench, "kept", "c.yaml");
    assert_rejected(&bench, "c.yaml", NULL);
    assert_non_null(catalog_rejected(bench.catalog, "d.yaml"));
    assert_int_equal(bench.catalog->rejected.count, 2);
    finish(&bench);
}

static void M7_all_claim_one_resource(void **state) {
    (void)state;
    enum { FILES = 10000 };
    static const char *const holders[] = {"00000.yaml", "09999.yaml"};
    for (size_t turn = 0; turn < 2; turn++) {
        struct bench bench = {0};
        char name[16];
        struct timespec begin, end;
        put(&bench, holders[turn], "Model x");
        judge(&bench);
        for (int i = 0; i < FILES; i++) {
            snprintf(name, sizeof name, "%05d.yaml", i);
            put(&bench, name, "Model x");
        }
        clock_gettime(CLOCK_MONOTONIC, &begin);
        judge(&bench);
        clock_gettime(CLOCK_MONOTONIC, &end);
        assert_holder(&bench, "x", holders[turn]);
        assert_int_equal(bench.catalog->rejected.count, FILES - 1);
        assert_true(end.tv_sec - begin.tv_sec < 3); /* some 50 ms; quadratic would take a minute */
        finish(&bench);
    }
}

static void M7_kind_and_namespace_tell_apart(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "a.yaml", "Model x");
    put(&bench, "b.yaml", "Pipeline x");
    put(&bench, "c.yaml", "Model other/x");
    judge(&bench);
    assert_int_equal(bench.catalog->rejected.count, 0);
    assert_int_equal(bench.catalog->n_models, 2);
    assert_int_equal(bench.catalog->n_pipelines, 1);
    finish(&bench);
}

static void M6_one_error_and_the_whole_file_stays(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "a.yaml", "Model x clean; Model y clean");
    judge(&bench);
    uint64_t generation = bench.snapshot->generation;
    put(&bench, "a.yaml", "broken");
    judge(&bench);
    assert_holder(&bench, "x", "a.yaml");
    assert_holder(&bench, "y", "a.yaml");
    assert_int_equal(bench.snapshot->generation, generation);
    assert_false(bench.catalog->changed);
    assert_true(catalog_rejected(bench.catalog, "a.yaml")->has_last_good);
    assert_string_equal(catalog_rejected(bench.catalog, "a.yaml")->errors[0].message, "it is broken");
    finish(&bench);
}

static void M6_an_emptied_file_is_rejected(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "a.yaml", "Model x clean");
    put(&bench, "b.yaml", "");
    judge(&bench);
    assert_int_equal(bench.catalog->rejected.count, 0); /* it never held anything */
    put(&bench, "a.yaml", "");
    put(&bench, "b.yaml", "");
    judge(&bench);
    assert_holder(&bench, "x", "a.yaml");
    assert_rejected(&bench, "a.yaml",
                    "this file held 1 resource and now holds none; to remove it, remove the file, so that an emptied "
                    "file is not taken for a removal");
    assert_int_equal(bench.snapshot->owed.count, 0);
    finish(&bench);
}

/* D4: it was accepted while it was empty, as every file is that is written slowly. */
static void D4_an_empty_version_is_not_a_last_good_one(void **state) {
    (void)state;
    struct bench bench = {0};
    put(&bench, "a.yaml", "");
    judge(&bench);
    put(&bench, "a.yaml", "broken");
    judge(&bench);
    assert_false(catalog_rejected(bench.catalog, "a.yaml")->has_last_good);
    finish(&bench);
}

static void M6_generations_count_changes_of_the_accepted_set(void **state) {
    (void)state;
    struct bench bench = {0};
    static const struct {
        const char *name, *text;
        unsigned generation;
    } steps[] = {
        {"a.yaml", "Model x", 1},          {"a.yaml", "Model x", 1}, {"a.yaml", "Model x clean", 2},
        {"a.yaml", "broken", 2},           {"a.yaml", "", 2},        {"b.yaml", "Model x clean", 3},
        {"b.yaml", "Model x; Model y", 4},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        put(&bench, steps[i].name, steps[i].text);
        judge(&bench);
        assert_int_equal(bench.snapshot->generation, steps[i].generation);
        assert_int_equal(bench.catalog->changed, i == 0 || steps[i - 1].generation != steps[i].generation);
    }
    finish(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M7_the_first_by_byte_order_gets_what_nobody_held),
        cmocka_unit_test(M7_the_holder_keeps_it),
        cmocka_unit_test(M7_files_exchange_and_rotate_in_one_scan),
        cmocka_unit_test(M7_chains),
        cmocka_unit_test(M7_nobody_is_rejected_for_a_claim_that_fell),
        cmocka_unit_test(M7_who_is_let_in_lets_others_in),
        cmocka_unit_test(M7_all_claim_one_resource),
        cmocka_unit_test(M7_kind_and_namespace_tell_apart),
        cmocka_unit_test(M6_one_error_and_the_whole_file_stays),
        cmocka_unit_test(M6_an_emptied_file_is_rejected),
        cmocka_unit_test(D4_an_empty_version_is_not_a_last_good_one),
        cmocka_unit_test(M6_generations_count_changes_of_the_accepted_set),
    };
    return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
