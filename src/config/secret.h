/* Secrets that stand outside of the configuration, in files.
 *
 * May use: base, libc's files. */
#pragma once

#include "base/arena.h"

/* The content of a file (`file`: a path) or of a systemd credential (`credential`: a name; $CREDENTIALS_DIRECTORY, else
 * /etc/credstore) without one newline at its end. Returns 0 or a negative errno: -EBADMSG for a zero byte inside, else
 * as file_read(). The content lives in `arena`. */
int secret_read_file(const char *file, struct arena *arena, const char **ret);
int secret_read_credential(const char *credential, struct arena *arena, const char **ret);
/* What such an errno means, for a message. */
const char *secret_error(int error);
