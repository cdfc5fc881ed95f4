/* Requests: how many topics fit into one, and one as librdkafka wants it. Private to kafka/. */
#pragma once

#include "base/arena.h"
#include "kafka/kafka.h"

#include <librdkafka/rdkafka.h>

struct request {
    struct request *previous, *next; /* the owner's list */
    enum operation operation;
    struct topic_result *results; /* the names, in the order of the request; the answer fills in the rest */
    size_t count;
    struct arena arena;
    rd_kafka_NewTopic_t **creations; /* until it is sent: create, ask */
    rd_kafka_DeleteTopic_t **deletions;
};

/* How many of the first creations, at least one, make one request. */
size_t request_share_creations(enum operation operation, const struct kafka_creation *creations, size_t count);
size_t request_share_deletions(size_t count);

/* NULL when memory is exhausted. */
struct request *request_new_creation(enum operation operation, const struct kafka_creation *creations, size_t count);
struct request *request_new_deletion(const char *const *topics, size_t count);
/* Sends it; the answer comes to `queue` with the request as the event's opaque. */
void request_send(struct request *request, rd_kafka_t *client, rd_kafka_queue_t *queue, int timeout_msec);
struct request *request_free(struct request *request); /* accepts NULL, returns NULL */
