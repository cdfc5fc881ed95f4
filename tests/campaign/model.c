#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A look begins a little before the trace can tell. */
#define SLACK_USEC 100000

void model_init(struct model *model, const struct contents *contents, const struct timeline *timeline,
                struct rules rules) {
    *model = (struct model){.contents = contents, .timeline = timeline, .rules = rules};
    model->worlds = need(calloc(WORLDS_MAX, sizeof *model->worlds));
    model->count = 1;
    model->worlds[0].saved.scope = -1;
    for (int f = 0; f < FILES; f++)
        model->worlds[0].saved.standing[f] = ABSENT;
}

void model_free(struct model *model) {
    free(model->worlds);
    model->worlds = NULL;
}

/* ---- topics ---- */

unsigned topics_needed(const struct contents *contents, const int standing[FILES]) {
    unsigned topics = 0;
    for (int f = 0; f < FILES; f++) {
        const struct content *c = standing[f] == ABSENT ? NULL : &contents->items[standing[f]];
        for (int id = 0; c && c->kind == CONTENT_GOOD && id < IDS; id++) {
            if (!(c->ids >> id & 1))
                continue;
            topics |= 3u << 2 * id;
            if (id < MODELS)
                continue;
            topics |= 1u << ERRORS;
            for (int used = 0; used < MODELS; used++)
                if (c->uses[id - MODELS] >> used & 1)
                    topics |= 3u << 2 * used;
        }
    }
    return topics;
}

void topic_name(const struct model *model, int scope, int bit, char *out, size_t size) {
    int id = bit / 2;
    if (bit == ERRORS)
        snprintf(out, size, "%serrors.errors", model->prefixes[scope]);
    else
        snprintf(out, size, "%s%s%d.%s", model->prefixes[scope], id < MODELS ? "model.m" : "pipeline.p",
                 id < MODELS ? id : id - MODELS, bit & 1 ? "outputs" : "inputs");
}

int topic_bit(const struct model *model, int scope, const char *topic) {
    char name[128];
    for (int bit = 0; bit < TOPICS; bit++) {
        topic_name(model, scope, bit, name, sizeof name);
        if (strcmp(name, topic) == 0)
            return bit;
    }
    return -1;
}

/* ---- worlds ---- */

static void lose(struct model *model) {
    model->lost = true;
}

void add_world(struct model *model, const struct world *world) {
    for (size_t i = 0; i < model->count; i++)
        if (memcmp(&model->worlds[i], world, sizeof *world) == 0)
            return;
    if (model->count == WORLDS_MAX)
        lose(model);
    else
        model->worlds[model->count++] = *world;
}

/* Takes all worlds out of the model, to put others in. The caller frees them. */
static struct world *take_worlds(struct model *model, size_t *ret_count) {
    struct world *before = need(malloc((model->count + 1) * sizeof *before));
    memcpy(before, model->worlds, model->count * sizeof *before);
    *ret_count = model->count;
    model->count = 0;
    return before;
}

static void forget_scope(struct memory *memory, int scope) {
    memset(memory, 0, sizeof *memory); /* padding too: worlds are compared as bytes */
    memory->scope = scope;
    for (int f = 0; f < FILES; f++)
        memory->standing[f] = ABSENT;
}

static void start_world(struct world *world, int scope, uint64_t time) {
    world->now = world->saved;
    if (world->saved.scope != scope)
        forget_scope(&world->now, scope);
    world->look = 0;
    world->arrived = false;
    world->changed = time;
    for (int f = 0; f < FILES; f++) {
        world->view[f] = ABSENT;
        world->rejected[f] = false;
    }
    memset(world->gone_first, 0, sizeof world->gone_first);
}

void model_start(struct model *model, int scope, uint64_t time) {
    size_t count;
    struct world *before = take_worlds(model, &count);
    model->scope = scope;
    model->look_begin = model->looked = model->glance_begin = 0;
    model->saved_since_look = model->saving = model->putting_aside = false;
    for (size_t i = 0; i < count; i++) {
        start_world(&before[i], scope, time);
        add_world(model, &before[i]);
    }
    free(before);
}

static void save_world(struct world *world) {
    world->saved = world->now;
}

static void put_aside(struct world *world) {
    forget_scope(&world->saved, -1);
}

static void each(struct model *model, void (*change)(struct world *), bool keep_too) {
    size_t count;
    struct world *before = take_worlds(model, &count);
    for (size_t i = 0; i < count; i++) {
        if (keep_too)
            add_world(model, &before[i]);
        change(&before[i]);
        add_world(model, &before[i]);
    }
    free(before);
}

/* What was about to be sent may stand in the snapshot as sent. */
static void note_maybe_sent(struct world *world) {
    for (int id = 0; id < IDS; id++)
        if (world->saved.owed >> id & 1)
            world->saved.maybe_sent |= 3u << 2 * id;
}

/* A renaming that was begun may have been done. */
void model_death(struct model *model) {
    if (model->saving)
        each(model, save_world, true);
    if (model->putting_aside)
        each(model, put_aside, true);
    each(model, note_maybe_sent, false);
    model->saving = model->putting_aside = false;
    model->look_begin = model->glance_begin = 0;
}

