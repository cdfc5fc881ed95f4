/* The mailbox between commands and the daemon: store/mailbox.h. A child process plays the daemon. */
#include "store/mailbox.h"

#include "store/lock.h"
#include "support/child.h"
#include "support/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>

#define SECOND UINT64_C(1000000)

static uint64_t now_usec(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000;
}

static unsigned count_files(const char *name) {
    DIR *dir = opendir(in(name));
    unsigned count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

static int take_lock(void) {
    pid_t holder;
    return lock_take(workdir, 0644, &holder);
}

static int be_there(void) {
    return take_lock() == 0 ? mailbox_prepare(workdir) : 1;
}

/* What the daemon does with a request is written in it. */
static void answer(const struct request *request) {
    if (strcmp(request->text, "rescan") == 0)
        mailbox_answer(workdir, request, true, NULL);
    else if (strncmp(request->text, "fail ", 5) == 0)
        mailbox_answer(workdir, request, false, request->text + 5);
    else if (strncmp(request->text, "tell ", 5) == 0)
        mailbox_answer(workdir, request, true, request->by ? request->by : request->text + 5);
    else if (strcmp(request->text, "die") == 0)
        _exit(0);
    else if (strcmp(request->text, "answer and die") == 0) {
        mailbox_answer(workdir, request, true, NULL);
        _exit(0);
    } else if (strcmp(request->text, "clear") == 0) {
        static int times;
        if (times++ == 0)
            mailbox_prepare(workdir);
        else
            mailbox_answer(workdir, request, true, NULL);
    }
}

static void serve(void) {
    for (;; usleep(2000)) {
        struct requests requests;
        if (mailbox_collect(workdir, &requests) < 0)
            continue;
        for (size_t i = 0; i < requests.list.count; i++)
            answer(&requests.list.items[i]);
        requests_free(&requests);
    }
}

static pid_t server;

static int start_server(void **state) {
    int r = workdir_make(state), ready[2];
    if (r < 0 || pipe(ready) < 0)
        return -1;
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (be_there() == 0 && write(ready[1], "", 1) == 1)
            serve();
        _exit(1);
    }
    char c;
    close(ready[1]);
    r = read(ready[0], &c, 1) == 1 ? 0 : -1;
    close(ready[0]);
    return r;
}

static int stop_server(void **state) {
    child_kill(server);
    return workdir_remove(state);
}

/* Asks with some patience; `reason` is what must be said. Afterwards nothing lies about. */
static int ask(const char *text, const char *reason) {
    struct buffer said = {0};
    int r = mailbox_ask(workdir, text, 5 * SECOND, &said);
    assert_string_equal(said.data ? said.data : "", reason);
    buffer_free(&said);
    assert_int_equal(count_files("requests"), 0);
    return r;
}

static void mailbox_a_request_is_answered(void **state) {
    (void)state;
    uint64_t start = now_usec();
    for (int i = 0; i < 20; i++)
        assert_int_equal(ask("rescan", ""), 0);
    assert_true(now_usec() - start < 2 * SECOND); /* inotify, not the interval */
}

static void mailbox_a_failure_comes_with_its_reason(void **state) {
    (void)state;
    assert_int_equal(ask("fail no such set", "no such set"), 1);
    assert_int_equal(ask("fail \xc3\xa4 %s", "\xc3\xa4 %s"), 1);
}

static void mailbox_what_is_done_may_come_with_words(void **state) {
    (void)state;
    assert_int_equal(ask("tell a restart", "a restart"), 0);
}

/* The last one: an argument must not name somebody else. */
static void mailbox_a_request_says_who_asks(void **state) {
    (void)state;
    assert_int_equal(ask("tell x by alice (uid 1000)", "alice (uid 1000)"), 0);
    assert_int_equal(ask("tell x by root (uid 0) by alice (uid 1000)", "alice (uid 1000)"), 0);
    assert_int_equal(ask("rescan by alice (uid 1000)", ""), 0);
}

/* No inotify instance is to be had. */
static bool no_inotify;

int inotify_init1(int flags) {
    if (no_inotify) {
        errno = EMFILE;
        return -1;
    }
    return (int)syscall(SYS_inotify_init1, flags);
}

static void mailbox_without_inotify_it_takes_a_little_longer(void **state) {
    (void)state;
    no_inotify = true;
    assert_int_equal(ask("fail why", "why"), 1);
    assert_int_equal(ask("rescan", ""), 0);
    no_inotify = false;
}

static void mailbox_a_daemon_that_dies_is_noticed(void **state) {
    (void)state;
    uint64_t start = now_usec();
    assert_int_equal(ask("die", ""), -ESRCH);
    assert_true(now_usec() - start < 2 * SECOND);
}

