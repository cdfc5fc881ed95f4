/* The language of golden plans: histories of a directory, a daemon and a broker, one command a line. Each command is
 * echoed; each turn of the daemon is followed by what it decided.
 *
 *     write FILE: CONTENT         CONTENT as in manifests.h
 *     remove FILE                 rename FILE TO                exchange FILE FILE
 *     lose | find                 the directory cannot be opened, can be opened again
 *     directory IDENTITY          another directory is there now
 *     after SECONDS               time passes                   clock SECONDS    the wall clock jumps
 *     prefix P | namespace N | manifests PATH                   as configured (restart to have an effect)
 *     cluster ID|none             the broker's cluster id of now
 *     enabled yes|no              grace SECONDS                 limit TOPICS SECONDS
 *     answers | slow SECONDS | refuses create|delete|ask | silent [SECONDS] | down
 *                                 how the broker takes requests from now on; "silent 5" carries them out after 5 s
 *     only ENDING                 … the bad ones of them only with topics whose names end so
 *     topic NAME | untopic NAME   the broker's topic is made, or taken away, by somebody else
 *     restart | stop | start      of the process
 *     look                        a turn with a scan            turn             a turn without one
 *     glance                      a turn that looks at what arrived alone, if it can
 *     unsaved | unsent            a turn with a scan, killed before it saves, or before it sends
 *     resync                      a turn with a scan that asks about every topic
 *     approve ID | deny ID        for the next turn; IDs are written id1, id2, … in the order of their appearance
 *     settle                      turns until nothing happens any more, then the broker's topics
 *     new                         another history: nothing of the last one is left */
#pragma once

#include "unit/support/broker.h"
#include "unit/support/world.h"

#include <stdio.h>

#define SCRIPT_IDS 32

struct script {
    struct world world;
    struct broker broker;
    struct buffer out;
    struct fate fates[OPERATION_ASK + 1];
    char ids[SCRIPT_IDS][17];
    size_t n_ids;
    struct world_answer answer;
    char texts[8][64]; /* of scope, cluster and directory */
    char only[32];
    bool running;
    uint64_t generation;
    const char *error; /* what is wrong with the script */
};

/* "id3" for the third ID that appeared. */
static inline const char *script_id(struct script *script, const char *id, char name[32]) {
    size_t i = 0;
    while (i < script->n_ids && strcmp(script->ids[i], id) != 0)
        i++;
    if (i == script->n_ids && i < SCRIPT_IDS)
        memcpy(script->ids[script->n_ids++], id, 17);
    snprintf(name, 32, "id%zu", i + 1);
    return name;
}

static inline void script_seconds(struct script *script, uint64_t usec) {
    usec -= usec > WORLD_START_USEC ? WORLD_START_USEC : usec;
    buffer_printf(&script->out, usec % USEC_PER_SEC ? "%.6f" : "%.0f", (double)usec / (double)USEC_PER_SEC);
}

static inline void script_list(struct script *script, const char *verb, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        buffer_printf(&script->out, "    %s %s\n", verb, names[i]);
}

static inline void script_print_rejected(struct script *script) {
    const struct catalog *catalog = script->world.catalog;
    for (size_t i = 0; i < catalog->rejected.count; i++) {
        const struct rejected_file *file = &catalog->rejected.items[i];
        for (size_t k = 0; k < file->n_errors; k++)
            buffer_printf(&script->out, "    rejected %s (%s): %s\n", file->name,
                          file->has_last_good ? "last good version counts" : "nothing known", file->errors[k].message);
    }
}

static inline void script_print_deletions(struct script *script) {
    const struct plan *plan = script->world.plan;
    for (size_t i = 0; i < plan->deletions.count; i++) {
        const struct planned_deletion *deletion = &plan->deletions.items[i];
        char name[32];
        buffer_printf(&script->out, "    owed %s: %s", deletion->topic, deletion_state_name(deletion->state));
        if (deletion->state == DELETION_AWAITING_APPROVAL)
            buffer_printf(&script->out, " %s", script_id(script, script->world.deletions->id, name));
        buffer_printf(&script->out, ", %s", deletion->reason);
        if (deletion->also)
            buffer_printf(&script->out, "; also: %s", deletion->also);
        if (deletion->due_usec != USEC_NEVER) {
            buffer_puts(&script->out, ", due at ");
            script_seconds(script, deletion->due_usec);
        }
        buffer_puts(&script->out, "\n");
    }
}

