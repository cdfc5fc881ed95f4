#include "reconcile/catalog.h"

#include "base/name.h"
#include "reconcile/claims.h"
#include "reconcile/holdings.h"
#include "reconcile/let_go.h"
#include "reconcile/owed.h"

#include <string.h>

/* D6(c): a file that was rejected for longer than this when it vanished may have vanished for the same reason. */
#define REJECTED_LONG_USEC USEC_PER_SEC

struct judgement {
    const struct snapshot *last;
    const struct scan *scan;
    struct holdings *held;        /* of `last` */
    struct candidate *candidates; /* one for each of the scan's files */
    struct snapshot *next;
    struct catalog *catalog;
    bool old;
    bool missed; /* a resource of the last accepted set is gone */
};

/* M6, as far as one file alone can say: rejected content, and files that held something and now hold nothing. */
static bool rejected_alone(const struct candidate *candidate) {
    const struct resources *now = candidate->file->manifest->resources;
    return !now || (now->count == 0 && candidate->before && candidate->before->resources->count > 0);
}

/* Says what it said when it was accepted. Nobody can take from it what it has, so it has no part in the judgement of
 * claims, unless somebody tries. */
static bool says_the_same(const struct candidate *candidate) {
    const struct resources *now = candidate->file->manifest->resources;
    return now && candidate->before && resources_equal(now, candidate->before->resources);
}

static int compare_contents(const void *a, const void *b) {
    const struct resources *x = *(const struct resources *const *)a, *y = *(const struct resources *const *)b;
    return (x > y) - (x < y);
}

/* Those who hold what somebody claims anew have a part in the judgement. */
static int call_holders(struct judgement *j) {
    ARRAY(const struct resources *) called = {0};
    int r = 0;
    for (size_t i = 0; i < j->scan->files.count && r == 0; i++) {
        const struct candidate *candidate = &j->candidates[i];
        const struct resources *now = candidate->file->manifest->resources;
        for (size_t k = 0; !candidate->settled && now && k < now->count && r == 0; k++) {
            const struct holding *holding = holdings_find(j->held, &now->items[k]);
            if (holding)
                r = array_push(&called, holding->content);
        }
    }
    if (called.count > 1)
        qsort(called.items, called.count, sizeof *called.items, compare_contents);
    for (size_t i = 0; i < j->scan->files.count && r == 0 && called.count > 0; i++) {
        struct candidate *candidate = &j->candidates[i];
        if (candidate->settled &&
            bsearch(&candidate->before->resources, called.items, called.count, sizeof *called.items, compare_contents))
            candidate->settled = false;
    }
    array_free(&called);
    return r;
}

static int judge_files(struct judgement *j) {
    size_t count = j->scan->files.count, before = 0;
    j->candidates = arena_array(&j->catalog->arena, count, sizeof *j->candidates);
    if (!j->candidates)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct candidate *candidate = &j->candidates[i];
        candidate->file = &j->scan->files.items[i];
        int order = -1;
        while (before < j->last->files.count &&
               (order = name_compare(j->last->files.items[before].name, candidate->file->name)) < 0)
            before++;
        if (before < j->last->files.count && order == 0)
            candidate->before = &j->last->files.items[before];
        candidate->settled = says_the_same(candidate);
        candidate->rejected = rejected_alone(candidate);
    }
    int r = call_holders(j);
    return r == 0 ? claims_settle(j->candidates, count) : r;
}

/* The error that the file alone does not show, if there is one. */
static const char *rule_broken(struct arena *arena, const struct candidate *candidate) {
    if (candidate->lost) {
        struct buffer owner = {0};
        owner_format(candidate->lost->kind, candidate->lost->namespace, candidate->lost->name, &owner);
        const char *message = owner.failed ? NULL
                                           : arena_printf(arena, "%s is in %s too; remove it from one of the two files",
                                                          owner.data, candidate->winner->file->name);
        buffer_free(&owner);
        return message;
    }
    size_t held = candidate->before->resources->count;
    return arena_printf(arena,
                        "this file held %zu resource%s and now holds none; to remove %s, remove the file, "
                        "so that an emptied file is not taken for a removal",
                        held, held == 1 ? "" : "s", held == 1 ? "it" : "them");
}

