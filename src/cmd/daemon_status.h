/* The running daemon as a command sees it: is there one, and what does its status.json say?
 *
 * May use: store/lock, report/status_text. */
#pragma once

#include "base/buffer.h"
#include "report/status_text.h"

/* Reads RUNTIME/status.json of the daemon that runs now. Returns 0 with a document (`text`, if not NULL, gets the
 * file); 1 when no daemon runs; 2 when one runs and has not written its status yet; a negative errno: -EACCES,
 * -EBADMSG if it cannot be understood. */
int daemon_status_read(const char *runtime_dir, struct status_document **ret, struct buffer *text);
/* Says on standard error what such a result means; returns the exit code. */
int daemon_status_explain(const char *runtime_dir, int r);
/* The same for what mailbox_ask() returned, `reason` included. 0 is EXIT_FINE. */
int daemon_answer_explain(const char *runtime_dir, int r, const struct buffer *reason);
