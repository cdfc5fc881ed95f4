/* The reading of one file, as its parts share it: private to this folder.
 *
 * May use: base, yaml, naming. */
#pragma once

#include "base/array.h"
#include "seldon/manifest.h"
#include "seldon/naming.h"
#include "yaml/schema.h"

/* A resource that was read, and the place of its name. */
struct claim {
    struct resource resource;
    struct mark mark;
};

struct reading {
    const struct manifest_options *options;
    struct diagnostics *diagnostics;
    struct arena scratch;          /* nodes and names on the way: lives as long as the reading */
    struct resources *resources;   /* being built: its arena only, until all claims are known to be good */
    ARRAY(struct claim) claims;    /* in the file's order */
    size_t budget;                 /* nodes that may still be visited, see schema_check() */
    bool ignored_kind_was_noticed; /* the file has been told once that some kinds make no topics */
};

/* Whose resource it is, as its metadata says. */
struct identity {
    enum resource_kind kind;
    const char *name; /* NULL if there is none */
    struct naming naming;
    bool usable;      /* name and namespace are there and good */
    struct mark mark; /* of the name */
    unsigned line;    /* where the object begins */
};

/* Checks an object's fields and metadata: everything that Models and Pipelines have in common. `path` is the object's
 * place in its document. Returns 0 or -ENOMEM; what is wrong is in the diagnostics. */
int reading_identify(struct reading *reading, const struct node *object, enum resource_kind kind,
                     const struct field *fields, const char *path, struct identity *ret);
/* Adds a resource that needs `topics` (in any order, more than once), if it is usable. Copies all that it keeps.
 * Returns 0 or -ENOMEM. */
int reading_claim(struct reading *reading, const struct identity *identity, bool clean, const char **topics,
                  size_t n_topics);

/* One document, or one item of a list, to what it claims. Return 0 or -ENOMEM. */
int document_read(struct reading *reading, const struct node *root);
int model_read(struct reading *reading, const struct node *object, const char *path);
int pipeline_read(struct reading *reading, const struct node *object, const char *path);

void reading_error(struct reading *reading, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reading_warning(struct reading *reading, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A user's word for a message: in quotes, on one line, and not longer than a message can bear. */
const char *reading_quote(struct reading *reading, const char *word);
/* "; did you mean X?", or "" */
const char *reading_hint(struct reading *reading, const char *word, const char *const *candidates);

/* The values below a map that have the expected type, else NULL: the rules run on what is there, whatever else the
 * schema has found wrong. */
const char *node_string(const struct node *map, const char *key);
const struct node *node_list(const struct node *map, const char *key);
bool node_is_true(const struct node *map, const char *key);
