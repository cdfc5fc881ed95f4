/* The lock that names its holder: store/lock.h. Locks belong to processes, so most of it happens in children. */
#include "store/lock.h"

#include "support/child.h"
#include "support/workdir.h"

#include <errno.h>

static int take(void) {
    pid_t holder = 0;
    return lock_take(workdir, 0644, &holder);
}

static void S5_nobody_holds_what_is_not_there(void **state) {
    (void)state;
    assert_int_equal(lock_holder(workdir), 0);
    assert_int_equal(lock_holder(in("no-directory")), 0);
    put("lock", "");
    assert_int_equal(lock_holder(workdir), 0);
}

static void S5_a_second_process_is_told_the_pid_of_the_first(void **state) {
    (void)state;
    pid_t child = child_start(take), holder = 0;
    assert_int_equal(lock_holder(workdir), child);
    assert_int_equal(lock_take(workdir, 0644, &holder), 1);
    assert_int_equal(holder, child);
    assert_int_equal(lock_take(workdir, 0644, &holder), 1); /* the first try did no harm */
    child_kill(child);
    assert_int_equal(lock_holder(workdir), 0);
    child = child_start(take);
    assert_int_equal(lock_holder(workdir), child);
    child_kill(child);
}

static int take_and_look(void) {
    int r = take();
    if (r != 0)
        return r;
    lock_holder(workdir); /* closes a descriptor of the file, which costs a process its POSIX locks */
    pid_t holder;
    return lock_take(workdir, 0644, &holder) == 1 ? 0 : 1;
}

static void S5_the_holder_cannot_lose_it_by_looking(void **state) {
    (void)state;
    pid_t child = child_start(take_and_look), holder = 0;
    assert_int_equal(lock_take(workdir, 0644, &holder), 1);
    assert_true(lock_holder(workdir) == child || lock_holder(workdir) == -EXDEV);
    child_kill(child);
    assert_int_equal(lock_holder(workdir), 0);
}

static int take_in_a_race(void) {
    pid_t holder = 0;
    int r = lock_take(workdir, 0644, &holder);
    return r == 0 ? 10 : r == 1 ? 11 : 1;
}

/* Says how its race went, and holds what it took until all have tried: `go` and `end` end when their writer does. */
static void run_race(const int go[2], const int tell[2], const int end[2]) {
    char c;
    close(go[1]);
    close(end[1]);
    ssize_t n = read(go[0], &c, 1);
    c = (char)(n == 0 ? take_in_a_race() : 1);
    n = write(tell[1], &c, 1);
    _exit(n == 1 && read(end[0], &c, 1) == 0 ? 0 : 1);
}

static void S5_of_many_at_once_one_gets_it(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        int go[2], tell[2], end[2], taken = 0;
        assert_int_equal(pipe(go) + pipe(tell) + pipe(end), 0);
        for (int i = 0; i < 8; i++)
            if (fork() == 0)
                run_race(go, tell, end);
        close(go[1]);
        for (int i = 0; i < 8; i++) {
            char r;
            assert_int_equal(read(tell[0], &r, 1), 1);
            assert_true(r == 10 || r == 11);
            taken += r == 10;
        }
        close(end[1]);
        for (int i = 0, status; i < 8; i++) {
            assert_true(wait(&status) > 0);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        for (int i = 0; i < 2; i++)
            close(tell[i]);
        close(go[0]);
        close(end[0]);
        assert_int_equal(taken, 1);
    }
}

static int look_as_nobody(void) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
        return 3;
    pid_t holder = lock_holder(workdir);
    return holder > 0 && kill(holder, 0) < 0 && errno == ESRCH ? 4 : holder > 0 ? 0 : 5;
}

static void S5_other_users_may_look_but_not_take(void **state) {
    (void)state;
    mode_t mask = umask(0077);
    pid_t child = child_start(take);
    umask(mask);
    assert_int_equal(child_run(look_as_nobody), 0);
    child_kill(child);
}

static void S5_the_file_has_the_mode_that_was_asked_for(void **state) {
    (void)state;
    mode_t mask = umask(0077);
    pid_t child = child_start(take);
    umask(mask);
    struct stat st;
    assert_int_equal(stat(in("lock"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    child_kill(child);
}

static void S5_what_is_no_file_is_an_error_and_does_not_block(void **state) {
    (void)state;
    pid_t holder = 0;
    alarm(10);
    assert_int_equal(lock_take(in("no-directory"), 0644, &holder), -ENOENT);
    put("file", "");
    assert_int_equal(lock_take(in("file"), 0644, &holder), -ENOTDIR);
    assert_int_equal(symlink("file", in("lock")), 0);
    assert_int_equal(lock_take(workdir, 0644, &holder), -ELOOP);
    assert_int_equal(lock_holder(workdir), -ELOOP);
    unlink(in("lock"));
    mkfifo(in("lock"), 0600);
    assert_true(lock_holder(workdir) <= 0);
    alarm(0);
}

static void S5_a_process_that_ends_lets_go(void **state) {
    (void)state;
    assert_int_equal(child_run(take), 0);
    assert_int_equal(lock_holder(workdir), 0);
    assert_int_equal(child_run(take), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(S5_nobody_holds_what_is_not_there, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S5_a_second_process_is_told_the_pid_of_the_first, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S5_the_holder_cannot_lose_it_by_looking, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S5_of_many_at_once_one_gets_it, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S5_other_users_may_look_but_not_take, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S5_the_file_has_the_mode_that_was_asked_for, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(S5_what_is_no_file_is_an_error_and_does_not_block, workdir_make,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(S5_a_process_that_ends_lets_go, workdir_make, workdir_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
