/* How the naive model learns what happened in a turn, and compares what it would have decided. Both return a sentence
 * when the code under test did what the contract does not allow, NULL if all is well. */
#pragma once

#include "unit/support/naive.h"

/* What a turn is told that the world does not show. */
struct note {
    int process;
    bool old_process;
    unsigned approved, denied; /* identities of the set that was answered in this turn */
    bool answered;
    unsigned refused; /* topics whose deletion was refused since the last turn */
};

static inline const char *file_name(unsigned file) {
    static const char *const names[NAIVE_FILES] = {"a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml", "f.yaml"};
    return names[file];
}

static inline unsigned holds(const struct resources *resources) {
    unsigned set = 0;
    for (size_t i = 0; resources && i < resources->count; i++)
        set |= 1u << identity_of(resources->items[i].name);
    return set;
}

static inline bool same(const struct resources *a, const struct resources *b) {
    return a == b || (a && b && resources_equal(a, b));
}

/* M6 and M7 for one file: it stands at its content of now unless there is a reason not to. */
static inline const char *check_file(const struct past *turn, const struct past *before, unsigned f) {
    const struct past_file *file = &turn->files[f];
    const struct resources *good = before ? before->files[f].standing : NULL, *now = file->content->resources;
    bool broken = !now || (now->count == 0 && holds(good) != 0);
    if (!same(file->standing, now) && !same(file->standing, good))
        return "M6: a file stands at a version that is neither its last good one nor that of now";
    if (broken)
        return same(file->standing, good) ? NULL : "M6: a rejected file does not stand at its last good version";
    if (!file->rejected)
        return same(file->standing, now) ? NULL : "M6: an accepted file does not stand at its content of now";
    for (unsigned g = 0; g < NAIVE_FILES; g++) {
        const struct past_file *other = &turn->files[g];
        if (g == f || !other->present || !(holds(now) & holds(other->standing)))
            continue;
        bool held = before && holds(now) & holds(before->files[g].standing);
        if (held || g < f)
            return NULL;
    }
    /* A chain: it had to give way to one that gave way in turn, and meanwhile another one took what it claims. */
    for (unsigned g = 0; g < NAIVE_FILES; g++)
        if (g != f && turn->files[g].present &&
            ((before && holds(now) & holds(before->files[g].standing)) ||
             (g < f && holds(now) & holds(turn->files[g].content->resources))))
            return NULL;
    return "M7: a file is rejected, and no other file has what it claims";
}

/* M7 over all files: nothing is held twice, and who held something and still wants it has it. */
static inline const char *check_files(const struct past *turn, const struct past *before) {
    unsigned all = 0;
    for (unsigned f = 0; f < NAIVE_FILES; f++) {
        const struct past_file *file = &turn->files[f];
        if (!file->present && file->standing)
            return "M6: a file that is gone is still accepted";
        if (!file->present)
            continue;
        const char *wrong = check_file(turn, before, f);
        if (wrong)
            return wrong;
        if (all & holds(file->standing))
            return "M7: a resource is accepted from two files";
        all |= holds(file->standing);
        unsigned kept = before ? holds(before->files[f].standing) : 0;
        if (file->content->resources && file->content->resources->count > 0)
            kept &= holds(file->content->resources);
        if (kept & ~holds(file->standing))
            return "M7: who held a resource and still has it in its file lost it";
        const struct resources *now = file->content->resources;
        if (file->rejected && now && now->count > 0) {
            bool meets = false;
            for (unsigned g = 0; g < NAIVE_FILES; g++)
                meets = meets || (g != f && holds(now) & holds(turn->files[g].standing));
            if (!meets)
                return "M7: a file is rejected for a resource that nobody holds";
        }
    }
    return NULL;
}

static inline bool is_rejected(const struct catalog *catalog, const char *name) {
    for (size_t i = 0; i < catalog->rejected.count; i++)
        if (strcmp(catalog->rejected.items[i].name, name) == 0)
            return true;
    return false;
}

static inline void keep_resources(struct naive *naive, struct resources *resources) {
    int r = array_push(&naive->resources, resources_ref(resources));
    assert(r == 0);
    (void)r;
}

static inline void note_files(struct naive *naive, const struct world *world, struct past *turn) {
    for (unsigned f = 0; f < NAIVE_FILES; f++) {
        const struct scan_file *file = scan_find(world->scan, file_name(f));
        const struct accepted_file *accepted = snapshot_file(world->snapshot, file_name(f));
        turn->files[f] = (struct past_file){.present = file != NULL};
        turn->files[f].standing = accepted ? accepted->resources : NULL;
        if (accepted)
            keep_resources(naive, accepted->resources);
        if (!file)
            continue;
        int r = array_push(&naive->manifests, manifest_ref(file->manifest));
        assert(r == 0);
        (void)r;
        turn->files[f].content = file->manifest;
        turn->files[f].rejected = is_rejected(world->catalog, file_name(f));
        turn->files[f].unknown = turn->files[f].rejected && holds(turn->files[f].standing) == 0;
    }
}

