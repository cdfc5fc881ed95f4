/* The words that deciding (reconcile/) and doing (kafka/) share about one topic. Types only. */
#pragma once

#include <stddef.h>

struct property {
    const char *key, *value;
};

/* How a topic is made (T3). Owned by the configuration. */
struct topic_settings {
    int partitions;
    int replication_factor;
    const struct property *config; /* sorted by key */
    size_t n_config;
};

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
