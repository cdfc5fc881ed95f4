/* A child process that does something, says so, and stays until it is told to end. */
#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Forks. Returns the child's pid once `body` has returned 0 in it; the child then waits to be killed. */
static inline pid_t child_start(int (*body)(void)) {
    int ready[2];
    if (pipe(ready) < 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        char result = (char)body();
        if (write(ready[1], &result, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char result = 1;
    close(ready[1]);
    if (read(ready[0], &result, 1) != 1 || result != 0)
        abort();
    close(ready[0]);
    return child;
}

static inline void child_kill(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* Runs `body` in a child and returns its result (0 to 255), or -1 if it crashed. */
static inline int child_run(int (*body)(void)) {
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
