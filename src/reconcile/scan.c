#include "reconcile/scan.h"

#include "base/name.h"

#include <stdlib.h>
#include <string.h>

void scan_file_release(struct scan_file *file) {
    name_unref(file->name);
    manifest_unref(file->manifest);
}

struct scan *scan_free(struct scan *scan) {
    if (!scan)
        return NULL;
    for (size_t i = 0; i < scan->files.count; i++)
        scan_file_release(&scan->files.items[i]);
    array_free(&scan->files);
    free(scan->error);
    free(scan->directory);
    free(scan);
    return NULL;
}

static void add(struct scan *scan, const struct scan_file *file) {
    scan->files.items[scan->files.count++] =
        (struct scan_file){.name = name_ref(file->name), .manifest = manifest_ref(file->manifest)};
}

struct scan *scan_extend(const struct scan *last, struct moment now, const struct scan_file *arrived, size_t count) {
    struct scan *scan = calloc(1, sizeof *scan);
    if (!scan)
        return NULL;
    scan->extended = true;
    scan->started = now;
    scan->directory = strdup(last->directory);
    bool fine = scan->directory && array_reserve(&scan->files, last->files.count + count) == 0;
    for (size_t l = 0, a = 0; fine && (l < last->files.count || a < count);) {
        bool old = a == count || (l < last->files.count && strcmp(last->files.items[l].name, arrived[a].name) < 0);
        add(scan, old ? &last->files.items[l++] : &arrived[a++]);
    }
    return fine ? scan : scan_free(scan);
}

static int compare_name(const void *name, const void *file) {
    return strcmp(name, ((const struct scan_file *)file)->name);
}

const struct scan_file *scan_find(const struct scan *scan, const char *name) {
    if (scan->files.count == 0)
        return NULL;
    return bsearch(name, scan->files.items, scan->files.count, sizeof *scan->files.items, compare_name);
}
