#include "kafka/answer.h"

#include <string.h>

/* A request that had not left when its time was over says so; the state is named in the library's message alone. */
static bool never_left(rd_kafka_resp_err_t error, const char *words, bool connected) {
    return error == RD_KAFKA_RESP_ERR__TIMED_OUT &&
           (!connected || (words && strstr(words, "waiting for controller") != NULL));
}

/* Errors after which the operation may have been carried out, or may still be. NOT_CONTROLLER is one of them: a
 * controller that loses its office fails with it what it has written and what its successor may yet commit. */
static bool is_silence(rd_kafka_resp_err_t error) {
    switch (error) {
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
        return false;               /* the library itself refuses, before it sends */
    case RD_KAFKA_RESP_ERR_UNKNOWN: /* UNKNOWN_SERVER_ERROR */
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
        return true;
    default:
        return error < 0; /* the library's own errors: time-out, lost connection, an answer it cannot read */
    }
}

static enum outcome outcome_of(enum operation operation, rd_kafka_resp_err_t error, const char *words, bool connected) {
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return OUTCOME_DONE;
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && operation != OPERATION_DELETE)
        return OUTCOME_EXISTS;
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && operation == OPERATION_DELETE)
        return OUTCOME_MISSING;
    if (never_left(error, words, connected))
        return OUTCOME_NOT_SENT;
    return is_silence(error) ? OUTCOME_UNKNOWN : OUTCOME_REFUSED;
}

/* The broker's words, or better ones where it has none. */
static const char *message_of(enum operation operation, rd_kafka_resp_err_t error, const char *words) {
    /* DeleteTopics before version 3, which librdkafka speaks, has no word for it but "invalid request". */
    if (operation == OPERATION_DELETE &&
        (error == RD_KAFKA_RESP_ERR_INVALID_REQUEST || error == RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED))
        return "the broker refuses deletions: delete.topic.enable is false there";
    return words && *words ? words : rd_kafka_err2str(error);
}

void answer_judge(enum operation operation, rd_kafka_resp_err_t error, const char *words, bool connected,
                  struct topic_result *result) {
    result->outcome = outcome_of(operation, error, words, connected);
    bool good =
        result->outcome == OUTCOME_DONE || result->outcome == OUTCOME_EXISTS || result->outcome == OUTCOME_MISSING;
    result->code = good ? NULL : rd_kafka_err2name(error);
    result->message = good ? NULL : message_of(operation, error, words);
}

static const rd_kafka_topic_result_t **topics_of(rd_kafka_event_t *event, size_t *count) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_CREATETOPICS_RESULT)
        return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
    return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
}

static bool speaks_of(const rd_kafka_topic_result_t *answer, const char *topic) {
    return answer && strcmp(rd_kafka_topic_result_name(answer), topic) == 0;
}

/* The library puts the answers into the request's order, and leaves a hole where the broker said nothing. */
static const rd_kafka_topic_result_t *find(const rd_kafka_topic_result_t **answers, size_t count, size_t place,
                                           const char *topic) {
    if (place < count && speaks_of(answers[place], topic))
        return answers[place];
    for (size_t i = 0; i < count; i++)
        if (speaks_of(answers[i], topic))
            return answers[i];
    return NULL;
}

void answer_read(enum operation operation, rd_kafka_event_t *event, bool connected, struct topic_result *results,
                 size_t count) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    size_t n_answers = 0;
    const rd_kafka_topic_result_t **answers = error ? NULL : topics_of(event, &n_answers);
    for (size_t i = 0; i < count; i++) {
        if (error) {
            answer_judge(operation, error, rd_kafka_event_error_string(event), connected, &results[i]);
            continue;
        }
        const rd_kafka_topic_result_t *answer = find(answers, n_answers, i, results[i].topic);
        if (answer)
            answer_judge(operation, rd_kafka_topic_result_error(answer), rd_kafka_topic_result_error_string(answer),
                         connected, &results[i]);
        else
            answer_judge(operation, RD_KAFKA_RESP_ERR__BAD_MSG, "the broker's answer leaves this topic out", connected,
                         &results[i]);
    }
}
