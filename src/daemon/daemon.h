/* The daemon: one thread, one sd_event loop (L2). What comes in - inotify, answers from Kafka, requests, signals, time
 * - only marks what has to be done; then one turn (turn.c) does it all: look, decide, save, send, report, arm the
 * timer.
 *
 * Private to daemon/; run.h is the door.
 *
 * May use: everything below it, libsystemd. */
#pragma once

#include "config/config.h"
#include "daemon/link.h"
#include "daemon/run.h"
#include "daemon/watch.h"
#include "reconcile/plan.h"
#include "report/metrics.h"
#include "store/directory.h"
#include "store/mailbox.h"
#include "store/snapshot_file.h"

/* What one turn decided, as one value: built completely, then swapped in. */
struct decision {
    struct snapshot *snapshot;
    struct catalog *catalog; /* refers to the daemon's scan */
    struct desired *desired;
    struct deletions *deletions;
    struct plan *plan;
    bool other_cluster; /* the snapshot starts anew in another cluster's scope (D5) */
};

/* What became of a request. */
struct reply {
    char *refusal; /* why it failed; NULL: it did not */
    char *words;   /* what there is to say although it did not; NULL */
    size_t topics; /* of the set that was answered */
    bool revoked;  /* it had been approved before */
};

struct daemon {
    struct run_options options;
    struct config *config; /* as started with; what a reload may change stands in the next three */
    struct deletion_rules rules;
    uint64_t resync_usec;
    bool unknown_is_warning;

    sd_event *event;
    sd_event_source *turn_source, *timer, *sources[4];
    struct watch *watch, *mailbox_watch;
    struct link link;
    struct directory *directory;

    struct decision now;       /* what is saved, and what follows from it */
    struct snapshot_mark mark; /* where the file with it ends */
    struct scan *scan; /* the last one, complete or extended, from which `now` was judged; an empty one before it */
    struct scan *next_scan; /* a newer one, not judged and saved yet; NULL */
    struct decision past;   /* what this turn has replaced, to be freed when there is nothing more urgent to do … */
    struct scan *past_scan; /* … and the scan that it refers to; NULL */
    struct ledger ledger;
    struct metrics metrics;
    char *metrics_text; /* as it was written last */

    /* What the next turn has to do. */
    bool look;    /* scan */
    bool contact; /* have a word with Kafka even if there is nothing to send: N1, resync */
    bool ask_all; /* resync (L4) */
    bool hangup;  /* SIGHUP: reload */
    bool failed;  /* memory was exhausted, or the status could not be written: try again in a while */
    /* What is known of the directory. */
    bool looked;                /* in this turn, completely */
    bool scan_is_last_word;     /* the latest scan was complete */
    char *scan_error;           /* why it was not */
    const char *polling;        /* why inotify cannot be relied on (L1); NULL if it can */
    struct moment look_started; /* the latest scan, complete or not */
    ARRAY(char *) arrived;      /* names to look at first */
    uint64_t scanned_usec;      /* monotonic: when the last complete scan began; 0 */
    uint64_t changed_usec;      /* monotonic: the directory's last change as known */
    uint64_t hint_usec;         /* monotonic: the first hint of a change that was not looked at yet; 0 */
    uint64_t look_again_usec;   /* monotonic: a look is due because times were too young to be trusted; USEC_NEVER */
    /* The rest. All times are monotonic, unless they say otherwise. */
    bool old;                      /* the snapshot was over 24 h old at start, and no complete scan was judged since */
    char *save_error;              /* why the last save failed; NULL */
    uint64_t save_again_usec;      /* USEC_NEVER */
    uint64_t saved_scan_wall_usec; /* wall: time of the last complete scan, as the file has it */
    uint64_t resync_at_usec;
    uint64_t published_usec; /* when the status was written last; 0: write it in any case */
    uint64_t observed_generation;
    uint64_t reconciled_usec; /* wall: when it last caught up; 0 */
    char *config_error;       /* why the last reload failed; NULL */
    char *met_cluster;        /* the id that the cluster gave last; NULL */
    bool was_reachable;
    bool stale;     /* the status is older than the last turn */
    bool ready;     /* READY=1 was sent */
    bool reloading; /* … and RELOADING=1 after it */
    bool stopping;
    struct moment started;
    char *status_line;           /* the last STATUS=, to say only what is new */
    ARRAY(char *) logged;        /* rejected files that were logged as such, sorted */
    char logged_id[17];          /* the held set that was logged */
    struct requests requests;    /* taken in this turn … */
    ARRAY(struct reply) replies; /* … and what became of each */
};

