/* A daemon's turn without the daemon, for tests of reconcile/: a directory of manifests, a scope and a clock outside;
 * inside the last saved snapshot and what follows from it. world_think() does what daemon/ does from a look to the
 * save, world_sent() what it does after it. Nothing here is checked: tests do that. */
#pragma once

#include "base/name.h"
#include "reconcile/holdings.h"
#include "reconcile/owed.h"
#include "reconcile/plan.h"
#include "unit/support/manifests.h"

#define WORLD_FILES 16
#define WORLD_START_USEC (1000 * USEC_PER_SEC)
#define WORLD_WALL_USEC UINT64_C(1767225600000000) /* 2026-01-01 */
#define DAY_USEC (24 * 3600 * USEC_PER_SEC)
#define HOUR_USEC (3600 * USEC_PER_SEC)

struct world_file {
    char name[24];
    struct manifest *manifest;
};

/* An answer of a person. */
struct world_answer {
    const char *id; /* NULL: none */
    bool approve;
    int result; /* of owed_answer() */
};

struct world {
    /* Outside. */
    struct world_file files[WORLD_FILES]; /* sorted */
    size_t n_files;
    bool lost;             /* the directory cannot be opened */
    const char *directory; /* its identity */
    const char *cluster;   /* as the broker gives it now; NULL: not reached yet */
    struct scope scope;    /* as configured; its cluster id is not used */
    struct moment now;
    struct deletion_rules rules;
    /* What outlives the process. */
    struct snapshot *disk;
    uint64_t saved_scan_usec;
    /* The process. */
    struct snapshot *snapshot;
    struct scan *scan, *next_scan; /* judged; not judged yet */
    struct catalog *catalog;
    struct desired *desired;
    struct deletions *deletions;
    struct plan *plan;
    struct ledger ledger;
    bool old, last_word, looked;
    bool glances; /* the next look is one at what arrived alone, if it can be */
    uint64_t changed_usec, scanned_usec;
};

/* ---- the directory ---- */

static inline size_t world_file_index(const struct world *world, const char *name) {
    size_t i = 0;
    while (i < world->n_files && strcmp(world->files[i].name, name) < 0)
        i++;
    return i;
}

static inline bool world_has_file(const struct world *world, const char *name) {
    size_t i = world_file_index(world, name);
    return i < world->n_files && strcmp(world->files[i].name, name) == 0;
}

static inline void world_remove(struct world *world, const char *name) {
    size_t i = world_file_index(world, name);
    if (!world_has_file(world, name))
        return;
    manifest_unref(world->files[i].manifest);
    memmove(&world->files[i], &world->files[i + 1], (--world->n_files - i) * sizeof *world->files);
}

static inline void world_put(struct world *world, const char *name, struct manifest *manifest) {
    world_remove(world, name);
    size_t i = world_file_index(world, name);
    assert(world->n_files < WORLD_FILES && strlen(name) < sizeof world->files[i].name);
    memmove(&world->files[i + 1], &world->files[i], (world->n_files++ - i) * sizeof *world->files);
    strcpy(world->files[i].name, name);
    world->files[i].manifest = manifest;
}

static inline void world_write(struct world *world, const char *name, const char *text) {
    world_put(world, name, make_manifest(world->scope.prefix, text));
}

static inline void world_rename(struct world *world, const char *from, const char *to) {
    struct manifest *manifest = manifest_ref(world->files[world_file_index(world, from)].manifest);
    world_remove(world, from);
    world_put(world, to, manifest);
}

static inline void world_exchange(struct world *world, const char *a, const char *b) {
    struct world_file *x = &world->files[world_file_index(world, a)], *y = &world->files[world_file_index(world, b)];
    struct manifest *manifest = x->manifest;
    x->manifest = y->manifest;
    y->manifest = manifest;
}

/* ---- time ---- */

static inline void world_pass(struct world *world, uint64_t usec) {
    world->now.monotonic_usec += usec;
    world->now.wall_usec += usec;
}

/* ---- the process ---- */

static inline void world_forget_decision(struct world *world) {
    world->plan = plan_free(world->plan);
    world->deletions = deletions_free(world->deletions);
    world->desired = desired_free(world->desired);
    world->catalog = catalog_free(world->catalog);
}

/* Ends the process at once: only what is on the disk outlives it. */
static inline void world_kill(struct world *world) {
    world_forget_decision(world);
    world->snapshot = snapshot_free(world->snapshot);
    world->scan = scan_free(world->scan);
    world->next_scan = scan_free(world->next_scan);
    ledger_free(&world->ledger);
}

/* A snapshot without what no file holds. */
static inline struct snapshot *world_through_file(const struct snapshot *snapshot) {
    struct snapshot *copy = snapshot_copy(snapshot);
    assert(copy);
    for (size_t i = 0; i < copy->owed.count; i++)
        copy->owed.items[i].seen_gone_usec = 0;
    return copy;
}

