/* What the programs of the benchmark share: the clock, a daemon and its log. */
#pragma once

#include <stdio.h>
#include <sys/types.h>

enum { PATH_LENGTH = 4096 };

/* Ends the program, and the daemon. */
_Noreturn void die(const char *what, const char *why);
double now_msec(void);

void write_model(const char *path, const char *name);

/* Starts a command that finds its directories below DIR, with or without (NULL) an argument. What it says goes to
 * `log`.
 */
pid_t start_command(const char *topicd, const char *dir, const char *command, const char *argument, int log);
/* Starts the daemon of the directories below DIR. With `log` (not NULL) what it says can be read there; else it is not
 * heard. */
pid_t start_daemon(const char *topicd, const char *dir, FILE **log);
/* Reads until `count` lines have these words in them; returns the last one, valid until the next call. */
const char *wait_for(FILE *log, const char *words, size_t count);
void stop_daemon(void);

/* Milliseconds of processor time that a process has used. */
double cpu_msec(pid_t pid);
/* KiB of memory that a process has resident. */
long resident_kib(pid_t pid);
