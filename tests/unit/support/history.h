/* A random history: the world, two clusters, the naive model beside them, and what happens in one turn. */
#pragma once

#include "unit/support/broker.h"
#include "unit/support/cmocka.h"
#include "unit/support/naive_note.h"

#include <stdio.h>

enum { SPENT_IDS = 128 };

enum answer { ANSWER_NONE, ANSWER_APPROVE, ANSWER_DENY, ANSWER_WRONG };
enum death { DEATH_NONE, DEATH_UNSAVED, DEATH_UNSENT };

struct history {
    uint64_t seed, random;
    bool show;
    struct world world;
    struct broker brokers[2];
    unsigned cluster; /* index of the broker that is there */
    unsigned trouble; /* how often, in percent, a request fares badly */
    struct naive naive;
    struct note note;
    unsigned unsure[2]; /* topics whose creation or deletion has an unknown outcome, until the controller was asked */
    char spent[SPENT_IDS][17];
    size_t n_spent;
    struct arena arena;
};

static inline uint64_t draw(struct history *h) {
    uint64_t x = h->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline unsigned below(struct history *h, unsigned limit) {
    return (unsigned)(draw(h) % limit);
}

static inline bool chance(struct history *h, unsigned percent) {
    return below(h, 100) < percent;
}

__attribute__((format(printf, 2, 3))) static inline void history_say(struct history *h, const char *format, ...) {
    if (!h->show)
        return;
    va_list args;
    va_start(args, format);
    fprintf(stderr, "> ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
}

static inline void history_fail(struct history *h, const char *what, const char *about) {
    fail_msg("PLAN_SEED=%llu, turn %zu: %s%s%s", (unsigned long long)h->seed, h->naive.turns.count, what,
             about ? ": " : "", about ? about : "");
}

static inline const char *history_topic(struct history *h, unsigned id, unsigned k) {
    return arena_printf(&h->arena, "%s.ns.%s%u.%s", h->world.scope.prefix, id < MODELS ? "model.m" : "pipeline.p",
                        id < MODELS ? id : id - MODELS, k ? "outputs" : "inputs");
}

static inline void history_clock(struct history *h, bool back, uint64_t usec) {
    history_say(h, "clock %s%llu us", back ? "-" : "+", (unsigned long long)usec);
    h->world.now.wall_usec += back ? -usec : usec;
}

static inline void history_lose(struct history *h, bool lost) {
    history_say(h, lost ? "lose" : "find");
    h->world.lost = lost;
}

/* ---- the process and its broker ---- */

static inline void history_answered(void *userdata, enum operation operation, const struct topic_result *result) {
    struct history *h = userdata;
    unsigned bit = topic_bit(result->topic), *unsure = &h->unsure[h->cluster];
    ledger_answer(&h->world.ledger, operation, result, h->world.now.monotonic_usec);
    history_say(h, "  answer %d to %d of %s", (int)result->outcome, (int)operation, result->topic);
    if (operation == OPERATION_DELETE && result->outcome == OUTCOME_REFUSED)
        h->note.refused |= bit;
    if (operation == OPERATION_ASK && (result->outcome == OUTCOME_DONE || result->outcome == OUTCOME_EXISTS))
        *unsure &= ~bit;
    else if (operation != OPERATION_ASK && result->outcome == OUTCOME_UNKNOWN)
        *unsure |= bit;
}

static inline struct fate any_fate(struct history *h, enum operation operation) {
    struct fate fate = {.answer_usec = chance(h, 30) ? 15 * USEC_PER_SEC : 0};
    if (!chance(h, h->trouble))
        return fate;
    unsigned die = below(h, 3);
    fate.outcome = die == 0 && operation != OPERATION_ASK ? OUTCOME_REFUSED
                   : die == 1                             ? OUTCOME_NOT_SENT
                                                          : OUTCOME_UNKNOWN;
    fate.carry_out_usec = chance(h, 30) ? USEC_NEVER : below(h, 40) * USEC_PER_SEC;
    return fate;
}

static inline void history_start(struct history *h) {
    world_start(&h->world);
    h->note = (struct note){.process = h->note.process + 1, .old_process = h->world.old};
    h->unsure[0] = h->unsure[1] = 0;
}

static inline void history_kill(struct history *h) {
    for (unsigned i = 0; i < 2; i++)
        broker_hang_up(&h->brokers[i], chance(h, 50));
    world_kill(&h->world);
}

/* Another prefix: the same files say something else. */
static inline void history_rewrite(struct history *h) {
    for (size_t i = 0; i < h->world.n_files; i++) {
        struct manifest *old = h->world.files[i].manifest;
        struct buffer text = {0};
        for (size_t k = 0; old->resources && k < old->resources->count; k++) {
            const struct resource *resource = &old->resources->items[k];
            buffer_printf(&text, "%s%s %s%s", k ? "; " : "", resource_kind_name(resource->kind), resource->name,
                          resource->clean ? " clean" : "");
        }
        h->world.files[i].manifest = make_manifest(h->world.scope.prefix, !old->resources ? "broken"
                                                                          : text.data     ? text.data
                                                                                          : "");
        buffer_free(&text);
        manifest_unref(old);
    }
}

static inline void send_all(struct history *h, enum operation operation, const char *const *topics, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (broker_busy(&h->brokers[h->cluster], topics[i]))
            history_fail(h, "L5: a topic has two requests in flight", topics[i]);
        if (operation != OPERATION_ASK && h->unsure[h->cluster] & topic_bit(topics[i]))
            history_fail(h, "L5: something is sent after an unknown outcome, before the controller was asked",
                         topics[i]);
        history_say(h, "  send %d of %s", (int)operation, topics[i]);
        ledger_sent(&h->world.ledger, topics[i], operation);
        broker_send(&h->brokers[h->cluster], operation, topics[i], any_fate(h, operation), h->world.now.monotonic_usec);
    }
}

/* S1: what is not on the disk is not sent. */
static inline void check_saved(struct history *h) {
    const struct plan *plan = h->world.plan;
    const struct snapshot *disk = h->world.disk;
    struct desired *saved;
    const struct use *use;
    assert_int_equal(desired_new(disk, &saved), 0);
    for (size_t i = 0; i < plan->create.count; i++)
        if (!desired_uses(saved, plan->create.items[i], &use))
            history_fail(h, "S1: a topic is created that the snapshot does not need", plan->create.items[i]);
    for (size_t i = 0; i < plan->delete.count; i++) {
        bool noted = false, owed = false;
        for (size_t k = 0; k < disk->sent.count; k++)
            noted = noted || strcmp(disk->sent.items[k].topic, plan->delete.items[i]) == 0;
        for (size_t k = 0; k < disk->owed.count; k++)
            owed = owed || strcmp(disk->owed.items[k].topics[0], plan->delete.items[i]) == 0 ||
                   strcmp(disk->owed.items[k].topics[1], plan->delete.items[i]) == 0;
        if (!noted || !owed || !disk->scope.cluster_id || strcmp(disk->scope.cluster_id, h->world.cluster) != 0 ||
            desired_uses(saved, plan->delete.items[i], &use))
            history_fail(h, "S1: a deletion is sent that the snapshot does not know", plan->delete.items[i]);
    }
    desired_free(saved);
}

/* ---- a turn ---- */

static inline unsigned deletions_in_flight(const struct history *h) {
    const struct broker *broker = &h->brokers[h->cluster];
    unsigned topics = 0;
    for (size_t i = 0; i < broker->requests.count; i++) {
        const struct broker_request *request = &broker->requests.items[i];
        if (request->operation == OPERATION_DELETE && !request->answered && !request->abandoned)
            topics |= topic_bit(request->topic);
    }
    return identities_of_topics(topics);
}

static inline struct world_answer any_answer(struct history *h, enum answer answer) {
    static const char *const wrong[] = {"", "0", "000000000000", "ffffffffffff"};
    const char *id = h->world.deletions ? h->world.deletions->id : "";
    char revocable[17];
    owed_revocable_id(h->world.snapshot, &h->world.ledger, revocable);
    if (answer == ANSWER_DENY && revocable[0] && (!id[0] || chance(h, 50)))
        return (struct world_answer){.id = arena_strdup(&h->arena, revocable)};
    if (answer == ANSWER_WRONG)
        id = h->n_spent && chance(h, 80) ? h->spent[below(h, (unsigned)h->n_spent)] : wrong[below(h, 4)];
    if (answer == ANSWER_NONE || (answer != ANSWER_WRONG && !id[0]))
        return (struct world_answer){0};
    return (struct world_answer){.id = arena_strdup(&h->arena, id), .approve = answer != ANSWER_DENY && chance(h, 90)};
}

/* The two sets that a person has a word in: those that await approval, and those that were approved. */
struct open_sets {
    unsigned held, revocable; /* identities */
    char id[17], revocable_id[17];
};

static inline struct open_sets find_sets(const struct history *h) {
    struct open_sets sets = {0};
    const struct snapshot *snapshot = h->world.snapshot;
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        const struct owed *owed = &snapshot->owed.items[i];
        unsigned bit = 1u << identity_of(owed->name);
        sets.held |= owed->held ? bit : 0;
        sets.revocable |= owed_is_revocable(snapshot, &h->world.ledger, owed) ? bit : 0;
    }
    owed_id(snapshot, sets.id);
    owed_revocable_id(snapshot, &h->world.ledger, sets.revocable_id);
    return sets;
}

