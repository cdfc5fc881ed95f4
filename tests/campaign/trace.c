/* Stands between topicd and the system (LD_PRELOAD) and writes down what matters for judging a run from outside.
 *
 *     TRACE_FILE=FILE  gets a line an event, "LETTER USEC WORD", with monotonic times:
 *
 *     l, e     a look at the directory begins (WORD: its inode), and ends (WORD: "elsewhere" if the path leads to
 *              another one by then, so that the look does not count)
 *     g, G     a file of the directory is opened outside of a look (WORD: its name), and closed
 *     s, S     a snapshot is about to get its name, or a change, and has it
 *     k, K     one is about to be kept aside, and is
 *     D, C     a deletion is about to be sent, a creation (WORD: the topic)
 *
 *     TRACE_SLOW=USEC  so long, at most, takes each file of a look, so that much changes meanwhile
 *
 * After tests/fault/failcall.c in LD_PRELOAD: a call that fails there does not come here. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// NOLINTBEGIN: the names and parameters are those of the libraries

enum { NAMES_MAX = 4096 };

static struct {
    int file;   /* -1: none */
    int look;   /* descriptor of the directory that is looked at; -1 */
    int glance; /* of the file that is read outside of a look; -1 */
    unsigned slow_usec;
    uint64_t random;
    ino_t looked_at;
    unsigned long long opened_usec; /* the last directory */
    bool elsewhere;
    struct {
        const void *topic;
        char *name;
    } names[NAMES_MAX]; /* of topics that are going to be deleted or created */
    size_t n_names;
    const void *asking; /* options of a request that only validates */
} trace = {.file = -1, .look = -1, .glance = -1};

static unsigned long long now_usec(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

static void note_at(char letter, unsigned long long usec, const char *word) {
    char line[512];
    if (trace.file < 0)
        return;
    int error = errno;
    int length = snprintf(line, sizeof line, "%c %llu %s\n", letter, usec, word);
    syscall(SYS_write, trace.file, line, (size_t)length);
    errno = error;
}

static void note(char letter, const char *word) {
    note_at(letter, now_usec(), word);
}

__attribute__((constructor)) static void start(void) {
    const char *file = getenv("TRACE_FILE");
    const char *slow = getenv("TRACE_SLOW");
    trace.slow_usec = slow ? (unsigned)strtoul(slow, NULL, 10) : 0;
    trace.random = (uint64_t)getpid();
    if (file)
        trace.file = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

/* The function that the program would have called. */
static void *find(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}
#define NEXT(name) ((__typeof__(&(name)))find(#name))

/* Of the two directories that topicd reads, the manifests are not its mailbox. */
DIR *fdopendir(int fd) {
    char link[64], path[512], inode[32];
    struct stat st;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    const char *mailbox = "/requests";
    size_t tail = strlen(mailbox);
    if (length > 0 && fstat(fd, &st) == 0 &&
        ((size_t)length < tail || memcmp(path + length - tail, mailbox, tail) != 0)) {
        snprintf(inode, sizeof inode, "%llu", (unsigned long long)st.st_ino);
        note('l', inode);
        trace.look = fd;
        trace.looked_at = st.st_ino;
        trace.elsewhere = false;
    }
    return NEXT(fdopendir)(fd);
}

/* At the end of a look the path is followed once more. */
int stat(const char *path, struct stat *st) {
    int r = NEXT(stat)(path, st);
    if (trace.look >= 0)
        trace.elsewhere = r < 0 || st->st_ino != trace.looked_at;
    return r;
}

int closedir(DIR *dir) {
    if (trace.look >= 0 && dirfd(dir) == trace.look) {
        note('e', trace.elsewhere ? "elsewhere" : "");
        trace.look = -1;
    }
    return NEXT(closedir)(dir);
}

/* What a look asks of each entry. */
int fstatat(int dir, const char *path, struct stat *st, int flags) {
    trace.random = trace.random * 6364136223846793005u + 1442695040888963407u;
    if (trace.slow_usec > 0 && trace.look >= 0)
        usleep((unsigned)(trace.random >> 33) % trace.slow_usec);
    return NEXT(fstatat)(dir, path, st, flags);
}

/* Whatever the program opens comes here, from failcall.so. A glance begins when the directory is opened: it may be
 * another's place before the file is. */
int openat(int dir, const char *path, int flags, ...) {
    struct stat st;
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (flags & O_DIRECTORY)
        trace.opened_usec = now_usec();
    bool glance = trace.look < 0 && dir >= 0 && fstat(dir, &st) == 0 && st.st_ino == trace.looked_at;
    if (glance)
        note_at('g', trace.opened_usec, path);
    int fd = NEXT(openat)(dir, path, flags, mode);
    if (glance)
        trace.glance = fd;
    return fd;
}

int close(int fd) {
    int r = NEXT(close)(fd);
    if (fd >= 0 && fd == trace.glance) {
        trace.glance = -1;
        note('G', "");
    }
    return r;
}

/* The snapshot itself, to which changes are appended, and not the one that takes its place. */
static bool is_snapshot(int fd) {
    char link[64], path[512];
    const char *name = "/snapshot";
    size_t tail = strlen(name);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    return length > (ssize_t)tail && memcmp(path + length - tail, name, tail) == 0;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_snapshot(fd))
        note('s', "");
    return NEXT(write)(fd, bytes, length);
}

int fdatasync(int fd) {
    int r = NEXT(fdatasync)(fd);
    if (r == 0 && is_snapshot(fd))
        note('S', "");
    return r;
}

static char renaming(const char *from, const char *to) {
    return strcmp(to, "snapshot") == 0 ? 's' : strcmp(from, "snapshot") == 0 ? 'k' : '\0';
}

/* Before and after: who dies in between may have done it. */
static int note_rename(char letter, int r) {
    if (letter && r == 0)
        note((char)(letter - 'a' + 'A'), "");
    return r;
}

int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    char letter = renaming(from, to);
    if (letter)
        note(letter, "");
    return note_rename(letter, NEXT(renameat)(from_dir, from, to_dir, to));
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    char letter = renaming(from, to);
    if (letter)
        note(letter, "");
    return note_rename(letter, NEXT(renameat2)(from_dir, from, to_dir, to, flags));
}

