#include "seldon/manifest.h"

#include "seldon/reading.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int compare_claims(const void *a, const void *b) {
    const struct claim *x = *(const struct claim *const *)a, *y = *(const struct claim *const *)b;
    int order = resource_compare(&x->resource, &y->resource);
    return order != 0 ? order : x < y ? -1 : x > y;
}

/* One resource may stand in a file only once: which of two versions is meant, nobody can say. */
static int check_duplicates(struct reading *reading) {
    size_t count = reading->claims.count;
    const struct claim **sorted = arena_array(&reading->scratch, count + 1, sizeof *sorted);
    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &reading->claims.items[i];
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, compare_claims);
    for (size_t i = 1, first = 0; i < count; i++) {
        const struct resource *resource = &sorted[i]->resource;
        if (resource_compare(&sorted[first]->resource, resource) == 0)
            reading_error(reading, sorted[i]->mark,
                          "the %s %s of namespace %s stands in this file twice, at lines %u and %u; remove one of them",
                          resource_kind_name(resource->kind), reading_quote(reading, resource->name),
                          reading_quote(reading, resource->namespace), sorted[first]->mark.line, sorted[i]->mark.line);
        else
            first = i;
    }
    return 0;
}

static int read_documents(struct reading *reading, const char *text, size_t length) {
    struct documents documents = {0};
    int r = yaml_parse(text, length, &reading->scratch, &documents, reading->diagnostics);
    /* After an error of syntax too: what was whole before it may have errors of its own. */
    reading->budget = schema_budget(documents.nodes);
    for (size_t i = 0; r == 0 && i < documents.roots.count && reading->budget > 0; i++)
        r = document_read(reading, documents.roots.items[i]);
    array_free(&documents.roots);
    return r == 0 ? check_duplicates(reading) : r;
}

/* The claims, once all are known to be good, become the file's resources. */
static int accept(struct reading *reading) {
    struct resources *resources = reading->resources;
    size_t count = reading->claims.count;
    if (count == 0)
        return 0;
    if (!(resources->items = arena_array(&resources->arena, count, sizeof *resources->items)))
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        resources->items[i] = reading->claims.items[i].resource;
    resources->count = count;
    return 0;
}

static int read_all(struct manifest *manifest, const char *text, size_t length,
                    const struct manifest_options *options) {
    struct reading reading = {
        .options = options,
        .diagnostics = &manifest->diagnostics,
        .resources = resources_new(),
    };
    int r = reading.resources ? read_documents(&reading, text, length) : -ENOMEM;
    if (r == 0 && manifest->diagnostics.errors == 0)
        r = accept(&reading);
    diagnostics_finish(&manifest->diagnostics, text, length);
    if (r == 0 && manifest->diagnostics.failed)
        r = -ENOMEM;
    if (r == 0 && manifest->diagnostics.errors == 0)
        manifest->resources = resources_ref(reading.resources);
    resources_unref(reading.resources);
    array_free(&reading.claims);
    arena_free(&reading.scratch);
    return r;
}

static struct manifest *manifest_new(void) {
    struct manifest *manifest = calloc(1, sizeof *manifest);
    if (manifest)
        manifest->refs = 1;
    return manifest;
}

int manifest_read(const char *text, size_t length, const struct manifest_options *options, struct manifest **ret) {
    struct manifest *manifest = manifest_new();
    int r = manifest ? read_all(manifest, text, length, options) : -ENOMEM;
    if (r < 0) {
        manifest_unref(manifest);
        return r;
    }
    *ret = manifest;
    return 0;
}

int manifest_reject(struct manifest **ret, const char *format, ...) {
    struct manifest *manifest = manifest_new();
    if (!manifest)
        return -ENOMEM;
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(&manifest->diagnostics.arena, format, args);
    va_end(args);
    if (message)
        diagnostics_add(&manifest->diagnostics, SEVERITY_ERROR, (struct mark){0, 0}, "%s", message);
    if (!message || manifest->diagnostics.failed) {
        manifest_unref(manifest);
        return -ENOMEM;
    }
    *ret = manifest;
    return 0;
}

int manifest_accept(struct resources *resources, struct manifest **ret) {
    struct manifest *manifest = manifest_new();
    if (!manifest)
        return -ENOMEM;
    manifest->resources = resources_ref(resources);
    *ret = manifest;
    return 0;
}

static bool same_lines(const struct resources *a, const struct resources *b) {
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].line != b->items[i].line)
            return false;
    return true;
}

static bool diagnostic_equal(const struct diagnostic *a, const struct diagnostic *b) {
    bool excerpts = a->excerpt && b->excerpt ? strcmp(a->excerpt, b->excerpt) == 0 : a->excerpt == b->excerpt;
    return a->severity == b->severity && a->mark.line == b->mark.line && a->mark.column == b->mark.column &&
           strcmp(a->message, b->message) == 0 && excerpts;
}

bool manifest_equal(const struct manifest *a, const struct manifest *b) {
    if (!a->resources != !b->resources || a->diagnostics.list.count != b->diagnostics.list.count ||
        a->diagnostics.truncated != b->diagnostics.truncated)
        return false;
    if (a->resources && !(resources_equal(a->resources, b->resources) && same_lines(a->resources, b->resources)))
        return false;
    for (size_t i = 0; i < a->diagnostics.list.count; i++)
        if (!diagnostic_equal(&a->diagnostics.list.items[i], &b->diagnostics.list.items[i]))
            return false;
    return true;
}

struct manifest *manifest_ref(struct manifest *manifest) {
    if (manifest)
        manifest->refs++;
    return manifest;
}

struct manifest *manifest_unref(struct manifest *manifest) {
    if (manifest && --manifest->refs == 0) {
        resources_unref(manifest->resources);
        diagnostics_free(&manifest->diagnostics);
        free(manifest);
    }
    return NULL;
}