static inline void note_answer(struct history *h, const struct world_answer *answer, const struct open_sets *sets) {
    bool revokes = answer->id && !answer->approve && strcmp(answer->id, sets->id) != 0;
    const char *id = revokes ? sets->revocable_id : sets->id;
    unsigned held = revokes ? sets->revocable : sets->held;
    h->note.answered = answer->id && answer->result == 0;
    h->note.approved = h->note.answered && answer->approve ? held : 0;
    h->note.denied = h->note.answered && !answer->approve ? held : 0;
    if (!answer->id)
        return;
    history_say(h, "%s %s: %d", answer->approve ? "approve" : "deny", answer->id, answer->result);
    if (answer->result == 0 && strcmp(answer->id, id) != 0)
        history_fail(h, "D6: an answer with another id is taken", answer->id);
    if (answer->result == 0 && h->n_spent < SPENT_IDS)
        memcpy(h->spent[h->n_spent++], id, 17);
}

static inline void show_decision(const struct history *h) {
    for (size_t i = 0; h->show && i < h->world.plan->deletions.count; i++) {
        const struct planned_deletion *deletion = &h->world.plan->deletions.items[i];
        fprintf(stderr, "  owed %s: %s, %s\n", deletion->topic, deletion_state_name(deletion->state), deletion->reason);
    }
}

