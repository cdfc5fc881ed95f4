#include "store/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a name is looked at anew when another file takes its place between two looks. */
enum { TRIES = 4 };

/* A file's times are no finer than the kernel's tick, so a file that changed just now may change once more and keep
 * its stamp. Where ctime lies further in the future than any scan takes, the clock was set back: such a file is read
 * at each scan, but looking again at once, until the clock has caught up, would only burn. */
#define YOUNG_USEC (100 * USEC_PER_MSEC)
#define FUTURE_USEC (60 * USEC_PER_SEC)

enum { AGAIN = 2 };

static bool time_equal(struct timespec a, struct timespec b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool stamp_equal(const struct stamp *a, const struct stamp *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           time_equal(a->modified, b->modified) && time_equal(a->changed, b->changed);
}

static struct stamp stamp_of(const struct stat *st) {
    return (struct stamp){.device = st->st_dev,
                          .inode = st->st_ino,
                          .size = st->st_size,
                          .modified = st->st_mtim,
                          .changed = st->st_ctim};
}

/* Errors that say nothing about the file: they make the scan incomplete, not the file rejected (D2). */
static bool machine_failed(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

static int reject_kind(mode_t mode, struct manifest **ret) {
    const char *kind = S_ISDIR(mode)    ? "a directory"
                       : S_ISFIFO(mode) ? "a named pipe"
                       : S_ISSOCK(mode) ? "a socket"
                       : S_ISBLK(mode)  ? "a block device"
                       : S_ISCHR(mode)  ? "a character device"
                                        : "something else";
    return manifest_reject(ret,
                           "this is %s where a file is expected: remove it, or give it a name that does not end "
                           "in .yaml, .yml or .json",
                           kind);
}

static int reject_size(struct manifest **ret) {
    return manifest_reject(ret, "the file is larger than %u MiB: split it into several files", MANIFEST_SIZE_MAX >> 20);
}

static int reject_changed(struct entry_look *look, struct manifest **ret) {
    look->look_again = true;
    return manifest_reject(ret, "the file changed while it was being read: write it under another name and rename it "
                                "when it is whole");
}

/* Its cause may lie outside of the directory: a file system, the target of a link, a right on the way to it. */
static int reject_error(struct entry_look *look, int error, struct manifest **ret) {
    look->troubled = true;
    if (error == ELOOP)
        return manifest_reject(ret, "this is a symbolic link that leads in a circle: correct the link or remove it");
    if (error == ENOENT || error == ENOTDIR)
        return manifest_reject(ret, "this is a symbolic link to a file that does not exist: correct the link or "
                                    "remove it");
    if (error == EACCES || error == EPERM)
        return manifest_reject(ret, "the file may not be read (%s): make it readable for the user that topicd runs as",
                               strerrordesc_np(error));
    if (error == EAGAIN) { /* somebody holds a lease on it */
        look->look_again = true;
        return manifest_reject(ret, "the file is in use by another program: wait until it has let go of it");
    }
    const char *words = strerrordesc_np(error);
    return manifest_reject(ret, "the file cannot be read (%s): check the file system it is on",
                           words ? words : "unknown error");
}

/* What a name that cannot be opened or looked at is. Returns 0 rejected; 1 gone; AGAIN when it is there after all. */
static int judge_error(struct entry_look *look, const char *name, int error, struct manifest **ret) {
    if (machine_failed(error))
        return -error;
    struct stat st;
    if (error == ENOENT && fstatat(look->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 1 : machine_failed(errno) ? -errno : reject_error(look, errno, ret);
    if (error == EINTR || (error == ENOENT && !S_ISLNK(st.st_mode)))
        return AGAIN;
    return reject_error(look, error, ret);
}

/* Reads at most `capacity` bytes, to the end of the file if that comes first. */
static int read_up_to(int fd, char *data, size_t capacity, size_t *ret) {
    size_t length = 0;
    while (length < capacity) {
        ssize_t n = read(fd, data + length, capacity - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    *ret = length;
    return 0;
}

/* Judges what was read of the open file, unless it changed meanwhile. */
static int judge_content(struct entry_look *look, int fd, const char *text, size_t length, struct entry *entry) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return machine_failed(errno) ? -errno : reject_error(look, errno, &entry->manifest);
    struct stamp stamp = stamp_of(&st);
    if (!stamp_equal(&stamp, &entry->stamp))
        return reject_changed(look, &entry->manifest);
    if (length != (size_t)stamp.size) /* as in /proc */
        return manifest_reject(&entry->manifest, "the file's content is not as long as its size says: put an ordinary "
                                                 "file in its place");
    int r = manifest_read(text, length, look->options, &entry->manifest);
    if (r < 0)
        return r;
    uint64_t changed_usec = (uint64_t)stamp.changed.tv_sec * USEC_PER_SEC + (uint64_t)stamp.changed.tv_nsec / 1000;
    entry->trusted = changed_usec + YOUNG_USEC <= look->now_usec;
    if (!entry->trusted && changed_usec < look->now_usec + FUTURE_USEC)
        look->look_again = true;
    return 0;
}

/* Reads the open file whose stamp is the entry's, asking for one byte more than its size: so a file that grows is
 * noticed. */
static int read_content(struct entry_look *look, int fd, struct entry *entry) {
    size_t size = (size_t)entry->stamp.size, length = 0;
    char *text = malloc(size + 2);
    if (!text)
        return -ENOMEM;
    int r = read_up_to(fd, text, size + 1, &length);
    text[length] = '\0';
    if (r < 0)
        r = machine_failed(-r) ? r : reject_error(look, -r, &entry->manifest);
    else
        r = judge_content(look, fd, text, length, entry);
    free(text);
    return r;
}

/* Opens what was a regular file a moment ago. It might be a fifo or a terminal by now: neither waits nor takes it. */
static int open_and_read(struct entry_look *look, struct entry *entry) {
    int fd = openat(look->dirfd, entry->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return judge_error(look, entry->name, errno, &entry->manifest);
    struct stat st;
    int r;
    if (fstat(fd, &st) < 0)
        r = judge_error(look, entry->name, errno, &entry->manifest);
    else {
        struct stamp stamp = stamp_of(&st);
        r = S_ISREG(st.st_mode) && stamp_equal(&stamp, &entry->stamp) ? read_content(look, fd, entry) : AGAIN;
    }
    close(fd);
    return r;
}

static int look_once(struct entry_look *look, struct entry *entry, const struct entry *known) {
    struct stat st;
    if (fstatat(look->dirfd, entry->name, &st, 0) < 0)
        return judge_error(look, entry->name, errno, &entry->manifest);
    if (!S_ISREG(st.st_mode))
        return reject_kind(st.st_mode, &entry->manifest);
    if (st.st_size > MANIFEST_SIZE_MAX)
        return reject_size(&entry->manifest);
    entry->stamp = stamp_of(&st);
    if (known && known->trusted && stamp_equal(&known->stamp, &entry->stamp)) {
        entry->trusted = true;
        entry->manifest = manifest_ref(known->manifest);
        return 0;
    }
    return open_and_read(look, entry);
}

/* What was read anew and says the same is the same, so that nobody has to judge it anew. */
static void keep_equal(struct entry *entry, const struct entry *known) {
    if (!known || known->manifest == entry->manifest || !manifest_equal(known->manifest, entry->manifest))
        return;
    manifest_unref(entry->manifest);
    entry->manifest = manifest_ref(known->manifest);
}

int entry_read(struct entry_look *look, struct entry *entry, const struct entry *known) {
    entry->trusted = false;
    int r = AGAIN;
    for (int tries = 0; tries < TRIES && r == AGAIN; tries++)
        r = look_once(look, entry, known);
    if (r == AGAIN)
        r = reject_changed(look, &entry->manifest);
    if (r == 0)
        keep_equal(entry, known);
    return r;
}
