#include "reconcile/deletions.h"

#include "reconcile/owed.h"

#include <assert.h>
#include <string.h>

#define DAY_USEC (24 * 3600 * USEC_PER_SEC)

/* D2: a directory that never rests is left alone for this many grace periods … */
#define RESTLESS_FACTOR 10
/* … and what depends on a file that remains, from which its owner or a user was dropped, waits this many times as long.
 */
#define DROPPED_FACTOR 10
/* D6(b) */
#define POPULATION_MIN 3
/* D4: files that a reason names before "and 7 more" */
#define NAMES_MAX 3

const char *deletion_state_name(enum deletion_state state) {
    static const char *const names[] = {
        [DELETION_GRACE_PERIOD] = "grace-period", [DELETION_IN_USE] = "in-use",
        [DELETION_BLOCKED] = "blocked",           [DELETION_AWAITING_APPROVAL] = "awaiting-approval",
        [DELETION_SENDING] = "sending",           [DELETION_RETRYING] = "retrying",
    };
    static_assert(sizeof names / sizeof *names == DELETION_STATE_MAX_, "every state has a name");
    return names[state];
}

static uint64_t add(uint64_t a, uint64_t b) {
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? USEC_NEVER : sum;
}

static uint64_t times(uint64_t a, uint64_t b) {
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? USEC_NEVER : product;
}

/* D2. Returns whether it is settled; else ret_due is the earliest moment at which a scan can settle it. */
static bool seen_to_be_gone(const struct owed *owed, uint64_t rest, const struct deletion_facts *facts,
                            uint64_t *ret_due) {
    uint64_t rested = add(facts->changed_usec, rest);
    uint64_t first = owed->seen_gone_usec ? owed->seen_gone_usec : facts->now.monotonic_usec;
    uint64_t restless = add(first, times(rest, RESTLESS_FACTOR));
    uint64_t due = rested < restless ? rested : restless;
    if (due <= first)
        due = first + 1; /* the second scan is another one than the first, also without a grace period */
    *ret_due = due;
    return facts->suppose_rested || (owed->seen_gone_usec != 0 && facts->scanned_usec >= due);
}

/* D3. The first user of either topic, or NULL. A topic that was deleted already and is used again will be made again,
 * and is owed again when its user goes. */
static const struct resource *in_use(struct owed *owed, const struct desired *desired) {
    const struct resource *user = NULL;
    for (int i = 0; i < 2; i++) {
        const struct use *uses;
        if (desired_uses(desired, owed->topics[i], &uses) == 0)
            continue;
        owed->done[i] = false;
        user = user ? user : uses->resource;
    }
    return user;
}

/* D4. Whether files may still want any topic, and if so which, as a reason. */
static int unknown_files(const struct catalog *catalog, struct arena *arena, const char **ret_reason) {
    size_t count = 0, named = 0;
    for (size_t i = 0; i < catalog->rejected.count; i++)
        count += !catalog->rejected.items[i].has_last_good;
    *ret_reason = NULL;
    if (count == 0)
        return 0;
    struct buffer text = {0};
    for (size_t i = 0; named < count && named < NAMES_MAX; i++)
        if (!catalog->rejected.items[i].has_last_good) {
            buffer_puts(&text, named == 0 ? "" : named + 1 == count ? " and " : ", ");
            buffer_puts(&text, catalog->rejected.items[i].name);
            named++;
        }
    if (count > named)
        buffer_printf(&text, " and %zu more", count - named);
    buffer_puts(&text, count == 1 ? " is rejected and may still need it: repair or remove that file"
                                  : " are rejected and may still need it: repair or remove those files");
    *ret_reason = text.failed ? NULL : arena_strdup(arena, text.data);
    buffer_free(&text);
    return *ret_reason ? 0 : -ENOMEM;
}

/* A request for it is under way: past judging. */
static bool in_flight(const struct owed *owed, const struct ledger *ledger) {
    for (int i = 0; ledger && i < 2; i++) {
        const struct topic *topic = owed->done[i] ? NULL : ledger_find(ledger, owed->topics[i]);
        if (topic && topic->in_flight == OPERATION_DELETE)
            return true;
    }
    return false;
}

