#include "store/mailbox_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int mailbox_name(struct mailbox_names *names, const char *name) {
    if (strlen(name) > MAILBOX_NAME_MAX || name[0] == '\0' || strchr(name, '/'))
        return -EINVAL;
    snprintf(names->temporary, sizeof names->temporary, ".%s.tmp", name);
    snprintf(names->request, sizeof names->request, "%s" MAILBOX_REQUEST, name);
    snprintf(names->done, sizeof names->done, "%s" MAILBOX_DONE, name);
    snprintf(names->failed, sizeof names->failed, "%s" MAILBOX_FAILED, name);
    return 0;
}

int mailbox_open(const char *runtime_dir) {
    int parent = open(runtime_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return -errno;
    int dirfd = openat(parent, MAILBOX_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int r = dirfd < 0 ? -errno : dirfd;
    close(parent);
    return r;
}

/* The mode lets a daemon that is not root read what root wrote; the directory keeps everybody else out. */
static int write_line(int fd, const char *line) {
    return fchmod(fd, 0644) < 0 || dprintf(fd, "%s\n", line) < 0 ? -errno : 0;
}

int mailbox_put(int dirfd, const char *temporary, const char *to, const char *line) {
    int fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    int r = write_line(fd, line);
    if (close(fd) < 0 && r == 0)
        r = -errno;
    if (r == 0 && renameat(dirfd, temporary, dirfd, to) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(dirfd, temporary, 0);
    return r;
}

bool mailbox_is_line(const char *text, size_t length) {
    if (length == 0 || length >= MAILBOX_TEXT_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}
