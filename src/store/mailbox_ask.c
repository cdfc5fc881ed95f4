/* A command's side of the mailbox. As it blocks for as long as it is told, it reads the clock itself. */
#include "base/clock.h"
#include "base/file.h"
#include "store/lock.h"
#include "store/mailbox.h"
#include "store/mailbox_names.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* How often to look whether the daemon is still there; and for the answer, where inotify is not to be had. */
#define LOOK_USEC (200 * USEC_PER_MSEC)

enum { WORDS_MAX = 64 << 10 };

/* What became of a request so far. */
enum state {
    STATE_DONE = 0,
    STATE_FAILED = 1,
    STATE_WAITING,
    STATE_DROPPED, /* neither request nor answer: a daemon that had only just started cleared the mailbox */
};

struct letter {
    int dirfd, watch;
    struct mailbox_names names;
    const char *text;
    pid_t daemon;
    uint64_t until_usec;
};

/* Sorts by time, and no two are alike. */
static int letter_name(struct letter *letter) {
    unsigned random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
        random = (unsigned)clock_usec(CLOCK_MONOTONIC);
    char name[64];
    snprintf(name, sizeof name, "%016" PRIx64 "-%d-%08x", clock_usec(CLOCK_REALTIME), (int)getpid(), random);
    return mailbox_name(&letter->names, name);
}

static bool exists(int dirfd, const char *name) {
    return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The request is looked for first: once it is gone, the answer is there already. */
static enum state letter_state(const struct letter *letter) {
    bool waiting = exists(letter->dirfd, letter->names.request);
    if (exists(letter->dirfd, letter->names.done))
        return STATE_DONE;
    if (exists(letter->dirfd, letter->names.failed))
        return STATE_FAILED;
    return waiting ? STATE_WAITING : STATE_DROPPED;
}

/* Fetches the answer. One that is the request itself, under another name, says nothing but that it is done. */
static int letter_take(const struct letter *letter, enum state state, struct buffer *words) {
    const char *name = state == STATE_FAILED ? letter->names.failed : letter->names.done;
    char *text;
    size_t length;
    if (file_read(letter->dirfd, name, WORDS_MAX, &text, &length) == 0) {
        length -= length > 0 && text[length - 1] == '\n';
        bool silent = length == strlen(letter->text) && memcmp(text, letter->text, length) == 0;
        buffer_append(words, text, state == STATE_DONE && silent ? 0 : length);
        free(text);
    }
    unlinkat(letter->dirfd, name, 0);
    return (int)state;
}

/* Another pid is another daemon, which knows nothing of this request. */
static bool daemon_is_there(const struct letter *letter, const char *runtime_dir) {
    pid_t holder = lock_holder(runtime_dir);
    return holder == letter->daemon || (holder < 0 && holder != -EXDEV);
}

/* Sleeps until something happens in the mailbox, but no longer than it takes to look after the daemon. */
static void letter_wait(const struct letter *letter, uint64_t now_usec) {
    uint64_t usec = letter->watch < 0 ? LOOK_USEC / 4 : LOOK_USEC;
    if (letter->until_usec - now_usec < usec)
        usec = letter->until_usec - now_usec;
    struct pollfd poll_watch = {.fd = letter->watch, .events = POLLIN};
    poll(&poll_watch, 1, (int)(usec / USEC_PER_MSEC) + 1);
    char events[4096];
    while (letter->watch >= 0 && read(letter->watch, events, sizeof events) > 0)
        continue;
}

/* The daemon never sees it, or has it in hand already; whether it did what was asked is not known then. */
static int letter_withdraw(const struct letter *letter, int error, struct buffer *words) {
    unlinkat(letter->dirfd, letter->names.request, 0);
    enum state state = letter_state(letter);
    return state == STATE_DONE || state == STATE_FAILED ? letter_take(letter, state, words) : error;
}

static int converse(const struct letter *letter, const char *runtime_dir, struct buffer *words) {
    enum state state = STATE_DROPPED;
    for (;;) {
        int r = state == STATE_DROPPED
                    ? mailbox_put(letter->dirfd, letter->names.temporary, letter->names.request, letter->text)
                    : 0;
        bool there = daemon_is_there(letter, runtime_dir); /* before the state: its last act may be an answer */
        if (r < 0)
            return there ? r : -ESRCH;
        uint64_t now_usec = clock_usec(CLOCK_MONOTONIC);
        state = letter_state(letter);
        if (state == STATE_DONE || state == STATE_FAILED)
            return letter_take(letter, state, words);
        if (!there)
            return letter_withdraw(letter, -ESRCH, words);
        if (now_usec >= letter->until_usec)
            return letter_withdraw(letter, -ETIMEDOUT, words);
        letter_wait(letter, now_usec);
    }
}

/* A daemon that has taken its lock is about to make the mailbox. */
static int open_when_there(const struct letter *letter, const char *runtime_dir) {
    for (;;) {
        int r = mailbox_open(runtime_dir);
        if (r != -ENOENT)
            return r;
        uint64_t now_usec = clock_usec(CLOCK_MONOTONIC);
        if (!daemon_is_there(letter, runtime_dir))
            return -ESRCH;
        if (now_usec >= letter->until_usec)
            return -ETIMEDOUT;
        letter_wait(letter, now_usec);
    }
}

/* A watch on the mailbox, or -1: then the answer is looked for at intervals. */
static int watch_mailbox(int dirfd) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", dirfd);
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch >= 0 && inotify_add_watch(watch, path, IN_MOVED_TO | IN_DELETE) < 0) {
        close(watch);
        watch = -1;
    }
    return watch;
}

int mailbox_ask(const char *runtime_dir, const char *text, uint64_t timeout_usec, struct buffer *words) {
    if (!mailbox_is_line(text, strlen(text)))
        return -EINVAL;
    struct letter letter = {.watch = -1, .text = text, .daemon = lock_holder(runtime_dir)};
    if (letter.daemon == 0)
        return -ESRCH;
    if (letter.daemon < 0 && letter.daemon != -EXDEV)
        return letter.daemon;
    int r = letter_name(&letter);
    if (r < 0)
        return r;
    if (__builtin_add_overflow(clock_usec(CLOCK_MONOTONIC), timeout_usec, &letter.until_usec))
        letter.until_usec = UINT64_MAX;
    letter.dirfd = open_when_there(&letter, runtime_dir);
    if (letter.dirfd < 0)
        return letter.dirfd;
    letter.watch = watch_mailbox(letter.dirfd);
    r = converse(&letter, runtime_dir, words);
    if (letter.watch >= 0)
        close(letter.watch);
    close(letter.dirfd);
    return r;
}
