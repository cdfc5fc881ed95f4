#include "reconcile/owed.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Hashes the terminator too, so that "ab","c" is not "a","bc". */
static uint64_t hash_text(uint64_t hash, const char *text) {
    return hash_bytes(hash, text ? text : "\1", (text ? strlen(text) : 1) + 1);
}

bool owed_is_revocable(const struct snapshot *snapshot, const struct ledger *ledger, const struct owed *owed) {
    for (int k = 0; owed->approved && k < 2; k++) {
        const struct topic *topic = ledger ? ledger_find(ledger, owed->topics[k]) : NULL;
        const struct sent *sent = snapshot_sent(snapshot, owed->topics[k]);
        if (owed->done[k])
            continue;
        /* What was sent before this deletion was owed was for a topic of that name that went, and came again. */
        if ((sent && sent->wall_usec >= owed->since_usec) ||
            (topic && (topic->in_flight == OPERATION_DELETE || topic->recheck_usec)))
            return false;
    }
    return owed->approved;
}

/* Of what awaits approval, or of what was approved and may be taken back: the same set has another ID then. */
static void set_id(const struct snapshot *snapshot, const struct ledger *ledger, bool approved, char id[17]) {
    uint64_t start = approved ? hash_text(HASH_START, "approved") : HASH_START;
    const struct scope *scope = &snapshot->scope;
    uint64_t hash = hash_text(hash_text(start, scope->cluster_id), scope->prefix);
    hash = hash_text(hash_text(hash, scope->namespace), scope->manifests);
    bool any = false;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        const struct owed *owed = &snapshot->owed.items[i];
        if (approved ? !owed_is_revocable(snapshot, ledger, owed) : !owed->held)
            continue;
        any = true;
        hash = hash_text(hash_text(hash, owed->topics[0]), owed->topics[1]);
        hash = hash_bytes(hash, &owed->since_usec, sizeof owed->since_usec);
        hash = hash_bytes(hash, &owed->generation, sizeof owed->generation);
    }
    if (any)
        snprintf(id, 17, "%012" PRIx64, hash >> 16);
    else
        id[0] = '\0';
}

void owed_id(const struct snapshot *snapshot, char id[17]) {
    set_id(snapshot, NULL, false, id);
}

void owed_revocable_id(const struct snapshot *snapshot, const struct ledger *ledger, char id[17]) {
    set_id(snapshot, ledger, true, id);
}

size_t owed_n_held(const struct snapshot *snapshot) {
    size_t count = 0;
    for (size_t i = 0; i < snapshot->owed.count; i++)
        for (int k = 0; k < 2 && snapshot->owed.items[i].held; k++)
            count += !snapshot->owed.items[i].done[k];
    return count;
}

static bool asks_about_directory(const struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->owed.count; i++)
        if (snapshot->owed.items[i].held & HOLD_DIRECTORY)
            return true;
    return false;
}

int owed_answer(struct snapshot *snapshot, const char *id, bool approve, const char *directory) {
    char current[17];
    owed_id(snapshot, current);
    if (!current[0] || strcmp(id, current) != 0)
        return 1;
    if (directory && asks_about_directory(snapshot)) {
        const char *known = arena_strdup(&snapshot->arena, directory);
        if (!known)
            return -ENOMEM;
        snapshot->directory = known;
    }
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        struct owed owed = snapshot->owed.items[i];
        if (owed.held && !approve)
            continue;
        if (owed.held) {
            owed.held = 0;
            owed.approved = true;
            owed.refused_since_usec = 0;
        }
        snapshot->owed.items[kept++] = owed;
    }
    snapshot->owed.count = kept;
    return 0;
}

int owed_revoke(struct snapshot *snapshot, const struct ledger *ledger, const char *id, size_t *ret_topics) {
    char current[17];
    owed_revocable_id(snapshot, ledger, current);
    if (!current[0] || strcmp(id, current) != 0)
        return 1;
    size_t kept = 0, topics = 0;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        struct owed owed = snapshot->owed.items[i];
        if (owed_is_revocable(snapshot, ledger, &owed))
            topics += (size_t)!owed.done[0] + !owed.done[1];
        else
            snapshot->owed.items[kept++] = owed;
    }
    snapshot->owed.count = kept;
    *ret_topics = topics;
    return 0;
}

void owed_lapse(struct owed *owed, uint64_t wall_usec) {
    if (!owed->approved)
        return;
    owed->approved = false;
    owed->since_usec = wall_usec;
}

static int compare_sent(const void *a, const void *b) {
    return strcmp(((const struct sent *)a)->topic, ((const struct sent *)b)->topic);
}

static struct sent *find_sent(const struct snapshot *snapshot, size_t known, const char *topic) {
    struct sent key = {.topic = topic};
    return known ? bsearch(&key, snapshot->sent.items, known, sizeof *snapshot->sent.items, compare_sent) : NULL;
}

int owed_note_sent(struct snapshot *snapshot, const char *const *topics, size_t count, uint64_t wall_usec) {
    size_t known = snapshot->sent.count;
    for (size_t i = 0; i < count; i++) {
        if (find_sent(snapshot, known, topics[i]))
            continue;
        struct sent sent = {.wall_usec = wall_usec, .topic = arena_strdup(&snapshot->arena, topics[i])};
        if (!sent.topic || array_push(&snapshot->sent, sent) < 0) {
            snapshot->sent.count = known;
            return -ENOMEM;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct sent *before = find_sent(snapshot, known, topics[i]);
        if (before)
            before->wall_usec = wall_usec;
    }
    if (snapshot->sent.count > known)
        qsort(snapshot->sent.items, snapshot->sent.count, sizeof *snapshot->sent.items, compare_sent);
    return 0;
}

void owed_forget_sent(struct snapshot *snapshot, uint64_t wall_usec, uint64_t period_usec) {
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->sent.count; i++) {
        struct sent sent = snapshot->sent.items[i];
        if (sent.wall_usec > wall_usec)
            sent.wall_usec = wall_usec;
        if (wall_usec - sent.wall_usec < period_usec)
            snapshot->sent.items[kept++] = sent;
    }
    snapshot->sent.count = kept;
}

/* Whether the controller says that a topic which was asked to be deleted is gone. It does not as long as a request
 * whose outcome was unknown may still be carried out: a late creation would bring it back, owed by nobody (L5). */
static bool note_answer(struct owed *owed, const struct topic *topic, uint64_t wall_usec) {
    if (!topic || topic->attempted != OPERATION_DELETE || topic->in_flight || topic->must_ask)
        return false;
    /* Without a failure since the tries started over, the refusal is of an earlier deletion. */
    if (topic->error_refused && topic->failures > 0 && owed->refused_since_usec == 0)
        owed->refused_since_usec = wall_usec;
    return topic->presence == PRESENCE_ABSENT && topic->recheck_usec == 0;
}

void owed_note_answers(struct snapshot *snapshot, const struct ledger *ledger, uint64_t wall_usec) {
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        struct owed owed = snapshot->owed.items[i];
        for (int k = 0; k < 2; k++)
            if (!owed.done[k])
                owed.done[k] = note_answer(&owed, ledger_find(ledger, owed.topics[k]), wall_usec);
        if (!owed.done[0] || !owed.done[1])
            snapshot->owed.items[kept++] = owed;
    }
    snapshot->owed.count = kept;
}
