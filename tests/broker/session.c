#include "broker/session.h"

#include "unit/support/cmocka.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct topic_settings session_topic = {.partitions = 1, .replication_factor = 1};

double session_now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

const char *session_environment(const char *name) {
    const char *value = getenv(name);
    if (!value)
        fail_msg("%s is not set", name);
    return value;
}

static const char *copy(struct session *session, const char *text) {
    return text ? arena_strdup(&session->texts, text) : NULL;
}

static void answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count) {
    struct session *session = userdata;
    session->requests++;
    for (size_t i = 0; i < count; i++) {
        const struct topic_result *r = &results[i];
        struct answer answer = {.operation = operation,
                                .outcome = r->outcome,
                                .topic = copy(session, r->topic),
                                .code = copy(session, r->code),
                                .message = copy(session, r->message)};
        assert_int_equal(array_push(&session->answers, answer), 0);
    }
}

static void failed(void *userdata, const char *code, const char *message) {
    struct session *session = userdata;
    if (session->failures++ > 0)
        return;
    session->code = copy(session, code);
    session->message = copy(session, message);
}

static void logged(void *userdata, int level, const char *message) {
    (void)userdata;
    fprintf(stderr, "# log %d: %s\n", level, message);
}

const struct kafka_handlers session_handlers = {answered, failed, logged};

void session_open(struct session *session, const char *bootstrap, const struct property *properties,
                  size_t n_properties, int timeout_msec) {
    const struct kafka_settings settings = {bootstrap, properties, n_properties, timeout_msec};
    struct buffer error = {0};
    if (kafka_open(&settings, &session_handlers, session, &session->kafka, &error) < 0)
        fail_msg("kafka_open: %s", error.data ? error.data : "no reason");
    buffer_free(&error);
}

void session_forget(struct session *session) {
    array_free(&session->answers);
    arena_free(&session->texts);
    session->code = session->message = NULL;
    session->requests = session->failures = 0;
}

void session_end(struct session *session) {
    double start = session_now_msec();
    session->kafka = kafka_close(session->kafka);
    assert_null(session->kafka);
    if (session_now_msec() - start > 150)
        fail_msg("kafka_close took %.0f ms", session_now_msec() - start);
    session_forget(session);
}

void session_settle(struct session *session) {
    double give_up = session_now_msec() + PATIENCE_MSEC + 2000;
    while (kafka_in_flight(session->kafka) > 0) {
        struct pollfd fd = {.fd = kafka_fd(session->kafka), .events = POLLIN};
        if (session_now_msec() > give_up)
            fail_msg("no answer");
        if (poll(&fd, 1, 100) > 0)
            kafka_dispatch(session->kafka);
    }
}

void session_send(struct session *session, enum operation operation, const char *const *topics, size_t count,
                  const struct topic_settings *settings) {
    struct kafka_creation *creations = calloc(count, sizeof *creations);
    assert_non_null(creations);
    for (size_t i = 0; i < count; i++)
        creations[i] = (struct kafka_creation){topics[i], settings};
    int r = operation == OPERATION_CREATE ? kafka_create(session->kafka, creations, count)
            : operation == OPERATION_ASK  ? kafka_ask(session->kafka, creations, count)
                                          : kafka_delete(session->kafka, topics, count);
    free(creations);
    assert_int_equal(r, 0);
}

void session_go(struct session *session, enum operation operation, const char *const *topics, size_t count) {
    session_forget(session);
    session_send(session, operation, topics, count, &session_topic);
    session_settle(session);
    assert_int_equal(session->answers.count, count);
}

static const struct answer *answer_for(const struct session *session, const char *topic) {
    for (size_t i = 0; i < session->answers.count; i++)
        if (strcmp(session->answers.items[i].topic, topic) == 0)
            return &session->answers.items[i];
    fail_msg("no answer for %s", topic);
    return NULL;
}

void session_expect(const struct session *session, const char *topic, enum outcome outcome, const char *code,
                    const char *words) {
    const struct answer *answer = answer_for(session, topic);
    if (answer->outcome != outcome)
        fail_msg("%s: outcome %d, not %d: %s: %s", topic, answer->outcome, outcome, answer->code, answer->message);
    if (!code) {
        assert_null(answer->code);
        return;
    }
    assert_string_equal(answer->code, code);
    if (!strstr(answer->message, words))
        fail_msg("%s: \"%s\" is not in \"%s\"", topic, words, answer->message);
}

void session_expect_all(const struct session *session, enum outcome outcome, size_t count) {
    assert_int_equal(session->answers.count, count);
    for (size_t i = 0; i < count; i++)
        if (session->answers.items[i].outcome != outcome)
            fail_msg("%s: %s", session->answers.items[i].topic, session->answers.items[i].message);
}