static int list_errors(struct catalog *catalog, const struct candidate *candidate, struct rejected_file *rejected) {
    const struct diagnostics *diagnostics = &candidate->file->manifest->diagnostics;
    bool alone = !candidate->file->manifest->resources; /* its content says it all */
    struct diagnostic *errors = arena_array(&catalog->arena, diagnostics->errors + !alone, sizeof *errors);
    if (!errors)
        return -ENOMEM;
    for (size_t i = 0; i < diagnostics->list.count; i++)
        if (diagnostics->list.items[i].severity == SEVERITY_ERROR)
            errors[rejected->n_errors++] = diagnostics->list.items[i];
    if (!alone) {
        struct mark mark = {.line = candidate->lost ? candidate->lost->line : 0,
                            .column = candidate->lost && candidate->lost->line ? 1 : 0};
        const char *message = rule_broken(&catalog->arena, candidate);
        if (!message)
            return -ENOMEM;
        errors[rejected->n_errors++] = (struct diagnostic){.mark = mark, .message = message};
    }
    rejected->errors = errors;
    return 0;
}

const struct rejected_file *catalog_rejected(const struct catalog *catalog, const char *name) {
    for (size_t low = 0, high = catalog->rejected.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(catalog->rejected.items[middle].name, name);
        if (order == 0)
            return &catalog->rejected.items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static uint64_t rejected_since(const struct candidate *candidate, const struct catalog *previous, uint64_t now_usec) {
    if (candidate->before && candidate->before->rejected_since_usec)
        return candidate->before->rejected_since_usec;
    const struct rejected_file *before =
        previous && !candidate->before ? catalog_rejected(previous, candidate->file->name) : NULL;
    return before ? before->since_usec : now_usec;
}

static int accept_files(struct judgement *j, const struct catalog *previous) {
    if (array_reserve(&j->next->files, j->scan->files.count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < j->scan->files.count; i++) {
        const struct candidate *candidate = &j->candidates[i];
        struct resources *claim = candidate_claim(candidate);
        struct rejected_file rejected = {.name = candidate->file->name, .has_last_good = claim && claim->count > 0};
        if (candidate->rejected) {
            rejected.since_usec = rejected_since(candidate, previous, j->scan->started.wall_usec);
            if (list_errors(j->catalog, candidate, &rejected) < 0 || array_push(&j->catalog->rejected, rejected) < 0)
                return -ENOMEM;
        }
        if (!claim)
            continue;
        struct accepted_file file = {
            .name = candidate->file->name, .resources = claim, .rejected_since_usec = rejected.since_usec};
        if (array_push(&j->next->files, file) < 0)
            return -ENOMEM;
        name_ref(file.name);
        resources_ref(claim);
        if (!candidate->before || !resources_equal(claim, candidate->before->resources))
            j->catalog->changed = true;
    }
    if (j->next->files.count != j->last->files.count)
        j->catalog->changed = true;
    return 0;
}

static bool had_been_rejected(const struct accepted_file *file, uint64_t now_usec) {
    uint64_t since = file->rejected_since_usec;
    return since != 0 && (now_usec < since || now_usec - since > REJECTED_LONG_USEC);
}

static bool other_directory(const struct judgement *j) {
    return j->last->directory && j->scan->directory && strcmp(j->last->directory, j->scan->directory) != 0;
}

/* D1: a resource of the last accepted set is gone, and asked for this. */
static int owe(struct judgement *j, const struct resource *resource, const struct accepted_file *file) {
    struct arena *arena = &j->next->arena;
    struct owed owed = {
        .kind = resource->kind,
        .namespace = arena_strdup(arena, resource->namespace),
        .name = arena_strdup(arena, resource->name),
        .topics = {arena_strdup(arena, resource->owned[0]), arena_strdup(arena, resource->owned[1])},
        .file = arena_strdup(arena, file->name),
        .since_usec = j->scan->started.wall_usec,
        .generation = j->last->generation + 1,
        .population = (unsigned)j->held->list.count,
        .seen_gone_usec = j->scan->started.monotonic_usec,
    };
    if (other_directory(j))
        owed.circumstances |= HOLD_DIRECTORY;
    if (!scan_find(j->scan, file->name) && had_been_rejected(file, j->scan->started.wall_usec))
        owed.circumstances |= HOLD_REJECTED;
    if (j->old)
        owed.circumstances |= HOLD_OLD;
    bool whole = owed.namespace && owed.name && owed.topics[0] && owed.topics[1] && owed.file;
    return whole && array_push(&j->next->owed, owed) == 0 ? 0 : -ENOMEM;
}

/* What was owed already and whose resource has not come back stays owed. `next` is a copy of it. */
static void keep_owed(struct judgement *j) {
    size_t kept = 0;
    for (size_t i = 0; i < j->next->owed.count; i++) {
        struct owed owed = j->next->owed.items[i];
        struct resource identity = {.kind = owed.kind, .namespace = owed.namespace, .name = owed.name};
        if (holdings_find(j->next->holdings, &identity))
            continue;
        if (owed.seen_gone_usec == 0 && j->scan->complete)
            owed.seen_gone_usec = j->scan->started.monotonic_usec;
        if (j->old) {
            owed.circumstances |= HOLD_OLD;
            owed_lapse(&owed, j->scan->started.wall_usec); /* that answer is older than a day too */
        }
        j->next->owed.items[kept++] = owed;
    }
    j->next->owed.count = kept;
}

static int compare_owed(const void *a, const void *b) {
    const struct owed *x = a, *y = b;
    struct resource rx = {.kind = x->kind, .namespace = x->namespace, .name = x->name};
    struct resource ry = {.kind = y->kind, .namespace = y->namespace, .name = y->name};
    return resource_compare(&rx, &ry);
}

/* What a file held of which the content went is gone, unless somebody holds it now. */
static int find_gone_of(struct judgement *j, const struct accepted_file *file) {
    for (size_t i = 0; i < file->resources->count; i++) {
        const struct resource *resource = &file->resources->items[i];
        if (holdings_find(j->next->holdings, resource))
            continue;
        j->missed = true;
        int r = resource->clean ? owe(j, resource, file) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int find_gone(struct judgement *j) {
    keep_owed(j);
    int r = 0;
    for (size_t b = 0, a = 0; b < j->last->files.count && r == 0; b++) {
        const struct accepted_file *before = &j->last->files.items[b];
        int order = 1;
        while (a < j->next->files.count && (order = name_compare(j->next->files.items[a].name, before->name)) < 0)
            a++;
        bool same = a < j->next->files.count && order == 0 && j->next->files.items[a].resources == before->resources;
        r = same ? 0 : find_gone_of(j, before);
    }
    if (r == 0 && j->next->owed.count > 1)
        qsort(j->next->owed.items, j->next->owed.count, sizeof *j->next->owed.items, compare_owed);
    return r;
}

/* D6(c): another directory becomes the known one when a complete scan of it misses nothing. */
static int take_directory(struct judgement *j) {
    bool misses = j->missed;
    for (size_t i = 0; i < j->next->owed.count; i++)
        misses = misses || (j->next->owed.items[i].circumstances & HOLD_DIRECTORY);
    if (!j->scan->directory || (other_directory(j) && misses))
        return 0;
    j->next->directory = arena_strdup(&j->next->arena, j->scan->directory);
    return j->next->directory ? 0 : -ENOMEM;
}

/* What the last accepted set held, if it does not say so itself. */
static int find_held(struct judgement *j) {
    if (j->last->holdings) {
        j->held = holdings_ref(j->last->holdings);
        return 0;
    }
    struct changes all = {0};
    int r = snapshot_changes(NULL, j->last, &all);
    if (r == 0)
        r = holdings_update(NULL, &all, &j->held);
    changes_free(&all);
    return r;
}

static int find_holdings(struct judgement *j) {
    struct changes changes = {0};
    int r = snapshot_changes(j->last, j->next, &changes);
    if (r == 0)
        r = holdings_update(j->held, &changes, &j->next->holdings);
    changes_free(&changes);
    return r;
}

static int judge(struct judgement *j, const struct catalog *previous) {
    int r = judge_files(j);
    if (r == 0)
        r = accept_files(j, previous);
    if (r == 0)
        r = find_holdings(j);
    if (r == 0)
        r = find_gone(j);
    if (r == 0)
        r = let_go_note(j->last, j->next);
    if (r == 0 && (j->scan->complete || !j->last->directory))
        r = take_directory(j);
    if (j->scan->complete)
        j->next->scanned_usec = j->scan->started.wall_usec;
    j->catalog->n_files = j->scan->files.count;
    if (j->catalog->changed)
        j->next->generation++;
    return r;
}

int catalog_judge(const struct snapshot *last, const struct scan *scan, const struct catalog *previous, bool old,
                  struct snapshot **ret_next, struct catalog **ret) {
    struct judgement j = {.last = last, .scan = scan, .old = old};
    bool counts = scan->complete || scan->extended;
    j.next = counts ? snapshot_successor(last) : snapshot_copy(last);
    j.catalog = calloc(1, sizeof *j.catalog);
    int r = j.next && j.catalog ? find_held(&j) : -ENOMEM;
    if (r == 0 && counts)
        r = judge(&j, previous);
    else if (r == 0 && !j.next->holdings)
        j.next->holdings = holdings_ref(j.held);
    holdings_unref(j.held);
    if (r < 0) {
        snapshot_free(j.next);
        catalog_free(j.catalog);
        return r;
    }
    j.catalog->n_models = j.next->holdings->n_models;
    j.catalog->n_pipelines = j.next->holdings->list.count - j.next->holdings->n_models;
    *ret_next = j.next;
    *ret = j.catalog;
    return 0;
}

struct catalog *catalog_free(struct catalog *catalog) {
    if (catalog) {
        array_free(&catalog->rejected);
        arena_free(&catalog->arena);
        free(catalog);
    }
    return NULL;
}
