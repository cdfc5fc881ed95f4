#include "base/name.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "reconcile/holdings.h"

#include <string.h>

/* L1 */
#define POLL_USEC (5 * USEC_PER_SEC)
/* A directory or a file that cannot be opened is tried again sooner: the cause may be one that ends without an event.
 */
#define TRY_AGAIN_USEC (2 * USEC_PER_SEC)
/* So long after the last look the next one may wait for Kafka. */
#define WAIT_USEC (120 * USEC_PER_MSEC)
/* Where more arrived at once, a complete look is not what one waits for. */
enum { ARRIVED_MAX = 64 };

static void arm(struct daemon *daemon) {
    const char *polling = NULL;
    int r = watch_arm(daemon->watch, daemon->options.manifests);
    if (r == -ENOSPC)
        polling = "the inotify watches are exhausted (see fs.inotify.max_user_watches)";
    else if (r == -EMFILE)
        polling = "the inotify instances are exhausted (see fs.inotify.max_user_instances)";
    else if (r < 0)
        polling = "it cannot be watched";
    else if (directory_needs_polling(daemon->options.manifests))
        polling = "its file system does not report changes";
    if (polling && r != -ENOENT && (!daemon->polling || strcmp(polling, daemon->polling) != 0))
        journal_event(EVENT_POLLING, NULL, "%s is scanned every 5 s, because %s%s%s", daemon->options.manifests,
                      polling, r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
    daemon->polling = polling;
}

/* A file that says what it said has the same manifest. */
static bool same_files(const struct scan *a, const struct scan *b) {
    if (a->files.count != b->files.count)
        return false;
    for (size_t i = 0; i < a->files.count; i++)
        if (a->files.items[i].manifest != b->files.items[i].manifest ||
            name_compare(a->files.items[i].name, b->files.items[i].name) != 0)
            return false;
    return true;
}

static void scan_failed(struct daemon *daemon, const char *error) {
    if (!daemon->scan_error || strcmp(daemon->scan_error, error) != 0)
        journal_event(EVENT_SCAN_FAILED, NULL, "cannot scan %s: %s; nothing is deleted until it can be scanned",
                      daemon->options.manifests, error);
    free(daemon->scan_error);
    daemon->scan_error = strdup(error);
    daemon->scan_is_last_word = false;
}

static bool same_scan(const struct scan *last, const struct scan *scan) {
    return (last->complete || last->extended) && strcmp(last->directory, scan->directory) == 0 &&
           same_files(last, scan);
}

/* A scan that found the same is not judged anew: only its time is new. But another directory than the known one becomes
 * known by a judgement (D6(c)). */
static bool need_not_judge(struct daemon *daemon, struct scan *last, const struct scan *scan) {
    const char *known = daemon->now.snapshot->directory;
    if (!known || strcmp(known, scan->directory) != 0)
        return false;
    last->started = scan->started;
    last->complete = true;
    last->extended = false;
    if (last == daemon->scan)
        daemon->now.snapshot->scanned_usec = scan->started.wall_usec;
    return true;
}

/* `moving`: something in there is changing just now. */
static void scan_worked(struct daemon *daemon, struct scan *scan, bool moving) {
    if (daemon->scan_error)
        journal_event(EVENT_SCAN_WORKS, NULL, "%s can be scanned again", daemon->options.manifests);
    free(daemon->scan_error);
    daemon->scan_error = NULL;
    daemon->scan_is_last_word = daemon->looked = true;
    daemon->scanned_usec = scan->started.monotonic_usec;
    struct scan *last = daemon->next_scan ? daemon->next_scan : daemon->scan;
    bool same = same_scan(last, scan);
    if (!same || last->extended || moving)
        daemon->changed_usec = scan->started.monotonic_usec;
    if (!same)
        daemon->ledger.change_usec = daemon->hint_usec ? daemon->hint_usec : scan->started.monotonic_usec;
    daemon->hint_usec = 0;
    if (same && need_not_judge(daemon, last, scan)) {
        scan_free(scan);
        return;
    }
    scan_free(daemon->next_scan);
    daemon->next_scan = scan;
}

void daemon_note_arrival(void *userdata, const char *name) {
    struct daemon *daemon = userdata;
    char *copy = daemon->arrived.count < ARRIVED_MAX ? strdup(name) : NULL;
    if (copy && array_push(&daemon->arrived, copy) < 0)
        free(copy); /* it is found all the same */
}

void daemon_forget_arrivals(struct daemon *daemon) {
    for (size_t i = 0; i < daemon->arrived.count; i++)
        free(daemon->arrived.items[i]);
    daemon->arrived.count = 0;
}

/* The last scan with what arrived: it can be acted upon before all of a large directory was looked at, since nothing
 * can be gone by it. What claims something that is held is left to the complete look: the holder may be gone. */
static struct scan *extend(const struct daemon *daemon, struct scan *arrived) {
    size_t kept = 0;
    for (size_t i = 0; i < arrived->files.count; i++) {
        struct scan_file file = arrived->files.items[i];
        if (holdings_meet(daemon->now.snapshot->holdings, file.manifest->resources))
            scan_file_release(&file);
        else
            arrived->files.items[kept++] = file;
    }
    arrived->files.count = kept;
    return kept > 0 ? scan_extend(daemon->scan, arrived->started, arrived->files.items, kept) : NULL;
}

/* What somebody asked for is a complete look. */
static bool somebody_asks(const struct daemon *daemon) {
    return daemon->requests.list.count > 0 || daemon->reloading;
}

/* Whether the turn can begin with what arrived. */
static bool glance(struct daemon *daemon, struct moment now) {
    bool makes_sense = daemon->arrived.count > 0 && daemon->arrived.count < ARRIVED_MAX && daemon->scan->complete &&
                       daemon->scan_is_last_word && !daemon->next_scan && !somebody_asks(daemon);
    struct scan *arrived;
    if (!makes_sense || directory_glance(daemon->directory, daemon->scan, (const char *const *)daemon->arrived.items,
                                         daemon->arrived.count, now, &arrived) != 0)
        return false;
    daemon->next_scan = extend(daemon, arrived);
    scan_free(arrived);
    if (!daemon->next_scan)
        return false;
    daemon->ledger.change_usec = daemon->hint_usec ? daemon->hint_usec : now.monotonic_usec;
    return true;
}

/* When the next look is due at the latest. */
static uint64_t latest_usec(const struct daemon *daemon) {
    return daemon->scan->started.monotonic_usec + WAIT_USEC;
}

bool daemon_look_can_wait(const struct daemon *daemon, struct moment now) {
    return link_in_flight(&daemon->link) > 0 && !daemon->next_scan && daemon->now.plan->delete.count == 0 &&
           !somebody_asks(daemon) && now.monotonic_usec < latest_usec(daemon);
}

void daemon_look(struct daemon *daemon, struct moment now) {
    /* Armed first, scanned second: a change in between is seen by one of the two (L1). */
    arm(daemon);
    bool more_to_see = glance(daemon, now);
    daemon_forget_arrivals(daemon);
    if (more_to_see) {
        daemon_wake(daemon);
        return;
    }
    daemon->look = false;
    daemon->look_started = now;
    daemon->look_again_usec = USEC_NEVER;
    struct scan *scan;
    bool again = false;
    int r = directory_scan(daemon->directory, now, &scan, &again);
    if (r < 0) {
        scan_failed(daemon, strerror(-r));
        return;
    }
    if (again)
        daemon->look_again_usec = now.monotonic_usec + 120 * USEC_PER_MSEC;
    else if (scan->troubled)
        daemon->look_again_usec = now.monotonic_usec + TRY_AGAIN_USEC;
    if (scan->complete) {
        scan_worked(daemon, scan, again);
        return;
    }
    scan_failed(daemon, scan->error);
    scan_free(scan);
}

uint64_t daemon_look_usec(const struct daemon *daemon) {
    uint64_t due = daemon->look_again_usec, started = daemon->look_started.monotonic_usec;
    if (daemon->polling && started + POLL_USEC < due)
        due = started + POLL_USEC;
    if (!daemon->scan_is_last_word && started + TRY_AGAIN_USEC < due)
        due = started + TRY_AGAIN_USEC;
    if (daemon->look && latest_usec(daemon) < due)
        due = latest_usec(daemon);
    if (daemon->now.deletions->look_usec < due)
        due = daemon->now.deletions->look_usec;
    return due;
}