/* ---- looks ---- */

/* All that a look may have seen: each file as it was in any state of that time, or broken if it changed then. */
static void look_from(struct model *model, const struct world *before, size_t from, size_t to, int view[FILES], int f) {
    if (f == FILES) {
        judge(model, before, view);
        return;
    }
    int tried[16], n = 0;
    bool changed = false;
    for (size_t s = from; s <= to; s++) {
        int content = model->timeline->items[s].content[f];
        bool known = false;
        for (int i = 0; i < n; i++)
            known = known || tried[i] == content;
        changed = changed || content != model->timeline->items[from].content[f];
        if (!known && n < 14)
            tried[n++] = content;
        else if (!known)
            lose(model);
    }
    if (changed)
        tried[n++] = 0; /* contents[0] is a broken one */
    for (int i = 0; i < n; i++) {
        view[f] = tried[i];
        look_from(model, before, from, to, view, f + 1);
    }
}

/* What a fault makes of a look: nothing at all, or a file that cannot be read. */
static void look_with_fault(struct model *model, const struct world *before, size_t state) {
    int view[FILES];
    add_world(model, before);
    for (int f = 0; f < FILES; f++) {
        memcpy(view, model->timeline->items[state].content, sizeof view);
        if (view[f] == ABSENT)
            continue;
        view[f] = 0;
        judge(model, before, view);
    }
}

/* The states of the directory that somebody may have seen from `begin` to `end`. */
static void find_states(const struct timeline *timeline, uint64_t begin, uint64_t end, size_t *ret_from,
                        size_t *ret_to) {
    size_t from = 0, to;
    while (from + 1 < timeline->count && timeline->items[from + 1].end < begin)
        from++;
    for (to = from; to + 1 < timeline->count && timeline->items[to + 1].begin <= end; to++)
        ;
    *ret_from = from;
    *ret_to = to;
}

/* A file that arrived may have been acted upon before the next look, or not. */
static void glance(struct model *model, uint64_t end) {
    size_t from, to, count;
    int file = model->glance_file;
    find_states(model->timeline, model->glance_begin, end, &from, &to);
    struct world *before = take_worlds(model, &count);
    for (size_t i = 0; i < count; i++) {
        add_world(model, &before[i]);
        for (size_t s = from; s <= to; s++)
            judge_arrival(model, &before[i], file, model->timeline->items[s].content[file]);
    }
    free(before);
}

static void look(struct model *model, uint64_t end) {
    size_t from, to, count;
    find_states(model->timeline, model->look_begin, end, &from, &to);
    struct world *before = take_worlds(model, &count);
    for (size_t i = 0; i < count && !model->lost; i++) {
        int view[FILES];
        look_from(model, &before[i], from, to, view, 0);
        if (model->faulty)
            look_with_fault(model, &before[i], to);
    }
    free(before);
    model->looked = model->look_begin;
    model->saved_since_look = false;
    model->looks++;
}

/* ---- deletions ---- */

static const char *too_early(const struct model *model, const struct world *world, int id) {
    uint64_t first = world->gone_first[id], rest = model->rules.grace_usec;
    if (first == 0 || world->look <= first)
        return "D2: deleted before two looks found it gone";
    if (world->view[world->now.file_of[id]] != ABSENT)
        rest *= 10;
    if (rest && world->look + SLACK_USEC < world->changed + rest && world->look + SLACK_USEC < first + 10 * rest)
        return "D2: deleted before the grace period was over";
    return NULL;
}

/* Why this world does not allow the deletion, or NULL. */
static const char *forbidden(const struct model *model, const struct world *world, int id) {
    const struct memory *memory = &world->now;
    if (!(memory->owed >> id & 1))
        return "D1: deleted, but nobody asked for it";
    if (topics_needed(model->contents, memory->standing) >> 2 * id & 3)
        return "D3: deleted, but in use";
    unsigned accepted = 0;
    for (int f = 0; f < FILES; f++) {
        const struct content *c = memory->standing[f] == ABSENT ? NULL : &model->contents->items[memory->standing[f]];
        unsigned ids = c && c->kind == CONTENT_GOOD ? c->ids : 0;
        accepted |= ids;
        if (world->rejected[f] && !ids)
            return "D4: deleted, but there is a rejected file without a last good version";
    }
    if (memory->approved >> id & 1)
        return too_early(model, world, id);
    if (memory->held >> id & 1)
        return "D6: deleted without an answer, though it awaited one";
    if (memory->sure_hold >> id & 1)
        return "D6(c): deleted without being asked";
    if (memory->population[id] >= 3 && !accepted)
        return "D6(b): deleted without being asked, and nothing is left";
    if ((unsigned)__builtin_popcount(memory->sent | model->batch) > model->rules.limit_topics)
        return "D6(a): deleted more than the limit without being asked";
    return too_early(model, world, id);
}

static void note_deletion(struct world *world, int bit) {
    world->now.sent |= 1u << bit;
    world->saved.sent |= 1u << bit;
}

