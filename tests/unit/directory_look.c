/* When a look at the manifests directory is complete, and what is known from one to the next: store/directory.h. */
#include "support/directory.h"
#include "support/failing_alloc.h"

#include <linux/magic.h>
#include <signal.h>
#include <sys/resource.h>

/* ---- D2: what makes a look incomplete ---- */

static void assert_incomplete(struct directory *directory, const char *words) {
    struct scan *scan = look(directory);
    assert_false(scan->complete);
    assert_int_equal(scan->files.count, 0);
    assert_non_null(scan->error);
    if (!strstr(scan->error, words) || !strstr(scan->error, workdir))
        fail_msg("\"%s\" does not say \"%s\"", scan->error, words);
    scan_free(scan);
}

static void D2_a_missing_directory_makes_the_look_incomplete(void **state) {
    (void)state;
    struct directory *directory = open_directory(in("manifests.d"));
    assert_incomplete(directory, "cannot be opened (No such file or directory): create it");
    put("manifests.d", "");
    assert_incomplete(directory, "cannot be opened (Not a directory)");
    unlink(in("manifests.d"));
    mkdir(in("manifests.d"), 0755);
    struct scan *scan = look(directory);
    assert_true(scan->complete);
    scan_free(scan);
    directory_free(directory);
}

static void see_closed_directory(void) {
    struct directory *directory = open_directory(workdir);
    assert_incomplete(directory, "cannot be opened (Permission denied): make it readable");
}

static void D2_a_directory_that_may_not_be_read_makes_the_look_incomplete(void **state) {
    (void)state;
    assert_int_equal(chmod(workdir, 0700), 0);
    as_nobody(see_closed_directory);
}

static void D2_want_of_descriptors_or_memory_makes_the_look_incomplete(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    struct directory *directory = open_directory(workdir);
    static const int errors[] = {EMFILE, ENFILE, ENOMEM};
    for (size_t i = 0; i < 3; i++) {
        kernel.open_error = errors[i];
        assert_incomplete(directory, "cannot be read completely");
        kernel.open_error = 0;
        kernel.stat_error = errors[i];
        assert_incomplete(directory, "cannot be read completely");
        kernel.stat_error = 0;
    }
    kernel.read_error = ENOMEM;
    assert_incomplete(directory, "cannot be read completely");
    kernel.read_error = 0;
    kernel.readdir_error = EIO;
    assert_incomplete(directory, "cannot be listed (Input/output error)");
    kernel.readdir_error = 0;
    struct scan *scan = look(directory);
    assert_true(scan->complete);
    assert_accepted(scan, "x.yaml");
    scan_free(scan);
    directory_free(directory);
}

static void D2_a_limit_of_descriptors_that_is_reached_makes_the_look_incomplete(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    struct directory *directory = open_directory(workdir);
    int fd = open("/dev/null", O_RDONLY);
    close(fd);
    struct rlimit old, low;
    getrlimit(RLIMIT_NOFILE, &old);
    low = (struct rlimit){.rlim_cur = (rlim_t)fd + 1, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low); /* room for the directory alone */
    struct scan *scan = look(directory);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_false(scan->complete);
    assert_non_null(strstr(scan->error, "Too many open files"));
    scan_free(scan);
    directory_free(directory);
}

static void replace_directory(const char *name) {
    (void)name;
    assert_int_equal(rename(in("d"), in("old")), 0);
    mkdir(in("d"), 0755);
}

static void D2_a_directory_that_is_replaced_during_the_look_makes_it_incomplete(void **state) {
    (void)state;
    mkdir(in("d"), 0755);
    put("d/x.yaml", MODEL("x"));
    struct directory *directory = open_directory(in("d"));
    kernel.before_open = replace_directory;
    bool again = false;
    struct scan *scan = look_later(directory, USEC_PER_SEC, &again);
    assert_false(scan->complete);
    assert_non_null(strstr(scan->error, "was replaced"));
    assert_true(again);
    scan_free(scan);
    directory_free(directory);
}