static void mailbox_a_last_answer_counts(void **state) {
    (void)state;
    assert_int_equal(ask("answer and die", ""), 0);
}

static void mailbox_a_request_that_was_swept_away_is_sent_again(void **state) {
    (void)state;
    assert_int_equal(ask("clear", ""), 0);
}

static void mailbox_a_request_is_withdrawn_at_the_time_out(void **state) {
    (void)state;
    struct buffer said = {0};
    uint64_t start = now_usec();
    assert_int_equal(mailbox_ask(workdir, "ignore", SECOND / 10, &said), -ETIMEDOUT);
    assert_true(now_usec() - start < SECOND);
    assert_int_equal(said.length, 0);
    assert_int_equal(count_files("requests"), 0);
    assert_int_equal(mailbox_ask(workdir, "ignore", 0, &said), -ETIMEDOUT);
}

static void mailbox_many_commands_ask_at_once(void **state) {
    (void)state;
    pid_t children[10];
    for (int i = 0; i < 10; i++)
        if ((children[i] = fork()) == 0) {
            char text[32];
            snprintf(text, sizeof text, "fail %d", i);
            struct buffer said = {0};
            for (int j = 0; j < 10; j++) {
                int r = mailbox_ask(workdir, text, 10 * SECOND, &said);
                if (r != 1 || strcmp(said.data, text + 5) != 0)
                    _exit(1);
                said.length = 0;
            }
            _exit(0);
        }
    for (int i = 0; i < 10; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_files("requests"), 0);
}

static int ask_as_nobody(void) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
        return 3;
    struct buffer said = {0};
    return mailbox_ask(workdir, "rescan", SECOND, &said) == -EACCES ? 0 : 4;
}

static void mailbox_other_users_may_not_ask(void **state) {
    (void)state;
    assert_int_equal(child_run(ask_as_nobody), 0);
}

static void mailbox_what_is_no_line_is_not_sent(void **state) {
    (void)state;
    struct buffer said = {0};
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(mailbox_ask(workdir, "", SECOND, &said), -EINVAL);
    assert_int_equal(mailbox_ask(workdir, "two\nlines", SECOND, &said), -EINVAL);
    assert_int_equal(mailbox_ask(workdir, text, SECOND, &said), -EINVAL);
}

static void mailbox_no_daemon_is_said_at_once(void **state) {
    (void)state;
    struct buffer said = {0};
    assert_int_equal(mailbox_ask(workdir, "rescan", 5 * SECOND, &said), -ESRCH);
    assert_int_equal(mailbox_ask(in("no-directory"), "rescan", 5 * SECOND, &said), -ESRCH);
    assert_int_equal(mailbox_prepare(workdir), 0); /* as an earlier daemon left it */
    assert_int_equal(mailbox_ask(workdir, "rescan", 5 * SECOND, &said), -ESRCH);
    assert_int_equal(count_files("requests"), 0);
}

static void mailbox_a_daemon_that_has_no_mailbox_yet_is_waited_for(void **state) {
    (void)state;
    pid_t child = child_start(take_lock);
    struct buffer said = {0};
    uint64_t start = now_usec();
    assert_int_equal(mailbox_ask(workdir, "rescan", SECOND / 4, &said), -ETIMEDOUT);
    assert_true(now_usec() - start >= SECOND / 4);
    child_kill(child);
}

/* ---- the daemon's side alone ---- */

