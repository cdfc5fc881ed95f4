/* The snapshot as a value: making, copying, comparing. What it means is catalog.h's and deletions.h's. */
#include "reconcile/snapshot.h"

#include "base/name.h"
#include "reconcile/holdings.h"

#include <stdlib.h>
#include <string.h>

/* Copies a text that may be NULL. False when memory is exhausted. */
static bool copy_text(struct arena *arena, const char *text, const char **ret) {
    const char *copy = text ? arena_strdup(arena, text) : NULL;
    if (text && !copy)
        return false;
    *ret = copy;
    return true;
}

static bool text_equal(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

struct snapshot *snapshot_new(const struct scope *scope) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return NULL;
    if (!copy_text(&snapshot->arena, scope->cluster_id, &snapshot->scope.cluster_id) ||
        !copy_text(&snapshot->arena, scope->prefix, &snapshot->scope.prefix) ||
        !copy_text(&snapshot->arena, scope->namespace, &snapshot->scope.namespace) ||
        !copy_text(&snapshot->arena, scope->manifests, &snapshot->scope.manifests))
        return snapshot_free(snapshot);
    return snapshot;
}

static bool copy_files(struct snapshot *to, const struct snapshot *from) {
    if (array_reserve(&to->files, from->files.count) < 0)
        return false;
    for (size_t i = 0; i < from->files.count; i++) {
        struct accepted_file file = from->files.items[i];
        name_ref(file.name);
        resources_ref(file.resources);
        to->files.items[to->files.count++] = file;
    }
    return true;
}

static bool copy_owed(struct snapshot *to, const struct snapshot *from) {
    if (array_reserve(&to->owed, from->owed.count) < 0)
        return false;
    for (size_t i = 0; i < from->owed.count; i++) {
        struct owed owed = from->owed.items[i];
        if (!copy_text(&to->arena, owed.namespace, &owed.namespace) || !copy_text(&to->arena, owed.name, &owed.name) ||
            !copy_text(&to->arena, owed.topics[0], &owed.topics[0]) ||
            !copy_text(&to->arena, owed.topics[1], &owed.topics[1]) || !copy_text(&to->arena, owed.file, &owed.file) ||
            !copy_text(&to->arena, owed.let_go_by, &owed.let_go_by))
            return false;
        to->owed.items[to->owed.count++] = owed;
    }
    return true;
}

static bool copy_sent(struct snapshot *to, const struct snapshot *from) {
    if (array_reserve(&to->sent, from->sent.count) < 0)
        return false;
    for (size_t i = 0; i < from->sent.count; i++) {
        struct sent sent = from->sent.items[i];
        if (!copy_text(&to->arena, sent.topic, &sent.topic))
            return false;
        to->sent.items[to->sent.count++] = sent;
    }
    return true;
}

struct snapshot *snapshot_successor(const struct snapshot *snapshot) {
    struct snapshot *copy = snapshot_new(&snapshot->scope);
    if (!copy)
        return NULL;
    copy->scanned_usec = snapshot->scanned_usec;
    copy->generation = snapshot->generation;
    if (!copy_text(&copy->arena, snapshot->directory, &copy->directory) || !copy_owed(copy, snapshot) ||
        !copy_sent(copy, snapshot))
        return snapshot_free(copy);
    return copy;
}

struct snapshot *snapshot_copy(const struct snapshot *snapshot) {
    struct snapshot *copy = snapshot_successor(snapshot);
    if (!copy || !copy_files(copy, snapshot))
        return snapshot_free(copy);
    copy->holdings = holdings_ref(snapshot->holdings);
    return copy;
}

void accepted_file_release(struct accepted_file *file) {
    name_unref(file->name);
    resources_unref(file->resources);
}

struct snapshot *snapshot_free(struct snapshot *snapshot) {
    if (!snapshot)
        return NULL;
    for (size_t i = 0; i < snapshot->files.count; i++)
        accepted_file_release(&snapshot->files.items[i]);
    holdings_unref(snapshot->holdings);
    array_free(&snapshot->files);
    array_free(&snapshot->owed);
    array_free(&snapshot->sent);
    arena_free(&snapshot->arena);
    free(snapshot);
    return NULL;
}