static inline void script_print(struct script *script) {
    const struct plan *plan = script->world.plan;
    buffer_puts(&script->out, "  at ");
    script_seconds(script, script->world.now.monotonic_usec);
    if (script->world.snapshot->generation != script->generation)
        buffer_printf(&script->out, ", generation %llu",
                      (unsigned long long)(script->generation = script->world.snapshot->generation));
    buffer_puts(&script->out, "\n");
    script_print_rejected(script);
    script_list(script, "create", plan->create.items, plan->create.count);
    script_list(script, "ask", plan->ask.items, plan->ask.count);
    script_list(script, "delete", plan->delete.items, plan->delete.count);
    script_print_deletions(script);
    for (size_t i = 0; i < plan->failed.count; i++)
        buffer_printf(&script->out, "    failed %s: %s\n", plan->failed.items[i].topic, plan->failed.items[i].error);
}

static inline void script_answered(void *userdata, enum operation operation, const struct topic_result *result) {
    struct script *script = userdata;
    if (script->running)
        ledger_answer(&script->world.ledger, operation, result, script->world.now.monotonic_usec);
}

static inline struct fate script_fate(const struct script *script, enum operation operation, const char *topic) {
    size_t length = strlen(topic), ending = strlen(script->only);
    bool ends = length >= ending && strcmp(topic + length - ending, script->only) == 0;
    return ends ? script->fates[operation] : (struct fate){0};
}

static inline void script_send(struct script *script, enum operation operation, const char *const *names,
                               size_t count) {
    for (size_t i = 0; i < count; i++) {
        ledger_sent(&script->world.ledger, names[i], operation);
        broker_send(&script->broker, operation, names[i], script_fate(script, operation, names[i]),
                    script->world.now.monotonic_usec);
    }
}

static inline void script_turn(struct script *script, bool look, bool save, bool send, bool quiet) {
    struct world *world = &script->world;
    broker_advance(&script->broker, world->now.monotonic_usec);
    world_think(world, look, &script->answer, save);
    if (script->answer.id && script->answer.result != 0)
        buffer_puts(&script->out, "  no set of this id awaits an answer\n");
    script->answer = (struct world_answer){0};
    if (!quiet)
        script_print(script);
    if (world->cluster && send) {
        const struct plan *plan = world->plan;
        script_send(script, OPERATION_CREATE, plan->create.items, plan->create.count);
        script_send(script, OPERATION_ASK, plan->ask.items, plan->ask.count);
        script_send(script, OPERATION_DELETE, plan->delete.items, plan->delete.count);
        broker_advance(&script->broker, world->now.monotonic_usec);
    }
}

static inline void script_stop(struct script *script) {
    broker_hang_up(&script->broker, true);
    world_kill(&script->world);
    script->running = false;
}

static inline void script_start(struct script *script) {
    world_start(&script->world);
    script->running = true;
}

static inline void script_settle(struct script *script) {
    for (int i = 0; i < 14; i++) {
        script_turn(script, true, true, true, true);
        world_pass(&script->world, i < 10 ? 12 * USEC_PER_SEC : USEC_PER_SEC);
    }
    struct broker *broker = &script->broker;
    if (broker->topics.count > 1)
        qsort(broker->topics.items, broker->topics.count, sizeof *broker->topics.items, compare_texts);
    buffer_puts(&script->out, "  topics:");
    for (size_t i = 0; i < broker->topics.count; i++)
        buffer_printf(&script->out, " %s", broker->topics.items[i]);
    buffer_puts(&script->out, broker->topics.count ? "\n" : " none\n");
    script_print_rejected(script);
    script_print_deletions(script);
}

static inline void script_begin(struct script *script) {
    struct world *world = &script->world;
    *world = (struct world){.directory = "dir1", .cluster = "A"};
    world->now = (struct moment){WORLD_START_USEC, WORLD_WALL_USEC};
    world->rules = (struct deletion_rules){true, 10 * USEC_PER_SEC, 20, 600 * USEC_PER_SEC};
    world->scope = (struct scope){.prefix = "seldon", .namespace = "ns", .manifests = "/etc/topicd/manifests.d"};
    script->broker = (struct broker){.answered = script_answered, .userdata = script};
    memset(script->fates, 0, sizeof script->fates);
    script->only[0] = '\0';
    script->generation = 0;
    script_start(script);
}

static inline void script_end(struct script *script) {
    broker_free(&script->broker);
    world_free(&script->world);
}
