/* What stands in the manifests directory, and what happens to it during a look: store/directory.h. */
#include "support/directory.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- M1: what is in the directory ---- */

static void M1_names_that_count(void **state) {
    (void)state;
    static const char *const count[] = {"x.yaml",   "x.yml",    "x.json", "a b.yaml", "x.bak.yaml",
                                        "x\n.yaml", "\xff.yml", "~.yaml", "-.json"};
    static const char *const do_not[] = {"x.yaml~",    ".x.yaml.swp",     ".x.yaml",        "#x.yaml#", "#x.yaml",
                                         "x.yaml.bak", "x.yaml.dpkg-new", "x.yaml.rpmsave", "x.YAML",   "x",
                                         "yaml",       ".yaml",           ".yml",           "..data",   "x.yaml ",
                                         "xyaml",      "x.yaml.tmp",      "x.jsonl",        ""};
    for (size_t i = 0; i < sizeof count / sizeof *count; i++)
        assert_true(directory_name_counts(count[i]));
    for (size_t i = 0; i < sizeof do_not / sizeof *do_not; i++)
        assert_false(directory_name_counts(do_not[i]));
}

static void M1_other_names_are_not_in_the_scan(void **state) {
    (void)state;
    static const char *const names[] = {"x.yaml~",         ".x.yaml.swp",    "#x.yaml#", "x.yaml.bak",
                                        "x.yaml.dpkg-new", "x.yaml.rpmsave", "README"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(names[i], MODEL("no"));
    put("x.yaml", MODEL("x"));
    struct scan *scan = look_once();
    assert_int_equal(scan->files.count, 1);
    assert_string_equal(scan->files.items[0].name, "x.yaml");
    assert_accepted(scan, "x.yaml");
    scan_free(scan);
}

static void M1_files_are_sorted_by_bytes_whatever_they_are_called(void **state) {
    (void)state;
    static const char *const sorted[] = {"-.yaml", "B.yaml",        "a\tb.yaml", "a\nb.yml",
                                         "b.json", "\xc3\xa4.yaml", "\xff.yaml"};
    for (size_t i = 7; i-- > 0;)
        put(sorted[i], "{}");
    struct scan *scan = look_once();
    assert_int_equal(scan->files.count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(scan->files.items[i].name, sorted[i]);
        assert_ptr_equal(scan_find(scan, sorted[i]), &scan->files.items[i]);
    }
    assert_null(scan_find(scan, "c.yaml"));
    scan_free(scan);
}

static void M1_the_directory_is_read_flat(void **state) {
    (void)state;
    mkdir(in("below"), 0755);
    put("below/x.yaml", MODEL("x"));
    struct scan *scan = look_once();
    assert_int_equal(scan->files.count, 0);
    scan_free(scan);
}

static void M1_a_fifo_is_rejected_and_does_not_block(void **state) {
    (void)state;
    assert_int_equal(mkfifo(in("x.yaml"), 0644), 0);
    assert_only_rejected("x.yaml", "named pipe");
}

static void M1_a_link_to_a_fifo_does_not_block(void **state) {
    (void)state;
    assert_int_equal(mkfifo(in("pipe"), 0644), 0);
    assert_int_equal(symlink("pipe", in("x.yaml")), 0);
    assert_only_rejected("x.yaml", "named pipe");
}

static void M1_a_device_is_rejected_unopened(void **state) {
    (void)state;
    assert_int_equal(symlink("/dev/null", in("x.yaml")), 0);
    assert_only_rejected("x.yaml", "character device");
    assert_int_equal(kernel.opened, 0);
}

static void M1_a_socket_is_rejected(void **state) {
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", in("x.yaml"));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_only_rejected("x.yaml", "socket");
}

static void M1_a_directory_is_rejected(void **state) {
    (void)state;
    mkdir(in("x.yaml"), 0755);
    assert_only_rejected("x.yaml", "directory");
}

static void M1_a_dangling_link_is_rejected(void **state) {
    (void)state;
    assert_int_equal(symlink("nowhere", in("x.yaml")), 0);
    assert_only_rejected("x.yaml", "does not exist");
}

static void M1_a_link_through_a_file_is_rejected(void **state) {
    (void)state;
    put("file", "");
    assert_int_equal(symlink("file/x", in("x.yaml")), 0);
    assert_only_rejected("x.yaml", "does not exist");
}

static void M1_a_link_in_a_circle_is_rejected(void **state) {
    (void)state;
    assert_int_equal(symlink("x.yaml", in("x.yaml")), 0);
    assert_only_rejected("x.yaml", "circle");
}

static void see_unreadable(void) {
    assert_only_rejected("x.yaml", "may not be read");
}

static void M1_an_unreadable_file_is_rejected(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    assert_int_equal(chmod(in("x.yaml"), 0), 0);
    as_nobody(see_unreadable);
}

static void M1_a_file_on_a_bad_disk_is_rejected(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    kernel.read_error = EIO;
    assert_only_rejected("x.yaml", "cannot be read (Input/output error)");
    kernel.read_error = 0;
    kernel.open_error = EIO;
    assert_only_rejected("x.yaml", "cannot be read (Input/output error)");
}

static void M1_a_file_that_another_program_holds_is_rejected(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    int fd = open(in("x.yaml"), O_WRONLY);
    signal(SIGIO, SIG_IGN);
    assert_int_equal(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
    assert_only_rejected("x.yaml", "in use by another program");
    close(fd);
}

static void M1_a_file_over_16_MiB_is_rejected_unopened(void **state) {
    (void)state;
    put("x.yaml", "");
    assert_int_equal(truncate(in("x.yaml"), (16 << 20) + 1), 0);
    assert_only_rejected("x.yaml", "larger than 16 MiB");
    assert_int_equal(kernel.opened, 0);
}

static void M1_a_file_of_16_MiB_is_read(void **state) {
    (void)state;
    static char text[16 << 20];
    memset(text, '#', sizeof text);
    memcpy(text, MODEL("x"), sizeof MODEL("x") - 1);
    put_bytes("x.yaml", text, sizeof text);
    struct scan *scan = look_once();
    assert_accepted(scan, "x.yaml");
    scan_free(scan);
}

static void M1_a_file_of_proc_is_rejected(void **state) {
    (void)state;
    assert_int_equal(symlink("/proc/self/status", in("x.yaml")), 0);
    assert_only_rejected("x.yaml", "not as long as its size");
}

static void M1_links_are_followed_and_a_swapped_target_is_noticed(void **state) {
    (void)state;
    mkdir(in("..1"), 0755);
    mkdir(in("..2"), 0755);
    put("..1/x.yaml", MODEL("one"));
    put("..2/x.yaml", MODEL("two"));
    assert_int_equal(symlink("..1", in("..data")), 0);
    assert_int_equal(symlink("..data/x.yaml", in("x.yaml")), 0);
    struct directory *directory = open_directory(workdir);
    struct scan *scan = look(directory);
    assert_int_equal(scan->files.count, 1);
    assert_string_equal(resource_name(scan, "x.yaml"), "one");
    scan_free(scan);
    assert_int_equal(symlink("..2", in("..data_tmp")), 0);
    assert_int_equal(rename(in("..data_tmp"), in("..data")), 0);
    scan = look(directory);
    assert_string_equal(resource_name(scan, "x.yaml"), "two");
    scan_free(scan);
    directory_free(directory);
}

/* ---- M6, and what happens between two system calls ---- */

static void append_to(int fd) {
    (void)fd;
    int out = open(in("x.yaml"), O_WRONLY | O_APPEND);
    assert_int_equal(write(out, "#", 1), 1);
    close(out);
}

static void cut_off(int fd) {
    (void)fd;
    assert_int_equal(truncate(in("x.yaml"), 0), 0);
}

static void change_same_size(int fd) {
    (void)fd;
    struct timespec pause = {.tv_nsec = 20000000}; /* more than a tick, so that the times differ */
    nanosleep(&pause, NULL);
    put("x.yaml", MODEL("z"));
}

static void M6_a_file_that_changes_while_it_is_read_is_rejected(void **state) {
    (void)state;
    void (*const changes[])(int) = {append_to, cut_off, change_same_size};
    for (size_t i = 0; i < 3; i++) {
        put("x.yaml", MODEL("x"));
        struct directory *directory = open_directory(workdir);
        kernel.after_read = changes[i];
        bool again = false;
        struct scan *scan = look_later(directory, USEC_PER_SEC, &again);
        assert_true(scan->complete);
        assert_rejected(scan, "x.yaml", "changed while it was being read");
        assert_true(again);
        scan_free(scan);
        directory_free(directory);
    }
}

static void unlink_it(const char *name) {
    assert_int_equal(unlink(in(name)), 0);
}

static void D2_a_file_that_vanishes_during_the_look_is_absent(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    kernel.before_open = unlink_it;
    struct scan *scan = look_once();
    assert_int_equal(scan->files.count, 0);
    scan_free(scan);
}

static void replace_it(const char *name) {
    put("new", MODEL("new"));
    assert_int_equal(rename(in("new"), in(name)), 0);
}

static void D2_a_file_that_is_replaced_during_the_look_is_read_anew(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    kernel.before_open = replace_it;
    struct scan *scan = look_once();
    assert_string_equal(resource_name(scan, "x.yaml"), "new");
    scan_free(scan);
}

static void become_fifo(const char *name) {
    unlink_it(name);
    assert_int_equal(mkfifo(in(name), 0644), 0);
}

static void M1_a_file_that_becomes_a_fifo_during_the_look_does_not_block(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    kernel.before_open = become_fifo;
    assert_only_rejected("x.yaml", "named pipe");
}

static void become_link(const char *name) {
    unlink_it(name);
    assert_int_equal(symlink("nowhere", in(name)), 0);
}

static void M1_a_file_that_becomes_a_dangling_link_during_the_look_is_rejected(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    kernel.before_open = become_link;
    assert_only_rejected("x.yaml", "does not exist");
}

static void replace_for_ever(const char *name) {
    replace_it(name);
    kernel.before_open = replace_for_ever;
}

static void M6_a_file_that_never_rests_is_rejected(void **state) {
    (void)state;
    put("x.yaml", MODEL("x"));
    kernel.before_open = replace_for_ever;
    assert_only_rejected("x.yaml", "changed while it was being read");
}

static void D2_looks_beside_a_busy_writer_are_sorted_and_unique(void **state) {
    (void)state;
    char name[32], other[32];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "%d.yaml", i);
        put(name, MODEL("x"));
    }
    pid_t child = fork();
    if (child == 0)
        for (int i = 0;; i++) {
            snprintf(name, sizeof name, "%d.yaml", i % 100);
            snprintf(other, sizeof other, "%d-.yaml", i % 100);
            rename(in(i / 100 % 2 ? other : name), in(i / 100 % 2 ? name : other));
        }
    struct directory *directory = open_directory(workdir);
    for (int i = 0; i < 100; i++) {
        struct scan *scan = look(directory);
        assert_true(scan->complete);
        for (size_t j = 1; j < scan->files.count; j++)
            assert_true(strcmp(scan->files.items[j - 1].name, scan->files.items[j].name) < 0);
        scan_free(scan);
    }
    directory_free(directory);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(M1_names_that_count, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_other_names_are_not_in_the_scan, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_files_are_sorted_by_bytes_whatever_they_are_called, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(M1_the_directory_is_read_flat, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_fifo_is_rejected_and_does_not_block, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_link_to_a_fifo_does_not_block, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_device_is_rejected_unopened, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_socket_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_directory_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_dangling_link_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_link_through_a_file_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_link_in_a_circle_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_an_unreadable_file_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_on_a_bad_disk_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_that_another_program_holds_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_over_16_MiB_is_rejected_unopened, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_of_16_MiB_is_read, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_of_proc_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M1_links_are_followed_and_a_swapped_target_is_noticed, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(M6_a_file_that_changes_while_it_is_read_is_rejected, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(D2_a_file_that_vanishes_during_the_look_is_absent, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(D2_a_file_that_is_replaced_during_the_look_is_read_anew, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_that_becomes_a_fifo_during_the_look_does_not_block, kernel_reset,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(M1_a_file_that_becomes_a_dangling_link_during_the_look_is_rejected,
                                        kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(M6_a_file_that_never_rests_is_rejected, kernel_reset, workdir_remove),
        cmocka_unit_test_setup_teardown(D2_looks_beside_a_busy_writer_are_sorted_and_unique, kernel_reset,
                                        workdir_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
