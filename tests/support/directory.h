/* For the tests of store/directory.h, each of which includes it once: some system calls pass through this file, so that
 * a test can do something between two of them, or make one fail. */
#pragma once

#include "store/directory.h"
#include "support/workdir.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

/* ---- what stands between the code and the kernel ---- */

struct {
    void (*before_open)(const char *name); /* before a file in the directory is opened */
    void (*after_read)(int fd);            /* after something was read */
    int open_error, read_error, stat_error, readdir_error;
    unsigned opened;
    bool coarse;     /* files' times have a granularity of 100 ms */
    bool list_twice; /* every name is listed twice */
    long fs_type;
} kernel;

static inline int kernel_reset(void **state) {
    memset(&kernel, 0, sizeof kernel);
    return workdir_make(state);
}

int openat(int dirfd, const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (directory_name_counts(path)) {
        kernel.opened++;
        void (*before)(const char *) = kernel.before_open;
        kernel.before_open = NULL;
        if (before)
            before(path);
        if (kernel.open_error) {
            errno = kernel.open_error;
            return -1;
        }
    }
    return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

ssize_t read(int fd, void *bytes, size_t length) {
    if (kernel.read_error) {
        errno = kernel.read_error;
        return -1;
    }
    ssize_t n = syscall(SYS_read, fd, bytes, length);
    void (*after)(int) = kernel.after_read;
    kernel.after_read = NULL;
    if (after)
        after(fd);
    return n;
}

static inline int coarsen(int r, struct stat *st) {
    if (r == 0 && kernel.coarse) {
        st->st_ctim.tv_nsec -= st->st_ctim.tv_nsec % 100000000;
        st->st_mtim.tv_nsec -= st->st_mtim.tv_nsec % 100000000;
    }
    return r;
}

int fstatat(int dirfd, const char *restrict path, struct stat *restrict st, int flags) {
    if (kernel.stat_error && directory_name_counts(path)) {
        errno = kernel.stat_error;
        return -1;
    }
    return coarsen((int)syscall(SYS_newfstatat, dirfd, path, st, flags), st);
}

int fstat(int fd, struct stat *st) {
    return coarsen((int)syscall(SYS_fstat, fd, st), st);
}

struct dirent *readdir(DIR *dir) {
    if (kernel.readdir_error) {
        errno = kernel.readdir_error;
        return NULL;
    }
    static struct dirent *(*next)(DIR *), *last, copy;
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "readdir");
    if (kernel.list_twice && last) {
        last = NULL;
        return &copy;
    }
    last = next(dir);
    if (last)
        copy = *last;
    return last;
}

int statfs(const char *path, struct statfs *fs) {
    int r = (int)syscall(SYS_statfs, path, fs);
    if (kernel.fs_type)
        fs->f_type = kernel.fs_type;
    return r;
}

/* ---- helpers ---- */

#define MODEL(name)                                                                                                    \
    "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: " name "}\nspec: {storageUri: "               \
    "\"gs://b/m\"}\n"

static const struct manifest_options options = {.topic_prefix = "seldon", .default_namespace = "seldon-mesh"};

static inline uint64_t wall_usec(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

static inline struct directory *open_directory(const char *path) {
    struct directory *directory;
    assert_int_equal(directory_new(path, &options, &directory), 0);
    return directory;
}

/* A look at a time of the test's choice. */
static inline struct scan *look_at(struct directory *directory, uint64_t when_usec, bool *again) {
    struct scan *scan;
    bool look_again;
    struct moment now = {.monotonic_usec = 1, .wall_usec = when_usec};
    assert_int_equal(directory_scan(directory, now, &scan, &look_again), 0);
    if (again)
        *again = look_again;
    return scan;
}

/* A look `later_usec` from now, as if nothing had changed until then. */
static inline struct scan *look_later(struct directory *directory, uint64_t later_usec, bool *again) {
    return look_at(directory, wall_usec() + later_usec, again);
}

static inline struct scan *look(struct directory *directory) {
    return look_later(directory, USEC_PER_SEC, NULL);
}

/* One look at the work directory, with a time limit, by a directory of its own. */
static inline struct scan *look_once(void) {
    struct directory *directory = open_directory(workdir);
    alarm(10);
    struct scan *scan = look(directory);
    alarm(0);
    directory_free(directory);
    assert_true(scan->complete);
    assert_null(scan->error);
    return scan;
}

static const struct manifest *manifest_of(const struct scan *scan, const char *name) {
    const struct scan_file *file = scan_find(scan, name);
    assert_non_null(file);
    assert_non_null(file->manifest);
    return file->manifest;
}

static inline void assert_accepted(const struct scan *scan, const char *name) {
    assert_non_null(manifest_of(scan, name)->resources);
}

/* The file is in the scan, rejected with one error that has these words. */
static inline void assert_rejected(const struct scan *scan, const char *name, const char *words) {
    const struct manifest *manifest = manifest_of(scan, name);
    assert_null(manifest->resources);
    assert_int_equal(manifest->diagnostics.list.count, 1);
    const char *message = manifest->diagnostics.list.items[0].message;
    if (!strstr(message, words))
        fail_msg("%s: \"%s\" does not say \"%s\"", name, message, words);
}

static inline void assert_only_rejected(const char *name, const char *words) {
    struct scan *scan = look_once();
    assert_int_equal(scan->files.count, 1);
    assert_rejected(scan, name, words);
    scan_free(scan);
}

static const char *resource_name(const struct scan *scan, const char *file) {
    const struct manifest *manifest = manifest_of(scan, file);
    assert_non_null(manifest->resources);
    assert_int_equal(manifest->resources->count, 1);
    return manifest->resources->items[0].name;
}

/* Runs `body` as a user who may not read everything. */
static inline void as_nobody(void (*body)(void)) {
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0))
            _exit(3);
        body();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}
