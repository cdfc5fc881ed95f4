/* A file's bytes to its resources: the Seldon half of M2 to M7, T1, T2 and T4. Model and Pipeline as types never leave
 * this folder.
 *
 * May use: base, yaml. */
#pragma once

#include "base/diagnostic.h"
#include "seldon/resource.h"

/* A file over this size is rejected (M1). */
#define MANIFEST_SIZE_MAX (16u << 20)

struct manifest_options {
    const char *topic_prefix;
    const char *default_namespace;
    bool unknown_is_warning; /* validation: warn */
};

/* What one file says. Reference counted and immutable. */
struct manifest {
    unsigned refs;
    struct resources *resources; /* NULL if the file is rejected */
    struct diagnostics diagnostics;
};

/* Judges the content of a file. Returns 0 with a manifest, accepted or rejected; -ENOMEM otherwise. */
int manifest_read(const char *text, size_t length, const struct manifest_options *options, struct manifest **ret);
/* A manifest that is rejected for a reason outside its content (a dangling link, too large, …). */
int manifest_reject(struct manifest **ret, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A manifest that says just this. Returns 0 or -ENOMEM. */
int manifest_accept(struct resources *resources, struct manifest **ret);
/* Says the same, and about the same lines. */
bool manifest_equal(const struct manifest *a, const struct manifest *b);
struct manifest *manifest_ref(struct manifest *manifest);
struct manifest *manifest_unref(struct manifest *manifest); /* accepts NULL, returns NULL */
