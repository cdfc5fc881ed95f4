/* Milliseconds that a command takes, from its start to its end: spawn ROUNDS COMMAND [ARGUMENT]... A line a round. */
#include "rig.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    extern char **environ;
    posix_spawn_file_actions_t quiet;
    if (argc < 3) {
        fputs("usage: spawn ROUNDS COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (int i = atoi(argv[1]); i > 0; i--) {
        pid_t pid;
        int status;
        double start = now_msec();
        if (posix_spawn(&pid, argv[2], &quiet, NULL, argv + 2, environ) != 0 || waitpid(pid, &status, 0) < 0 || status)
            die(argv[2], "it failed");
        printf("%.3f\n", now_msec() - start);
    }
    return 0;
}
