/* A session with a broker in a test: opens it, sends, waits, and keeps what was answered. */
#pragma once

#include "base/arena.h"
#include "base/array.h"
#include "kafka/kafka.h"

enum { PATIENCE_MSEC = 10000 };

struct answer {
    enum operation operation;
    enum outcome outcome;
    const char *topic, *code, *message;
};

struct session {
    struct kafka *kafka;
    ARRAY(struct answer) answers;
    size_t requests; /* answered */
    size_t failures;
    const char *code, *message; /* of the first failure */
    struct arena texts;
};

/* One partition, one replica, no configuration. */
extern const struct topic_settings session_topic;
extern const struct kafka_handlers session_handlers;

double session_now_msec(void);
/* The variable of the environment; the test fails without it. */
const char *session_environment(const char *name);

void session_open(struct session *session, const char *bootstrap, const struct property *properties,
                  size_t n_properties, int timeout_msec);
/* Forgets the answers and failures so far. */
void session_forget(struct session *session);
/* Every test closes by this: it must not take long, whatever the broker does. */
void session_end(struct session *session);

void session_send(struct session *session, enum operation operation, const char *const *topics, size_t count,
                  const struct topic_settings *settings);
/* Runs the session until nothing is in flight. */
void session_settle(struct session *session);
/* One operation on some topics, to its end. */
void session_go(struct session *session, enum operation operation, const char *const *topics, size_t count);

/* What became of a topic: without `code`, no error at all; with one, `words` are part of the message. */
void session_expect(const struct session *session, const char *topic, enum outcome outcome, const char *code,
                    const char *words);
void session_expect_all(const struct session *session, enum outcome outcome, size_t count);
