/* wait: has the daemon look at the manifests again, and returns when all is in sync. */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "report/words.h"
#include "store/mailbox.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Besides waiting for a new status.json: whether the daemon still runs, and where there are no inotify watches. */
#define LOOK_AGAIN_USEC (500 * USEC_PER_MSEC)

struct waiting {
    const struct options *options;
    uint64_t until_usec;
    int fd;        /* inotify; -1 if there is none to be had */
    bool progress; /* standard error is a terminal */
};

static uint64_t time_left(const struct waiting *waiting) {
    uint64_t now = clock_usec(CLOCK_MONOTONIC);
    return now < waiting->until_usec ? waiting->until_usec - now : 0;
}

static void show_progress(const struct waiting *waiting, const char *summary) {
    struct buffer line = {0};
    words_cut(summary, 76, &line);
    if (waiting->progress && line.data)
        fprintf(stderr, "\r\033[K%s", line.data);
    buffer_free(&line);
}

static void end_progress(const struct waiting *waiting) {
    if (waiting->progress)
        fputs("\r\033[K", stderr);
}

/* Returns when status.json may be a new one. */
static void wait_for_change(const struct waiting *waiting) {
    char events[4096];
    uint64_t left = time_left(waiting);
    int msec = (int)((left < LOOK_AGAIN_USEC ? left : LOOK_AGAIN_USEC) / USEC_PER_MSEC) + 1;
    struct pollfd pollfd = {.fd = waiting->fd, .events = POLLIN};
    if (poll(&pollfd, 1, msec) > 0)
        while (read(waiting->fd, events, sizeof events) > 0)
            ;
}

static int not_in_time(const struct waiting *waiting, const char *summary) {
    end_progress(waiting);
    cmd_fail("not in sync in time: %s", summary);
    return EXIT_PENDING;
}

/* One look at status.json. Returns true with an exit code when the waiting is over. */
static bool look(const struct waiting *waiting, int *ret_code) {
    struct status_document *document = NULL;
    int r = daemon_status_read(waiting->options->runtime, &document, NULL);
    bool over = true, in_time = time_left(waiting) > 0;
    const char *summary = r == 0 ? status_document_summary(document) : "it has only just started";
    if (r == 0 && status_document_in_sync(document)) {
        end_progress(waiting);
        *ret_code = EXIT_FINE;
    } else if (r != 0 && r != 2) {
        end_progress(waiting);
        *ret_code = daemon_status_explain(waiting->options->runtime, r);
    } else if (!in_time) {
        *ret_code = not_in_time(waiting, summary);
    } else {
        show_progress(waiting, summary);
        over = false;
    }
    status_document_free(document);
    return over;
}

/* The daemon looks, acts, writes its status, and only then answers: what status.json says afterwards is of now. */
static int ask(const struct waiting *waiting) {
    struct buffer reason = {0};
    int r = mailbox_ask(waiting->options->runtime, "rescan", time_left(waiting), &reason), code;
    if (r == -ETIMEDOUT)
        code = not_in_time(waiting, "topicd has not answered");
    else
        code = daemon_answer_explain(waiting->options->runtime, r, &reason);
    buffer_free(&reason);
    return code;
}

int cmd_wait(const struct options *options) {
    struct waiting waiting = {.options = options,
                              .until_usec = clock_usec(CLOCK_MONOTONIC) + options->timeout_usec,
                              .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
                              .progress = isatty(STDERR_FILENO)};
    if (waiting.fd >= 0)
        inotify_add_watch(waiting.fd, options->runtime, IN_MOVED_TO);
    int code = ask(&waiting);
    if (code == EXIT_FINE)
        while (!look(&waiting, &code))
            wait_for_change(&waiting);
    if (waiting.fd >= 0)
        close(waiting.fd);
    return code;
}
