#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "reconcile/owed.h"

#include <string.h>

#define SAVE_AGAIN_USEC (2 * USEC_PER_SEC)
/* The time of the last complete scan is what D6(d) counts from. It alone is not worth a write at every resync, but it
 * must not be older than this. */
#define SCAN_TIME_USEC (3600 * USEC_PER_SEC)

/* Whether something in the last snapshot may change without a look: then it is copied first. */
static bool may_change(const struct daemon *daemon) {
    const struct snapshot *last = daemon->now.snapshot;
    return last->owed.count > 0 || last->sent.count > 0 || daemon->requests.list.count > 0 ||
           (daemon->met_cluster && !last->scope.cluster_id);
}

/* What the next snapshot is made from: the last one, or an empty one in another cluster's scope. */
static struct snapshot *base_of(struct daemon *daemon, bool *ret_other) {
    struct snapshot *last = daemon->now.snapshot;
    *ret_other = daemon->met_cluster && last->scope.cluster_id && strcmp(daemon->met_cluster, last->scope.cluster_id);
    if (*ret_other)
        return daemon_start_anew(daemon, daemon->met_cluster, last->generation);
    if (!may_change(daemon))
        return last;
    struct snapshot *base = snapshot_copy(last);
    if (base && daemon->met_cluster && !base->scope.cluster_id &&
        !(base->scope.cluster_id = arena_strdup(&base->arena, daemon->met_cluster)))
        return snapshot_free(base);
    return base;
}

/* Which files count, and what must exist because of them. */
static int judge(struct daemon *daemon, struct snapshot *base, struct decision *next) {
    const struct scan *scan = daemon->next_scan ? daemon->next_scan : daemon->scan;
    if (!daemon->next_scan && daemon->now.catalog && !next->other_cluster) {
        next->snapshot = base;
        next->catalog = daemon->now.catalog;
        next->desired = daemon->now.desired;
        return 0;
    }
    int r = catalog_judge(base, scan, daemon->now.catalog, daemon->old, &next->snapshot, &next->catalog);
    if (base != daemon->now.snapshot)
        snapshot_free(base);
    if (r < 0)
        return r;
    bool first = !daemon->now.desired;
    return desired_update(daemon->now.desired, first ? NULL : daemon->now.snapshot, next->snapshot, &next->desired);
}

static int judge_deletions(struct daemon *daemon, struct moment now, struct decision *next) {
    struct deletion_facts facts = {
        .rules = &daemon->rules,
        .desired = next->desired,
        .catalog = next->catalog,
        .now = now,
        .scanned_usec = daemon->scanned_usec,
        .changed_usec = daemon->changed_usec,
        .scan_is_last_word = daemon->scan_is_last_word,
        .ledger = &daemon->ledger,
    };
    return deletions_judge(next->snapshot, &facts, &next->deletions);
}

static int build(struct daemon *daemon, struct moment now, struct decision *next) {
    struct snapshot *base = base_of(daemon, &next->other_cluster);
    if (!base)
        return -ENOMEM;
    /* What Kafka answered comes before what a person answered: a refusal of yesterday is not one of what was approved
     * today (D6(d)). */
    owed_note_answers(base, &daemon->ledger, now.wall_usec);
    int r = daemon_apply_answers(daemon, base);
    if (r < 0) {
        if (base != daemon->now.snapshot)
            snapshot_free(base);
        return r;
    }
    r = judge(daemon, base, next);
    if (r == 0)
        r = judge_deletions(daemon, now, next);
    /* Where nothing else is wanted than in the last turn, nothing else is tracked. */
    if (r == 0 && (next->desired != daemon->now.desired || next->snapshot != daemon->now.snapshot))
        r = plan_track(&daemon->ledger, next->desired, next->snapshot);
    if (r < 0)
        return r;
    struct plan_facts facts = {.deletions = next->deletions, .ledger = &daemon->ledger, .now_usec = now.monotonic_usec};
    return plan_make(&facts, &next->plan);
}

int daemon_decide(struct daemon *daemon, struct moment now, struct decision *ret) {
    struct decision next = {0};
    int r = build(daemon, now, &next);
    if (r < 0)
        decision_release(&next, &daemon->now);
    else
        *ret = next;
    return r;
}

static void note_save(struct daemon *daemon, int r, struct moment now) {
    const char *error = r < 0 ? strerror(-r) : NULL;
    if (error && (!daemon->save_error || strcmp(daemon->save_error, error) != 0))
        journal_event(EVENT_SAVE_FAILED, NULL,
                      "cannot save the snapshot in %s: %s; nothing is created or deleted until it can be saved",
                      daemon->options.state, error);
    else if (!error && daemon->save_error)
        journal_event(EVENT_SAVE_WORKS, NULL, "the snapshot in %s can be saved again", daemon->options.state);
    free(daemon->save_error);
    daemon->save_error = error ? strdup(error) : NULL;
    daemon->save_again_usec = error ? now.monotonic_usec + SAVE_AGAIN_USEC : USEC_NEVER;
}

/* Returns whether the decision is as safe as it has to be. */
static bool save(struct daemon *daemon, const struct decision *next, struct moment now) {
    const struct snapshot *snapshot = next->snapshot;
    bool old_time = snapshot->scanned_usec > daemon->saved_scan_wall_usec + SCAN_TIME_USEC && snapshot->files.count > 0;
    if (!old_time && snapshot_equal(daemon->now.snapshot, snapshot))
        return true;
    int r = next->other_cluster ? daemon_keep_aside(daemon, "scope", "the snapshot is of another cluster") : 0;
    if (r == 0)
        r = snapshot_file_save(daemon->options.state, daemon->now.snapshot, snapshot, &daemon->mark);
    note_save(daemon, r, now);
    if (r == 0)
        daemon->saved_scan_wall_usec = snapshot->scanned_usec;
    return r == 0;
}

static void take_scan(struct daemon *daemon) {
    if (!daemon->next_scan)
        return;
    daemon->past_scan = daemon->scan;
    daemon->scan = daemon->next_scan;
    daemon->next_scan = NULL;
    daemon->old = false;
}

bool daemon_commit(struct daemon *daemon, struct decision *next, struct moment now) {
    if (!save(daemon, next, now)) {
        decision_release(next, &daemon->now);
        return false;
    }
    if (next->snapshot->generation != daemon->now.snapshot->generation)
        ledger_start_over(&daemon->ledger);
    /* Of another cluster nothing is known; another turn plans from there. */
    if (next->other_cluster) {
        ledger_forget(&daemon->ledger);
        daemon_wake(daemon);
    }
    daemon->past = daemon->now;
    daemon->now = *next;
    take_scan(daemon);
    return true;
}

void daemon_forget_past(struct daemon *daemon) {
    decision_release(&daemon->past, &daemon->now);
    daemon->past_scan = scan_free(daemon->past_scan);
}

void decision_release(struct decision *dead, const struct decision *kept) {
    static const struct decision nothing;
    kept = kept ? kept : &nothing;
    if (dead->plan != kept->plan)
        plan_free(dead->plan);
    if (dead->deletions != kept->deletions)
        deletions_free(dead->deletions);
    if (dead->desired != kept->desired)
        desired_free(dead->desired);
    if (dead->catalog != kept->catalog)
        catalog_free(dead->catalog);
    if (dead->snapshot != kept->snapshot)
        snapshot_free(dead->snapshot);
    *dead = (struct decision){0};
}