static inline void world_start(struct world *world) {
    struct scope scope = world->scope;
    scope.cluster_id = NULL;
    world->snapshot = world->disk && scope_equal(&world->disk->scope, &scope) ? world_through_file(world->disk)
                                                                              : snapshot_new(&scope);
    assert(world->snapshot);
    uint64_t then = world->snapshot->scanned_usec, now = world->now.wall_usec;
    world->old = then != 0 && (now > then ? now - then : then - now) > DAY_USEC;
    world->last_word = world->looked = false;
    world->scanned_usec = 0;
    world->changed_usec = world->now.monotonic_usec;
    world->ledger = (struct ledger){.retry_max_usec = 300 * USEC_PER_SEC, .random = 1};
}

static inline struct scan *world_scan(const struct world *world) {
    struct scan *scan = calloc(1, sizeof *scan);
    assert(scan);
    scan->started = world->now;
    scan->complete = !world->lost;
    if (world->lost) {
        scan->error = strdup("it cannot be opened");
        return scan;
    }
    scan->directory = strdup(world->directory);
    for (size_t i = 0; i < world->n_files; i++) {
        struct scan_file file = {.name = name_new(world->files[i].name),
                                 .manifest = manifest_ref(world->files[i].manifest)};
        if (array_push(&scan->files, file) < 0) {
            name_unref(file.name);
            abort();
        }
    }
    return scan;
}

static inline bool world_same_files(const struct scan *a, const struct scan *b) {
    if (a->files.count != b->files.count)
        return false;
    for (size_t i = 0; i < a->files.count; i++)
        if (a->files.items[i].manifest != b->files.items[i].manifest ||
            strcmp(a->files.items[i].name, b->files.items[i].name) != 0)
            return false;
    return true;
}

static inline bool world_same_directory(const struct world *world, const struct scan *last, const struct scan *scan) {
    const char *known = world->snapshot->directory;
    return known && strcmp(known, scan->directory) == 0 && strcmp(last->directory, scan->directory) == 0;
}

/* Such a scan is not judged: only its time is new. */
static inline void world_renew(struct world *world, struct scan *last, const struct scan *scan) {
    last->started = scan->started;
    last->complete = true;
    last->extended = false;
    if (last == world->scan)
        world->snapshot->scanned_usec = scan->started.wall_usec;
}

static inline void world_look(struct world *world) {
    struct scan *scan = world_scan(world);
    world->last_word = world->looked = scan->complete;
    if (!scan->complete) {
        scan_free(scan);
        return;
    }
    world->scanned_usec = scan->started.monotonic_usec;
    struct scan *last = world->next_scan ? world->next_scan : world->scan;
    bool same = last && world_same_files(last, scan);
    if (!same || last->extended)
        world->changed_usec = scan->started.monotonic_usec;
    if (same && world_same_directory(world, last, scan)) {
        world_renew(world, last, scan);
        scan_free(scan);
        return;
    }
    scan_free(world->next_scan);
    world->next_scan = scan;
}

/* Whether a look at what arrived found something. */
static inline bool world_glance(struct world *world) {
    struct scan_file arrived[WORLD_FILES];
    size_t count = 0;
    const struct scan *last = world->scan;
    if (world->lost || !last || !last->complete || world->next_scan || !world->last_word ||
        strcmp(last->directory, world->directory) != 0)
        return false;
    for (size_t i = 0; i < world->n_files; i++) {
        const struct resources *resources = world->files[i].manifest->resources;
        if (!scan_find(last, world->files[i].name) && resources && resources->count > 0 &&
            !holdings_meet(world->snapshot->holdings, resources))
            arrived[count++] = (struct scan_file){name_new(world->files[i].name), world->files[i].manifest};
    }
    if (count == 0)
        return false;
    world->next_scan = scan_extend(last, world->now, arrived, count);
    assert(world->next_scan);
    for (size_t i = 0; i < count; i++)
        name_unref(arrived[i].name);
    world->changed_usec = world->now.monotonic_usec; /* as the event says that told of it */
    return true;
}

/* The scope of now is the snapshot's, or an empty snapshot is begun (D5). */
static inline struct snapshot *world_base(struct world *world) {
    const struct snapshot *last = world->snapshot;
    struct scope scope = world->scope;
    scope.cluster_id = world->cluster;
    struct snapshot *base = scope_equal(&last->scope, &scope) ? snapshot_copy(last) : snapshot_new(&scope);
    assert(base);
    if (!base->scope.cluster_id && world->cluster)
        base->scope.cluster_id = arena_strdup(&base->arena, world->cluster);
    return base;
}

static inline bool world_same_uses(const struct desired *a, const struct desired *b) {
    bool same = a->uses.count == b->uses.count && a->topics.count == b->topics.count;
    for (size_t i = 0; same && i < a->uses.count; i++)
        same =
            a->uses.items[i].topic == b->uses.items[i].topic && a->uses.items[i].resource == b->uses.items[i].resource;
    for (size_t i = 0; same && i < a->topics.count; i++)
        same = a->topics.items[i] == b->topics.items[i];
    return same;
}

