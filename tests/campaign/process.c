#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *in(const struct process *process, const char *name, char out[512]) {
    snprintf(out, 512, "%s/%s", process->home, name);
    return out;
}

void process_configure(const struct process *process, const char *prefix, const char *namespace, unsigned grace,
                       unsigned limit) {
    char path[512];
    FILE *out = fopen(in(process, "topicd.yaml", path), "we");
    if (!out)
        die("%s: %s", path, strerror(errno));
    fprintf(out,
            "kafka: {bootstrap: '%s', topicPrefix: %s}\nnamespace: %s\n"
            "deletion: {gracePeriodSeconds: %u, limit: {topics: %u}}\n",
            process->bootstrap, prefix, namespace, grace, limit);
    fclose(out);
}

static void set_number(const char *name, unsigned number) {
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    setenv(name, text, 1);
}

/* In the child. */
static void run(const struct process *process, const char *command, const char *argument) {
    char config[512], state[512], runtime[512], log[512];
    int fd = open(in(process, "log", log), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(fd, STDERR_FILENO);
    dup2(fd, STDOUT_FILENO);
    const char *args[] = {process->topicd, command,
                          "--config",      in(process, "topicd.yaml", config),
                          "--manifests",   process->manifests,
                          "--state",       in(process, "state", state),
                          "--runtime",     in(process, "run", runtime),
                          argument,        NULL};
    execv(process->topicd, (char *const *)(uintptr_t)args);
    _exit(127);
}

void process_start(struct process *process) {
    char trace[512];
    fflush(NULL);
    process->pid = fork();
    if (process->pid < 0)
        die("fork: %s", strerror(errno));
    if (process->pid == 0) {
        setenv("LD_PRELOAD", process->preload, 1);
        setenv("TRACE_FILE", in(process, "trace", trace), 1);
        if (process->slow_usec)
            set_number("TRACE_SLOW", process->slow_usec);
        if (process->fail_at) {
            setenv("FAIL_CALL", process->fail_call, 1);
            setenv("FAIL_WITH", process->fail_with, 1);
            set_number("FAIL_AT", process->fail_at);
            setenv("FAIL_TIMES", process->fail_times ? process->fail_times : "1", 1);
            setenv("FAIL_LOG", in(process, "calls", trace), 1);
        }
        run(process, "run", NULL);
    }
    process->fail_at = 0;
    process->fail_times = NULL;
}

/* failcall.c writes a line a call. */
bool process_reached(const struct process *process, unsigned at) {
    char path[512];
    FILE *calls = fopen(in(process, "calls", path), "re");
    unsigned lines = 0;
    for (int c; calls && (c = fgetc(calls)) != EOF;)
        lines += c == '\n';
    if (calls)
        fclose(calls);
    return lines >= at;
}

static const char *end_of(int status) {
    static char words[64];
    /* SIGTERM ends it also when it is too young to handle it. */
    bool killed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM);
    if (killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return NULL;
    if (WIFSIGNALED(status))
        snprintf(words, sizeof words, "S2: topicd died of signal %d", WTERMSIG(status));
    else
        snprintf(words, sizeof words, "S2: topicd ended with %d", WEXITSTATUS(status));
    return words;
}

const char *process_kill(struct process *process, int signal) {
    int status;
    if (!process->pid)
        return NULL;
    kill(process->pid, signal);
    if (waitpid(process->pid, &status, 0) < 0)
        die("waitpid: %s", strerror(errno));
    process->pid = 0;
    return end_of(status);
}

bool process_ended(struct process *process, const char **ret_why) {
    int status;
    if (!process->pid || waitpid(process->pid, &status, WNOHANG) == 0)
        return false;
    process->pid = 0;
    *ret_why = end_of(status);
    return true;
}

const char *process_trace(struct process *process, struct model *model) {
    char path[512], line[512];
    const char *wrong = NULL;
    FILE *trace = fopen(in(process, "trace", path), "re");
    if (!trace)
        return NULL;
    fseek(trace, (long)process->trace_at, SEEK_SET);
    while (!wrong && fgets(line, sizeof line, trace)) {
        char letter, word[400] = "";
        unsigned long long time;
        size_t length = strlen(line);
        if (line[length - 1] != '\n')
            break;
        process->trace_at += length;
        if (sscanf(line, "%c %llu %399s", &letter, &time, word) < 2)
            die("%s: not a trace: %s", path, line);
        wrong = model_event(model, letter, time, word);
    }
    fclose(trace);
    return wrong;
}

int process_command(const struct process *process, const char *command, const char *argument) {
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run(process, command, argument);
    if (child < 0 || waitpid(child, &status, 0) < 0)
        die("fork: %s", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
