/* The words that deciding (reconcile/) and doing (kafka/) share about one topic.
 *
 * May use: libc. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct property {
    const char *key, *value;
};

/* How a topic is made (T3). */
struct topic_settings {
    int partitions;
    int replication_factor;
    const struct property *config; /* sorted by key */
    size_t n_config;
};

/* An exception for some topics. */
struct topic_rule {
    const char *match;             /* a pattern for a topic's whole name: * is any text, ? is any character */
    const struct property *config; /* as it was written, sorted by key; a value that is NULL takes the key away */
    size_t n_config;
    struct topic_settings settings; /* the general ones, with that merged over them */
};

/* How topics are made: all of them, and those of which a rule says otherwise. Owned by the configuration. */
struct topic_policy {
    struct topic_settings general;
    const struct topic_rule *rules; /* the first that matches counts */
    size_t n_rules;
};

bool topic_matches(const char *pattern, const char *topic);
/* NULL: none matches. */
const struct topic_rule *topic_rule_for(const struct topic_policy *policy, const char *topic);
const struct topic_settings *topic_settings_for(const struct topic_policy *policy, const char *topic);

enum operation {
    OPERATION_NONE,
    OPERATION_CREATE,
    OPERATION_DELETE,
    OPERATION_ASK, /* a validate-only CreateTopics: does the controller know this name? (D7, L4) */
};

/* What became of one topic of one request. */
enum outcome {
    OUTCOME_DONE,     /* created, deleted, or (asked) a name that could be created: it does not exist */
    OUTCOME_EXISTS,   /* create, ask: the controller knows the topic */
    OUTCOME_MISSING,  /* delete: the controller does not know it */
    OUTCOME_REFUSED,  /* the broker said no, in words; nothing was done */
    OUTCOME_UNKNOWN,  /* time-out, lost connection: it may still be carried out later */
    OUTCOME_NOT_SENT, /* it certainly never reached a broker */
};

struct topic_result {
    const char *topic;
    enum outcome outcome;
    const char *code;    /* Kafka's name of the error, such as TOPIC_AUTHORIZATION_FAILED; NULL if none */
    const char *message; /* in the broker's or the client library's words; NULL if none */
};
