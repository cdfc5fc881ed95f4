/* RUNTIME/requests: how a command asks something of the daemon without a socket. A request is one line in a file that
 * is renamed to NAME.request; the answer is its renaming to NAME.done, or NAME.failed with the reason as content.
 *
 * May use: libc, base, lock.h. */
#pragma once

#include "base/array.h"
#include "base/buffer.h"

#include <stdint.h>

/* ---- the daemon's side ---- */

struct request {
    char *name; /* without the ending */
    char *text; /* "rescan", "reload", "approve ID", "deny ID" */
};
struct requests {
    ARRAY(struct request) list;
};

/* Makes the directory (0700) if need be and drops what an earlier daemon left. To be called once RUNTIME/lock is held.
 * Returns 0 or a negative errno. */
int mailbox_prepare(const char *runtime_dir);
/* What has arrived, oldest name first; *ret is overwritten. Files that are not requests of one printable line, or are
 * too large, are left alone. Returns 0 or a negative errno. */
int mailbox_collect(const char *runtime_dir, struct requests *ret);
/* reason NULL: done. A reason is one line. Returns 0, also if the request was withdrawn meanwhile; a negative errno. */
int mailbox_answer(const char *runtime_dir, const struct request *request, const char *reason);
/* Removes answers that nobody fetched for an hour. */
void mailbox_sweep(const char *runtime_dir);
void requests_free(struct requests *requests);

/* ---- a command's side ---- */

/* Sends `text` and waits for the answer, at most `timeout_usec`. Returns 0 done; 1 failed, the reason in `reason`;
 * -ETIMEDOUT: the request is withdrawn, but the daemon may have had it in hand; -ESRCH when no daemon runs (or it ends
 * meanwhile); another negative errno (-EACCES: not root). */
int mailbox_ask(const char *runtime_dir, const char *text, uint64_t timeout_usec, struct buffer *reason);