static inline void check_decision(struct history *h, unsigned in_flight) {
    unsigned reasons = 0;
    const char *wrong = naive_note(&h->naive, &h->world, &h->note);
    if (!wrong)
        wrong = naive_check(&h->naive, &h->world, in_flight, &reasons);
    if (wrong)
        history_say(h, "decided for reasons %#x, not %#x", h->world.deletions->reasons, reasons);
    if (wrong)
        history_fail(h, wrong, NULL);
    for (size_t i = 0; i < h->n_spent; i++)
        if (strcmp(h->spent[i], h->world.deletions->id) == 0)
            history_fail(h, "D6: a spent id is back", h->spent[i]);
    check_saved(h);
}

static inline void history_turn(struct history *h, bool look, enum answer kind, enum death death) {
    for (unsigned i = 0; i < 2; i++)
        broker_advance(&h->brokers[i], h->world.now.monotonic_usec);
    struct world_answer answer = any_answer(h, kind);
    unsigned in_flight = deletions_in_flight(h);
    struct open_sets sets = find_sets(h);
    world_think(&h->world, look, &answer, death != DEATH_UNSAVED);
    history_say(h, "turn %zu at %llu us: %s%s", h->naive.turns.count, (unsigned long long)h->world.now.monotonic_usec,
                h->world.looked ? "looked" : "",
                death == DEATH_UNSAVED  ? ", killed unsaved"
                : death == DEATH_UNSENT ? ", killed unsent"
                                        : "");
    show_decision(h);
    if (death != DEATH_UNSAVED) {
        note_answer(h, &answer, &sets);
        if (h->note.denied & in_flight)
            history_fail(h, "L5: a deletion is forgotten whose request is under way", answer.id);
        check_decision(h, in_flight);
        h->note.refused = 0;
    }
    if (death != DEATH_NONE) {
        history_kill(h);
        history_start(h);
    } else if (h->world.cluster) {
        send_all(h, OPERATION_CREATE, h->world.plan->create.items, h->world.plan->create.count);
        send_all(h, OPERATION_ASK, h->world.plan->ask.items, h->world.plan->ask.count);
        send_all(h, OPERATION_DELETE, h->world.plan->delete.items, h->world.plan->delete.count);
    }
}

static inline struct history *history_new(uint64_t seed, bool show) {
    struct history *h = calloc(1, sizeof *h);
    assert_non_null(h);
    h->seed = h->random = seed;
    h->show = show;
    h->world.now = (struct moment){WORLD_START_USEC, WORLD_WALL_USEC};
    h->world.rules = (struct deletion_rules){true, 10 * USEC_PER_SEC, 4 + 8 * below(h, 3),
                                             (chance(h, 50) ? 600 : 30) * USEC_PER_SEC};
    h->naive.rules = h->world.rules;
    h->world.scope = (struct scope){.prefix = "seldon", .namespace = "ns", .manifests = "/m"};
    h->world.directory = "dir1";
    h->world.cluster = chance(h, 80) ? "A" : NULL;
    for (unsigned i = 0; i < 2; i++) {
        h->brokers[i].answered = history_answered;
        h->brokers[i].userdata = h;
    }
    broker_create(&h->brokers[0], "unrelated");
    history_start(h);
    return h;
}

static inline void history_free(struct history *h) {
    world_free(&h->world);
    for (unsigned i = 0; i < 2; i++)
        broker_free(&h->brokers[i]);
    for (size_t i = 0; i < h->naive.manifests.count; i++)
        manifest_unref(h->naive.manifests.items[i]);
    for (size_t i = 0; i < h->naive.resources.count; i++)
        resources_unref(h->naive.resources.items[i]);
    array_free(&h->naive.manifests);
    array_free(&h->naive.resources);
    array_free(&h->naive.turns);
    arena_free(&h->arena);
    free(h);
}
