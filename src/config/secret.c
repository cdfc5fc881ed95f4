#include "config/secret.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_SIZE_MAX = 64 << 10 };

int secret_read_file(const char *file, struct arena *arena, const char **ret) {
    char *content;
    size_t length;
    int r = file_read(AT_FDCWD, file, SECRET_SIZE_MAX, &content, &length);
    if (r < 0)
        return r;
    size_t kept = length > 0 && content[length - 1] == '\n' ? length - 1 : length;
    const char *copy = arena_strndup(arena, content, kept);
    if (!copy)
        r = -ENOMEM;
    else if (memchr(content, '\0', length))
        r = -EBADMSG;
    else
        *ret = copy;
    explicit_bzero(content, length);
    free(content);
    return r;
}

static int read_in(const char *directory, const char *name, struct arena *arena, const char **ret) {
    const char *path = arena_printf(arena, "%s/%s", directory, name);
    return path ? secret_read_file(path, arena, ret) : -ENOMEM;
}

int secret_read_credential(const char *credential, struct arena *arena, const char **ret) {
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    int r = directory ? read_in(directory, credential, arena, ret) : -ENOENT;
    return r == -ENOENT ? read_in("/etc/credstore", credential, arena, ret) : r;
}

const char *secret_error(int error) {
    switch (error) {
    case -EBADMSG:
        return "it contains a zero byte";
    case -EFBIG:
        return "it is larger than 64 KiB";
    case -EINVAL:
        return "it is not a regular file";
    default:
        return strerror(-error);
    }
}
