/* A lock that names its holder: S5 (STATE/lock), and how commands know that a daemon runs (RUNTIME/lock).
 *
 * May use: libc. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Takes DIR/lock for this process, which keeps it until it ends. Returns 0; 1 with the holder's pid when it is taken (0
 * if it cannot be told: a process of another pid namespace); a negative errno. The file is made with `mode` and stays.
 * A process takes a lock once. */
int lock_take(const char *dir, mode_t mode, pid_t *ret_holder);
/* The pid that holds DIR/lock; 0 if nobody does or there is no such file; a negative errno, -EXDEV when it is held by a
 * process that has no pid here. Takes nothing, and costs a process that holds the lock nothing but its name. */
pid_t lock_holder(const char *dir);
