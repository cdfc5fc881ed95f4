/* What both sides of the mailbox agree on (private to mailbox.c and mailbox_ask.c).
 *
 * May use: libc. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MAILBOX_DIRECTORY "requests"
#define MAILBOX_REQUEST ".request"
#define MAILBOX_DONE ".done"
#define MAILBOX_FAILED ".failed"

enum { MAILBOX_TEXT_MAX = 4096, MAILBOX_NAME_MAX = 200 };

/* The four files of one request. */
struct mailbox_names {
    char temporary[256], request[256], done[256], failed[256];
};

/* Returns 0, or -EINVAL for a name that is too long or has a slash. */
int mailbox_name(struct mailbox_names *names, const char *name);
/* Opens RUNTIME/requests. Returns a descriptor or a negative errno. */
int mailbox_open(const char *runtime_dir);
/* Puts one line into the file `to`, which appears as a whole. Returns 0 or a negative errno. */
int mailbox_put(int dirfd, const char *temporary, const char *to, const char *line);
/* One line that can be shown: no control characters, not empty, not too long. */
bool mailbox_is_line(const char *text, size_t length);
