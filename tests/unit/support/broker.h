/* A Kafka cluster for tests: its topics, and requests on their way. How each request fares is told when it is sent, so
 * that a test can have answers late, lost or refused, and have a request carried out long after it was given up. */
#pragma once

#include "base/array.h"
#include "base/clock.h"
#include "base/topic.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* How a request fares. Zeroed: answered at once, and honestly. */
struct fate {
    enum outcome outcome;    /* REFUSED, UNKNOWN, NOT_SENT; anything else: what the cluster finds */
    uint64_t answer_usec;    /* how long until the answer */
    uint64_t carry_out_usec; /* with UNKNOWN: when it is carried out nevertheless; USEC_NEVER */
};

struct broker_request {
    enum operation operation;
    char *topic;
    enum outcome outcome;
    uint64_t answer_at, carry_out_at; /* monotonic */
    bool abandoned;                   /* nobody waits for the answer any more */
    bool answered;
};

struct broker {
    ARRAY(char *) topics;
    ARRAY(struct broker_request) requests;
    /* Told of every topic that is taken away on request, and of every answer. */
    void (*deleted)(void *userdata, const char *topic);
    void (*answered)(void *userdata, enum operation operation, const struct topic_result *result);
    void *userdata;
};

static inline size_t broker_index(const struct broker *broker, const char *topic) {
    size_t i = 0;
    while (i < broker->topics.count && strcmp(broker->topics.items[i], topic) != 0)
        i++;
    return i;
}

static inline bool broker_has(const struct broker *broker, const char *topic) {
    return broker_index(broker, topic) < broker->topics.count;
}

/* Returns whether it was new. */
static inline bool broker_create(struct broker *broker, const char *topic) {
    if (broker_has(broker, topic))
        return false;
    char *copy = strdup(topic);
    int r = copy ? array_push(&broker->topics, copy) : -ENOMEM;
    assert(r == 0);
    (void)r;
    return true;
}

/* Returns whether it was there. */
static inline bool broker_remove(struct broker *broker, const char *topic) {
    size_t i = broker_index(broker, topic);
    if (i == broker->topics.count)
        return false;
    free(broker->topics.items[i]);
    broker->topics.items[i] = broker->topics.items[--broker->topics.count];
    return true;
}

/* L5: a topic has one request in flight. */
static inline bool broker_busy(const struct broker *broker, const char *topic) {
    for (size_t i = 0; i < broker->requests.count; i++) {
        const struct broker_request *request = &broker->requests.items[i];
        if (!request->abandoned && !request->answered && strcmp(request->topic, topic) == 0)
            return true;
    }
    return false;
}

static inline void broker_send(struct broker *broker, enum operation operation, const char *topic, struct fate fate,
                               uint64_t now_usec) {
    assert(!broker_busy(broker, topic));
    struct broker_request request = {.operation = operation, .topic = strdup(topic), .outcome = fate.outcome};
    request.answer_at = now_usec + fate.answer_usec;
    request.carry_out_at = USEC_NEVER;
    if (fate.outcome == OUTCOME_UNKNOWN && fate.carry_out_usec != USEC_NEVER)
        request.carry_out_at = now_usec + fate.carry_out_usec;
    int r = request.topic ? array_push(&broker->requests, request) : -ENOMEM;
    assert(r == 0);
    (void)r;
}

static inline enum outcome broker_carry_out(struct broker *broker, const struct broker_request *request) {
    switch (request->operation) {
    case OPERATION_CREATE:
        return broker_create(broker, request->topic) ? OUTCOME_DONE : OUTCOME_EXISTS;
    case OPERATION_DELETE:
        if (!broker_remove(broker, request->topic))
            return OUTCOME_MISSING;
        if (broker->deleted)
            broker->deleted(broker->userdata, request->topic);
        return OUTCOME_DONE;
    default:
        return broker_has(broker, request->topic) ? OUTCOME_EXISTS : OUTCOME_DONE;
    }
}

static inline void broker_answer(struct broker *broker, struct broker_request *request) {
    struct topic_result result = {.topic = request->topic, .outcome = request->outcome};
    request->answered = true;
    if (result.outcome == OUTCOME_REFUSED) {
        result.code = "TOPIC_AUTHORIZATION_FAILED";
        result.message = "Topic authorization failed.";
    } else if (result.outcome != OUTCOME_UNKNOWN && result.outcome != OUTCOME_NOT_SENT) {
        result.outcome = broker_carry_out(broker, request);
    }
    if (broker->answered && !request->abandoned)
        broker->answered(broker->userdata, request->operation, &result);
}

/* Lets everything happen that is due, in the order of time. */
static inline void broker_advance(struct broker *broker, uint64_t now_usec) {
    for (;;) {
        struct broker_request *next = NULL;
        uint64_t at = now_usec;
        for (size_t i = 0; i < broker->requests.count; i++) {
            struct broker_request *request = &broker->requests.items[i];
            uint64_t due = request->answered                            ? request->carry_out_at
                           : request->answer_at < request->carry_out_at ? request->answer_at
                                                                        : request->carry_out_at;
            if (due < at || (due == at && !next)) {
                next = request;
                at = due;
            }
        }
        if (!next)
            return;
        if (next->carry_out_at <= at) {
            broker_carry_out(broker, next);
            next->carry_out_at = USEC_NEVER;
        } else {
            broker_answer(broker, next);
        }
        if (next->answered && next->carry_out_at == USEC_NEVER) {
            free(next->topic);
            *next = broker->requests.items[--broker->requests.count];
        }
    }
}

/* Whoever sent is gone. What was sent is carried out now (`carry_out`) or never, so that it cannot meet what a next
 * process sends: that one has no way to know of it. */
static inline void broker_hang_up(struct broker *broker, bool carry_out) {
    while (broker->requests.count > 0) {
        struct broker_request *request = &broker->requests.items[--broker->requests.count];
        bool refused = request->outcome == OUTCOME_REFUSED || request->outcome == OUTCOME_NOT_SENT;
        if (carry_out && !refused && !(request->outcome == OUTCOME_UNKNOWN && request->carry_out_at == USEC_NEVER))
            broker_carry_out(broker, request);
        free(request->topic);
    }
}

/* The connection is lost: no answers; what was sent may still be carried out. */
static inline void broker_disconnect(struct broker *broker) {
    for (size_t i = 0; i < broker->requests.count; i++) {
        struct broker_request *request = &broker->requests.items[i];
        bool refused = request->outcome == OUTCOME_REFUSED || request->outcome == OUTCOME_NOT_SENT;
        if (request->outcome != OUTCOME_UNKNOWN && !refused && !request->answered) {
            request->outcome = OUTCOME_UNKNOWN;
            request->carry_out_at = request->answer_at;
        }
        request->abandoned = true;
    }
}

static inline void broker_free(struct broker *broker) {
    broker_hang_up(broker, false);
    for (size_t i = 0; i < broker->topics.count; i++)
        free(broker->topics.items[i]);
    array_free(&broker->topics);
    array_free(&broker->requests);
}
