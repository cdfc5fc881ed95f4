/* The daemon as a process: started, killed, watched through the trace it writes. */
#pragma once

#include "model.h"

#include <sys/types.h>

struct process {
    const char *topicd, *preload; /* LD_PRELOAD */
    const char *bootstrap, *home; /* home: manifests.d, state, run, log, trace, topicd.yaml */
    const char *manifests;
    unsigned slow_usec; /* at most, for each file of a look */
    pid_t pid;          /* 0: it does not run */
    size_t trace_at;
    /* The next start only. */
    const char *fail_call, *fail_with, *fail_times;
    unsigned fail_at;
};

void process_configure(const struct process *process, const char *prefix, const char *namespace, unsigned grace,
                       unsigned limit);
void process_start(struct process *process);
/* Whether the fault has come. */
bool process_reached(const struct process *process, unsigned at);
/* What its end says of it: NULL if it was SIGKILL, or nothing is wrong with it. */
const char *process_kill(struct process *process, int signal);
/* Whether it has ended by itself; *ret_why as process_kill() returns it. */
bool process_ended(struct process *process, const char **ret_why);
/* Hands the trace's new lines to the model. Returns NULL, or what is wrong. */
const char *process_trace(struct process *process, struct model *model);
/* Runs a command such as approve; its output goes to the log. Returns the exit code. */
int process_command(const struct process *process, const char *command, const char *argument);
