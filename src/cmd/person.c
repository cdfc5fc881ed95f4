#include "cmd/person.h"

#include "base/file.h"
#include "report/words.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOGINUID_MAX = 32, NAME_MAX_SHOWN = 64 };

/* A number of a user, with or without a newline; (uid_t)-1 is the kernel's word for none. */
static bool parse_uid(const char *text, uid_t *ret) {
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long uid = strtoul(text, &end, 10);
    if (errno != 0 || (*end != '\0' && *end != '\n') || uid >= (uid_t)-1)
        return false;
    *ret = (uid_t)uid;
    return true;
}

uid_t person_uid(const char *loginuid, const char *sudo_uid, uid_t own) {
    uid_t uid;
    if (parse_uid(loginuid, &uid) || (own == 0 && parse_uid(sudo_uid, &uid)))
        return uid;
    return own;
}

void person_format(struct buffer *out) {
    char *loginuid = NULL;
    size_t length;
    if (file_read(AT_FDCWD, "/proc/self/loginuid", LOGINUID_MAX, &loginuid, &length) < 0)
        loginuid = NULL; /* a kernel without it */
    uid_t uid = person_uid(loginuid, getenv("SUDO_UID"), getuid());
    free(loginuid);
    const struct passwd *user = getpwuid(uid);
    if (user)
        words_cut(user->pw_name, NAME_MAX_SHOWN, out);
    buffer_printf(out, user ? " (uid %u)" : "uid %u", (unsigned)uid);
}
