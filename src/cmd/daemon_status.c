#include "cmd/daemon_status.h"

#include "base/file.h"
#include "cmd/cmd.h"
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_SIZE_MAX (256u << 20)

static int read_document(const char *runtime_dir, struct status_document **ret, struct buffer *text) {
    int dirfd = open(runtime_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -errno;
    char *bytes = NULL;
    size_t length;
    int r = file_read(dirfd, "status.json", STATUS_SIZE_MAX, &bytes, &length);
    close(dirfd);
    if (r < 0)
        return r;
    r = status_document_read(bytes, length, ret);
    if (r == 0 && text)
        buffer_append(text, bytes, length);
    free(bytes);
    return r > 0 ? -EBADMSG : r;
}

int daemon_status_read(const char *runtime_dir, struct status_document **ret, struct buffer *text) {
    pid_t holder = lock_holder(runtime_dir);
    if (holder == 0)
        return 1;
    if (holder < 0 && holder != -EXDEV)
        return holder;
    struct status_document *document = NULL;
    struct buffer bytes = {0};
    int r = read_document(runtime_dir, &document, text ? &bytes : NULL);
    /* Or it is an earlier daemon's, that was killed. (-EXDEV: the daemon has no pid here to compare with.) */
    if (r == -ENOENT || (r == 0 && holder > 0 && status_document_pid(document) != holder))
        r = 2;
    if (r != 0) {
        status_document_free(document);
        buffer_free(&bytes);
        return r;
    }
    if (text)
        *text = bytes;
    *ret = document;
    return 0;
}

int daemon_status_explain(const char *runtime_dir, int r) {
    if (r == 1)
        return cmd_fail("no topicd runs on %s; start it with: systemctl start topicd", runtime_dir);
    if (r == 2) {
        cmd_fail("topicd has only just started: it has written no status yet");
        return EXIT_PENDING;
    }
    if (r == -EBADMSG)
        return cmd_fail("%s/status.json is not a status that this version of topicd understands", runtime_dir);
    return cmd_fail("cannot read %s/status.json: %s", runtime_dir, strerror(-r));
}

int daemon_answer_explain(const char *runtime_dir, int r, const struct buffer *reason) {
    if (r == 0)
        return EXIT_FINE;
    if (r == 1)
        return cmd_fail("%s", reason->data ? reason->data : "the daemon refused");
    if (r == -ESRCH)
        return daemon_status_explain(runtime_dir, 1);
    if (r == -ETIMEDOUT)
        return cmd_fail("topicd has not answered in time; see 'topicd status' and 'journalctl -u topicd'");
    if (r == -EACCES || r == -EPERM)
        return cmd_fail("only root may ask this of the daemon (%s/requests: %s); try it with sudo", runtime_dir,
                        strerror(-r));
    return cmd_fail("cannot ask the daemon by %s/requests: %s", runtime_dir, strerror(-r));
}