/* What D6 judges as one: the deletions that are due and nobody answered, those that are held already included. */
static bool in_set(const struct owed *owed, const struct deletion *deletion, const struct ledger *ledger) {
    return owed->held || (deletion->state == DELETION_SENDING && !owed->approved && !in_flight(owed, ledger));
}

/* What will join the set when its time has come: of files that are removed slowly the first are due while the last are
 * still there. */
static bool follows(const struct owed *owed, const struct deletion *deletion) {
    return deletion->state == DELETION_GRACE_PERIOD && !owed->approved;
}

/* D6(a) */
static void count_period(const struct snapshot *snapshot, const struct ledger *ledger, struct deletions *deletions) {
    deletions->period.sent = snapshot->sent.count;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        const struct owed *owed = &snapshot->owed.items[i];
        const struct deletion *deletion = &deletions->list.items[i];
        size_t *count = in_set(owed, deletion, ledger)        ? &deletions->period.set
                        : follows(owed, deletion)             ? &deletions->period.following
                        : deletion->state == DELETION_SENDING ? &deletions->period.going
                                                              : NULL;
        for (int k = 0; k < 2 && count; k++) {
            if (owed->done[k])
                continue;
            (*count)++;
            deletions->period.sent -= snapshot_sent(snapshot, owed->topics[k]) != NULL;
        }
    }
}

static size_t n_in_period(const struct deletions *deletions) {
    return deletions->period.set + deletions->period.following + deletions->period.going + deletions->period.sent;
}

/* D6(d) */
static bool refused_for_long(const struct owed *owed, uint64_t wall_usec) {
    uint64_t since = owed->refused_since_usec;
    return since && wall_usec > since && wall_usec - since > DAY_USEC;
}

/* D6 for the whole set; or `ahead`, for it and what is in its grace period, whatever of that is due first. */
static unsigned reasons_to_ask(const struct snapshot *snapshot, const struct deletions *deletions,
                               const struct deletion_facts *facts, bool ahead) {
    unsigned reasons = 0, population = 0;
    bool any = false;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        const struct owed *owed = &snapshot->owed.items[i];
        bool in = in_set(owed, &deletions->list.items[i], facts->ledger);
        if (!in && !(ahead && follows(owed, &deletions->list.items[i])))
            continue;
        any = true;
        reasons |= in ? owed->held | owed->circumstances : 0;
        population = owed->population > population ? owed->population : population;
        if (refused_for_long(owed, facts->now.wall_usec))
            reasons |= HOLD_REFUSED;
    }
    if (!any)
        return 0;
    if (n_in_period(deletions) > facts->rules->limit_topics)
        reasons |= HOLD_LIMIT;
    if (population >= POPULATION_MIN && facts->catalog->n_models + facts->catalog->n_pipelines == 0)
        reasons |= HOLD_LAST;
    if (!facts->rules->enabled)
        reasons |= HOLD_DISABLED;
    return reasons;
}

/* What is held stays held when the limit is raised, or the period is over (D6): then its numbers are not those of now.
 */
static void limit_format(const struct deletions *deletions, const struct deletion_rules *rules, struct buffer *out) {
    size_t set = deletions->period.set, following = deletions->period.following;
    size_t going = deletions->period.going, sent = deletions->period.sent;
    unsigned long long period = rules->limit_period_usec / USEC_PER_SEC;
    if (n_in_period(deletions) <= rules->limit_topics) {
        buffer_puts(out, "they were more than deletion.limit allowed when they came due");
        return;
    }
    buffer_printf(out, "%zu topics", set ? set : following);
    if (set && following)
        buffer_printf(out, ", and %zu in their grace period", following);
    if (going)
        buffer_printf(out, ", and %zu under way", going);
    if (sent)
        buffer_printf(out, ", and %zu deleted within the last %llu s", sent, period);
    else
        buffer_printf(out, " within %llu s", period);
    buffer_printf(out, ", more than the limit of %u", rules->limit_topics);
}

