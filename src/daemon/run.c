#include "daemon/run.h"

#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "store/lock.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* After it the outcome of a request is unknown (L5). */
#define REQUEST_TIMEOUT_MSEC 30000
#define SOON_USEC (10 * USEC_PER_MSEC)

void daemon_wake(struct daemon *daemon) {
    if (daemon->turn_source)
        sd_event_source_set_enabled(daemon->turn_source, SD_EVENT_ONESHOT);
}

void daemon_wake_soon(struct daemon *daemon) {
    uint64_t soon = clock_usec(CLOCK_MONOTONIC) + SOON_USEC, due;
    if (sd_event_source_get_time(daemon->timer, &due) >= 0 && due <= soon)
        return;
    sd_event_source_set_time(daemon->timer, soon);
    sd_event_source_set_enabled(daemon->timer, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *source, void *userdata) {
    (void)source;
    daemon_turn(userdata);
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
    (void)source;
    (void)usec;
    daemon_wake(userdata);
    return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
    (void)usec;
    const struct daemon *daemon = userdata;
    journal_event(EVENT_STOPPED, NULL, "not in sync within %llu s%s%s",
                  (unsigned long long)(daemon->options.timeout_usec / USEC_PER_SEC), daemon->link.error ? ": " : "",
                  daemon->link.error ? daemon->link.error : "");
    return sd_event_exit(sd_event_source_get_event(source), 1);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
    struct daemon *daemon = userdata;
    if (info->ssi_signo == SIGHUP) {
        daemon->hangup = true;
        daemon_wake(daemon);
        return 0;
    }
    return sd_event_exit(sd_event_source_get_event(source), daemon->options.once ? 1 : 0);
}

static void on_directory(void *userdata) {
    struct daemon *daemon = userdata;
    daemon->look = true;
    daemon->changed_usec = clock_usec(CLOCK_MONOTONIC);
    if (daemon->hint_usec == 0)
        daemon->hint_usec = daemon->changed_usec;
    daemon_wake(daemon);
}

static void on_request(void *userdata) {
    daemon_wake(userdata);
}

static void on_link(void *userdata) {
    struct daemon *daemon = userdata;
    if (daemon->link.reachable && !daemon->was_reachable) {
        journal_event(EVENT_CONNECTED, NULL, "connected to Kafka at %s", daemon->link.settings.bootstrap);
        ledger_start_over(&daemon->ledger); /* L5 */
    }
    /* There may be nothing to send: then a question is what finds out that Kafka is back. */
    if (!daemon->link.reachable)
        daemon->contact = true;
    daemon->was_reachable = daemon->link.reachable;
    daemon_wake(daemon);
}

static int add_sources(struct daemon *daemon) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    sigset_t mask;
    sigemptyset(&mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&mask, signals[i]);
    if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
        return -errno;
    signal(SIGPIPE, SIG_IGN);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof signals / sizeof *signals; i++)
        r = sd_event_add_signal(daemon->event, NULL, signals[i], on_signal, daemon);
    if (r >= 0)
        r = sd_event_add_defer(daemon->event, &daemon->turn_source, on_turn, daemon);
    /* A turn comes after everything that came in with it: one turn for a burst. */
    if (r >= 0)
        r = sd_event_source_set_priority(daemon->turn_source, SD_EVENT_PRIORITY_IDLE);
    if (r >= 0)
        r = sd_event_add_time(daemon->event, &daemon->timer, CLOCK_MONOTONIC, USEC_NEVER, 1000, on_timer, daemon);
    if (r >= 0 && daemon->options.once)
        r = sd_event_add_time(daemon->event, NULL, CLOCK_MONOTONIC,
                              daemon->started.monotonic_usec + daemon->options.timeout_usec, 0, on_timeout, daemon);
    if (r >= 0)
        r = sd_event_set_watchdog(daemon->event, true);
    return r;
}

/* What an earlier process sent, and of which it did not save an answer, may be carried out after we have looked. */
static void doubt_deletions(struct daemon *daemon) {
    const struct snapshot *snapshot = daemon->now.snapshot;
    for (size_t i = 0; i < snapshot->owed.count; i++)
        for (int k = 0; k < 2; k++) {
            const char *topic = snapshot->owed.items[i].topics[k];
            if (!snapshot->owed.items[i].done[k] && snapshot_sent(snapshot, topic))
                ledger_doubt(&daemon->ledger, topic, daemon->started.monotonic_usec);
        }
}

/* What is in force before the first look: the snapshot alone. */
static int decide_first(struct daemon *daemon) {
    struct decision first;
    daemon->scan = calloc(1, sizeof *daemon->scan);
    int r = daemon->scan ? daemon_decide(daemon, daemon->started, &first) : -ENOMEM;
    if (r < 0)
        return r;
    struct decision loaded = daemon->now;
    daemon->now = first;
    decision_release(&loaded, &daemon->now);
    /* What was needed when the last process ended exists, or so it seems: that is asked in less time than it takes to
     * try and make it. */
    for (size_t i = 0; i < daemon->ledger.topics.count; i++) {
        struct topic *topic = &daemon->ledger.topics.items[i];
        topic->expected = true;
        topic->must_ask = topic->desired;
    }
    doubt_deletions(daemon);
    return 0;
}

