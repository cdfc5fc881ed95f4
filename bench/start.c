/* How long a start takes.
 *
 *     start TOPICD DIR          until READY=1
 *     start TOPICD DIR saved    until the snapshot is saved, which needs no broker: what topicd itself has to do
 *
 * Prints "MS CPU-MS KIB": the time since the start, the processor time used by then, and what is resident. With "saved"
 * a second line, "MS CPU-MS KIB" for one change: from rename() into manifests.d to the snapshot that has it, the median
 * of seven. */
#include "rig.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHANGES = 7, TIMEOUT_SEC = 300 };

static const char *topicd, *dir;

static void print(pid_t pid, double msec, double cpu) {
    printf("%.3f %.3f %ld\n", msec, cpu, resident_kib(pid));
}

static int notify_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* Abstract, so that DIR may have any length. */
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "topicd-bench-%d", getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address,
                       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) < 0)
        die("a socket", strerror(errno));
    char name[128];
    snprintf(name, sizeof name, "@topicd-bench-%d", getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void until_ready(void) {
    char words[PATH_LENGTH];
    int fd = notify_socket();
    double start = now_msec();
    pid_t pid = start_daemon(topicd, dir, NULL);
    for (ssize_t n; (n = read(fd, words, sizeof words - 1)) > 0;) {
        words[n] = '\0';
        if (strstr(words, "READY=1"))
            break;
    }
    print(pid, now_msec() - start, cpu_msec(pid));
    stop_daemon();
}

static bool touches_snapshot(const char *buffer, ssize_t length) {
    for (const char *p = buffer; p < buffer + length;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)p;
        if (event->len > 0 && strcmp(event->name, "snapshot") == 0)
            return true;
        p += sizeof *event + event->len;
    }
    return false;
}

static void await_snapshot(int fd) {
    _Alignas(struct inotify_event) char buffer[4096];
    ssize_t n;
    do
        n = read(fd, buffer, sizeof buffer);
    while (n > 0 && !touches_snapshot(buffer, n));
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double change(int fd, int round) {
    char name[32], from[PATH_LENGTH], to[PATH_LENGTH];
    snprintf(name, sizeof name, "changed-%d", round);
    snprintf(from, sizeof from, "%s/next.yaml", dir);
    snprintf(to, sizeof to, "%s/manifests.d/%s.yaml", dir, name);
    write_model(from, name);
    double start = now_msec();
    if (rename(from, to) < 0)
        die(to, strerror(errno));
    await_snapshot(fd);
    return now_msec() - start;
}

static void until_saved(void) {
    char path[PATH_LENGTH];
    double took[CHANGES];
    int fd = inotify_init1(IN_CLOEXEC);
    snprintf(path, sizeof path, "%s/state", dir);
    /* Whole by a rename, or with a change appended. */
    if (fd < 0 || inotify_add_watch(fd, path, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
        die(path, strerror(errno));
    double start = now_msec();
    pid_t pid = start_daemon(topicd, dir, NULL);
    await_snapshot(fd);
    print(pid, now_msec() - start, cpu_msec(pid));
    double before = cpu_msec(pid);
    useconds_t pause = 400000 + (useconds_t)(before * 1e3); /* until it has looked at all of it, twice */
    usleep(pause);
    before = cpu_msec(pid);
    for (int i = 0; i < CHANGES; i++) {
        took[i] = change(fd, i);
        usleep(pause);
    }
    qsort(took, CHANGES, sizeof *took, compare);
    print(pid, took[CHANGES / 2], (cpu_msec(pid) - before) / CHANGES);
    stop_daemon();
}

int main(int argc, char **argv) {
    bool saved = argc == 4 && strcmp(argv[3], "saved") == 0;
    if (argc != 3 && !saved) {
        fputs("usage: start TOPICD DIR [saved]\n", stderr);
        return 2;
    }
    topicd = argv[1];
    dir = argv[2];
    alarm(TIMEOUT_SEC);
    if (saved)
        until_saved();
    else
        until_ready();
    return 0;
}