static void reasons_format(unsigned reasons, const struct deletions *deletions, const struct deletion_rules *rules,
                           struct buffer *out) {
    const char *separator = "";
    for (unsigned bit = 1; bit <= HOLD_DISABLED; bit <<= 1) {
        if (!(reasons & bit))
            continue;
        buffer_puts(out, separator);
        separator = "; ";
        if (bit == HOLD_LIMIT)
            limit_format(deletions, rules, out);
        else if (bit == HOLD_LAST)
            buffer_puts(out, "no Model or Pipeline would be left");
        else if (bit == HOLD_DIRECTORY)
            buffer_puts(out, "the manifests directory is not the one it was");
        else if (bit == HOLD_REJECTED)
            buffer_puts(out, "a file had been rejected before it was removed");
        else if (bit == HOLD_OLD)
            buffer_puts(out, "topicd had not run for over 24 h");
        else if (bit == HOLD_REFUSED)
            buffer_puts(out, "the broker has refused it for over 24 h");
        else
            buffer_puts(out,
                        rules->enabled ? "deletion.enabled was false when they came due" : "deletion.enabled is false");
    }
}

void hold_format(const struct deletions *deletions, const struct deletion_rules *rules, struct buffer *out) {
    reasons_format(deletions->reasons, deletions, rules, out);
}

bool deletion_file_remains(const struct snapshot *snapshot, const struct catalog *catalog, const char *file) {
    return file && (snapshot_file(snapshot, file) || (catalog && catalog_rejected(catalog, file)));
}

static const char *gone_format(struct arena *arena, const struct owed *owed, bool dropped, bool let_go) {
    if (let_go && !dropped)
        return arena_printf(arena, "%s was removed with cleanTopicsOnDelete: true, and %s does not need it any more",
                            owed->file, owed->let_go_by);
    return dropped ? arena_printf(arena, "it was dropped from %s with cleanTopicsOnDelete: true", owed->file)
                   : arena_printf(arena, "%s was removed with cleanTopicsOnDelete: true", owed->file);
}

/* D2 to D5 for one owed deletion, in the order in which a person can do something about it. */
static int judge_one(const struct snapshot *snapshot, struct owed *owed, const struct deletion_facts *facts,
                     const char *unknown, struct arena *arena, struct deletion *ret) {
    *ret = (struct deletion){.owed = owed, .due_usec = USEC_NEVER};
    bool dropped = deletion_file_remains(snapshot, facts->catalog, owed->file);
    bool let_go = deletion_file_remains(snapshot, facts->catalog, owed->let_go_by);
    const struct resource *user = in_use(owed, facts->desired);
    uint64_t due;
    ret->rest_usec = times(facts->rules->grace_usec, dropped || let_go ? DROPPED_FACTOR : 1);
    /* The two scans of D2 have to find it gone, and in nobody's way: that its user is gone, or a file that may want it,
     * is as uncertain as that it is gone itself. A restless directory would make up for the time in which it was used.
     */
    if (user || unknown)
        owed->seen_gone_usec = 0;
    if (user) {
        ret->state = DELETION_IN_USE;
        ret->reason =
            arena_printf(arena, "needed by %s/%s/%s", resource_kind_name(user->kind), user->namespace, user->name);
    } else if (unknown) {
        ret->state = DELETION_BLOCKED;
        ret->reason = unknown;
    } else if (!facts->scan_is_last_word) {
        ret->state = DELETION_BLOCKED;
        ret->reason = arena_strdup(arena, "the manifests directory cannot be read");
    } else if (!seen_to_be_gone(owed, ret->rest_usec, facts, &due)) {
        ret->state = DELETION_GRACE_PERIOD;
        ret->due_usec = due;
        ret->reason = gone_format(arena, owed, dropped, let_go);
    } else {
        ret->state = DELETION_SENDING;
        ret->reason = gone_format(arena, owed, dropped, let_go);
    }
    return ret->reason ? 0 : -ENOMEM;
}

/* NULL if memory is exhausted. */
static const char *reasons_text(const char *start, unsigned reasons, const struct deletion_rules *rules,
                                struct deletions *deletions) {
    struct buffer text = {0};
    buffer_puts(&text, start);
    reasons_format(reasons, deletions, rules, &text);
    const char *copy = text.failed ? NULL : arena_strdup(&deletions->arena, text.data);
    buffer_free(&text);
    return copy;
}

/* Says of what follows whether it will be held, as far as that can be foreseen: the circumstances of one hold what is
 * due with it or later. */