static inline void note_accepted(struct past *turn) {
    turn->accepted = turn->clean = turn->needed = 0;
    for (unsigned f = 0; f < NAIVE_FILES; f++) {
        const struct resources *standing = turn->files[f].standing;
        for (size_t i = 0; standing && i < standing->count; i++) {
            const struct resource *resource = &standing->items[i];
            unsigned id = identity_of(resource->name);
            turn->accepted |= 1u << id;
            turn->clean |= (unsigned)resource->clean << id;
            turn->file_of[id] = (unsigned char)f;
            for (size_t k = 0; k < resource->n_needs; k++)
                turn->needed |= topic_bit(resource->needs[k]);
        }
    }
}

static inline unsigned identities_of_topics(unsigned topics) {
    unsigned set = 0;
    for (unsigned id = 0; id < IDENTITIES; id++)
        set |= (unsigned)((topics >> 2 * id & 3) != 0) << id;
    return set;
}

/* Takes a turn that was saved into the history. */
static inline const char *naive_note(struct naive *naive, const struct world *world, const struct note *note) {
    const struct past *before = naive_last(naive);
    struct past turn = before ? *before : (struct past){0};
    turn.now = world->now;
    turn.process = note->process;
    turn.old_process = note->old_process;
    turn.looked = world->looked;
    turn.complete = world->last_word;
    turn.seen = world->scan != NULL;
    turn.extended = world->scan && world->scan->extended;
    turn.enabled = world->rules.enabled;
    turn.approved = note->approved;
    turn.denied = note->denied;
    turn.answered = note->answered;
    turn.refused = identities_of_topics(note->refused);
    turn.noted = turn.owed = 0;
    bool other = before && (strcmp(before->prefix, world->scope.prefix) != 0 ||
                            (before->cluster[0] && world->cluster && strcmp(before->cluster, world->cluster) != 0));
    snprintf(turn.prefix, sizeof turn.prefix, "%s", world->scope.prefix);
    if (other || (!turn.cluster[0] && world->cluster))
        snprintf(turn.cluster, sizeof turn.cluster, "%s", world->cluster ? world->cluster : "");
    if (other) {
        turn.era++;
        memset(turn.held, 0, sizeof turn.held);
        memset(turn.files, 0, sizeof turn.files);
        before = NULL;
    }
    if (world->looked)
        snprintf(turn.directory, sizeof turn.directory, "%s", world->directory);
    const char *wrong = NULL;
    if (world->scan) {
        note_files(naive, world, &turn);
        wrong = check_files(&turn, before);
    }
    note_accepted(&turn);
    for (size_t i = 0; i < world->plan->delete.count; i++)
        turn.noted |= topic_bit(world->plan->delete.items[i]);
    for (size_t i = 0; i < world->snapshot->owed.count; i++)
        turn.owed |= 1u << identity_of(world->snapshot->owed.items[i].name);
    for (unsigned id = 0; id < IDENTITIES; id++)
        if (has(turn.accepted | turn.approved | turn.denied, id))
            turn.held[id] = 0;
    int r = array_push(&naive->turns, turn);
    assert(r == 0);
    (void)r;
    return wrong;
}

/* What the code decided for a turn that naive_note() has taken, against D1 to D6. `in_flight`: identities. */
static inline const char *naive_check(struct naive *naive, const struct world *world, unsigned in_flight,
                                      unsigned *ret_reasons) {
    struct past *last = naive_last(naive);
    unsigned set = 0, topics = 0, due = 0, reasons;
    for (size_t i = 0; i < world->deletions->list.count; i++) {
        const struct owed *owed = world->deletions->list.items[i].owed;
        unsigned id = identity_of(owed->name);
        uint64_t refused;
        if (!naive_owes(naive, id))
            return "D1: a deletion is owed that nobody asked for, or that a person denied";
        if (naive_due(naive, id))
            due |= 1u << id;
        bool answered = naive_approved(naive, id, &refused);
        bool follows = !has(due, id) && !answered && last->complete && !in_the_way(last, id);
        bool belongs = last->held[id] || (has(due, id) && !has(in_flight, id) && !answered);
        set |= belongs ? 1u << id : 0;
        for (unsigned k = 0; k < 2 && (belongs || follows || has(due, id)); k++)
            topics |= owed->done[k] ? 0 : 1u << (2 * id + k);
    }
    *ret_reasons = reasons = naive_reasons(naive, set, topics);
    for (size_t i = 0; i < world->deletions->list.count; i++) {
        const struct deletion *deletion = &world->deletions->list.items[i];
        unsigned id = identity_of(deletion->owed->name);
        if (reasons && has(set, id))
            last->held[id] = reasons;
        if (reasons && has(set, id) && deletion->state != DELETION_AWAITING_APPROVAL)
            return "D6: a person has to be asked, and is not";
        if (deletion->state == DELETION_AWAITING_APPROVAL && !(reasons && has(set, id)))
            return "D6: a person is asked without a reason";
        if (deletion->state == DELETION_AWAITING_APPROVAL && deletion->owed->held != reasons)
            return "D6: the reasons are not the right ones";
        if (deletion->state == DELETION_SENDING && !has(due, id))
            return "D2 to D4: a deletion may be sent that is not due";
        if (deletion->state < DELETION_AWAITING_APPROVAL && has(due, id))
            return "D2 to D4: a deletion waits that is due";
    }
    return NULL;
}
