/* The kinds of Seldon's API group, and what topicd does with objects of each (M3).
 *
 * May use: libc. */
#pragma once

#define SELDON_GROUP "mlops.seldon.io"
#define SELDON_GROUP_VERSION SELDON_GROUP "/v1alpha1"

enum kind_role {
    ROLE_MODEL,
    ROLE_PIPELINE,
    ROLE_MODEL_LIST,
    ROLE_PIPELINE_LIST,
    ROLE_NO_TOPICS,
};

struct kind {
    const char *name; /* NULL ends the table */
    enum kind_role role;
};
extern const struct kind KINDS[];
