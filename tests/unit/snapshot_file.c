/* The snapshot's file: loading, saving, keeping aside. */
#include "store/snapshot_file.h"

#include "support/random_snapshot.h"
#include "support/workdir.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The file system does not know RENAME_NOREPLACE. */
static bool old_file_system;

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc's are reserved names
int renameat2(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags) {
    if (old_file_system && flags != 0) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_dirfd, from, to_dirfd, to, flags);
}

static int load(struct snapshot **ret) {
    struct buffer why = {0};
    struct snapshot *snapshot = NULL;
    int r = snapshot_file_load(workdir, &snapshot, NULL, &why);
    assert_true((r == SNAPSHOT_DAMAGED || r == SNAPSHOT_NEWER) == (why.length > 0));
    assert_true((r == SNAPSHOT_LOADED) == (snapshot != NULL));
    buffer_free(&why);
    if (ret)
        *ret = snapshot;
    else
        snapshot_free(snapshot);
    return r;
}

static void save(const struct snapshot *snapshot) {
    struct snapshot_mark mark = {0};
    assert_int_equal(snapshot_file_save(workdir, NULL, snapshot, &mark), 0);
}

static bool exists(const char *name) {
    return faccessat(AT_FDCWD, in(name), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void assert_kept_as(const char *reason, const char *name) {
    struct buffer kept_as = {0};
    assert_int_equal(snapshot_file_keep_aside(workdir, reason, &kept_as), 0);
    assert_string_equal(kept_as.data, name);
    assert_true(exists(name));
    assert_false(exists("snapshot"));
    buffer_free(&kept_as);
}

static void S1_a_saved_snapshot_is_loaded(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct snapshot *snapshot = roll_snapshot(seed, 50), *again;
        save(snapshot);
        assert_int_equal(load(&again), SNAPSHOT_LOADED);
        assert_true(snapshot_equal(snapshot, again));
        snapshot_free(snapshot);
        snapshot_free(again);
    }
}

static void S1_the_file_is_for_its_owner_and_group(void **state) {
    (void)state;
    struct snapshot *snapshot = roll_snapshot(1, 5);
    mode_t mask = umask(0077);
    save(snapshot);
    umask(mask);
    struct stat st;
    assert_int_equal(stat(in("snapshot"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    snapshot_free(snapshot);
}

static void S4_no_file_is_absent(void **state) {
    (void)state;
    assert_int_equal(load(NULL), SNAPSHOT_ABSENT);
    struct buffer why = {0};
    struct snapshot *snapshot;
    assert_int_equal(snapshot_file_load(in("no-directory"), &snapshot, NULL, &why), SNAPSHOT_ABSENT);
}

static void S4_what_can_be_no_snapshot_is_damaged(void **state) {
    (void)state;
    put("snapshot", "");
    assert_int_equal(load(NULL), SNAPSHOT_DAMAGED);
    put("snapshot", "topicd-snapshot 1\n");
    assert_int_equal(load(NULL), SNAPSHOT_DAMAGED);
    put("snapshot", "topicd-snapshot 2\n");
    assert_int_equal(load(NULL), SNAPSHOT_NEWER);
    assert_int_equal(truncate(in("snapshot"), (off_t)SNAPSHOT_SIZE_MAX + 1), 0);
    assert_int_equal(load(NULL), SNAPSHOT_DAMAGED);
    unlink(in("snapshot"));
    assert_int_equal(mkfifo(in("snapshot"), 0600), 0);
    alarm(10);
    assert_int_equal(load(NULL), SNAPSHOT_DAMAGED);
    alarm(0);
    unlink(in("snapshot"));
    assert_int_equal(mkdir(in("snapshot"), 0700), 0);
    assert_int_equal(load(NULL), SNAPSHOT_DAMAGED);
    assert_kept_as("damaged", "snapshot.damaged-1");
}

static void S4_it_is_kept_aside_under_the_first_free_number(void **state) {
    (void)state;
    put("snapshot.damaged-2", "an older one");
    assert_int_equal(symlink("nowhere", in("snapshot.damaged-3")), 0);
    put("snapshot", "one");
    assert_kept_as("damaged", "snapshot.damaged-1");
    put("snapshot", "four");
    assert_kept_as("damaged", "snapshot.damaged-4");
    put("snapshot", "other");
    assert_kept_as("scope", "snapshot.scope-1");
}

static void S4_it_is_kept_aside_where_renameat2_does_not_work(void **state) {
    (void)state;
    old_file_system = true;
    put("snapshot.damaged-1", "an older one");
    put("snapshot", "two");
    assert_kept_as("damaged", "snapshot.damaged-2");
    old_file_system = false;
    struct stat st;
    assert_int_equal(stat(in("snapshot.damaged-1"), &st), 0);
    assert_int_equal(st.st_size, 12);
}

static void S4_nothing_is_kept_aside_of_nothing(void **state) {
    (void)state;
    struct buffer kept_as = {0};
    assert_int_equal(snapshot_file_keep_aside(workdir, "damaged", &kept_as), 0);
    assert_int_equal(kept_as.length, 0);
    assert_int_equal(snapshot_file_keep_aside(in("no-directory"), "damaged", &kept_as), 0);
    assert_int_equal(kept_as.length, 0);
}

/* In a child that may write files of some bytes only, as on a full disk. */
static void save_with_limit(const struct snapshot *saved, const struct snapshot *snapshot, struct snapshot_mark mark,
                            rlim_t limit) {
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limits = {.rlim_cur = limit, .rlim_max = limit};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limits);
        _exit(snapshot_file_save(workdir, saved, snapshot, &mark) == -EFBIG && mark.length == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void S2_a_save_that_fails_leaves_the_old_file(void **state) {
    (void)state;
    struct snapshot *old = roll_snapshot(1, 50), *new = roll_snapshot(2, 50), *again;
    save(old);
    for (rlim_t limit = 0; limit < 1000; limit += 99) {
        save_with_limit(NULL, new, (struct snapshot_mark){0}, limit);
        assert_int_equal(load(&again), SNAPSHOT_LOADED);
        assert_true(snapshot_equal(old, again));
        assert_false(exists(".snapshot.new"));
        snapshot_free(again);
    }
    struct snapshot_mark mark = {0};
    assert_int_equal(snapshot_file_save(in("no-directory"), NULL, new, &mark), -ENOENT);
    snapshot_free(old);
    snapshot_free(new);
}

static void S2_what_a_kill_left_is_no_hindrance(void **state) {
    (void)state;
    struct snapshot *snapshot = roll_snapshot(1, 5), *again;
    put(".snapshot.new", "topicd-snapshot 1\nhalf a line and longer than the new one, since it is not cut off first");
    save(snapshot);
    assert_int_equal(load(&again), SNAPSHOT_LOADED);
    assert_true(snapshot_equal(snapshot, again));
    assert_false(exists(".snapshot.new"));
    snapshot_free(snapshot);
    snapshot_free(again);
}

/* A snapshot with many files, and the same without one of them. */
static void make_two(struct snapshot **ret_old, struct snapshot **ret_new) {
    uint64_t seed = 0;
    struct snapshot *old;
    while ((old = roll_snapshot(seed++, 50))->files.count < 40 || old->owed.count > 5 || old->sent.count > 5)
        snapshot_free(old);
    *ret_old = old;
    *ret_new = snapshot_copy(old);
    drop_last_file(*ret_new);
}

static struct stat status_of(const char *name) {
    struct stat st;
    assert_int_equal(stat(in(name), &st), 0);
    return st;
}

static void assert_holds(const struct snapshot *expected) {
    struct snapshot *snapshot;
    assert_int_equal(load(&snapshot), SNAPSHOT_LOADED);
    assert_true(snapshot_equal(snapshot, expected));
    snapshot_free(snapshot);
}

static void S1_a_small_change_is_appended_until_it_is_time_to_write_anew(void **state) {
    (void)state;
    struct snapshot *states[2];
    struct snapshot_mark mark = {0};
    make_two(&states[0], &states[1]);
    assert_int_equal(snapshot_file_save(workdir, NULL, states[0], &mark), 0);
    struct stat first = status_of("snapshot"), last = first, now;
    assert_int_equal(mark.length, first.st_size);
    for (int i = 1; i < 1000; i++) {
        assert_int_equal(snapshot_file_save(workdir, states[(i + 1) % 2], states[i % 2], &mark), 0);
        assert_holds(states[i % 2]);
        now = status_of("snapshot");
        assert_int_equal(mark.length, now.st_size);
        assert_true(now.st_size < 2 * first.st_size + 4096);
        if (now.st_ino != last.st_ino)
            break;
        assert_true(now.st_size > last.st_size && now.st_size < last.st_size + first.st_size / 4);
        last = now;
    }
    assert_true(now.st_ino != first.st_ino && last.st_size > 3 * first.st_size / 2);
    assert_int_equal(mark.whole, mark.length);
    snapshot_free(states[0]);
    snapshot_free(states[1]);
}

static void S1_loading_finds_the_end_to_append_to(void **state) {
    (void)state;
    struct snapshot *old, *new, *again;
    struct snapshot_mark mark = {0}, found;
    struct buffer why = {0};
    make_two(&old, &new);
    assert_int_equal(snapshot_file_save(workdir, NULL, old, &mark), 0);
    assert_int_equal(snapshot_file_save(workdir, old, new, &mark), 0);
    assert_int_equal(snapshot_file_load(workdir, &again, &found, &why), SNAPSHOT_LOADED);
    assert_memory_equal(&mark, &found, sizeof mark);
    ino_t inode = status_of("snapshot").st_ino;
    assert_int_equal(snapshot_file_save(workdir, again, old, &found), 0);
    assert_int_equal(status_of("snapshot").st_ino, inode);
    assert_holds(old);
    snapshot_free(old);
    snapshot_free(new);
    snapshot_free(again);
}

static void S2_after_a_batch_that_was_cut_off_all_is_written_anew(void **state) {
    (void)state;
    struct snapshot *old, *new, *again;
    struct snapshot_mark mark = {0}, found = {.length = 1};
    struct buffer why = {0};
    make_two(&old, &new);
    assert_int_equal(snapshot_file_save(workdir, NULL, old, &mark), 0);
    assert_int_equal(snapshot_file_save(workdir, old, new, &mark), 0);
    assert_int_equal(truncate(in("snapshot"), (off_t)mark.length - 1), 0);
    assert_int_equal(snapshot_file_load(workdir, &again, &found, &why), SNAPSHOT_LOADED);
    assert_true(snapshot_equal(again, old));
    assert_int_equal(found.length, 0);
    assert_int_equal(snapshot_file_save(workdir, again, new, &found), 0);
    assert_int_equal(found.whole, found.length);
    assert_holds(new);
    snapshot_free(old);
    snapshot_free(new);
    snapshot_free(again);
}

static void S2_nothing_is_appended_to_another_file(void **state) {
    (void)state;
    struct snapshot *old, *new;
    struct snapshot_mark mark = {0};
    make_two(&old, &new);
    assert_int_equal(snapshot_file_save(workdir, NULL, old, &mark), 0);
    put("snapshot", "shorter");
    assert_int_equal(snapshot_file_save(workdir, old, new, &mark), 0);
    assert_holds(new);
    unlink(in("snapshot"));
    assert_int_equal(snapshot_file_save(workdir, new, old, &mark), 0);
    assert_holds(old);
    put("elsewhere", "");
    assert_int_equal(truncate(in("elsewhere"), (off_t)mark.length), 0);
    unlink(in("snapshot"));
    assert_int_equal(symlink("elsewhere", in("snapshot")), 0);
    assert_int_equal(snapshot_file_save(workdir, old, new, &mark), 0);
    assert_holds(new);
    assert_int_equal(status_of("elsewhere").st_blocks, 0); /* still one hole */
    snapshot_free(old);
    snapshot_free(new);
}

static void S2_a_change_that_does_not_fit_leaves_the_old_file(void **state) {
    (void)state;
    struct snapshot *old, *new;
    struct snapshot_mark mark = {0};
    make_two(&old, &new);
    assert_int_equal(snapshot_file_save(workdir, NULL, old, &mark), 0);
    for (rlim_t more = 0; more < 200; more += 9) {
        save_with_limit(old, new, mark, (rlim_t)mark.length + more);
        assert_int_equal(status_of("snapshot").st_size, mark.length);
        assert_holds(old);
    }
    snapshot_free(old);
    snapshot_free(new);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(S1_a_saved_snapshot_is_loaded, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S1_the_file_is_for_its_owner_and_group, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S4_no_file_is_absent, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S4_what_can_be_no_snapshot_is_damaged, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S4_it_is_kept_aside_under_the_first_free_number, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S4_it_is_kept_aside_where_renameat2_does_not_work, workdir_make,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(S4_nothing_is_kept_aside_of_nothing, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S2_a_save_that_fails_leaves_the_old_file, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S2_what_a_kill_left_is_no_hindrance, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S1_a_small_change_is_appended_until_it_is_time_to_write_anew, workdir_make,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(S1_loading_finds_the_end_to_append_to, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S2_after_a_batch_that_was_cut_off_all_is_written_anew, workdir_make,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(S2_nothing_is_appended_to_another_file, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S2_a_change_that_does_not_fit_leaves_the_old_file, workdir_make,
                                        workdir_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
