/* A schema is data: a table with a row for every field. schema_check() holds a tree against it and says everything
 * that is wrong (M4); afterwards the reader of the tree can take types for granted and use node_get().
 *
 * May use: base, node. */
#pragma once

#include "yaml/node.h"

enum field_type {
    FIELD_STRING,
    FIELD_BOOLEAN,
    FIELD_INTEGER, /* 2.0 counts as 2, as in JSON schema; min and max apply */
    FIELD_INTEGER_OR_STRING,
    FIELD_OBJECT, /* `fields` */
    FIELD_LIST,   /* of `item`; its items may not be null */
    FIELD_MAP,    /* of any scalar key to `item` */
    FIELD_SCALAR, /* any one value */
    FIELD_ANY,    /* not looked into */
};

enum field_flags {
    FIELD_REQUIRED = 1 << 0, /* absent and null are errors */
    FIELD_STRICT = 1 << 1,   /* an unknown field below it is an error even where unknown fields are warnings */
    FIELD_REFUSED = 1 << 2,  /* may not stand there; `check` says why, better than that it is unknown */
};

struct schema_walk;

struct field {
    const char *name; /* NULL ends a table */
    enum field_type type;
    unsigned flags;
    const struct field *fields; /* FIELD_OBJECT: its table */
    const struct field *item;   /* FIELD_LIST, FIELD_MAP: one row, whose name is not used */
    const char *const *values;  /* FIELD_STRING: the only values allowed, ended by NULL */
    int64_t min, max;           /* FIELD_INTEGER: bounds, if either is not 0 */
    /* The next two are for JSON Schemas (tools/schema.c): what `check`, or whoever reads the tree, is sure to refuse
     * and to say better. Nothing is held against them here. */
    size_t least;        /* FIELD_LIST: items */
    const char *pattern; /* texts: a regular expression (ECMA 262) */
    /* A check beyond the type; adds its own diagnostics with schema_error(). */
    void (*check)(struct schema_walk *walk, const struct field *field, const struct node *node);
    const char *summary; /* one sentence for people who write the file: what it is, unit, default */
};

struct schema_options {
    bool unknown_is_warning; /* validation: warn */
};

/* Holds `node` against the table of an object. `path` names the place in messages ("" for the root). null counts as
 * absent everywhere but in lists. `budget` is the number of nodes that may still be visited, counted down across
 * calls; when it is used up an error says so and the walk ends (alias bombs). Returns 0 or -ENOMEM. */
int schema_check(const struct node *node, const struct field *fields, const char *path,
                 const struct schema_options *options, size_t *budget, struct diagnostics *diagnostics);

/* The budget for a file with `nodes` parsed nodes: proportional, with room for honest aliases. */
size_t schema_budget(size_t nodes);

/* For checks: an error or warning at the node, its path put in front. */
void schema_error(struct schema_walk *walk, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void schema_warning(struct schema_walk *walk, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
