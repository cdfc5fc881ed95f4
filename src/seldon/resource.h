/* A resource: what the rest of topicd needs to know of one Model or Pipeline, and no more. "Last good version" and
 * "snapshot record" are this one type. Values are immutable once built.
 *
 * May use: base. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum resource_kind {
    KIND_MODEL,
    KIND_PIPELINE,
    KIND_MAX_,
};

/* "Model", "Pipeline" */
const char *resource_kind_name(enum resource_kind kind);
/* KIND_MAX_ if it is no kind that makes topics. */
enum resource_kind resource_kind_parse(const char *name);

struct resource {
    enum resource_kind kind;
    const char *namespace;
    const char *name;
    bool clean;               /* dataflow.cleanTopicsOnDelete of this version */
    const char *owned[2];     /* its own .inputs and .outputs (D1), whether or not it needs both */
    const char *const *needs; /* topics that must exist for it (T2), sorted by bytes, unique */
    size_t n_needs;
    unsigned line; /* where it begins in its file; 0 when it comes from a snapshot. Not part of equality. */
};

/* The accepted content of one file: reference counted, because the scan's cache, the accepted set and its successor
 * share it. The items and all strings live in its arena. */
struct resources {
    unsigned refs;
    struct arena arena;
    struct resource *items; /* in the file's order */
    size_t count;
};

/* An empty one with one reference, or NULL (-ENOMEM). */
struct resources *resources_new(void);
struct resources *resources_ref(struct resources *resources);
/* Accepts NULL. Returns NULL. */
struct resources *resources_unref(struct resources *resources);

/* By kind, namespace, name: the identity (M7). */
int resource_compare(const struct resource *a, const struct resource *b);
/* Every fact is the same (line aside). */
bool resource_equal(const struct resource *a, const struct resource *b);
bool resources_equal(const struct resources *a, const struct resources *b);
