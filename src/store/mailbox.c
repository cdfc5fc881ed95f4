/* The daemon's side of the mailbox. mailbox_ask.c is the other one. */
#include "store/mailbox.h"

#include "base/file.h"
#include "store/mailbox_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_AGE_MAX = 3600 };

static bool ends_in(const char *name, const char *ending) {
    size_t length = strlen(name), end = strlen(ending);
    return length > end && strcmp(name + length - end, ending) == 0;
}

/* Calls `visit` for each name in the mailbox until it returns something else than 0. */
static int each_name(const char *runtime_dir, int (*visit)(int dirfd, const char *name, void *context), void *context) {
    int dirfd = mailbox_open(runtime_dir);
    if (dirfd < 0)
        return dirfd;
    DIR *dir = fdopendir(dirfd);
    if (!dir) {
        int r = -errno;
        close(dirfd);
        return r;
    }
    int r = 0;
    while (r == 0) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            r = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            r = visit(dirfd, entry->d_name, context);
    }
    closedir(dir);
    return r;
}

static int drop(int dirfd, const char *name, void *context) {
    (void)context;
    /* A directory is nobody's letter: it stays where it is and does no harm. */
    return unlinkat(dirfd, name, 0) < 0 && errno != ENOENT && errno != EISDIR ? -errno : 0;
}

int mailbox_prepare(const char *runtime_dir) {
    int parent = open(runtime_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return -errno;
    int r = mkdirat(parent, MAILBOX_DIRECTORY, 0700) < 0 && errno != EEXIST ? -errno : 0;
    close(parent);
    if (r < 0)
        return r;
    int dirfd = mailbox_open(runtime_dir);
    if (dirfd < 0)
        return dirfd;
    r = fchmod(dirfd, 0700) < 0 ? -errno : 0;
    close(dirfd);
    return r < 0 ? r : each_name(runtime_dir, drop, NULL);
}

/* The one line of a request, its newline removed; false if it is not one. */
static bool trim_line(char *text, size_t length) {
    if (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    return mailbox_is_line(text, length);
}

/* The last one: what is asked for may have such a word in it, and must not name somebody else. */
static void split(struct request *request) {
    char *by = NULL, *next = request->text;
    while ((next = strstr(next, MAILBOX_BY)))
        by = next++;
    if (!by)
        return;
    *by = '\0';
    request->by = by + strlen(MAILBOX_BY);
}

static int collect(int dirfd, const char *name, void *context) {
    struct requests *requests = context;
    if (name[0] == '.' || !ends_in(name, MAILBOX_REQUEST) || strlen(name) > MAILBOX_NAME_MAX)
        return 0;
    char *text;
    size_t length;
    int r = file_read(dirfd, name, MAILBOX_TEXT_MAX, &text, &length);
    if (r == -ENOENT || r == -EFBIG || r == -EINVAL || r == -EISDIR || r == -ELOOP || r == -EACCES)
        return 0;
    if (r < 0)
        return r;
    struct request request = {.text = text};
    if (!trim_line(text, length)) {
        free(text);
        return 0;
    }
    split(&request);
    request.name = strndup(name, strlen(name) - strlen(MAILBOX_REQUEST));
    if (!request.name || array_push(&requests->list, request) < 0) {
        free(request.name);
        free(text);
        return -ENOMEM;
    }
    return 0;
}

static int compare_requests(const void *a, const void *b) {
    return strcmp(((const struct request *)a)->name, ((const struct request *)b)->name);
}

int mailbox_collect(const char *runtime_dir, struct requests *ret) {
    struct requests requests = {0};
    int r = each_name(runtime_dir, collect, &requests);
    if (r < 0) {
        requests_free(&requests);
        return r;
    }
    if (requests.list.count > 1)
        qsort(requests.list.items, requests.list.count, sizeof *requests.list.items, compare_requests);
    *ret = requests;
    return 0;
}

/* Writes the answer under its name first and takes the request away then: in between, and at no other time, both are
 * there, and who waits looks for the answer. */
static int answer_with(int dirfd, const struct mailbox_names *names, const char *to, const char *words) {
    int r = mailbox_put(dirfd, names->temporary, to, words);
    if (r < 0)
        return r;
    if (unlinkat(dirfd, names->request, 0) == 0)
        return 0;
    r = -errno;
    unlinkat(dirfd, to, 0); /* withdrawn meanwhile: nobody will fetch it */
    return r == -ENOENT ? 0 : r;
}

int mailbox_answer(const char *runtime_dir, const struct request *request, bool done, const char *words) {
    struct mailbox_names names;
    int r = mailbox_name(&names, request->name);
    if (r < 0)
        return r;
    int dirfd = mailbox_open(runtime_dir);
    if (dirfd < 0)
        return dirfd;
    r = words ? answer_with(dirfd, &names, done ? names.done : names.failed, words) : 0;
    /* That it is done does not depend on whether there is room for words. */
    if (done && (!words || r < 0))
        r = renameat(dirfd, names.request, dirfd, names.done) < 0 && errno != ENOENT ? -errno : 0;
    close(dirfd);
    return r;
}

static int sweep(int dirfd, const char *name, void *context) {
    const time_t *now = context;
    struct stat st;
    if ((name[0] == '.' || ends_in(name, MAILBOX_DONE) || ends_in(name, MAILBOX_FAILED)) &&
        fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ctim.tv_sec < *now - ANSWER_AGE_MAX)
        unlinkat(dirfd, name, 0);
    return 0;
}

void mailbox_sweep(const char *runtime_dir) {
    time_t now = time(NULL);
    each_name(runtime_dir, sweep, &now);
}

void requests_free(struct requests *requests) {
    for (size_t i = 0; i < requests->list.count; i++) {
        free(requests->list.items[i].name);
        free(requests->list.items[i].text);
    }
    array_free(&requests->list);
}
