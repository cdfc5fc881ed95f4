/* Who is behind a command that acts on somebody's word. Requests come through a mailbox of root's, by sudo mostly: the
 * owner of a process says nothing of that.
 *
 * May use: libc, report/words. */
#pragma once

#include "base/buffer.h"

#include <sys/types.h>

/* The user who logged in, as the kernel remembers (`loginuid`: the content of /proc/self/loginuid, or NULL); else who
 * ran sudo (`sudo_uid`: $SUDO_UID or NULL, which counts for root only: everybody can set it); else `own`. */
uid_t person_uid(const char *loginuid, const char *sudo_uid, uid_t own);
/* Appends "alice (uid 1000)", or "uid 1000" if that has no name; in one printable line. */
void person_format(struct buffer *out);
