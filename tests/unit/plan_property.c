/* Draws random histories and holds every decision against a naive model of D1 to D6 (support/naive.h), M6, M7, S1 and
 * L5; at the end of each the broker's topics must be what the contract says.
 *
 *     PLAN_SEED=N        replays one history and shows it
 *     PLAN_HISTORIES=N   how many are drawn */
#include "unit/support/cmocka.h"
#include "unit/support/history.h"

enum { HISTORIES = 4000, TURNS = 60 };

/* ---- what happens outside ---- */

/* Mostly each file has resources of its own; now and then two files want the same one. */
static unsigned any_identity(struct history *h, unsigned file) {
    return chance(h, 15) ? below(h, IDENTITIES) : (file + NAIVE_FILES * below(h, 2)) % IDENTITIES;
}

static void any_text(struct history *h, unsigned file, char text[256]) {
    unsigned wanted = 1 + below(h, 3), set = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < wanted; i++)
        set |= 1u << any_identity(h, file);
    for (unsigned id = 0; id < IDENTITIES; id++) {
        char name[16], uses[32] = "";
        if (!has(set, id))
            continue;
        if (id >= MODELS && chance(h, 70))
            snprintf(uses, sizeof uses, " uses m%u%s", below(h, MODELS), chance(h, 30) ? ",pipeline.p1" : "");
        snprintf(name, sizeof name, id < MODELS ? "Model m%u" : "Pipeline p%u", id < MODELS ? id : id - MODELS);
        size_t length = strlen(text);
        snprintf(text + length, 256 - length, "%s%s%s%s", length ? "; " : "", name, chance(h, 75) ? " clean" : "",
                 uses);
    }
}

static void write_file(struct history *h) {
    unsigned file = below(h, NAIVE_FILES);
    char text[256];
    any_text(h, file, text);
    history_say(h, "write %s: %s", file_name(file), text);
    world_write(&h->world, file_name(file), text);
}

static const char *some_file(struct history *h) {
    return h->world.n_files ? h->world.files[below(h, (unsigned)h->world.n_files)].name : NULL;
}

static void spoil_file(struct history *h, const char *text) {
    const char *file = some_file(h);
    if (!file)
        return;
    history_say(h, "write %s: %s", file, text);
    char name[24];
    snprintf(name, sizeof name, "%s", file);
    world_write(&h->world, name, text);
}

static void remove_file(struct history *h) {
    const char *file = some_file(h);
    if (!file)
        return;
    history_say(h, "remove %s", file);
    char name[24];
    snprintf(name, sizeof name, "%s", file);
    world_remove(&h->world, name);
}

static void move_file(struct history *h) {
    const char *file = some_file(h), *to = file_name(below(h, NAIVE_FILES));
    if (!file || strcmp(file, to) == 0)
        return;
    char name[24];
    snprintf(name, sizeof name, "%s", file);
    bool exchange = world_has_file(&h->world, to) && chance(h, 70);
    history_say(h, "%s %s %s", exchange ? "exchange" : "rename", name, to);
    if (exchange)
        world_exchange(&h->world, name, to);
    else
        world_rename(&h->world, name, to);
}

static void change_directory(struct history *h) {
    static const char *const directories[] = {"dir1", "dir2", "dir3"};
    h->world.directory = directories[below(h, 3)];
    history_say(h, "directory %s", h->world.directory);
    for (unsigned i = below(h, 4); i > 0; i--)
        remove_file(h);
}

/* The session is closed: whatever is in flight ends so. */
static void lose_answers(struct ledger *ledger, uint64_t now_usec) {
    for (size_t i = 0; i < ledger->topics.count; i++) {
        struct topic *topic = &ledger->topics.items[i];
        if (topic->in_flight != OPERATION_NONE)
            ledger_answer(ledger, topic->in_flight,
                          &(struct topic_result){.topic = topic->name, .outcome = OUTCOME_UNKNOWN}, now_usec);
    }
}

static void change_cluster(struct history *h) {
    unsigned cluster = below(h, 3);
    broker_disconnect(&h->brokers[h->cluster]);
    if (h->cluster != (cluster == 1))
        h->unsure[0] = h->unsure[1] = 0; /* nothing is remembered of another cluster */
    h->cluster = cluster == 1;
    h->world.cluster = cluster == 2 ? NULL : h->cluster ? "B" : "A";
    lose_answers(&h->world.ledger, h->world.now.monotonic_usec);
    history_say(h, "cluster %s", h->world.cluster ? h->world.cluster : "none");
}

static void meddle(struct history *h) {
    struct broker *broker = &h->brokers[h->cluster];
    if (broker->topics.count == 0)
        return;
    char *topic = strdup(broker->topics.items[below(h, (unsigned)broker->topics.count)]);
    if (topic_bit(topic)) {
        history_say(h, "untopic %s", topic);
        broker_remove(broker, topic);
    }
    free(topic);
}

static void something_happens(struct history *h) {
    unsigned die = below(h, 100);
    if (die < 30)
        write_file(h);
    else if (die < 50)
        remove_file(h);
    else if (die < 57)
        spoil_file(h, "broken");
    else if (die < 60)
        spoil_file(h, "");
    else if (die < 70)
        move_file(h);
    else if (die < 75)
        history_lose(h, true);
    else if (die < 79)
        change_directory(h);
    else if (die < 82)
        change_cluster(h);
    else if (die < 85)
        history_say(h, "enabled %s", (h->world.rules.enabled = !h->world.rules.enabled) ? "yes" : "no");
    else if (die < 88)
        meddle(h);
    else if (die < 91)
        history_clock(h, chance(h, 50), below(h, 2) ? DAY_USEC : 20 * USEC_PER_SEC);
    else
        h->trouble = chance(h, 50) ? 0 : below(h, 100);
}

