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
/* The library walks the whole request for each topic of the answer. The controller writes nothing for questions, so
 * that many requests take no longer than few. */
#define KAFKA_ASKS_MAX 250

struct kafka_settings {
    const char *bootstrap;
    const struct property *properties; /* librdkafka's */
    size_t n_properties;
    int request_timeout_msec; /* after it a request's outcome is unknown */
};

/* A handler may send more, but not close the session. What it is given is valid until it returns. */
struct kafka_handlers {
    /* One request ended. Every topic that was asked for stands in `results` exactly once, in the order it was asked
     * for. `code` and `message` are those of REFUSED, UNKNOWN and NOT_SENT; good outcomes have none. */
    void (*answered)(void *userdata, enum operation operation, const struct topic_result *results, size_t count);
    /* The connection has a problem (broker down, wrong password, …), in words fit for a status line; `code` is
     * librdkafka's, such as _TRANSPORT or _AUTHENTICATION. Each problem is told once until a broker answers again. */
    void (*failed)(void *userdata, const char *code, const char *message);
    /* A line of librdkafka's log; `level` is syslog's. What failed() tells is left out. */
    void (*logged)(void *userdata, int level, const char *message);
};

struct kafka;

/* Returns 0; -EINVAL with a sentence in `error` when librdkafka refuses the settings; -ENOMEM; another negative errno
 * when the system has no eventfd or no thread left. Does not wait. (librdkafka itself aborts when memory is exhausted:
 * only this layer's own allocations fail in order.) */
int kafka_open(const struct kafka_settings *settings, const struct kafka_handlers *handlers, void *userdata,
               struct kafka **ret, struct buffer *error);
/* Accepts NULL, returns NULL; drops what is in flight. It takes a millisecond or two, and never more than 100: a client
 * that hangs in a look-up of names ends later, by itself. */
struct kafka *kafka_close(struct kafka *kafka);

int kafka_fd(const struct kafka *kafka);
void kafka_dispatch(struct kafka *kafka);

/* The id of the cluster, as it was told last; NULL before. It is known when the first request is answered, at the
 * latest; nothing wakes kafka_fd() for it alone. It changes when another cluster comes up at the same address. Valid
 * until kafka_close().
 *
 * A session keeps to the broker it was sent to: when that one of several dies, requests end as NOT_SENT for up to five
 * minutes, where a new session finds the next one at once. */
const char *kafka_cluster_id(struct kafka *kafka);
/* How many requests are in flight. */
size_t kafka_in_flight(const struct kafka *kafka);

struct kafka_creation {
    const char *topic;
    const struct topic_settings *settings;
};

/* Each sends as many requests as these limits ask for, and answers once for each request.
 * Names must be unique within a call. Return 0 or -ENOMEM; on failure nothing was sent. */
int kafka_create(struct kafka *kafka, const struct kafka_creation *creations, size_t count);
int kafka_ask(struct kafka *kafka, const struct kafka_creation *creations, size_t count); /* creates nothing */
int kafka_delete(struct kafka *kafka, const char *const *topics, size_t count);
