#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Writes the temporary file, and makes sure of it before anybody can see it under its name. */
static int write_temporary(int dirfd, const char *name, const char *bytes, size_t length, mode_t mode, int durable) {
    int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    int r = fchmod(fd, mode) < 0 ? -errno : write_all(fd, bytes, length); /* whatever the umask is */
    if (r == 0 && durable && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

int file_replace(const char *dir, const char *name, const char *bytes, size_t length, mode_t mode, int durable) {
    char temporary[256];
    if ((size_t)snprintf(temporary, sizeof temporary, ".%s.new", name) >= sizeof temporary)
        return -ENAMETOOLONG;
    int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -errno;
    int r = write_temporary(dirfd, temporary, bytes, length, mode, durable);
    if (r == 0 && renameat(dirfd, temporary, dirfd, name) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(dirfd, temporary, 0);
    else if (durable && fsync(dirfd) < 0)
        r = -errno;
    close(dirfd);
    return r;
}

static int append_to(int fd, size_t length, const char *bytes, size_t n_bytes) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != length)
        return -ESTALE;
    int r = write_all(fd, bytes, n_bytes);
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    if (r < 0)
        (void)!ftruncate(fd, (off_t)length);
    return r;
}

int file_append(const char *dir, const char *name, size_t length, const char *bytes, size_t n_bytes) {
    int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -errno;
    int fd = openat(dirfd, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int r = fd < 0 ? (errno == ENOENT || errno == ELOOP ? -ESTALE : -errno) : append_to(fd, length, bytes, n_bytes);
    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    close(dirfd);
    return r;
}

static int read_open(int fd, size_t limit, char **ret, size_t *ret_length) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    if ((uint64_t)st.st_size > limit)
        return -EFBIG;
    /* One byte more than stat says, so that a file that grows meanwhile is noticed. */
    size_t capacity = (size_t)st.st_size + 1, length = 0;
    char *data = malloc(capacity + 1);
    if (!data)
        return -ENOMEM;
    for (;;) {
        ssize_t n = read(fd, data + length, capacity - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int r = -errno;
            free(data);
            return r;
        }
        length += (size_t)n;
        if (n == 0)
            break;
        if (length < capacity)
            continue;
        if (length > limit) {
            free(data);
            return -EFBIG;
        }
        char *grown = realloc(data, (capacity = capacity * 2) + 1);
        if (!grown) {
            free(data);
            return -ENOMEM;
        }
        data = grown;
    }
    data[length] = '\0';
    *ret = data;
    *ret_length = length;
    return 0;
}

int file_read(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_length) {
    int fd = openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = read_open(fd, limit, ret, ret_length);
    close(fd);
    return r;
}