static void D2_a_name_that_is_listed_twice_is_one_file(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    put("y.yaml", MODEL("z"));
    kernel.list_twice = true;
    struct scan *scan = look_once();
    assert_int_equal(scan->files.count, 2);
    assert_string_equal(resource_name(scan, "x.yaml"), "x");
    assert_string_equal(resource_name(scan, "y.yaml"), "z");
    scan_free(scan);
}

static void D6_a_directory_has_an_identity(void **state) {
    (void)state;
    mkdir(in("d"), 0755);
    struct directory *directory = open_directory(in("d"));
    struct scan *first = look(directory), *second = look(directory);
    struct stat st;
    stat(in("d"), &st);
    char begin[32];
    snprintf(begin, sizeof begin, "%ju@", (uintmax_t)st.st_ino);
    assert_string_equal(first->directory, second->directory);
    assert_memory_equal(first->directory, begin, strlen(begin));
    rename(in("d"), in("old"));
    mkdir(in("d"), 0755);
    struct scan *third = look(directory);
    assert_true(third->complete);
    assert_string_not_equal(first->directory, third->directory);
    scan_free(first);
    scan_free(second);
    scan_free(third);
    directory_free(directory);
}

/* On ext4 the new one often gets the inode of the old one. */
static void D6_a_directory_that_was_made_anew_is_another_one(void **state) {
    (void)state;
    mkdir(in("d"), 0755);
    struct directory *directory = open_directory(in("d"));
    struct scan *first = look(directory);
    rmdir(in("d"));
    mkdir(in("d"), 0755);
    struct scan *second = look(directory);
    assert_string_not_equal(first->directory, second->directory);
    scan_free(first);
    scan_free(second);
    directory_free(directory);
}

static void D6_the_file_system_is_part_of_the_identity(void **state) {
    (void)state;
    struct directory *here = open_directory(workdir), *there = open_directory("/dev/shm");
    struct scan *a = look(here), *b = look(there);
    assert_string_not_equal(strchr(a->directory, '@'), strchr(b->directory, '@'));
    scan_free(a);
    scan_free(b);
    directory_free(here);
    directory_free(there);
}

static void L1_the_moment_of_the_look_is_kept(void **state) {
    (void)state;
    struct directory *directory = open_directory(workdir);
    struct scan *scan;
    bool again;
    struct moment now = {.monotonic_usec = 7, .wall_usec = 9};
    assert_int_equal(directory_scan(directory, now, &scan, &again), 0);
    assert_int_equal(scan->started.monotonic_usec, 7);
    assert_int_equal(scan->started.wall_usec, 9);
    scan_free(scan);
    directory_free(directory);
}

/* ---- L1: the cache ---- */

static void L1_an_unchanged_file_is_not_opened_again(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    put("bad.yaml", "kind: [");
    struct directory *directory = open_directory(workdir);
    bool again = true;
    struct scan *first = look_later(directory, USEC_PER_SEC, &again);
    assert_false(again);
    assert_int_equal(kernel.opened, 2);
    struct scan *second = look_later(directory, USEC_PER_SEC, &again);
    assert_false(again);
    assert_int_equal(kernel.opened, 2);
    assert_ptr_equal(manifest_of(first, "x.yaml"), manifest_of(second, "x.yaml"));
    assert_ptr_equal(manifest_of(first, "bad.yaml"), manifest_of(second, "bad.yaml"));
    scan_free(first);
    directory_free(directory);
    assert_accepted(second, "x.yaml"); /* a scan outlives the directory and earlier scans */
    scan_free(second);
}

static void L1_a_changed_file_is_read_again(void **state) {
    (void)state;
    put("a.yaml", MODEL("a"));
    put("x.yaml", MODEL("one"));
    struct directory *directory = open_directory(workdir);
    scan_free(look(directory));
    put("x.yaml", MODEL("two"));
    put("n.yaml", MODEL("new"));
    unlink(in("a.yaml"));
    struct scan *scan = look(directory);
    assert_int_equal(scan->files.count, 2);
    assert_string_equal(resource_name(scan, "x.yaml"), "two");
    assert_string_equal(resource_name(scan, "n.yaml"), "new");
    scan_free(scan);
    directory_free(directory);
}

