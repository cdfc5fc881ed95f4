#include "daemon/daemon.h"
#include "reconcile/owed.h"

#include <string.h>

/* After memory was exhausted, a request could not be sent for it, or the status could not be written. */
#define FAILED_AGAIN_USEC USEC_PER_SEC
/* How often to look into a mailbox that cannot be watched. */
#define MAILBOX_USEC USEC_PER_SEC
/* Before READY systemd is told to be patient at least this often (N1). */
#define PATIENCE_USEC (20 * USEC_PER_SEC)

/* What time alone makes due. */
static void check_times(struct daemon *daemon, struct moment now) {
    if (now.monotonic_usec >= daemon->resync_at_usec) {
        daemon->resync_at_usec = now.monotonic_usec + daemon->resync_usec;
        daemon->look = daemon->contact = daemon->ask_all = true;
        mailbox_sweep(daemon->options.runtime);
    }
    if (now.monotonic_usec >= daemon_look_usec(daemon))
        daemon->look = true;
    link_rest(&daemon->link, now.monotonic_usec);
}

static void arm_timer(struct daemon *daemon, uint64_t log_usec, struct moment now) {
    uint64_t candidates[] = {
        daemon->now.plan->next_usec,
        daemon_look_usec(daemon),
        daemon_publish_usec(daemon),
        daemon->resync_at_usec,
        daemon->save_again_usec,
        link_rest_usec(&daemon->link),
        log_usec,
        watch_armed(daemon->mailbox_watch) ? USEC_NEVER : now.monotonic_usec + MAILBOX_USEC,
        daemon->failed ? now.monotonic_usec + FAILED_AGAIN_USEC : USEC_NEVER,
        daemon->ready ? USEC_NEVER : now.monotonic_usec + PATIENCE_USEC,
    };
    uint64_t next = USEC_NEVER;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        next = candidates[i] < next ? candidates[i] : next;
    daemon->failed = false;
    sd_event_source_set_time(daemon->timer, next);
    sd_event_source_set_enabled(daemon->timer, next == USEC_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* Decides, saves and sends. Returns what kept it from doing so, or NULL. */
static const char *decide_and_send(struct daemon *daemon, struct moment now) {
    struct decision next;
    int r = daemon_decide(daemon, now, &next);
    bool may_delete = r == 0 && daemon_may_delete(daemon, &next, now);
    if (may_delete) {
        r = owed_note_sent(next.snapshot, next.plan->delete.items, next.plan->delete.count, now.wall_usec);
        if (r < 0)
            decision_release(&next, &daemon->now);
    }
    if (r < 0) {
        daemon->failed = true;
        return strerror(-r);
    }
    if (!daemon_commit(daemon, &next, now))
        return "the snapshot cannot be saved (see topicd status)";
    /* Not in the turn that changes the scope: its plan was made with what is known of the other cluster. */
    if (!daemon->now.other_cluster)
        daemon_send(daemon, may_delete, now);
    daemon_log_decision(daemon);
    return NULL;
}

void daemon_turn(struct daemon *daemon) {
    struct moment now = moment_now();
    daemon->looked = false;
    check_times(daemon, now);
    daemon_collect_requests(daemon);
    if (daemon->hangup) {
        daemon->hangup = false;
        daemon->look = true;
        struct reply reply = {0};
        daemon_reload(daemon, &reply);
        reply_free(&reply);
    }
    if (daemon->look && !daemon_look_can_wait(daemon, now))
        daemon_look(daemon, now);
    if (daemon->ask_all) {
        daemon->ask_all = false;
        ledger_ask_all(&daemon->ledger);
    }
    const char *failure = decide_and_send(daemon, now);
    daemon_publish(daemon, now);
    daemon_forget_past(daemon);
    uint64_t log_usec = daemon_log_rejections(daemon, now);
    daemon_answer_requests(daemon, failure);
    arm_timer(daemon, log_usec, now);
    int result = daemon->options.once ? daemon_once_result(daemon) : -1;
    if (result >= 0)
        sd_event_exit(daemon->event, result);
}
