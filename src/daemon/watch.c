#include "daemon/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Not IN_MODIFY: a writer that is still at it says so at its end by IN_CLOSE_WRITE. */
#define EVENTS                                                                                                         \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

struct watch {
    sd_event *event;
    int fd;         /* -1: inotify was not to be had */
    int descriptor; /* -1: nothing is watched */
    sd_event_source *source;
    watch_handler handler;
    watch_arrival_handler arrival_handler; /* NULL: nobody wants to know */
    void *userdata;
};

static void take_event(struct watch *watch, const struct inotify_event *event) {
    /* The directory was deleted or unmounted: the kernel has dropped the watch. */
    if ((event->mask & IN_IGNORED) && event->wd == watch->descriptor)
        watch->descriptor = -1;
    if ((event->mask & (IN_MOVED_TO | IN_CLOSE_WRITE)) && event->len > 0 && watch->arrival_handler)
        watch->arrival_handler(watch->userdata, event->name);
}

static int dispatch(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
    (void)source;
    (void)revents;
    struct watch *watch = userdata;
    _Alignas(struct inotify_event) char buffer[16 << 10];
    bool any = false;
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        any = true;
        for (char *p = buffer; p < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)p;
            take_event(watch, event);
            p += sizeof *event + event->len;
        }
    }
    if (any)
        watch->handler(watch->userdata);
    return 0;
}

int watch_new(sd_event *event, watch_handler handler, void *userdata, struct watch **ret) {
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return -ENOMEM;
    *watch = (struct watch){
        .event = sd_event_ref(event), .fd = -1, .descriptor = -1, .handler = handler, .userdata = userdata};
    *ret = watch;
    return 0;
}

/* Only when it is needed, and again when it was not to be had: how many there may be is a limit of the user's. */
static int open_inotify(struct watch *watch) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int r = fd < 0 ? -errno : sd_event_add_io(watch->event, &watch->source, fd, EPOLLIN, dispatch, watch);
    if (r < 0 && fd >= 0)
        close(fd);
    if (r >= 0)
        watch->fd = fd;
    return r < 0 ? r : 0;
}

void watch_on_arrival(struct watch *watch, watch_arrival_handler handler) {
    watch->arrival_handler = handler;
}

int watch_arm(struct watch *watch, const char *path) {
    int r = watch->fd < 0 ? open_inotify(watch) : 0;
    if (r < 0)
        return r;
    /* The kernel answers with the same descriptor for the same directory, by whatever path. */
    int descriptor = inotify_add_watch(watch->fd, path, EVENTS | IN_ONLYDIR);
    int error = descriptor < 0 ? errno : 0;
    int before = watch->descriptor;
    watch->descriptor = descriptor;
    if (before >= 0 && before != descriptor)
        inotify_rm_watch(watch->fd, before);
    return error ? -error : descriptor != before;
}

bool watch_armed(const struct watch *watch) {
    return watch->descriptor >= 0;
}

struct watch *watch_free(struct watch *watch) {
    if (watch) {
        sd_event_source_disable_unref(watch->source);
        if (watch->fd >= 0)
            close(watch->fd);
        sd_event_unref(watch->event);
        free(watch);
    }
    return NULL;
}
