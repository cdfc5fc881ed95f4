#include "broker.h"

#include "campaign.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdlib.h>

enum { TIMEOUT_MSEC = 60000, NAMES_MAX = 64, TRIES = 100 };

struct broker {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
};

struct broker *broker_open(const char *bootstrap) {
    static const char *const settings[][2] = {
        {"allow.auto.create.topics", "false"}, {"reconnect.backoff.max.ms", "200"}, {"log_level", "2"}};
    char words[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct broker *broker = need(calloc(1, sizeof *broker));
    if (rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, words, sizeof words) != RD_KAFKA_CONF_OK)
        die("%s", words);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], words, sizeof words) != RD_KAFKA_CONF_OK)
            die("%s", words);
    broker->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!broker->client)
        die("%s", words);
    broker->queue = rd_kafka_queue_new(broker->client);
    return broker;
}

void broker_close(struct broker *broker) {
    rd_kafka_queue_destroy(broker->queue);
    rd_kafka_destroy(broker->client);
    free(broker);
}

/* NULL when there was none, because the broker is in trouble of its own: to be asked again. */
static rd_kafka_event_t *answer(struct broker *broker, unsigned tries) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(broker->queue, TIMEOUT_MSEC);
    if (event && !rd_kafka_event_error(event))
        return event;
    if (tries == TRIES)
        die("the broker: %s", event ? rd_kafka_event_error_string(event) : "no answer");
    if (event)
        rd_kafka_event_destroy(event);
    sleep_usec(100000);
    return NULL;
}

/* A creation that is only validated says what exists, and is never behind. */
static void ask(struct broker *broker, char *const *names, size_t count) {
    rd_kafka_NewTopic_t *topics[NAMES_MAX];
    for (size_t i = 0; i < count; i++)
        topics[i] = rd_kafka_NewTopic_new(names[i], 1, 1, NULL, 0);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(broker->client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_validate_only(options, 1, NULL, 0);
    rd_kafka_CreateTopics(broker->client, topics, count, options, broker->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy_array(topics, count);
}

/* Returns false when the broker could not tell: one that was away has, for a moment, nowhere to put a topic. */
static bool read_answer(rd_kafka_event_t *event, unsigned *ret_there) {
    unsigned there = 0;
    size_t n_results;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n_results);
    for (size_t i = 0; i < n_results; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            there |= 1u << i;
        else if (error)
            return false;
    }
    *ret_there = there;
    return true;
}

unsigned broker_has(struct broker *broker, char *const *names, size_t count) {
    unsigned there = 0;
    bool told = false;
    for (unsigned tries = 1; !told; tries++) {
        ask(broker, names, count);
        rd_kafka_event_t *event = answer(broker, tries);
        told = event && read_answer(event, &there);
        if (!told && tries == TRIES)
            die("the broker does not tell which topics it has");
        if (event)
            rd_kafka_event_destroy(event);
    }
    return there;
}

/* Returns whether none of them is there any more. */
static bool are_gone(rd_kafka_event_t *event) {
    size_t n_results;
    const rd_kafka_topic_result_t **results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &n_results);
    for (size_t i = 0; i < n_results; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        if (error && error != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            return false;
    }
    return true;
}

/* What a history leaves would be a finding of the next one of this name. */
void broker_delete(struct broker *broker, char *const *names, size_t count) {
    bool gone = false;
    for (unsigned tries = 1; !gone; tries++) {
        rd_kafka_DeleteTopic_t *topics[NAMES_MAX];
        for (size_t i = 0; i < count; i++)
            topics[i] = rd_kafka_DeleteTopic_new(names[i]);
        rd_kafka_DeleteTopics(broker->client, topics, count, NULL, broker->queue);
        rd_kafka_DeleteTopic_destroy_array(topics, count);
        rd_kafka_event_t *event = answer(broker, tries);
        gone = event && are_gone(event);
        if (!gone && tries == TRIES)
            die("the broker does not delete what a history leaves");
        if (event)
            rd_kafka_event_destroy(event);
    }
}
