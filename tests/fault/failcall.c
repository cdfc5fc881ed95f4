/* Lets the n-th call of a system function fail, or kills the process there (S2). For LD_PRELOAD:
 *
 *     FAIL_CALL=NAME,NAME…   functions that count: openat, fsync, malloc, … ; "all" (of them), "files" (all that are no
 *                            allocations)
 *     FAIL_AT=N              the first call that fails, counted from 1; without it none does, and all are only counted
 *     FAIL_TIMES=N           how many in a row fail (1); "all" from there on
 *     FAIL_WITH=ERROR        an errno's name such as EIO; KILL: SIGKILL before the call; KILL-AFTER: behind it;
 *                            SHORT: a read or write does half of its work
 *     FAIL_PATH=TEXT         calls count only if the path, or that of the file behind the descriptor, contains it
 *     FAIL_FROM=any          calls of libraries count too; by default only the program's own do
 *     FAIL_LOG=FILE          a line for each call that counts: its number, name and path
 *
 * Only the main thread's calls count, so that a run is the same each time as far as the program is. A variadic open()
 * is taken to have a mode. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

// NOLINTBEGIN: the names and parameters are libc's, and the macros make functions

/* What libc's headers make of the plain functions when they check sizes. */
ssize_t __read_chk(int fd, void *bytes, size_t length, size_t room);
int __open_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __dprintf_chk(int fd, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
int __asprintf_chk(char **ret, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
int __vasprintf_chk(char **ret, int flag, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

enum action { ACTION_ERROR, ACTION_KILL, ACTION_KILL_AFTER, ACTION_SHORT };

static struct {
    const char *calls, *path;
    unsigned long at, times, seen;
    enum action action;
    int error, log;
    bool any_caller, ready;
    uintptr_t program_start, program_end; /* where the program's own code is */
} plan;

/* Inside of the shim: what it calls itself does not count. */
static __thread bool busy __attribute__((tls_model("initial-exec")));
/* The call in hand is the one. */
static __thread bool chosen __attribute__((tls_model("initial-exec")));

static int find_program(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, end = start + info->dlpi_phdr[i].p_memsz;
        if (info->dlpi_phdr[i].p_type != PT_LOAD || !(info->dlpi_phdr[i].p_flags & PF_X))
            continue;
        plan.program_start = start;
        plan.program_end = end;
    }
    return 1; /* the first object is the program */
}

static int error_number(const char *name) {
    for (int error = 1; error < 256; error++)
        if (strerrorname_np(error) && strcmp(strerrorname_np(error), name) == 0)
            return error;
    dprintf(2, "failcall: FAIL_WITH=%s is no error\n", name);
    _exit(125);
}

static void read_action(const char *with) {
    if (!with || strcmp(with, "KILL") == 0)
        plan.action = ACTION_KILL;
    else if (strcmp(with, "KILL-AFTER") == 0)
        plan.action = ACTION_KILL_AFTER;
    else if (strcmp(with, "SHORT") == 0)
        plan.action = ACTION_SHORT;
    else
        plan.error = error_number(with);
}

static unsigned long number(const char *variable, unsigned long otherwise) {
    const char *text = getenv(variable);
    return !text ? otherwise : strcmp(text, "all") == 0 ? ~0ul : strtoul(text, NULL, 10);
}

__attribute__((constructor)) static void start(void) {
    busy = true;
    const char *log = getenv("FAIL_LOG"), *from = getenv("FAIL_FROM");
    plan.calls = getenv("FAIL_CALL");
    plan.path = getenv("FAIL_PATH");
    plan.at = number("FAIL_AT", 0);
    plan.times = number("FAIL_TIMES", 1);
    plan.any_caller = from && strcmp(from, "any") == 0;
    plan.log = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    read_action(getenv("FAIL_WITH"));
    dl_iterate_phdr(find_program, NULL);
    plan.ready = plan.calls != NULL;
    busy = false;
}

static bool is_listed(const char *name, bool allocation) {
    if (strcmp(plan.calls, "all") == 0)
        return true;
    if (strcmp(plan.calls, "files") == 0)
        return !allocation;
    size_t length = strlen(name);
    for (const char *p = plan.calls; (p = strstr(p, name)); p += length)
        if ((p == plan.calls || p[-1] == ',') && (p[length] == '\0' || p[length] == ','))
            return true;
    return false;
}

/* The path of a call: what it was given, behind the directory it is relative to. */
static void full_path(int fd, const char *path, char *out, size_t size) {
    char link[64];
    ssize_t length = 0;
    if (fd >= 0 && (!path || path[0] != '/')) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        length = syscall(SYS_readlinkat, AT_FDCWD, link, out, size - 1);
        length = length < 0 ? 0 : length;
    }
    snprintf(out + length, size - (size_t)length, "%s%s", path && length > 0 ? "/" : "", path ? path : "");
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

static void log_call(const char *name, const char *path) {
    char line[4352];
    int length = snprintf(line, sizeof line, "%lu %s %s\n", plan.seen, name, path);
    if (plan.log >= 0)
        syscall(SYS_write, plan.log, line, (size_t)length);
}

/* Before each call. True if it is to fail; errno is set then. */
static bool enter(const char *name, bool allocation, int fd, const char *path, void *caller) {
    uintptr_t from = (uintptr_t)caller;
    chosen = false;
    if (!plan.ready || busy || syscall(SYS_gettid) != getpid() || !is_listed(name, allocation) ||
        (!plan.any_caller && (from < plan.program_start || from >= plan.program_end)))
        return false;
    char full[4200] = "";
    busy = true;
    int error = errno;
    if (!allocation)
        full_path(fd, path, full, sizeof full);
    bool counts = !plan.path || strstr(full, plan.path);
    if (counts) {
        plan.seen++;
        log_call(name, full);
        chosen = plan.at > 0 && plan.seen >= plan.at && plan.seen - plan.at < plan.times;
    }
    busy = false;
    errno = error;
    if (chosen && plan.action == ACTION_KILL)
        die();
    if (chosen && plan.action == ACTION_ERROR) {
        errno = plan.error;
        return true;
    }
    return false;
}

static void leave(void) {
    if (chosen && plan.action == ACTION_KILL_AFTER)
        die();
}

static size_t shortened(size_t length) {
    return chosen && plan.action == ACTION_SHORT && length > 1 ? length / 2 : length;
}

static void *find(const char *name) {
    bool was = busy;
    busy = true;
    void *found = dlsym(RTLD_NEXT, name);
    busy = was;
    return found;
}

#define NO_FD (-1)

/* A function of that name which passes on to libc's. */
#define WRAP(TYPE, FAILURE, NAME, PARAMETERS, ARGUMENTS, FD, PATH)                                                     \
    TYPE NAME PARAMETERS {                                                                                             \
        static TYPE(*next) PARAMETERS;                                                                                 \
        if (!next)                                                                                                     \
            *(void **)&next = find(#NAME);                                                                             \
        if (enter(#NAME, false, FD, PATH, __builtin_return_address(0)))                                                \
            return FAILURE;                                                                                            \
        TYPE result = next ARGUMENTS;                                                                                  \
        leave();                                                                                                       \
        return result;                                                                                                 \
    }

WRAP(int, -1, close, (int fd), (fd), fd, NULL)
WRAP(int, -1, fsync, (int fd), (fd), fd, NULL)
WRAP(int, -1, fdatasync, (int fd), (fd), fd, NULL)
WRAP(int, -1, ftruncate, (int fd, off_t size), (fd, size), fd, NULL)
WRAP(int, -1, fchmod, (int fd, mode_t mode), (fd, mode), fd, NULL)
WRAP(int, -1, fstat, (int fd, struct stat *st), (fd, st), fd, NULL)
WRAP(int, -1, fstatfs, (int fd, struct statfs *fs), (fd, fs), fd, NULL)
WRAP(int, -1, stat, (const char *path, struct stat *st), (path, st), NO_FD, path)
WRAP(int, -1, statfs, (const char *path, struct statfs *fs), (path, fs), NO_FD, path)
WRAP(int, -1, fstatat, (int fd, const char *path, struct stat *st, int flags), (fd, path, st, flags), fd, path)
WRAP(int, -1, faccessat, (int fd, const char *path, int mode, int flags), (fd, path, mode, flags), fd, path)
WRAP(int, -1, mkdir, (const char *path, mode_t mode), (path, mode), NO_FD, path)
WRAP(int, -1, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode), fd, path)
WRAP(int, -1, unlink, (const char *path), (path), NO_FD, path)
WRAP(int, -1, unlinkat, (int fd, const char *path, int flags), (fd, path, flags), fd, path)
WRAP(int, -1, rename, (const char *from, const char *to), (from, to), NO_FD, to)
WRAP(int, -1, renameat, (int fd, const char *from, int to_fd, const char *to), (fd, from, to_fd, to), to_fd, to)
WRAP(int, -1, renameat2, (int fd, const char *from, int to_fd, const char *to, unsigned flags),
     (fd, from, to_fd, to, flags), to_fd, to)
WRAP(int, -1, linkat, (int fd, const char *from, int to_fd, const char *to, int flags), (fd, from, to_fd, to, flags),
     to_fd, to)
WRAP(int, -1, inotify_init1, (int flags), (flags), NO_FD, NULL)
WRAP(int, -1, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask), NO_FD, path)
WRAP(int, -1, inotify_rm_watch, (int fd, int watch), (fd, watch), fd, NULL)
WRAP(int, -1, eventfd, (unsigned start_value, int flags), (start_value, flags), NO_FD, NULL)
WRAP(DIR *, NULL, fdopendir, (int fd), (fd), fd, NULL)
WRAP(DIR *, NULL, opendir, (const char *path), (path), NO_FD, path)
WRAP(struct dirent *, NULL, readdir, (DIR * dir), (dir), dirfd(dir), NULL)

/* Those whose length can be cut short. */
#define WRAP_IO(NAME, BYTES)                                                                                           \
    ssize_t NAME(int fd, BYTES bytes, size_t length) {                                                                 \
        static ssize_t (*next)(int, BYTES, size_t);                                                                    \
        if (!next)                                                                                                     \
            *(void **)&next = find(#NAME);                                                                             \
        if (enter(#NAME, false, fd, NULL, __builtin_return_address(0)))                                                \
            return -1;                                                                                                 \
        ssize_t result = next(fd, bytes, shortened(length));                                                           \
        leave();                                                                                                       \
        return result;                                                                                                 \
    }

WRAP_IO(read, void *)
WRAP_IO(write, const void *)

/* Counts under the plain name, as do the other __…_chk. */
ssize_t __read_chk(int fd, void *bytes, size_t length, size_t room) {
    (void)room;
    if (enter("read", false, fd, NULL, __builtin_return_address(0)))
        return -1;
    ssize_t result = syscall(SYS_read, fd, bytes, shortened(length));
    leave();
    return result;
}

static int do_open(int dirfd, const char *path, int flags, mode_t mode, void *caller) {
    static int (*next)(int, const char *, int, ...);
    if (!next)
        *(void **)&next = find("openat");
    if (enter(dirfd == AT_FDCWD ? "open" : "openat", false, dirfd == AT_FDCWD ? NO_FD : dirfd, path, caller))
        return -1;
    int result = next(dirfd, path, flags, mode);
    leave();
    return result;
}

static mode_t mode_of(va_list args, int flags) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(args, flags);
    va_end(args);
    return do_open(AT_FDCWD, path, flags, mode, __builtin_return_address(0));
}

int openat(int dirfd, const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(args, flags);
    va_end(args);
    return do_open(dirfd, path, flags, mode, __builtin_return_address(0));
}

int __open_2(const char *path, int flags) {
    return do_open(AT_FDCWD, path, flags, 0, __builtin_return_address(0));
}

int __openat_2(int dirfd, const char *path, int flags) {
    return do_open(dirfd, path, flags, 0, __builtin_return_address(0));
}

/* Locks, mostly. All commands that topicd uses take a pointer or a number, which is as wide. */
int fcntl(int fd, int command, ...) {
    static int (*next)(int, int, void *);
    if (!next)
        *(void **)&next = find("fcntl");
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    if (enter("fcntl", false, fd, NULL, __builtin_return_address(0)))
        return -1;
    int result = next(fd, command, argument);
    leave();
    return result;
}

int __dprintf_chk(int fd, int flag, const char *format, ...) {
    (void)flag;
    if (enter("dprintf", false, fd, NULL, __builtin_return_address(0)))
        return -1;
    va_list args;
    va_start(args, format);
    int result = vdprintf(fd, format, args);
    va_end(args);
    leave();
    return result;
}

#define WRAP_MEMORY(NAME, PARAMETERS, ARGUMENTS)                                                                       \
    void *NAME PARAMETERS {                                                                                            \
        static void *(*next)PARAMETERS;                                                                                \
        if (!next)                                                                                                     \
            *(void **)&next = find(#NAME);                                                                             \
        if (enter(#NAME, true, NO_FD, NULL, __builtin_return_address(0))) {                                            \
            errno = ENOMEM;                                                                                            \
            return NULL;                                                                                               \
        }                                                                                                              \
        void *result = next ARGUMENTS;                                                                                 \
        leave();                                                                                                       \
        return result;                                                                                                 \
    }

WRAP_MEMORY(malloc, (size_t size), (size))
WRAP_MEMORY(calloc, (size_t count, size_t size), (count, size))
WRAP_MEMORY(realloc, (void *memory, size_t size), (memory, size))

char *strdup(const char *text) {
    if (enter("strdup", true, NO_FD, NULL, __builtin_return_address(0)))
        return NULL;
    char *copy = malloc(strlen(text) + 1);
    leave();
    return copy ? strcpy(copy, text) : NULL;
}

char *strndup(const char *text, size_t max) {
    if (enter("strndup", true, NO_FD, NULL, __builtin_return_address(0)))
        return NULL;
    size_t length = strnlen(text, max);
    char *copy = calloc(1, length + 1);
    leave();
    return copy ? memcpy(copy, text, length) : NULL;
}

int __asprintf_chk(char **ret, int flag, const char *format, ...) {
    (void)flag;
    if (enter("asprintf", true, NO_FD, NULL, __builtin_return_address(0)))
        return -1;
    va_list args;
    va_start(args, format);
    int result = vasprintf(ret, format, args);
    va_end(args);
    leave();
    return result;
}

int __vasprintf_chk(char **ret, int flag, const char *format, va_list args) {
    (void)flag;
    if (enter("vasprintf", true, NO_FD, NULL, __builtin_return_address(0)))
        return -1;
    int result = vasprintf(ret, format, args);
    leave();
    return result;
}

// NOLINTEND
