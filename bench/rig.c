#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t daemon_pid;

void die(const char *what, const char *why) {
    fprintf(stderr, "bench: %s: %s\n", what, why);
    if (daemon_pid > 0)
        kill(daemon_pid, SIGKILL);
    exit(1);
}

static double msec_of(struct timespec t) {
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return msec_of(t);
}

void write_model(const char *path, const char *name) {
    FILE *file = fopen(path, "w");
    int r = file ? fprintf(file,
                           "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata:\n  name: %s\nspec:\n"
                           "  storageUri: gs://models/x\n",
                           name)
                 : -1;
    if (r < 0 || fclose(file) != 0)
        die(path, strerror(errno));
}

pid_t start_command(const char *topicd, const char *dir, const char *command, const char *argument, int log) {
    static const char *const names[] = {"topicd.yaml", "manifests.d", "state", "run"};
    char paths[4][PATH_LENGTH];
    for (size_t i = 0; i < 4; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s", dir, names[i]);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    dup2(log, STDERR_FILENO);
    execl(topicd, "topicd", command, "--config", paths[0], "--manifests", paths[1], "--state", paths[2], "--runtime",
          paths[3], argument, (char *)NULL);
    _exit(127);
}

pid_t start_daemon(const char *topicd, const char *dir, FILE **log) {
    int ends[2] = {-1, log ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC)};
    if (log ? pipe2(ends, O_CLOEXEC) < 0 : ends[1] < 0)
        die("a pipe", strerror(errno));
    daemon_pid = start_command(topicd, dir, "run", NULL, ends[1]);
    close(ends[1]);
    if (log)
        *log = fdopen(ends[0], "r");
    return daemon_pid;
}

const char *wait_for(FILE *log, const char *words, size_t count) {
    static char line[PATH_LENGTH];
    while (count > 0 && fgets(line, sizeof line, log))
        count -= strstr(line, words) != NULL;
    if (count > 0)
        die("the daemon ended before it said", words);
    return line;
}

void stop_daemon(void) {
    kill(daemon_pid, SIGTERM);
    waitpid(daemon_pid, NULL, 0);
    daemon_pid = 0;
}

double cpu_msec(pid_t pid) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        die("the daemon's clock", strerror(errno));
    return msec_of(t);
}

long resident_kib(pid_t pid) {
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "VmRSS: %ld", &kib);
    if (!file || kib < 0)
        die(path, "no VmRSS");
    fclose(file);
    return kib;
}
