/* The naive model's catalog: which version of each file counts after a look (M6, M7), and what is owed then (D1). */
#include "model.h"

#include <string.h>

/* D6(c): "over a second", as far as it can be told from outside. */
#define REJECTED_MAYBE_USEC 800000
#define REJECTED_SURE_USEC 1300000
#define POPULATION_MIN 3

static const struct content *content_of(const struct model *model, int content) {
    return content == ABSENT ? NULL : &model->contents->items[content];
}

static unsigned ids_of(const struct model *model, int content) {
    const struct content *c = content_of(model, content);
    return c && c->kind == CONTENT_GOOD ? c->ids : 0;
}

static unsigned ids_standing(const struct model *model, const int standing[FILES]) {
    unsigned ids = 0;
    for (int f = 0; f < FILES; f++)
        ids |= ids_of(model, standing[f]);
    return ids;
}

/* Rejected by its own content. */
static bool is_bad(const struct model *model, int content, int standing) {
    const struct content *c = content_of(model, content);
    return c && (c->kind == CONTENT_BROKEN || (c->kind == CONTENT_EMPTY && ids_of(model, standing) != 0));
}

/* D6: who may have to wait for a person now. One that waits draws all others in. */
static void note_holds(const struct model *model, struct memory *memory) {
    unsigned owed = memory->owed & ~memory->approved, topics = memory->sent | memory->maybe_sent, population = 0;
    for (int id = 0; id < IDS; id++) {
        if (!(owed >> id & 1))
            continue;
        topics |= 3u << 2 * id;
        population = memory->population[id] > population ? memory->population[id] : population;
    }
    bool last = population >= POPULATION_MIN && ids_standing(model, memory->standing) == 0;
    if (owed && (memory->maybe_hold || last || (unsigned)__builtin_popcount(topics) > model->rules.limit_topics))
        memory->maybe_hold |= owed;
}

static void owe(const struct model *model, const struct world *before, struct world *world, int id, bool sure_other) {
    struct memory *memory = &world->now;
    int file = 0;
    unsigned population = 0;
    bool clean = false;
    for (int f = 0; f < FILES; f++) {
        const struct content *c = content_of(model, before->now.standing[f]);
        population += (unsigned)__builtin_popcount(ids_of(model, before->now.standing[f]));
        if (!(ids_of(model, before->now.standing[f]) >> id & 1))
            continue;
        file = f;
        clean = c->clean >> id & 1;
    }
    if (!clean)
        return;
    memory->owed |= 1u << id;
    memory->file_of[id] = (unsigned char)file;
    memory->population[id] = (unsigned char)population;
    uint64_t since = before->now.rejected_since[file];
    bool vanished = world->view[file] == ABSENT && since != 0;
    if (sure_other || (vanished && world->look > since + REJECTED_SURE_USEC))
        memory->sure_hold |= 1u << id;
    if (sure_other || (vanished && world->look > since + REJECTED_MAYBE_USEC))
        memory->maybe_hold |= 1u << id;
    world->gone_first[id] = world->look;
}

static void compare(struct model *model, const struct world *before, struct world *world) {
    struct memory *memory = &world->now;
    unsigned then = ids_standing(model, before->now.standing), now = ids_standing(model, memory->standing);
    uint64_t known = memory->directory;
    bool other = known != 0 && known != model->look_inode;
    unsigned back = now & memory->owed;
    memory->owed &= ~back;
    memory->approved &= ~back;
    memory->sure_hold &= ~back;
    memory->maybe_hold &= ~back;
    memory->held &= ~back;
    memory->unsure &= ~back;
    for (int id = 0; id < IDS; id++) {
        if (now >> id & 1)
            world->gone_first[id] = 0;
        else if (memory->owed >> id & 1 && world->gone_first[id] == 0)
            world->gone_first[id] = world->look;
        if ((then & ~now) >> id & 1)
            owe(model, before, world, id, other);
    }
    if (!other || ((then & ~now) == 0 && memory->sure_hold == 0))
        memory->directory = model->look_inode;
    unsigned needed = topics_needed(model->contents, memory->standing);
    for (int id = 0; id < IDS; id++)
        if (memory->owed >> id & 1 && needed >> 2 * id & 3 && memory->sent >> 2 * id & 3)
            memory->unsure |= 1u << id;
    model->ever[model->scope] |= needed;
    note_holds(model, memory);
}

