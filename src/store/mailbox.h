/* RUNTIME/requests: how a command asks something of the daemon without a socket. A request is one line in a file that
 * is renamed to NAME.request; it may end with MAILBOX_BY and who asks. The answer is its renaming to NAME.done, or a
 * new NAME.done or NAME.failed with what there is to say as its one line.
 *
 * May use: libc, base, lock.h. */
#pragma once

#include "base/array.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define MAILBOX_BY " by "

/* ---- the daemon's side ---- */

struct request {
    char *name;     /* without the ending */
    char *text;     /* "rescan", "reload", "approve ID", "deny ID" */
    const char *by; /* a part of the text's memory: who asks, as the command says and nobody has checked; NULL */
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
/* `words`, one line: why it failed, or what there is to say although it is done; NULL: nothing. Returns 0, also if the
 * request was withdrawn meanwhile; a negative errno. */
int mailbox_answer(const char *runtime_dir, const struct request *request, bool done, const char *words);
/* Removes answers that nobody fetched for an hour. */
void mailbox_sweep(const char *runtime_dir);
void requests_free(struct requests *requests);

/* ---- a command's side ---- */

/* Sends `text` and waits for the answer, at most `timeout_usec`. Returns 0 done; 1 failed; the daemon's words are in
 * `words` then; -ETIMEDOUT: the request is withdrawn, but the daemon may have had it in hand; -ESRCH when no daemon
 * runs (or it ends meanwhile); another negative errno (-EACCES: not root). */
int mailbox_ask(const char *runtime_dir, const char *text, uint64_t timeout_usec, struct buffer *words);