/* turn.c */
void daemon_turn(struct daemon *daemon);
/* Makes the loop take a turn; in a few milliseconds, when more that asks for one is about to come. */
void daemon_wake(struct daemon *daemon);
void daemon_wake_soon(struct daemon *daemon);

/* look.c */
void daemon_look(struct daemon *daemon, struct moment now);
/* Soon after the last look, while Kafka is at work on what it found: what else there is to see could not be sent before
 * the answer (L3), and a look at a large directory would keep the answer waiting. */
bool daemon_look_can_wait(const struct daemon *daemon, struct moment now);
/* Told of a name that the next look should begin with. */
void daemon_note_arrival(void *userdata, const char *name);
void daemon_forget_arrivals(struct daemon *daemon);
/* Monotonic: when a look is due by time alone; USEC_NEVER. */
uint64_t daemon_look_usec(const struct daemon *daemon);

/* decide.c */
/* Builds a decision from everything that is known. Returns 0 or -ENOMEM. */
int daemon_decide(struct daemon *daemon, struct moment now, struct decision *ret);
/* Saves the decision if it has to be remembered, and makes it the one in force. Returns false if it could not be saved:
 * then it is dropped, and nothing may be sent (S1). */
bool daemon_commit(struct daemon *daemon, struct decision *next, struct moment now);
/* Frees what the last commit replaced: where there are many manifests, nothing should have to wait for that. */
void daemon_forget_past(struct daemon *daemon);
/* Frees what `kept` (or NULL) does not share. */
void decision_release(struct decision *dead, const struct decision *kept);

/* send.c */
/* Whether the plan's deletions may be sent in this turn. */
bool daemon_may_delete(const struct daemon *daemon, const struct decision *next, struct moment now);
void daemon_send(struct daemon *daemon, bool may_delete, struct moment now);
void daemon_answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count);

/* scope.c: the snapshot at start, and another cluster (D5, S4). */
int daemon_load(struct daemon *daemon, struct moment now);
/* An empty snapshot in our scope. The count of generations goes on, so that who waits for one is not misled. NULL when
 * memory is exhausted. */
struct snapshot *daemon_start_anew(const struct daemon *daemon, const char *cluster_id, uint64_t generation);
/* Returns 0 or a negative errno; says what it did, or why it could not. */
int daemon_keep_aside(struct daemon *daemon, const char *reason, const char *why);
/* The session knows its cluster. Returns whether it is the scope's, so that something may be sent; else the next turn
 * takes it into the scope, or changes the scope. */
bool daemon_meet_cluster(struct daemon *daemon, const char *cluster_id);

/* requests.c: the mailbox and reloading. */
void daemon_collect_requests(struct daemon *daemon);
/* Applies approvals and denials to the snapshot that is being made. Returns 0 or -ENOMEM. */
int daemon_apply_answers(struct daemon *daemon, struct snapshot *snapshot);
/* Reads the configuration anew, and says in the reply what is wrong with it, or what needs a restart. */
void daemon_reload(struct daemon *daemon, struct reply *reply);
void reply_free(struct reply *reply);
/* `failure`: what made the turn fail as a whole, or NULL. */
void daemon_answer_requests(struct daemon *daemon, const char *failure);

/* measure.c: topicd.prom. */
/* `topic` as it is before the ledger takes the answer in; NULL: it is not tracked any more. */
void daemon_measure(struct daemon *daemon, enum operation operation, const struct topic_result *result,
                    struct topic *topic, uint64_t now_usec);
void daemon_publish_metrics(struct daemon *daemon, const struct status_report *status);

/* publish.c: status.json, STATUS=, READY=1. */
void daemon_publish(struct daemon *daemon, struct moment now);
/* Monotonic: when what was not worth publishing in this turn is due; USEC_NEVER. */
uint64_t daemon_publish_usec(const struct daemon *daemon);
/* What run --once has to say: -1 not done yet, else the exit code. */
int daemon_once_result(const struct daemon *daemon);

/* events.c: says once what is new (N4). */
/* Of the decision that was committed in this turn. */
void daemon_log_decision(struct daemon *daemon);
/* Returns the monotonic time at which there will be more to say; USEC_NEVER. */
uint64_t daemon_log_rejections(struct daemon *daemon, struct moment now);
/* `before`: the topic before the ledger takes the answer in; NULL: it is not tracked any more. */
void daemon_log_answer(const struct daemon *daemon, enum operation operation, const struct topic_result *result,
                       const struct topic *before);