static void note_name(const void *topic, const char *name) {
    if (trace.n_names < NAMES_MAX) {
        trace.names[trace.n_names].topic = topic;
        trace.names[trace.n_names++].name = strdup(name);
    }
}

/* Writes down the names of what is sent now; none of them is going to be sent again. */
static void note_names(char letter, void *const *topics, size_t count) {
    for (size_t i = 0; letter && i < count; i++)
        for (size_t k = trace.n_names; k-- > 0;)
            if (trace.names[k].topic == topics[i]) {
                note(letter, trace.names[k].name);
                break;
            }
    while (trace.n_names > 0)
        free(trace.names[--trace.n_names].name);
}

rd_kafka_DeleteTopic_t *rd_kafka_DeleteTopic_new(const char *name) {
    rd_kafka_DeleteTopic_t *topic = NEXT(rd_kafka_DeleteTopic_new)(name);
    note_name(topic, name);
    return topic;
}

rd_kafka_NewTopic_t *rd_kafka_NewTopic_new(const char *name, int partitions, int factor, char *words, size_t size) {
    rd_kafka_NewTopic_t *topic = NEXT(rd_kafka_NewTopic_new)(name, partitions, factor, words, size);
    note_name(topic, name);
    return topic;
}

rd_kafka_resp_err_t rd_kafka_AdminOptions_set_validate_only(rd_kafka_AdminOptions_t *options, int yes, char *words,
                                                            size_t size) {
    trace.asking = yes ? options : NULL;
    return NEXT(rd_kafka_AdminOptions_set_validate_only)(options, yes, words, size);
}

void rd_kafka_DeleteTopics(rd_kafka_t *client, rd_kafka_DeleteTopic_t **topics, size_t count,
                           const rd_kafka_AdminOptions_t *options, rd_kafka_queue_t *queue) {
    note_names('D', (void *const *)topics, count);
    NEXT(rd_kafka_DeleteTopics)(client, topics, count, options, queue);
}

void rd_kafka_CreateTopics(rd_kafka_t *client, rd_kafka_NewTopic_t **topics, size_t count,
                           const rd_kafka_AdminOptions_t *options, rd_kafka_queue_t *queue) {
    note_names(trace.asking == options ? '\0' : 'C', (void *const *)topics, count);
    trace.asking = NULL;
    NEXT(rd_kafka_CreateTopics)(client, topics, count, options, queue);
}

// NOLINTEND