/* Writes it in place, in the same size, and sets mtime back. */
static void rewrite(const char *text) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000000000}};
    int fd = open(in("x.yaml"), O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

/* When the file changed, by the clock of its file system: a look at a time counted from that finds it as young on a
 * slow machine as on a fast one. */
static uint64_t changed_usec(const char *name) {
    struct stat st;
    assert_int_equal(fstatat(AT_FDCWD, in(name), &st, 0), 0);
    return (uint64_t)st.st_ctim.tv_sec * USEC_PER_SEC + (uint64_t)st.st_ctim.tv_nsec / 1000;
}

static void L1_a_rewrite_within_the_same_tick_is_noticed(void **state) {
    (void)state;
    kernel.coarse = true;
    struct directory *directory = open_directory(workdir);
    for (int i = 0; i < 200; i++) {
        bool again = false;
        rewrite(i % 2 ? MODEL("two") : MODEL("one"));
        struct scan *scan = look_at(directory, changed_usec("x.yaml") + 99 * USEC_PER_MSEC, &again);
        assert_true(again);
        assert_string_equal(resource_name(scan, "x.yaml"), i % 2 ? "two" : "one");
        scan_free(scan);
    }
    directory_free(directory);
}

static void L1_a_rewrite_with_the_old_mtime_is_noticed(void **state) {
    (void)state;
    struct directory *directory = open_directory(workdir);
    rewrite(MODEL("one"));
    scan_free(look(directory));
    struct timespec tick = {.tv_nsec = 20000000};
    nanosleep(&tick, NULL);
    rewrite(MODEL("two"));
    struct scan *scan = look(directory);
    assert_string_equal(resource_name(scan, "x.yaml"), "two");
    scan_free(scan);
    directory_free(directory);
}

static void L1_a_file_is_trusted_once_it_has_rested(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    uint64_t then_usec = changed_usec("x.yaml");
    struct directory *directory = open_directory(workdir);
    bool again = false;
    scan_free(look_at(directory, then_usec, &again));
    assert_true(again);
    scan_free(look_at(directory, then_usec + 99 * USEC_PER_MSEC, &again));
    assert_true(again);
    assert_int_equal(kernel.opened, 2);
    scan_free(look_at(directory, then_usec + 100 * USEC_PER_MSEC, &again));
    assert_false(again);
    assert_int_equal(kernel.opened, 3);
    scan_free(look_at(directory, then_usec, &again)); /* trust lasts */
    assert_false(again);
    assert_int_equal(kernel.opened, 3);
    directory_free(directory);
}

static void L1_a_clock_that_was_set_back_causes_no_endless_looking(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    struct directory *directory = open_directory(workdir);
    bool again = true;
    struct scan *scan;
    struct moment past = {.wall_usec = wall_usec() - 3600 * USEC_PER_SEC};
    for (unsigned i = 1; i <= 2; i++) {
        assert_int_equal(directory_scan(directory, past, &scan, &again), 0);
        assert_false(again);
        assert_int_equal(kernel.opened, i); /* but nothing is taken for granted either */
        scan_free(scan);
    }
    directory_free(directory);
}

static void L1_other_options_read_everything_anew(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    struct directory *directory = open_directory(workdir);
    scan_free(look(directory));
    struct manifest_options other = {.topic_prefix = "t", .default_namespace = "ns", .unknown_is_warning = true};
    assert_int_equal(directory_set_options(directory, &other), 0);
    struct scan *scan = look(directory);
    assert_int_equal(kernel.opened, 2);
    assert_string_equal(manifest_of(scan, "x.yaml")->resources->items[0].namespace, "ns");
    assert_string_equal(manifest_of(scan, "x.yaml")->resources->items[0].owned[0], "t.ns.model.x.inputs");
    scan_free(scan);
    directory_free(directory);
}

static void L1_an_incomplete_look_forgets_nothing(void **state) {
    (void)state;
    put("a.yaml", MODEL("a"));
    struct directory *directory = open_directory(workdir);
    scan_free(look(directory));
    put("x.yaml", MODEL("x"));
    kernel.open_error = EMFILE;
    assert_incomplete(directory, "raise the limit of open files");
    kernel.open_error = 0;
    scan_free(look(directory));
    assert_int_equal(kernel.opened, 3);
    directory_free(directory);
}

static void L1_network_file_systems_need_polling(void **state) {
    (void)state;
    assert_false(directory_needs_polling(workdir));
    assert_false(directory_needs_polling(in("nothing")));
    static const long remote[] = {NFS_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, V9FS_MAGIC,
                                  FUSE_SUPER_MAGIC, CEPH_SUPER_MAGIC, AFS_FS_MAGIC};
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++) {
        kernel.fs_type = remote[i];
        assert_true(directory_needs_polling(workdir));
    }
    kernel.fs_type = EXT4_SUPER_MAGIC;
    assert_false(directory_needs_polling(workdir));
}

