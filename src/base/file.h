/* Files that survive a power cut, and files that cannot hang or flood the reader.
 *
 * May use: libc. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Replaces DIR/NAME as a whole: temporary file (name begins with "."), write, fsync, rename, fsync of the directory
 * (S1). Readers see the old content or the new one, whatever fails. Returns 0 or a negative errno; on failure the
 * old file is untouched and the temporary one is gone. `durable` false leaves out both fsyncs (for /run). */
int file_replace(const char *dir, const char *name, const char *bytes, size_t length, mode_t mode, int durable);

/* Appends to DIR/NAME, which must be `length` bytes long, durably. Returns 0; -ESTALE when it is not that file any
 * more; another negative errno, and then as much as possible was done to leave the file as it was. */
int file_append(const char *dir, const char *name, size_t length, const char *bytes, size_t n_bytes);

/* Reads a whole file of at most `limit` bytes. Never blocks (O_NONBLOCK) and reads regular files only: -EISDIR for a
 * directory, -EINVAL for any other kind, -EFBIG over the limit, else the system's errno. *ret is malloc'ed, with a
 * zero byte after the content. */
int file_read(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_length);