static void time_passes(struct history *h) {
    static const uint64_t steps[] = {1,
                                     100 * USEC_PER_MSEC,
                                     USEC_PER_SEC,
                                     9 * USEC_PER_SEC,
                                     10 * USEC_PER_SEC,
                                     11 * USEC_PER_SEC,
                                     11 * USEC_PER_SEC,
                                     30 * USEC_PER_SEC,
                                     61 * USEC_PER_SEC,
                                     101 * USEC_PER_SEC};
    uint64_t usec = chance(h, 3)   ? 25 * HOUR_USEC
                    : chance(h, 4) ? 1001 * USEC_PER_SEC
                                   : steps[below(h, sizeof steps / sizeof *steps)];
    history_say(h, "after %llu us", (unsigned long long)usec);
    world_pass(&h->world, usec);
}

static void restart(struct history *h) {
    static const char *const prefixes[] = {"seldon", "other"};
    history_say(h, "restart");
    history_kill(h);
    if (chance(h, 10))
        world_pass(&h->world, 25 * HOUR_USEC);
    if (chance(h, 10)) {
        h->world.scope.prefix = prefixes[below(h, 2)];
        history_say(h, "prefix %s", h->world.scope.prefix);
        history_rewrite(h);
    }
    history_start(h);
}

/* ---- the end ---- */

/* Repairs what is broken, and what two files claim stays in the first of them. */
static void repair(struct history *h) {
    unsigned all = 0;
    h->world.lost = false;
    h->trouble = 0;
    for (unsigned f = 0; f < NAIVE_FILES; f++) {
        if (!world_has_file(&h->world, file_name(f)))
            continue;
        const struct resources *now = h->world.files[world_file_index(&h->world, file_name(f))].manifest->resources;
        if (!now || now->count == 0 || holds(now) & all) {
            history_say(h, "remove %s", file_name(f));
            world_remove(&h->world, file_name(f));
        } else {
            all |= holds(now);
        }
    }
    if (!h->world.cluster)
        h->world.cluster = h->cluster ? "B" : "A";
}

static void come_to_rest(struct history *h) {
    h->world.glances = false;
    for (unsigned i = 0; i < 60; i++) {
        if (i % 10 == 9)
            ledger_ask_all(&h->world.ledger);
        history_turn(h, true, chance(h, 70) ? ANSWER_APPROVE : ANSWER_NONE, DEATH_NONE);
        world_pass(&h->world, i % 20 == 10 ? 1001 * USEC_PER_SEC : 11 * USEC_PER_SEC);
    }
    history_turn(h, true, ANSWER_APPROVE, DEATH_NONE);
}

/* Whether somebody has needed topics of the identity since it was owed last: they are its own no more. */
static bool needed_since(const struct naive *naive, unsigned id) {
    for (size_t i = naive->turns.count; i-- > gone_in(naive, id) && !has(naive->turns.items[i].owed, id);)
        if (naive->turns.items[i].needed >> 2 * id & 3)
            return true;
    return false;
}

/* What is needed exists; what a person wanted gone is gone. (That nothing else was touched is checked at each
 * deletion.) */
static void check_topics(struct history *h) {
    const struct broker *broker = &h->brokers[h->cluster];
    const struct desired *desired = h->world.desired;
    for (size_t i = 0; i < desired->topics.count; i++)
        if (!broker_has(broker, desired_topic(desired, i)))
            history_fail(h, "T2: at the end a topic is missing", desired_topic(desired, i));
    for (unsigned id = 0; id < IDENTITIES; id++) {
        if (!naive_owes(&h->naive, id) || naive_last(&h->naive)->needed >> 2 * id & 3 || needed_since(&h->naive, id))
            continue;
        for (unsigned k = 0; k < 2; k++)
            if (broker_has(broker, history_topic(h, id, k)))
                history_fail(h, "D1: at the end a topic is there that was to be deleted", history_topic(h, id, k));
    }
    if (!broker_has(&h->brokers[0], "unrelated"))
        history_fail(h, "an unrelated topic is gone", "unrelated");
}

static void run_history(uint64_t seed, bool show) {
    struct history *h = history_new(seed, show);
    for (unsigned i = 0; i < TURNS; i++) {
        for (unsigned k = chance(h, 60) ? below(h, 4) : 0; k > 0; k--)
            something_happens(h);
        if (h->world.lost && chance(h, 30))
            history_lose(h, false);
        time_passes(h);
        if (chance(h, 4))
            restart(h);
        enum answer answer = chance(h, 70)   ? ANSWER_NONE
                             : chance(h, 50) ? ANSWER_APPROVE
                             : chance(h, 50) ? ANSWER_DENY
                                             : ANSWER_WRONG;
        enum death death = chance(h, 3) ? DEATH_UNSAVED : chance(h, 3) ? DEATH_UNSENT : DEATH_NONE;
        h->world.glances = chance(h, 30);
        history_turn(h, chance(h, 80), answer, death);
    }
    repair(h);
    come_to_rest(h);
    check_topics(h);
    history_free(h);
}

static void D1_to_D6_hold_in_every_history(void **state) {
    (void)state;
    const char *one = getenv("PLAN_SEED"), *many = getenv("PLAN_HISTORIES");
    if (one) {
        run_history(strtoull(one, NULL, 10), true);
        return;
    }
    for (uint64_t seed = 1, count = many ? strtoull(many, NULL, 10) : HISTORIES; seed <= count; seed++)
        run_history(seed, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(D1_to_D6_hold_in_every_history)};
    return cmocka_run_group_tests_name("plan_property", tests, NULL, NULL);
}