/* ---- S2 ---- */

/* The files' names and verdicts, as far as the look came. */
static void assert_whole(const struct scan *scan) {
    if (!scan->complete) {
        assert_non_null(scan->error);
        assert_int_equal(scan->files.count, 0);
        return;
    }
    assert_int_equal(scan->files.count, 3);
    assert_string_equal(resource_name(scan, "a.yaml"), "a");
    assert_rejected(scan, "b.yaml", "named pipe");
    assert_null(manifest_of(scan, "c.yaml")->resources);
}

static void S2_each_allocation_of_a_look_may_fail(void **state) {
    (void)state;
    put("a.yaml", MODEL("a"));
    assert_int_equal(mkfifo(in("b.yaml"), 0644), 0);
    put("c.yaml", "kind: [");
    bool failed = true;
    for (long n = 0; failed; n++) {
        struct directory *directory = NULL;
        struct scan *scan = NULL;
        bool again;
        struct moment now = {.wall_usec = wall_usec() + USEC_PER_SEC};
        alloc_fail_after(n);
        int r = directory_new(workdir, &options, &directory);
        r = r < 0 ? r : directory_scan(directory, now, &scan, &again);
        failed = alloc_reset();
        assert_true(r == 0 || (failed && r == -ENOMEM));
        if (r == 0)
            assert_whole(scan);
        scan_free(scan);
        directory_free(directory);
    }
    struct scan *scan = look_once();
    assert_whole(scan);
    scan_free(scan);
}

static void S2_a_failed_change_of_options_changes_nothing(void **state) {
    (void)state;
    put("a.yaml", MODEL("a"));
    struct directory *directory = open_directory(workdir);
    scan_free(look(directory));
    struct manifest_options other = {.topic_prefix = "t", .default_namespace = "ns"};
    for (long n = 0; n < 2; n++) {
        alloc_fail_after(n);
        assert_int_equal(directory_set_options(directory, &other), -ENOMEM);
        assert_true(alloc_reset());
    }
    struct scan *scan = look(directory);
    assert_int_equal(kernel.opened, 1);
    assert_string_equal(manifest_of(scan, "a.yaml")->resources->items[0].namespace, "seldon-mesh");
    scan_free(scan);
    directory_free(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(D2_a_missing_directory_makes_the_look_incomplete, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D2_a_directory_that_may_not_be_read_makes_the_look_incomplete, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(D2_want_of_descriptors_or_memory_makes_the_look_incomplete, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(D2_a_limit_of_descriptors_that_is_reached_makes_the_look_incomplete,
                                        kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D2_a_directory_that_is_replaced_during_the_look_makes_it_incomplete,
                                        kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D2_a_name_that_is_listed_twice_is_one_file, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D6_a_directory_has_an_identity, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D6_a_directory_that_was_made_anew_is_another_one, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D6_the_file_system_is_part_of_the_identity, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_the_moment_of_the_look_is_kept, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_an_unchanged_file_is_not_opened_again, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_a_changed_file_is_read_again, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_a_rewrite_within_the_same_tick_is_noticed, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_a_rewrite_with_the_old_mtime_is_noticed, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_a_file_is_trusted_once_it_has_rested, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_a_clock_that_was_set_back_causes_no_endless_looking, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(L1_other_options_read_everything_anew, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_an_incomplete_look_forgets_nothing, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(L1_network_file_systems_need_polling, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(S2_each_allocation_of_a_look_may_fail, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(S2_a_failed_change_of_options_changes_nothing, kernel_reset, workdir_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