static bool files_equal(const struct snapshot *a, const struct snapshot *b) {
    if (a->files.count != b->files.count)
        return false;
    for (size_t i = 0; i < a->files.count; i++) {
        const struct accepted_file *x = &a->files.items[i], *y = &b->files.items[i];
        if (x->rejected_since_usec != y->rejected_since_usec || name_compare(x->name, y->name) != 0 ||
            !resources_equal(x->resources, y->resources))
            return false;
    }
    return true;
}

/* All but seen_gone_usec, which no file holds. */
static bool owed_equal(const struct owed *a, const struct owed *b) {
    return a->kind == b->kind && text_equal(a->namespace, b->namespace) && text_equal(a->name, b->name) &&
           text_equal(a->topics[0], b->topics[0]) && text_equal(a->topics[1], b->topics[1]) &&
           a->done[0] == b->done[0] && a->done[1] == b->done[1] && text_equal(a->file, b->file) &&
           text_equal(a->let_go_by, b->let_go_by) && a->since_usec == b->since_usec && a->generation == b->generation &&
           a->population == b->population && a->circumstances == b->circumstances && a->held == b->held &&
           a->approved == b->approved && a->refused_since_usec == b->refused_since_usec;
}

bool snapshot_equal(const struct snapshot *a, const struct snapshot *b) {
    if (a == b)
        return true;
    if (!text_equal(a->scope.cluster_id, b->scope.cluster_id) || !text_equal(a->scope.prefix, b->scope.prefix) ||
        !text_equal(a->scope.namespace, b->scope.namespace) || !text_equal(a->scope.manifests, b->scope.manifests) ||
        !text_equal(a->directory, b->directory) || a->generation != b->generation || a->owed.count != b->owed.count ||
        a->sent.count != b->sent.count || !files_equal(a, b))
        return false;
    for (size_t i = 0; i < a->owed.count; i++)
        if (!owed_equal(&a->owed.items[i], &b->owed.items[i]))
            return false;
    for (size_t i = 0; i < a->sent.count; i++)
        if (a->sent.items[i].wall_usec != b->sent.items[i].wall_usec ||
            strcmp(a->sent.items[i].topic, b->sent.items[i].topic) != 0)
            return false;
    return true;
}

bool scope_equal(const struct scope *a, const struct scope *b) {
    if (a->cluster_id && b->cluster_id && strcmp(a->cluster_id, b->cluster_id) != 0)
        return false;
    return text_equal(a->prefix, b->prefix) && text_equal(a->namespace, b->namespace) &&
           text_equal(a->manifests, b->manifests);
}

static int compare_name(const void *name, const void *file) {
    return strcmp(name, ((const struct accepted_file *)file)->name);
}

const struct accepted_file *snapshot_file(const struct snapshot *snapshot, const char *name) {
    if (snapshot->files.count == 0)
        return NULL;
    return bsearch(name, snapshot->files.items, snapshot->files.count, sizeof *snapshot->files.items, compare_name);
}

static int compare_topic(const void *topic, const void *sent) {
    return strcmp(topic, ((const struct sent *)sent)->topic);
}

const struct sent *snapshot_sent(const struct snapshot *snapshot, const char *topic) {
    if (snapshot->sent.count == 0)
        return NULL;
    return bsearch(topic, snapshot->sent.items, snapshot->sent.count, sizeof *snapshot->sent.items, compare_topic);
}

int snapshot_changes(const struct snapshot *before, const struct snapshot *after, struct changes *ret) {
    size_t n_before = before ? before->files.count : 0, b = 0, a = 0;
    while (b < n_before || a < after->files.count) {
        const struct accepted_file *old = b < n_before ? &before->files.items[b] : NULL;
        const struct accepted_file *new = a < after->files.count ? &after->files.items[a] : NULL;
        bool same = old && new && old->resources == new->resources;
        int order = same ? 0 : !old ? 1 : !new ? -1 : strcmp(old->name, new->name);
        if (!same && order <= 0 && array_push(&ret->gone.list, old->resources) < 0)
            return -ENOMEM;
        if (!same && order >= 0 && array_push(&ret->come.list, new->resources) < 0)
            return -ENOMEM;
        b += order <= 0;
        a += order >= 0;
    }
    return 0;
}

void changes_free(struct changes *changes) {
    array_free(&changes->gone.list);
    array_free(&changes->come.list);
}

void owner_format(enum resource_kind kind, const char *namespace, const char *name, struct buffer *out) {
    buffer_printf(out, "%s/%s/%s", resource_kind_name(kind), namespace, name);
}
