/* The lock is two bytes of one file. The second carries an ordinary POSIX lock, because F_GETLK names the process that
 * holds one, from the kernel's knowledge and in the reader's pid namespace. But a process loses such a lock when it
 * closes *any* descriptor of the file, lock_holder()'s included. So what excludes others is the first byte's lock,
 * which belongs to the open file description and goes only when that does, at the latest with the process. */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTE_EXCLUDES = 0, BYTE_NAMES = 1 };

static struct flock byte_lock(off_t byte) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

/* Opens DIR/lock, or an errno. Neither waits nor follows a link, whatever has that name. */
static int lock_open(const char *dir, int flags, mode_t mode) {
    int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -errno;
    int fd = openat(dirfd, "lock", flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
    int r = fd < 0 ? -errno : fd;
    close(dirfd);
    return r;
}

/* 1 and the pid (0 where it has none here) when another description's or process's lock is on the byte; else 0. */
static int byte_holder(int fd, off_t byte, pid_t *ret) {
    struct flock lock = byte_lock(byte);
    if (fcntl(fd, F_GETLK, &lock) < 0)
        return -errno;
    if (lock.l_type == F_UNLCK)
        return 0;
    *ret = lock.l_pid > 0 ? lock.l_pid : 0;
    return 1;
}

static int holder_of(int fd, pid_t *ret) {
    int r = byte_holder(fd, BYTE_NAMES, ret);
    return r == 0 ? byte_holder(fd, BYTE_EXCLUDES, ret) : r;
}

/* Returns 0; 1 when it is taken; a negative errno. The name comes first: whoever is excluded finds one. */
static int take_open(int fd, mode_t mode) {
    struct flock names = byte_lock(BYTE_NAMES), excludes = byte_lock(BYTE_EXCLUDES);
    if (fcntl(fd, F_SETLK, &names) < 0 || fcntl(fd, F_OFD_SETLK, &excludes) < 0)
        return errno == EAGAIN || errno == EACCES ? 1 : -errno;
    return fchmod(fd, mode) < 0 ? -errno : 0; /* whatever the umask was */
}

int lock_take(const char *dir, mode_t mode, pid_t *ret_holder) {
    int fd = lock_open(dir, O_RDWR | O_CREAT, mode);
    if (fd < 0)
        return fd;
    int r = take_open(fd, mode);
    if (r == 0)
        return 0; /* the descriptor is left open: it is the lock */
    pid_t holder = 0;
    int found = r > 0 ? holder_of(fd, &holder) : 0;
    close(fd);
    if (found < 0)
        return found;
    if (r > 0)
        *ret_holder = holder;
    return r;
}

pid_t lock_holder(const char *dir) {
    int fd = lock_open(dir, O_RDONLY, 0);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    pid_t holder = 0;
    int r = holder_of(fd, &holder);
    close(fd);
    if (r <= 0)
        return r;
    return holder > 0 ? holder : -EXDEV;
}
