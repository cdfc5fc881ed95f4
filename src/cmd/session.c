#include "cmd/session.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* The client library itself ends requests in time; this is for the case that it does not. */
#define SPARE_USEC (5 * USEC_PER_SEC)

static void tell(struct session *session, const struct topic_result *result) {
    const char *message = result->message ? result->message : result->code ? result->code : "no answer";
    bool gone = result->outcome == OUTCOME_DONE || result->outcome == OUTCOME_MISSING;
    session->n_deleted += gone;
    session->n_failed += !gone;
    if (result->outcome == OUTCOME_DONE)
        printf("deleted %s\n", result->topic);
    else if (result->outcome == OUTCOME_MISSING)
        printf("gone already: %s\n", result->topic);
    else if (result->outcome == OUTCOME_UNKNOWN)
        cmd_fail("%s: %s; it may still be deleted", result->topic, message);
    else
        cmd_fail("%s cannot be deleted: %s", result->topic, message);
    if (gone)
        session->deleted(result->topic, session->person);
}

static void answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count) {
    struct session *session = userdata;
    for (size_t i = 0; i < count; i++) {
        const struct topic_result *result = &results[i];
        if (result->outcome != OUTCOME_UNKNOWN && result->outcome != OUTCOME_NOT_SENT)
            session->heard = true;
        if (operation == OPERATION_DELETE)
            tell(session, result);
    }
}

static void failed(void *userdata, const char *code, const char *message) {
    struct session *session = userdata;
    (void)code;
    buffer_free(&session->trouble);
    buffer_puts(&session->trouble, message);
}

static void logged(void *userdata, int level, const char *message) {
    (void)userdata;
    (void)level;
    (void)message;
}

/* Until nothing is in flight any more. False if that takes too long. */
static bool wait_for_answers(struct session *session, int timeout_msec) {
    uint64_t until = clock_usec(CLOCK_MONOTONIC) + (uint64_t)timeout_msec * USEC_PER_MSEC + SPARE_USEC, now;
    while (kafka_in_flight(session->kafka) > 0 && (now = clock_usec(CLOCK_MONOTONIC)) < until) {
        struct pollfd pollfd = {.fd = kafka_fd(session->kafka), .events = POLLIN};
        if (poll(&pollfd, 1, (int)((until - now) / USEC_PER_MSEC) + 1) > 0)
            kafka_dispatch(session->kafka);
    }
    return kafka_in_flight(session->kafka) == 0;
}

int session_open(struct session *session, const struct kafka_settings *settings, const struct kafka_creation *probe) {
    static const struct kafka_handlers handlers = {.answered = answered, .failed = failed, .logged = logged};
    struct buffer error = {0};
    session->bootstrap = settings->bootstrap;
    int r = kafka_open(settings, &handlers, session, &session->kafka, &error);
    if (r < 0)
        cmd_fail("cannot reach Kafka at %s: %s", settings->bootstrap, error.data ? error.data : strerror(-r));
    buffer_free(&error);
    if (r < 0)
        return EXIT_FAILED;
    if (kafka_ask(session->kafka, probe, 1) < 0)
        return cmd_fail_memory();
    wait_for_answers(session, settings->request_timeout_msec);
    session->cluster_id = kafka_cluster_id(session->kafka);
    if (session->heard && session->cluster_id)
        return EXIT_FINE;
    return cmd_fail("cannot reach Kafka at %s: %s", settings->bootstrap,
                    session->trouble.data ? session->trouble.data : "no answer");
}

int session_delete(struct session *session, const char *const *topics, size_t count) {
    enum { TIMEOUT_MSEC = 30000 };
    if (kafka_delete(session->kafka, topics, count) < 0)
        return cmd_fail_memory();
    session->n_asked = count;
    wait_for_answers(session, TIMEOUT_MSEC);
    size_t silent = count - session->n_deleted - session->n_failed;
    if (silent > 0)
        cmd_fail("no answer about %zu of the topics: they may still be deleted", silent);
    return session->n_deleted == count ? EXIT_FINE : EXIT_FAILED;
}

void session_close(struct session *session) {
    session->kafka = kafka_close(session->kafka);
    buffer_free(&session->trouble);
}
