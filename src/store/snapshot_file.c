#include "store/snapshot_file.h"

#include "base/file.h"
#include "store/snapshot_changes.h"
#include "store/snapshot_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes of a batch, and of all batches: the most, and the least room for them behind a small whole. */
enum { BATCH_MOST = 64 << 10, BATCHES_MOST = 1 << 20, BATCHES_LEAST = 4 << 10 };

/* Enough for who investigates; when so many lie about, something else is wrong, and the caller says so. */
enum { KEPT_ASIDE_MAX = 1000 };

/* What has the name and can be no snapshot: damaged rather than unreadable, so that it is kept aside too. */
static const char *strange(int error) {
    return error == EISDIR   ? "it is a directory"
           : error == EINVAL ? "it is not a regular file"
           : error == EFBIG  ? "it is larger than any snapshot can be"
           : error == ELOOP  ? "it is a symbolic link that leads in a circle"
                             : NULL;
}

static int load_from(int dirfd, struct snapshot **ret, struct snapshot_mark *mark, struct buffer *why) {
    char *text;
    size_t length;
    int r = file_read(dirfd, SNAPSHOT_FILE, SNAPSHOT_SIZE_MAX, &text, &length);
    if (r == -ENOENT)
        return SNAPSHOT_ABSENT;
    if (r < 0 && strange(-r)) {
        buffer_puts(why, strange(-r));
        return SNAPSHOT_DAMAGED;
    }
    if (r < 0)
        return r;
    r = snapshot_read(text, length, ret, mark, why);
    free(text);
    return r;
}

int snapshot_file_load(const char *state_dir, struct snapshot **ret, struct snapshot_mark *mark, struct buffer *why) {
    struct snapshot_mark unused;
    int dirfd = open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return errno == ENOENT ? SNAPSHOT_ABSENT : -errno;
    int r = load_from(dirfd, ret, mark ? mark : &unused, why);
    close(dirfd);
    return r;
}

/* Whether a batch of so many bytes is worth appending: it is a small part of the whole, and so are all of them, lest
 * the next start reads mostly what does not count any more. */
static bool fits(const struct snapshot_mark *mark, size_t bytes) {
    size_t room = mark->whole + BATCHES_LEAST;
    room = room < BATCHES_MOST ? room : BATCHES_MOST;
    return bytes <= BATCH_MOST && mark->length - mark->whole + bytes <= room;
}

/* Returns 0; 1 when it has to be written anew; a negative errno. */
static int append(const char *state_dir, const struct snapshot *saved, const struct snapshot *snapshot,
                  struct snapshot_mark *mark) {
    struct snapshot *changes;
    struct buffer text = {0};
    struct snapshot_mark end = *mark;
    int r = snapshot_diff(saved, snapshot, &changes);
    if (r < 0)
        return r;
    r = snapshot_format_batch(changes, &text, &end);
    if (r == 0)
        r = fits(mark, text.length) ? file_append(state_dir, SNAPSHOT_FILE, mark->length, text.data, text.length) : 1;
    snapshot_free(changes);
    buffer_free(&text);
    if (r == 0)
        *mark = end;
    return r == -ESTALE ? 1 : r;
}

static int write_anew(const char *state_dir, const struct snapshot *snapshot, struct snapshot_mark *mark) {
    struct buffer text = {0};
    int r = snapshot_format_whole(snapshot, &text, mark);
    if (r == 0)
        r = file_replace(state_dir, SNAPSHOT_FILE, text.data, text.length, 0640, true);
    buffer_free(&text);
    return r;
}

int snapshot_file_save(const char *state_dir, const struct snapshot *saved, const struct snapshot *snapshot,
                       struct snapshot_mark *mark) {
    int r = mark->length > 0 ? append(state_dir, saved, snapshot, mark) : 1;
    if (r == 1)
        r = write_anew(state_dir, snapshot, mark);
    if (r < 0)
        *mark = (struct snapshot_mark){0};
    return r;
}

/* Renames and never replaces. Where the file system cannot promise that by itself, link() can; a crash before the
 * unlink() leaves one file under both names, and the next start does it once more. */
static int rename_free(int dirfd, const char *to) {
    if (renameat2(dirfd, SNAPSHOT_FILE, dirfd, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (linkat(dirfd, SNAPSHOT_FILE, dirfd, to, 0) < 0 || unlinkat(dirfd, SNAPSHOT_FILE, 0) < 0)
        return -errno;
    return 0;
}

static int keep_in(int dirfd, const char *reason, struct buffer *kept_as) {
    for (int n = 1; n <= KEPT_ASIDE_MAX; n++) {
        char name[256];
        if ((size_t)snprintf(name, sizeof name, SNAPSHOT_FILE ".%s-%d", reason, n) >= sizeof name)
            return -ENAMETOOLONG;
        int r = rename_free(dirfd, name);
        if (r == -EEXIST)
            continue;
        if (r < 0)
            return r == -ENOENT ? 0 : r;
        if (fsync(dirfd) < 0)
            return -errno;
        buffer_puts(kept_as, name);
        return kept_as->failed ? -ENOMEM : 0;
    }
    return -EEXIST;
}

int snapshot_file_keep_aside(const char *state_dir, const char *reason, struct buffer *kept_as) {
    int dirfd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return errno == ENOENT ? 0 : -errno;
    int r = keep_in(dirfd, reason, kept_as);
    close(dirfd);
    return r;
}
