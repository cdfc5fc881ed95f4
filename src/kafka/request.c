#include "kafka/request.h"

#include <assert.h>
#include <stdlib.h>

/* Beyond these librdkafka asserts or fails. Kafka refuses less than that, in better words. */
enum { PARTITIONS_MAX = 100000, REPLICATION_FACTOR_MAX = 10000, TIMEOUT_MAX_MSEC = 3600 * 1000 };

static int clamp(int value, int least, int most) {
    return value < least ? least : value > most ? most : value;
}

/* What the controller writes for one topic. */
static size_t records_of(const struct topic_settings *settings) {
    size_t partitions = settings->partitions > 0 ? (size_t)settings->partitions : 1;
    return 1 + partitions + settings->n_config;
}

size_t request_share_creations(enum operation operation, const struct kafka_creation *creations, size_t count) {
    size_t records = 0;
    if (operation == OPERATION_ASK && count > KAFKA_ASKS_MAX)
        count = KAFKA_ASKS_MAX;
    for (size_t i = 0; i < count; i++) {
        records += records_of(creations[i].settings);
        if (records > KAFKA_RECORDS_MAX)
            return i > 0 ? i : 1;
    }
    return count;
}

size_t request_share_deletions(size_t count) {
    return count < KAFKA_DELETES_MAX ? count : KAFKA_DELETES_MAX;
}

static rd_kafka_NewTopic_t *new_topic(const struct kafka_creation *creation) {
    char words[256];
    const struct topic_settings *settings = creation->settings;
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(creation->topic, clamp(settings->partitions, -1, PARTITIONS_MAX),
                              clamp(settings->replication_factor, -1, REPLICATION_FACTOR_MAX), words, sizeof words);
    assert(topic); /* only numbers out of bounds are refused */
    for (size_t i = 0; i < settings->n_config; i++)
        rd_kafka_NewTopic_set_config(topic, settings->config[i].key, settings->config[i].value);
    return topic;
}

/* A request without names and topics yet, but with room for them. */
static struct request *new_request(enum operation operation, size_t count) {
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->operation = operation;
    request->results = arena_array(&request->arena, count, sizeof *request->results);
    void *topics = arena_array(&request->arena, count, sizeof(void *));
    if (!request->results || !topics)
        return request_free(request);
    if (operation == OPERATION_DELETE)
        request->deletions = topics;
    else
        request->creations = topics;
    return request;
}

static bool add_name(struct request *request, const char *topic) {
    const char *copy = arena_strdup(&request->arena, topic);
    request->results[request->count] = (struct topic_result){.topic = copy, .outcome = OUTCOME_UNKNOWN};
    return copy != NULL;
}

struct request *request_new_creation(enum operation operation, const struct kafka_creation *creations, size_t count) {
    struct request *request = new_request(operation, count);
    if (!request)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!add_name(request, creations[i].topic))
            return request_free(request);
        request->creations[request->count++] = new_topic(&creations[i]);
    }
    return request;
}

struct request *request_new_deletion(const char *const *topics, size_t count) {
    struct request *request = new_request(OPERATION_DELETE, count);
    if (!request)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!add_name(request, topics[i]))
            return request_free(request);
        request->deletions[request->count++] = rd_kafka_DeleteTopic_new(topics[i]);
    }
    return request;
}

static void drop_topics(struct request *request) {
    if (request->creations)
        rd_kafka_NewTopic_destroy_array(request->creations, request->count);
    if (request->deletions)
        rd_kafka_DeleteTopic_destroy_array(request->deletions, request->count);
    request->creations = NULL;
    request->deletions = NULL;
}

/* The operation timeout stays at its default: with 0 the controller does nothing, and the library calls it success. */
void request_send(struct request *request, rd_kafka_t *client, rd_kafka_queue_t *queue, int timeout_msec) {
    bool deletion = request->operation == OPERATION_DELETE;
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, deletion ? RD_KAFKA_ADMIN_OP_DELETETOPICS : RD_KAFKA_ADMIN_OP_CREATETOPICS);
    char words[256];
    rd_kafka_AdminOptions_set_request_timeout(options, clamp(timeout_msec, 1, TIMEOUT_MAX_MSEC), words, sizeof words);
    if (request->operation == OPERATION_ASK) {
        rd_kafka_resp_err_t error = rd_kafka_AdminOptions_set_validate_only(options, 1, words, sizeof words);
        assert(error == RD_KAFKA_RESP_ERR_NO_ERROR); /* else a question would create what it asks for */
        (void)error;
    }
    rd_kafka_AdminOptions_set_opaque(options, request);
    if (deletion)
        rd_kafka_DeleteTopics(client, request->deletions, request->count, options, queue);
    else
        rd_kafka_CreateTopics(client, request->creations, request->count, options, queue);
    rd_kafka_AdminOptions_destroy(options);
    drop_topics(request);
}

struct request *request_free(struct request *request) {
    if (!request)
        return NULL;
    drop_topics(request);
    arena_free(&request->arena);
    free(request);
    return NULL;
}