static int take_lock(const char *dir, mode_t mode) {
    pid_t holder = 0;
    int r = lock_take(dir, mode, &holder);
    if (r == 1)
        journal_event(EVENT_STOPPED, NULL, "another topicd already runs on %s: pid %d", dir, (int)holder);
    else if (r < 0)
        journal_event(EVENT_STOPPED, NULL, "cannot lock %s: %s", dir, strerror(-r));
    return r;
}

static int set_up(struct daemon *daemon, const struct config *config) {
    struct manifest_options options = {.topic_prefix = config->topic_prefix,
                                       .default_namespace = config->namespace,
                                       .unknown_is_warning = config->unknown_is_warning};
    int r = sd_event_default(&daemon->event);
    if (r >= 0)
        r = add_sources(daemon);
    if (r >= 0)
        r = watch_new(daemon->event, on_directory, daemon, &daemon->watch);
    if (r >= 0)
        watch_on_arrival(daemon->watch, daemon_note_arrival);
    if (r >= 0)
        r = mailbox_prepare(daemon->options.runtime);
    if (r >= 0)
        r = watch_new(daemon->event, on_request, daemon, &daemon->mailbox_watch);
    if (r >= 0)
        r = directory_new(daemon->options.manifests, &options, &daemon->directory);
    if (r < 0)
        return r;
    daemon->link = (struct link){
        .event = daemon->event,
        .settings = {.bootstrap = daemon->options.bootstrap ? daemon->options.bootstrap : config->bootstrap,
                     .properties = config->properties,
                     .n_properties = config->n_properties,
                     .request_timeout_msec = REQUEST_TIMEOUT_MSEC},
        .handlers = {.answered = daemon_answered, .changed = on_link},
        .userdata = daemon,
    };
    r = daemon_load(daemon, daemon->started);
    return r < 0 ? r : decide_first(daemon);
}

static void tear_down(struct daemon *daemon) {
    link_free(&daemon->link);
    decision_release(&daemon->now, NULL);
    scan_free(daemon->scan);
    scan_free(daemon->next_scan);
    ledger_free(&daemon->ledger);
    directory_free(daemon->directory);
    watch_free(daemon->watch);
    watch_free(daemon->mailbox_watch);
    sd_event_source_unref(daemon->turn_source);
    sd_event_source_unref(daemon->timer);
    sd_event_unref(daemon->event);
    for (size_t i = 0; i < daemon->logged.count; i++)
        free(daemon->logged.items[i]);
    array_free(&daemon->logged);
    daemon_forget_arrivals(daemon);
    array_free(&daemon->arrived);
    free(daemon->scan_error);
    free(daemon->save_error);
    free(daemon->config_error);
    free(daemon->met_cluster);
    free(daemon->status_line);
    free(daemon->metrics_text);
    config_free(daemon->config);
}

static int loop(struct daemon *daemon) {
    journal_event(EVENT_STARTED, NULL, "watching %s for Kafka at %s", daemon->options.manifests,
                  daemon->link.settings.bootstrap);
    int r = sd_event_loop(daemon->event);
    daemon->stopping = true;
    sd_notify(0, "STOPPING=1");
    daemon_publish(daemon, moment_now());
    if (r < 0)
        journal_event(EVENT_STOPPED, NULL, "the event loop failed: %s", strerror(-r));
    else if (!daemon->options.once)
        journal_event(EVENT_STOPPED, NULL, "stopped");
    return r < 0 ? 1 : r;
}

int run(const struct run_options *options, struct config *config) {
    struct daemon daemon = {
        .options = *options,
        .config = config,
        .rules = {.enabled = config->deletion.enabled,
                  .grace_usec = config->deletion.grace_usec,
                  .limit_topics = config->deletion.limit_topics,
                  .limit_period_usec = config->deletion.limit_period_usec},
        .resync_usec = config->resync_usec,
        .unknown_is_warning = config->unknown_is_warning,
        .look_again_usec = USEC_NEVER,
        .save_again_usec = USEC_NEVER,
        .started = moment_now(),
    };
    daemon.changed_usec = daemon.started.monotonic_usec; /* D2: a start counts as a change */
    daemon.ledger.retry_max_usec = config->resync_usec;
    daemon.ledger.random = daemon.started.wall_usec ^ (uint64_t)getpid() << 32;
    int result = 1;
    if (take_lock(options->state, 0640) == 0 && take_lock(options->runtime, 0644) == 0) {
        int r = set_up(&daemon, config);
        if (r < 0)
            journal_event(EVENT_STOPPED, NULL, "cannot start: %s", strerror(-r));
        else
            result = loop(&daemon);
    }
    tear_down(&daemon);
    return result;
}