static void mailbox_is_made_for_its_owner_and_emptied(void **state) {
    (void)state;
    mkdir(in("requests"), 0755);
    put("requests/1.request", "rescan\n");
    put("requests/2.done", "");
    put("requests/.3.tmp", "");
    assert_int_equal(mailbox_prepare(workdir), 0);
    assert_int_equal(count_files("requests"), 0);
    struct stat st;
    assert_int_equal(stat(in("requests"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(mailbox_prepare(workdir), 0);
    assert_int_equal(mailbox_prepare(in("no-directory")), -ENOENT);
}

static void mailbox_is_not_made_through_a_link(void **state) {
    (void)state;
    mkdir(in("elsewhere"), 0755);
    put("elsewhere/precious", "");
    assert_int_equal(symlink("elsewhere", in("requests")), 0);
    assert_true(mailbox_prepare(workdir) < 0);
    assert_int_equal(count_files("elsewhere"), 1);
}

static void mailbox_requests_come_in_the_order_of_their_names(void **state) {
    (void)state;
    assert_int_equal(mailbox_prepare(workdir), 0);
    put("requests/3.request", "three\n");
    put("requests/1.request", "one\n");
    put("requests/2.request", "two, without a newline");
    struct requests requests;
    assert_int_equal(mailbox_collect(workdir, &requests), 0);
    assert_int_equal(requests.list.count, 3);
    assert_string_equal(requests.list.items[0].name, "1");
    assert_string_equal(requests.list.items[0].text, "one");
    assert_string_equal(requests.list.items[1].text, "two, without a newline");
    assert_string_equal(requests.list.items[2].name, "3");
    requests_free(&requests);
}

static void mailbox_what_is_no_request_is_left_alone(void **state) {
    (void)state;
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(mailbox_prepare(workdir), 0);
    put("requests/.1.tmp", "rescan\n");
    put("requests/.1.request", "rescan\n");
    put("requests/.request", "rescan\n");
    put("requests/2.done", "rescan\n");
    put("requests/3.request", "");
    put("requests/4.request", "two\nlines\n");
    put("requests/5.request", "esc \x1b[0m\n");
    put_bytes("requests/6.request", "nul\0\n", 5);
    put("requests/7.request", text);
    mkdir(in("requests/8.request"), 0755);
    mkfifo(in("requests/9.request"), 0644);
    assert_int_equal(symlink("nowhere", in("requests/a.request")), 0);
    alarm(10);
    struct requests requests;
    assert_int_equal(mailbox_collect(workdir, &requests), 0);
    alarm(0);
    assert_int_equal(requests.list.count, 0);
    assert_int_equal(count_files("requests"), 12);
    requests_free(&requests);
}

static void mailbox_answers_are_files_with_other_endings(void **state) {
    (void)state;
    assert_int_equal(mailbox_prepare(workdir), 0);
    put("requests/1.request", "a\n");
    put("requests/2.request", "b\n");
    struct requests requests;
    assert_int_equal(mailbox_collect(workdir, &requests), 0);
    assert_int_equal(mailbox_answer(workdir, &requests.list.items[0], true, NULL), 0);
    assert_int_equal(mailbox_answer(workdir, &requests.list.items[1], false, "because"), 0);
    assert_int_equal(access(in("requests/1.done"), F_OK), 0);
    struct stat st;
    assert_int_equal(stat(in("requests/2.failed"), &st), 0);
    assert_int_equal(st.st_size, strlen("because\n"));
    assert_int_equal(count_files("requests"), 2);
    /* Answering what was withdrawn is no error and leaves nothing behind. */
    unlink(in("requests/1.done"));
    unlink(in("requests/2.failed"));
    assert_int_equal(mailbox_answer(workdir, &requests.list.items[0], true, NULL), 0);
    assert_int_equal(mailbox_answer(workdir, &requests.list.items[1], false, "because"), 0);
    assert_int_equal(count_files("requests"), 0);
    requests_free(&requests);
}

/* The clock of the sweep runs ahead by this much. */
static time_t ahead;

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc's are reserved names
time_t time(time_t *ret) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += ahead;
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}

static void mailbox_answers_that_nobody_fetches_go_after_an_hour(void **state) {
    (void)state;
    assert_int_equal(mailbox_prepare(workdir), 0);
    put("requests/1.done", "");
    put("requests/2.failed", "why\n");
    put("requests/.3.tmp", "res");
    put("requests/4.request", "rescan\n");
    ahead = 3500;
    mailbox_sweep(workdir);
    assert_int_equal(count_files("requests"), 4);
    ahead = 3700;
    mailbox_sweep(workdir);
    assert_int_equal(count_files("requests"), 1);
    assert_int_equal(access(in("requests/4.request"), F_OK), 0);
    mailbox_sweep(in("no-directory"));
    ahead = 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mailbox_a_request_is_answered, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_a_failure_comes_with_its_reason, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_what_is_done_may_come_with_words, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_a_request_says_who_asks, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_without_inotify_it_takes_a_little_longer, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_a_daemon_that_dies_is_noticed, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_a_last_answer_counts, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_a_request_that_was_swept_away_is_sent_again, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_a_request_is_withdrawn_at_the_time_out, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_many_commands_ask_at_once, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_other_users_may_not_ask, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_what_is_no_line_is_not_sent, start_server, stop_server),
        cmocka_unit_test_setup_teardown(mailbox_no_daemon_is_said_at_once, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_a_daemon_that_has_no_mailbox_yet_is_waited_for, workdir_make,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_is_made_for_its_owner_and_emptied, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_is_not_made_through_a_link, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_requests_come_in_the_order_of_their_names, workdir_make,
                                        workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_what_is_no_request_is_left_alone, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_answers_are_files_with_other_endings, workdir_make, workdir_remove),
        cmocka_unit_test_setup_teardown(mailbox_answers_that_nobody_fetches_go_after_an_hour, workdir_make,
                                        workdir_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
