/* A session with Kafka: create, delete and ask, all asynchronous. The only part that knows librdkafka; it knows no
 * manifest, no rule and no clock. Whoever opens a session watches kafka_fd() for input and calls kafka_dispatch(),
 * which calls the handlers.
 *
 * A session is cheap (a few ms to open and to close, also with requests in flight), so that a fact that must be
 * fresh - the cluster id before a deletion (D5) - is had from a session opened for it.
 *
 * May use: base, librdkafka. */
#pragma once

#include "base/buffer.h"
#include "base/topic.h"

#include <stdbool.h>

/* A broker takes at most this many records in one CreateTopics: topics x (1 + partitions + configuration entries). */
#define KAFKA_RECORDS_MAX 10000
/* … and this many names in one DeleteTopics. */
#define KAFKA_DELETES_MAX 10000

struct kafka_settings {
    const char *bootstrap;
    const struct property *properties; /* librdkafka's */
    size_t n_properties;
    int request_timeout_msec; /* after it a request's outcome is unknown */
};

struct kafka_handlers {
    /* One request ended. Every topic that was asked for stands in `results` exactly once. */
    void (*answered)(void *userdata, enum operation operation, const struct topic_result *results, size_t count);
    /* The connection has a problem (broker down, wrong password, …), in words fit for a status line. */
    void (*failed)(void *userdata, const char *code, const char *message);
    /* A line of librdkafka's log; `level` is syslog's. */
    void (*logged)(void *userdata, int level, const char *message);
};

struct kafka;

/* Returns 0; -EINVAL with a sentence in `error` when librdkafka refuses the settings; -ENOMEM. Does not wait. */
int kafka_open(const struct kafka_settings *settings, const struct kafka_handlers *handlers, void *userdata,
               struct kafka **ret, struct buffer *error);
struct kafka *kafka_close(struct kafka *kafka); /* accepts NULL, returns NULL; drops what is in flight */

int kafka_fd(const struct kafka *kafka);
void kafka_dispatch(struct kafka *kafka);

/* The id the cluster gave this session, or NULL as long as it has not answered. Valid until kafka_close(). */
const char *kafka_cluster_id(struct kafka *kafka);
/* How many requests are in flight. */
size_t kafka_in_flight(const struct kafka *kafka);

struct kafka_creation {
    const char *topic;
    const struct topic_settings *settings;
};

/* Each sends as many requests as the broker's limits ask for (KAFKA_RECORDS_MAX), and answers once for each request.
 * Names must be unique within a call. Return 0 or -ENOMEM; on failure nothing was sent. */
int kafka_create(struct kafka *kafka, const struct kafka_creation *creations, size_t count);
int kafka_ask(struct kafka *kafka, const struct kafka_creation *creations, size_t count); /* creates nothing */
int kafka_delete(struct kafka *kafka, const char *const *topics, size_t count);
