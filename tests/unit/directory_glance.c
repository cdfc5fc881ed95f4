/* A look at what arrived alone, and the complete one after it: directory_glance(). */
#include "support/directory.h"
#include "support/failing_alloc.h"

struct glances {
    struct directory *directory;
    struct scan *last;
};

static void begin(struct glances *glances) {
    put("a.yaml", MODEL("a"));
    put("m.yaml", MODEL("m"));
    glances->directory = open_directory(workdir);
    glances->last = look(glances->directory);
    kernel.opened = 0;
}

static void end(struct glances *glances) {
    scan_free(glances->last);
    directory_free(glances->directory);
}

static int glance(struct glances *glances, const char *const *names, size_t count, struct scan **ret) {
    struct moment now = {.monotonic_usec = 7, .wall_usec = wall_usec() + USEC_PER_SEC};
    return directory_glance(glances->directory, glances->last, names, count, now, ret);
}

static void L1_what_arrived_is_read_alone(void **state) {
    (void)state;
    struct glances glances;
    struct scan *scan;
    begin(&glances);
    put("z.yaml", MODEL("z"));
    put("b.yaml", MODEL("b"));
    put("other.yaml", MODEL("other"));
    assert_int_equal(glance(&glances, (const char *[]){"z.yaml", "b.yaml", "z.yaml"}, 3, &scan), 0);
    assert_false(scan->complete);
    assert_int_equal(scan->started.monotonic_usec, 7);
    assert_int_equal(scan->files.count, 2);
    assert_string_equal(scan->files.items[0].name, "b.yaml");
    assert_string_equal(resource_name(scan, "z.yaml"), "z");
    scan_free(scan);
    end(&glances);
}

static void L1_the_complete_look_knows_it_again(void **state) {
    (void)state;
    struct glances glances;
    struct scan *scan, *complete;
    begin(&glances);
    put("b.yaml", MODEL("b"));
    put("c.yaml", MODEL("c"));
    assert_int_equal(glance(&glances, (const char *[]){"b.yaml", "c.yaml"}, 2, &scan), 0);
    put("c.yaml", MODEL("changed"));
    complete = look(glances.directory);
    assert_true(complete->complete);
    assert_int_equal(complete->files.count, 4);
    assert_ptr_equal(manifest_of(complete, "a.yaml"), manifest_of(glances.last, "a.yaml"));
    assert_ptr_equal(manifest_of(complete, "b.yaml"), manifest_of(scan, "b.yaml"));
    assert_string_equal(resource_name(complete, "c.yaml"), "changed");
    scan_free(complete);
    unlink(in("b.yaml"));
    complete = look(glances.directory);
    assert_null(scan_find(complete, "b.yaml"));
    scan_free(complete);
    scan_free(scan);
    end(&glances);
}

static void L1_a_wrong_hint_finds_nothing(void **state) {
    (void)state;
    static const char *const names[] = {"a.yaml",      "gone.yaml",  "x.txt",    ".h.yaml",
                                        "broken.yaml", "empty.yaml", "fifo.yaml"};
    struct glances glances;
    struct scan *scan;
    begin(&glances);
    put("a.yaml", MODEL("changed"));
    put("x.txt", MODEL("x"));
    put(".h.yaml", MODEL("h"));
    put("broken.yaml", "kind: Model\n");
    put("empty.yaml", "");
    assert_int_equal(mkfifo(in("fifo.yaml"), 0644), 0);
    alarm(10);
    assert_int_equal(glance(&glances, names, 7, &scan), 1);
    alarm(0);
    assert_int_equal(glance(&glances, names, 0, &scan), 1);
    end(&glances);
}

static void L1_nothing_arrives_in_another_directory(void **state) {
    (void)state;
    struct glances glances = {0};
    struct scan *scan;
    assert_int_equal(mkdir(in("manifests.d"), 0755), 0);
    glances.directory = open_directory(in("manifests.d"));
    glances.last = look(glances.directory);
    assert_int_equal(rename(in("manifests.d"), in("old")), 0);
    assert_int_equal(glance(&glances, (const char *[]){"b.yaml"}, 1, &scan), 1);
    assert_int_equal(mkdir(in("manifests.d"), 0755), 0);
    put("manifests.d/b.yaml", MODEL("b"));
    assert_int_equal(glance(&glances, (const char *[]){"b.yaml"}, 1, &scan), 1);
    end(&glances);
}

static void L1_want_of_descriptors_is_no_verdict(void **state) {
    (void)state;
    struct glances glances;
    struct scan *scan;
    begin(&glances);
    put("b.yaml", MODEL("b"));
    kernel.open_error = EMFILE;
    assert_int_equal(glance(&glances, (const char *[]){"b.yaml"}, 1, &scan), -EMFILE);
    kernel.open_error = EACCES;
    assert_int_equal(glance(&glances, (const char *[]){"b.yaml"}, 1, &scan), 1);
    kernel.open_error = 0;
    end(&glances);
}

static void S2_each_allocation_of_a_glance_may_fail(void **state) {
    (void)state;
    struct glances glances;
    begin(&glances);
    put("b.yaml", MODEL("b"));
    put("c.yaml", MODEL("c"));
    bool failed = true;
    for (long n = 0; failed; n++) {
        struct scan *scan = NULL, *longer = NULL;
        alloc_fail_after(n);
        int r = glance(&glances, (const char *[]){"b.yaml", "c.yaml"}, 2, &scan);
        if (r == 0)
            longer = scan_extend(glances.last, scan->started, scan->files.items, scan->files.count);
        failed = alloc_reset();
        assert_true(r == 0 || failed);
        assert_true(failed || longer->files.count == 4);
        scan_free(longer);
        scan_free(scan);
        /* What it may have left in the cache does no harm. */
        scan_free(glances.last);
        unlink(in("b.yaml"));
        glances.last = look(glances.directory);
        assert_int_equal(glances.last->files.count, 3);
        scan_free(glances.last);
        unlink(in("c.yaml"));
        glances.last = look(glances.directory);
        put("b.yaml", MODEL("b"));
        put("c.yaml", MODEL("c"));
    }
    end(&glances);
}

static void L1_an_extended_scan_has_what_arrived_in_its_place(void **state) {
    (void)state;
    struct glances glances;
    struct scan *scan, *longer;
    begin(&glances);
    put("z.yaml", MODEL("z"));
    put("b.yaml", MODEL("b"));
    assert_int_equal(glance(&glances, (const char *[]){"z.yaml", "b.yaml"}, 2, &scan), 0);
    longer = scan_extend(glances.last, scan->started, scan->files.items, scan->files.count);
    static const char *const names[] = {"a.yaml", "b.yaml", "m.yaml", "z.yaml"};
    assert_int_equal(longer->files.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(longer->files.items[i].name, names[i]);
    assert_ptr_equal(manifest_of(longer, "a.yaml"), manifest_of(glances.last, "a.yaml"));
    assert_true(longer->extended && !longer->complete);
    assert_string_equal(longer->directory, glances.last->directory);
    scan_free(longer);
    scan_free(scan);
    end(&glances);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(L1_what_arrived_is_read_alone, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_the_complete_look_knows_it_again, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_a_wrong_hint_finds_nothing, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_nothing_arrives_in_another_directory, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_want_of_descriptors_is_no_verdict, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_an_extended_scan_has_what_arrived_in_its_place, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(S2_each_allocation_of_a_glance_may_fail, kernel_reset, workdir_remove),
    };
    return cmocka_run_group_tests_name("directory_glance", tests, NULL, NULL);
}
