#include "store/snapshot_changes.h"

#include "base/name.h"

#include <string.h>

static int add_file(struct snapshot *changes, const struct accepted_file *file, struct resources *resources) {
    struct accepted_file added = {
        .name = file->name, .resources = resources, .rejected_since_usec = resources ? file->rejected_since_usec : 0};
    if (array_push(&changes->files, added) < 0)
        return -ENOMEM;
    name_ref(file->name);
    resources_ref(resources);
    return 0;
}

static bool file_equal(const struct accepted_file *a, const struct accepted_file *b) {
    return a->rejected_since_usec == b->rejected_since_usec && resources_equal(a->resources, b->resources);
}

/* Walks the files of both side by side. */
static int diff_files(const struct snapshot *before, const struct snapshot *after, struct snapshot *changes) {
    for (size_t b = 0, a = 0; b < before->files.count || a < after->files.count;) {
        const struct accepted_file *old = b < before->files.count ? &before->files.items[b] : NULL;
        const struct accepted_file *new = a < after->files.count ? &after->files.items[a] : NULL;
        int order = !old ? 1 : !new ? -1 : name_compare(old->name, new->name), r = 0;
        if (order < 0)
            r = add_file(changes, old, NULL);
        else if (order > 0 || !file_equal(old, new))
            r = add_file(changes, new, new->resources);
        if (r < 0)
            return r;
        b += order <= 0;
        a += order >= 0;
    }
    return 0;
}

int snapshot_diff(const struct snapshot *before, const struct snapshot *after, struct snapshot **ret) {
    struct snapshot *changes = snapshot_successor(after);
    if (!changes || diff_files(before, after, changes) < 0) {
        snapshot_free(changes);
        return -ENOMEM;
    }
    *ret = changes;
    return 0;
}

/* The place of a name, whether or not it is there. */
static size_t place_of(const struct snapshot *snapshot, const char *name) {
    size_t low = 0;
    for (size_t high = snapshot->files.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(snapshot->files.items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Takes over the file, if it is there afterwards. */
static int patch_file(struct snapshot *snapshot, struct accepted_file *file) {
    size_t place = place_of(snapshot, file->name), after = snapshot->files.count - place;
    struct accepted_file *there = after > 0 ? &snapshot->files.items[place] : NULL;
    if (there && strcmp(there->name, file->name) == 0) {
        accepted_file_release(there);
        if (!file->resources) {
            memmove(there, there + 1, (--snapshot->files.count - place) * sizeof *there);
            return 0;
        }
        *there = *file;
    } else if (!file->resources) {
        return 1;
    } else {
        if (array_reserve(&snapshot->files, snapshot->files.count + 1) < 0)
            return -ENOMEM;
        there = &snapshot->files.items[place];
        memmove(there + 1, there, after * sizeof *there);
        *there = *file;
        snapshot->files.count++;
    }
    *file = (struct accepted_file){0};
    return 0;
}

int snapshot_patch(struct snapshot *snapshot, struct snapshot *changes) {
    arena_join(&snapshot->arena, &changes->arena);
    int r = 0;
    for (size_t i = 0; i < changes->files.count && r == 0; i++)
        r = patch_file(snapshot, &changes->files.items[i]);
    if (r != 0)
        return r;
    struct snapshot old = *snapshot;
    snapshot->scope = changes->scope;
    snapshot->directory = changes->directory;
    snapshot->scanned_usec = changes->scanned_usec;
    snapshot->generation = changes->generation;
    snapshot->owed = changes->owed;
    snapshot->sent = changes->sent;
    changes->owed = old.owed;
    changes->sent = old.sent;
    return 0;
}
