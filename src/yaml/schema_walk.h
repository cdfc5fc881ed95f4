/* Where a walk of schema_check() stands, and how it speaks; private to schema*.c.
 *
 * May use: schema. */
#pragma once

#include "yaml/schema.h"

/* One step down from the root: a name, or an item's number. */
struct place {
    const struct place *parent;
    const struct node *key; /* NULL: item `index` of a list */
    const char *name;       /* of the root (a whole path), or of a field without a key in the file */
    size_t index;
};

struct schema_walk {
    const struct schema_options *options;
    size_t budget;
    struct diagnostics *diagnostics;
    const struct place *place;
    bool strict; /* FIELD_STRICT holds here */
    bool ended;  /* the budget is used up, or there are enough errors */
};

/* Reports "PATH MESSAGE" at `mark`, for the place where the walk stands. */
void schema_report(struct schema_walk *walk, enum severity severity, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same without the path in front; `%s` may take it from schema_path(). */
void schema_path(const struct schema_walk *walk, struct buffer *out);

/* Whether the node has the type that the field wants; if not, says so, and how to write it. */
bool schema_type_fits(struct schema_walk *walk, const struct field *field, const struct node *node);
/* The value's limits: enum, bounds. Says what is wrong. */
void schema_check_value(struct schema_walk *walk, const struct field *field, const struct node *node);
/* A key that the table does not have. */
void schema_report_unknown(struct schema_walk *walk, const struct field *fields, const struct node *key);