static const char *deletion(struct model *model, uint64_t time, const char *topic) {
    int bit = topic_bit(model, model->scope, topic);
    model->deletions++;
    if (bit < 0)
        return "D5: a deletion of a topic that is not of this scope";
    if (bit == ERRORS)
        return "D1: the errors topic is nobody's";
    if (!model->saved_since_look)
        return "S1: sent before it was saved";
    if (time > model->batch_time + 1000)
        model->batch = 0;
    model->batch_time = time;
    model->batch |= 1u << bit;
    model->asked[model->scope] |= 1u << bit;
    const char *why = NULL;
    size_t count;
    struct world *before = take_worlds(model, &count);
    for (size_t i = 0; i < count; i++) {
        const char *reason = forbidden(model, &before[i], bit / 2);
        if (reason && (!why || strncmp(why, "D1", 2) == 0))
            why = reason; /* of the world that comes closest */
        if (reason)
            continue;
        note_deletion(&before[i], bit);
        add_world(model, &before[i]);
    }
    free(before);
    return model->count ? NULL : why;
}

/* S1: what is not in the snapshot is not created. */
static const char *creation(struct model *model, const char *topic) {
    int bit = topic_bit(model, model->scope, topic);
    model->creations++;
    if (bit < 0)
        return "T1: a creation of a topic that is not of this scope";
    size_t count;
    struct world *before = take_worlds(model, &count);
    for (size_t i = 0; i < count; i++)
        if (topics_needed(model->contents, before[i].saved.standing) >> bit & 1)
            add_world(model, &before[i]);
    free(before);
    return model->count ? NULL : "S1: created, but the snapshot does not need it";
}

const char *model_event(struct model *model, char letter, uint64_t time, const char *word) {
    /* Whatever comes next ends it; that is 'G', unless the fault was in closing the file. */
    if (model->glance_begin && !model->lost)
        glance(model, time);
    model->glance_begin = 0;
    if (letter == 'l') {
        model->look_begin = time;
        model->look_inode = strtoull(word, NULL, 10);
    } else if (letter == 'e' && model->look_begin) {
        if (!model->lost && *word == '\0')
            look(model, time);
        model->looked = model->look_begin;
    } else if (letter == 'g') {
        model->glance_file = file_number(word);
        model->glance_begin = model->glance_file < 0 ? 0 : time;
    } else if (letter == 's' || letter == 'k') {
        *(letter == 's' ? &model->saving : &model->putting_aside) = true;
    } else if (letter == 'S' || letter == 'K') {
        *(letter == 'S' ? &model->saving : &model->putting_aside) = false;
        if (letter == 'S' && !model->lost) {
            each(model, save_world, false);
            model->saves++;
        } else if (!model->lost)
            each(model, put_aside, false);
        model->saved_since_look = true;
    } else if (letter == 'D' && !model->lost) {
        return deletion(model, time, word);
    } else if (letter == 'C' && !model->lost) {
        return creation(model, word);
    }
    return NULL;
}

void model_held(struct model *model, unsigned ids) {
    for (size_t i = 0; i < model->count; i++) {
        model->worlds[i].now.held |= ids & model->worlds[i].now.owed;
        model->worlds[i].saved.held |= ids & model->worlds[i].saved.owed;
    }
}

void model_answer(struct model *model, unsigned ids, bool approve) {
    for (size_t i = 0; i < model->count; i++)
        for (int both = 0; both < 2; both++) {
            struct memory *memory = both ? &model->worlds[i].saved : &model->worlds[i].now;
            if (memory->sure_hold & ids)
                memory->directory = model->look_inode;
            memory->sure_hold &= ~ids;
            memory->maybe_hold &= ~ids;
            memory->held &= ~ids;
            if (approve)
                memory->approved |= ids & memory->owed;
            else
                memory->owed &= ~ids;
        }
}

/* ---- the end ---- */

/* Topics of owed deletions that nothing stands against. */
static unsigned certain_deletions(const struct model *model, const struct world *world) {
    const struct memory *memory = &world->now;
    unsigned needed = topics_needed(model->contents, memory->standing), topics = 0;
    for (int f = 0; f < FILES; f++)
        if (world->rejected[f] &&
            (memory->standing[f] == ABSENT || model->contents->items[memory->standing[f]].ids == 0))
            return 0;
    for (int id = 0; id < IDS; id++) {
        bool slow = model->rules.grace_usec && world->view[memory->file_of[id]] != ABSENT;
        if ((memory->owed & ~memory->maybe_hold & ~memory->sure_hold & ~memory->unsure) >> id & 1 &&
            !(needed >> 2 * id & 3) && !slow)
            topics |= 3u << 2 * id;
    }
    return topics;
}

void model_expect(const struct model *model, unsigned *ret_there, unsigned *ret_gone) {
    unsigned there = ~0u, gone = ~0u;
    for (size_t i = 0; i < model->count; i++) {
        there &= topics_needed(model->contents, model->worlds[i].now.standing);
        gone &= certain_deletions(model, &model->worlds[i]);
    }
    *ret_there = there;
    *ret_gone = gone | (((1u << TOPICS) - 1) & ~model->ever[model->scope]);
}