static int foresee(const struct snapshot *snapshot, const struct deletion_facts *facts, struct deletions *deletions) {
    const char *texts[HOLD_DISABLED << 1] = {NULL};
    uint64_t due_usec[HOLD_DISABLED + 1]; /* of each circumstance */
    for (unsigned bit = 1; bit <= HOLD_DISABLED; bit <<= 1)
        due_usec[bit] = USEC_NEVER;
    unsigned ahead = reasons_to_ask(snapshot, deletions, facts, true);
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        const struct deletion *deletion = &deletions->list.items[i];
        for (unsigned bit = 1; bit <= HOLD_DISABLED && follows(&snapshot->owed.items[i], deletion); bit <<= 1)
            if ((snapshot->owed.items[i].circumstances & bit) && deletion->due_usec < due_usec[bit])
                due_usec[bit] = deletion->due_usec;
    }
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        struct deletion *deletion = &deletions->list.items[i];
        unsigned reasons = ahead;
        if (!follows(&snapshot->owed.items[i], deletion))
            continue;
        for (unsigned bit = 1; bit <= HOLD_DISABLED; bit <<= 1)
            reasons |= due_usec[bit] != USEC_NEVER && due_usec[bit] <= deletion->due_usec ? bit : 0;
        if (reasons && !texts[reasons])
            texts[reasons] = reasons_text("will await approval: ", reasons, facts->rules, deletions);
        if (reasons && !texts[reasons])
            return -ENOMEM;
        deletion->also = texts[reasons];
    }
    return 0;
}

/* D6: holds the set, or lets it go. */
static int hold(struct snapshot *snapshot, struct deletions *deletions, const struct deletion_facts *facts) {
    count_period(snapshot, facts->ledger, deletions);
    deletions->reasons = reasons_to_ask(snapshot, deletions, facts, false);
    if (!deletions->reasons)
        return 0;
    const char *reason = reasons_text("", deletions->reasons, facts->rules, deletions);
    if (!reason)
        return -ENOMEM;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        struct owed *owed = &snapshot->owed.items[i];
        struct deletion *deletion = &deletions->list.items[i];
        if (!in_set(owed, deletion, facts->ledger))
            continue;
        bool held_by_more = deletion->state == DELETION_IN_USE || deletion->state == DELETION_BLOCKED;
        owed->held = deletions->reasons;
        deletion->also = held_by_more ? deletion->reason : NULL;
        deletion->state = DELETION_AWAITING_APPROVAL;
        deletion->reason = reason;
        deletion->due_usec = USEC_NEVER;
    }
    return 0;
}

static int judge(struct snapshot *snapshot, const struct deletion_facts *facts, struct deletions *deletions) {
    owed_forget_sent(snapshot, facts->now.wall_usec, facts->rules->limit_period_usec);
    deletions->look_usec = USEC_NEVER;
    const char *unknown = NULL;
    if (snapshot->owed.count > 0 && unknown_files(facts->catalog, &deletions->arena, &unknown) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        struct deletion deletion;
        /* The refusals are younger than the answer: an answer begins their count anew. */
        if (refused_for_long(&snapshot->owed.items[i], facts->now.wall_usec))
            owed_lapse(&snapshot->owed.items[i], facts->now.wall_usec);
        if (judge_one(snapshot, &snapshot->owed.items[i], facts, unknown, &deletions->arena, &deletion) < 0 ||
            array_push(&deletions->list, deletion) < 0)
            return -ENOMEM;
    }
    int r = hold(snapshot, deletions, facts);
    if (r == 0)
        r = foresee(snapshot, facts, deletions);
    for (size_t i = 0; i < deletions->list.count; i++)
        if (deletions->list.items[i].due_usec < deletions->look_usec)
            deletions->look_usec = deletions->list.items[i].due_usec;
    owed_id(snapshot, deletions->id);
    return r;
}

int deletions_judge(struct snapshot *snapshot, const struct deletion_facts *facts, struct deletions **ret) {
    struct deletions *deletions = calloc(1, sizeof *deletions);
    if (!deletions)
        return -ENOMEM;
    int r = judge(snapshot, facts, deletions);
    if (r < 0)
        deletions_free(deletions);
    else
        *ret = deletions;
    return r;
}

struct deletions *deletions_free(struct deletions *deletions) {
    if (deletions) {
        array_free(&deletions->list);
        arena_free(&deletions->arena);
        free(deletions);
    }
    return NULL;
}
