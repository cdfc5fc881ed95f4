/* How topics are spelled (T1), and what names they can be made of (T4). Nothing else in topicd puts a topic's name
 * together or takes one apart.
 *
 * May use: base, resource. */
#pragma once

#include "seldon/resource.h"

#include <stdbool.h>
#include <stddef.h>

/* Kafka's own limit for a topic's name. */
#define TOPIC_LENGTH_MAX 249

enum direction {
    DIRECTION_INPUTS,
    DIRECTION_OUTPUTS,
    DIRECTION_MAX_,
};

/* "inputs", "outputs" */
const char *direction_name(enum direction direction);
/* DIRECTION_MAX_ if it is neither. */
enum direction direction_parse(const char *text);

/* What all topics of one namespace begin with. */
struct naming {
    const char *prefix, *namespace;
};

/* PREFIX.NAMESPACE.model.NAME.inputs and its kin; NULL when memory is exhausted. */
char *naming_topic(struct arena *arena, const struct naming *naming, enum resource_kind kind, const char *name,
                   enum direction direction);
/* PREFIX.NAMESPACE.errors.errors */
char *naming_errors_topic(struct arena *arena, const struct naming *naming);
/* If `topic` has exactly the form that the two functions above give it under `prefix`: true, and its namespace, which
 * is not terminated. */
bool naming_parse(const char *topic, const char *prefix, const char **ret_namespace, size_t *ret_length);

/* The Model or Pipeline whose own topic this is, by the topic's name: kind, namespace and name of *ret, the texts in
 * `arena`. Returns 0; 1 if it is none of their own topics (the errors topic is not); -ENOMEM. */
int naming_owner(struct arena *arena, const char *topic, const char *prefix, struct resource *ret);

/* Kafka takes it: 1 to 249 characters of [A-Za-z0-9._-], and not "." or "..". */
bool naming_is_legal_topic(const char *topic);
/* The most characters that a name may have, so that both its topics are legal; 0 if there is no room at all. */
size_t naming_longest(const struct naming *naming, enum resource_kind kind);

/* What a Model or a Pipeline may be called: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ (R-M4, R-P2). */
bool naming_is_resource_name(const char *name);
/* The same, in at most 63 characters. */
bool naming_is_namespace(const char *name);
/* What can stand between two dots of a topic: [A-Za-z0-9_-]+ (T4). */
bool naming_is_section(const char *name);
