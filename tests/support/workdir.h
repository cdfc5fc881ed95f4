/* A directory of its own for each test, and small things to do in it. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Needs some of those before it. */
#include <cmocka.h>

static char workdir[64];

/* The path of `name` in the work directory. The last eight of them stay valid. */
static inline const char *in(const char *name) {
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s%s%s", workdir, *name ? "/" : "", name);
    return path;
}

static inline void workdir_remove_at(int dirfd) {
    DIR *dir = fdopendir(dirfd);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int below = openat(dirfd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
        if (below >= 0)
            workdir_remove_at(below);
        unlinkat(dirfd, entry->d_name, below >= 0 ? AT_REMOVEDIR : 0);
    }
    closedir(dir);
}

static inline int workdir_make(void **state) {
    (void)state;
    strcpy(workdir, "/tmp/topicd-test-XXXXXX");
    return mkdtemp(workdir) && chmod(workdir, 0755) == 0 ? 0 : -1;
}

static inline int workdir_remove(void **state) {
    (void)state;
    workdir_remove_at(open(workdir, O_RDONLY | O_DIRECTORY));
    return rmdir(workdir);
}

/* Writes a file, in place if it is there. */
static inline void put_bytes(const char *name, const void *bytes, size_t length) {
    int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || close(fd) < 0)
        abort();
}

static inline void put(const char *name, const char *text) {
    put_bytes(name, text, strlen(text));
}
