/* The scan as a value: freeing it, and finding a file in it. */
#include "reconcile/scan.h"

#include <stdlib.h>
#include <string.h>

struct scan *scan_free(struct scan *scan) {
    if (!scan)
        return NULL;
    for (size_t i = 0; i < scan->files.count; i++) {
        free(scan->files.items[i].name);
        manifest_unref(scan->files.items[i].manifest);
    }
    array_free(&scan->files);
    free(scan->error);
    free(scan->directory);
    free(scan);
    return NULL;
}

static int compare_name(const void *name, const void *file) {
    return strcmp(name, ((const struct scan_file *)file)->name);
}

const struct scan_file *scan_find(const struct scan *scan, const char *name) {
    if (scan->files.count == 0)
        return NULL;
    return bsearch(name, scan->files.items, scan->files.count, sizeof *scan->files.items, compare_name);
}