/* Made from what the last turn had, which must give the same as making it anew. */
static inline int world_desired(const struct world *world, const struct snapshot *snapshot, struct desired **ret) {
    struct desired *anew = NULL;
    int r = desired_new(snapshot, &anew);
    if (r == 0)
        r = desired_update(world->desired, world->desired ? world->snapshot : NULL, snapshot, ret);
    assert(r < 0 || world_same_uses(*ret, anew));
    desired_free(anew);
    return r;
}

/* One decision, built completely and not yet in force. */
struct world_decision {
    struct snapshot *snapshot;
    struct catalog *catalog;
    struct desired *desired;
    struct deletions *deletions;
    struct plan *plan;
};

static inline void world_judge(struct world *world, struct world_answer *answer, struct world_decision *ret) {
    struct snapshot *base = world_base(world);
    bool other = !scope_equal(&world->snapshot->scope, &base->scope);
    const struct scan *scan = world->next_scan ? world->next_scan : world->scan;
    struct scan *none = scan ? NULL : calloc(1, sizeof *none);
    int r = 0;
    if (other)
        ledger_forget(&world->ledger);
    owed_note_answers(base, &world->ledger, world->now.wall_usec);
    /* An answer is about what was shown, so the directory is the one that was judged, not the one just seen. */
    if (answer->id)
        answer->result = owed_answer(base, answer->id, answer->approve, world->scan ? world->scan->directory : NULL);
    size_t topics;
    if (answer->id && answer->result == 1 && !answer->approve)
        answer->result = owed_revoke(base, &world->ledger, answer->id, &topics);
    if (answer->id && answer->result == 0)
        ledger_start_over(&world->ledger); /* who says yes does not want to wait for a delay to pass */
    if (!world->next_scan && world->catalog && !other) {
        ret->snapshot = base;
        ret->catalog = world->catalog;
    } else {
        r = catalog_judge(base, scan ? scan : none, world->catalog, world->old, &ret->snapshot, &ret->catalog);
        snapshot_free(base);
    }
    r = r < 0 ? r : world_desired(world, ret->snapshot, &ret->desired);
    struct deletion_facts facts = {.rules = &world->rules,
                                   .desired = ret->desired,
                                   .catalog = ret->catalog,
                                   .now = world->now,
                                   .scanned_usec = world->scanned_usec,
                                   .changed_usec = world->changed_usec,
                                   .scan_is_last_word = world->last_word,
                                   .ledger = &world->ledger};
    r = r < 0 ? r : deletions_judge(ret->snapshot, &facts, &ret->deletions);
    r = r < 0 ? r : plan_track(&world->ledger, ret->desired, ret->snapshot);
    struct plan_facts plan_facts = {
        .deletions = ret->deletions, .ledger = &world->ledger, .now_usec = world->now.monotonic_usec};
    r = r < 0 ? r : plan_make(&plan_facts, &ret->plan);
    scan_free(none);
    assert(r == 0);
}

/* Deletions are sent only in a turn that looked, and when the cluster has said which one it is. */
static inline bool world_may_delete(const struct world *world) {
    return world->looked && world->cluster;
}

static inline void world_save(struct world *world, const struct snapshot *next) {
    bool old_time = next->scanned_usec > world->saved_scan_usec + HOUR_USEC;
    if (world->disk && !old_time && snapshot_equal(world->disk, next))
        return;
    snapshot_free(world->disk);
    world->disk = world_through_file(next);
    world->saved_scan_usec = next->scanned_usec;
}

/* From a look (or without one) to the save. What is in world->plan then may be sent. With `save` false the process is
 * about to be killed: nothing is in force, and nothing may be sent. */
static inline void world_think(struct world *world, bool look, struct world_answer *answer, bool save) {
    struct world_decision next = {0};
    struct world_answer nobody = {0};
    world->looked = false;
    if (look && !(world->glances && world_glance(world)))
        world_look(world);
    world_judge(world, answer ? answer : &nobody, &next);
    if (!world_may_delete(world))
        next.plan->delete.count = 0;
    int r = owed_note_sent(next.snapshot, next.plan->delete.items, next.plan->delete.count, world->now.wall_usec);
    assert(r == 0);
    (void)r;
    if (save)
        world_save(world, next.snapshot);
    if (next.snapshot->generation != world->snapshot->generation)
        ledger_start_over(&world->ledger);
    if (next.catalog == world->catalog)
        world->catalog = NULL;
    world_forget_decision(world);
    snapshot_free(world->snapshot);
    world->snapshot = next.snapshot;
    world->catalog = next.catalog;
    world->desired = next.desired;
    world->deletions = next.deletions;
    world->plan = next.plan;
    if (world->next_scan) {
        scan_free(world->scan);
        world->scan = world->next_scan;
        world->next_scan = NULL;
        world->old = false;
    }
}

static inline void world_free(struct world *world) {
    world_kill(world);
    snapshot_free(world->disk);
    while (world->n_files > 0)
        world_remove(world, world->files[0].name);
}