/* One way to settle who is rejected: `rejected` are bits of files. */
static void settle(struct model *model, const struct world *before, const int view[FILES], unsigned rejected) {
    struct world world = *before;
    for (int f = 0; f < FILES; f++) {
        world.view[f] = view[f];
        world.rejected[f] = rejected >> f & 1;
        if (view[f] == ABSENT)
            world.now.standing[f] = ABSENT;
        else if (!world.rejected[f])
            world.now.standing[f] = view[f];
        if (!world.rejected[f])
            world.now.rejected_since[f] = 0;
        else if (world.now.rejected_since[f] == 0)
            world.now.rejected_since[f] = model->look_begin;
    }
    if (before->arrived || memcmp(before->view, view, sizeof world.view) != 0)
        world.changed = model->look_begin;
    world.arrived = false;
    world.look = model->look_begin;
    compare(model, before, &world);
    add_world(model, &world);
}

/* What file f claims if those files are rejected. */
static unsigned claim(const struct model *model, const struct world *before, const int view[FILES], int f,
                      unsigned rejected) {
    if (view[f] == ABSENT)
        return 0;
    return ids_of(model, rejected >> f & 1 ? before->now.standing[f] : view[f]);
}

/* Whoever is the only one who gives way does so for a holder, or for one that comes first. (Of several, one may have
 * given way to another who then fell over something else.) */
static bool gives_way_rightly(const struct model *model, const struct world *before, const int view[FILES], int f) {
    unsigned held = ids_standing(model, before->now.standing), taken = 0;
    for (int g = 0; g < FILES; g++)
        if (g != f)
            taken |= ids_of(model, view[g]) & (g < f ? ~0u : held);
    return ids_of(model, view[f]) & taken;
}

/* M7: nothing is claimed twice, and who is rejected for it meets somebody who has it. */
static bool is_stable(const struct model *model, const struct world *before, const int view[FILES], unsigned bad,
                      unsigned rejected) {
    unsigned all = 0;
    for (int f = 0; f < FILES; f++) {
        unsigned ids = claim(model, before, view, f, rejected);
        if (all & ids)
            return false;
        all |= ids;
    }
    for (int f = 0; f < FILES; f++) {
        if (!(rejected >> f & 1) || bad >> f & 1)
            continue;
        unsigned others = 0;
        for (int g = 0; g < FILES; g++)
            others |= g == f ? 0 : claim(model, before, view, g, rejected);
        if (!(ids_of(model, view[f]) & others))
            return false;
        if ((rejected & ~bad) == 1u << f && bad == 0 && !gives_way_rightly(model, before, view, f))
            return false;
    }
    return true;
}

void judge(struct model *model, const struct world *before, const int view[FILES]) {
    unsigned bad = 0;
    for (int f = 0; f < FILES; f++)
        bad |= (unsigned)is_bad(model, view[f], before->now.standing[f]) << f;
    if (is_stable(model, before, view, bad, bad)) {
        settle(model, before, view, bad);
        return;
    }
    for (unsigned rejected = 0; rejected < 1u << FILES; rejected++)
        if ((rejected & bad) == bad && is_stable(model, before, view, bad, rejected))
            settle(model, before, view, rejected);
}

/* What is new, whole and claims nothing that is held: by that, nothing can be gone. */
void judge_arrival(struct model *model, const struct world *before, int file, int content) {
    unsigned ids = ids_of(model, content);
    if (before->look == 0 || before->view[file] != ABSENT || ids == 0 ||
        ids & ids_standing(model, before->now.standing))
        return;
    struct world world = *before;
    world.view[file] = world.now.standing[file] = content;
    world.arrived = true;
    compare(model, before, &world);
    world.now.directory = before->now.directory; /* D6(c) wants a look at all of it */
    add_world(model, &world);
}
