/* What Kafka itself costs: topics created, asked about and deleted by bare librdkafka, in its simplest form. What
 * topicd takes beyond this is topicd's own.
 *
 *     floor create-one N NAME      the topics of N Models, a request for each of them, one after the other
 *     floor create-batch N NAME    in as few requests as the broker's limits allow, all sent at once
 *     floor ask-batch N NAME       questions (validate-only CreateTopics)
 *     floor delete-batch N NAME
 *
 * against the broker at $BOOTSTRAP. The Models are NAME-0, NAME-1, …, where NAME begins with the prefix and the
 * namespace: seldon.ns.model.x. Prints "connect MS", from no client to the first answer, and "requests MS", from the
 * first call to the last answer. */
#include "rig.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A topic with one setting is three records to the controller, and a request may be of 10,000. Questions are quicker in
 * smaller requests: the library takes a time that grows with the square of them. */
enum { TIMEOUT_MSEC = 120000, NAME_MAX_LENGTH = 250, CREATE_MOST = 3333, ASK_MOST = 1000, DELETE_MOST = 10000 };

enum operation { CREATE, ASK, DELETE };

struct floor {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    enum operation operation;
    const char *name;
};

static void name_of(const struct floor *floor, size_t number, char name[static NAME_MAX_LENGTH]) {
    snprintf(name, NAME_MAX_LENGTH, "%s-%zu.%s", floor->name, number / 2, number % 2 ? "outputs" : "inputs");
}

static void send_creations(const struct floor *floor, size_t first, size_t count) {
    char name[NAME_MAX_LENGTH], words[256];
    rd_kafka_NewTopic_t **topics = calloc(count, sizeof *topics);
    if (!topics)
        die("topics", "out of memory");
    for (size_t i = 0; i < count; i++) {
        name_of(floor, first + i, name);
        topics[i] = rd_kafka_NewTopic_new(name, 1, 1, words, sizeof words);
        rd_kafka_NewTopic_set_config(topics[i], "max.message.bytes", "1000000000");
    }
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(floor->client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_validate_only(options, floor->operation == ASK, words, sizeof words);
    rd_kafka_AdminOptions_set_request_timeout(options, TIMEOUT_MSEC, words, sizeof words);
    rd_kafka_CreateTopics(floor->client, topics, count, options, floor->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy_array(topics, count);
    free(topics);
}

static void send_deletions(const struct floor *floor, size_t first, size_t count) {
    char name[NAME_MAX_LENGTH];
    rd_kafka_DeleteTopic_t **topics = calloc(count, sizeof *topics);
    if (!topics)
        die("topics", "out of memory");
    for (size_t i = 0; i < count; i++) {
        name_of(floor, first + i, name);
        topics[i] = rd_kafka_DeleteTopic_new(name);
    }
    rd_kafka_DeleteTopics(floor->client, topics, count, NULL, floor->queue);
    rd_kafka_DeleteTopic_destroy_array(topics, count);
    free(topics);
}

/* Every topic must have got what was asked for: a refusal is no latency. */
static void check(const struct floor *floor, rd_kafka_event_t *event) {
    size_t count;
    const rd_kafka_topic_result_t **results =
        floor->operation == DELETE
            ? rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
            : rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        bool is_answer = floor->operation == ASK && error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
        if (error && !is_answer)
            die(rd_kafka_topic_result_name(results[i]), rd_kafka_topic_result_error_string(results[i]));
    }
}

static void await_answer(const struct floor *floor) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(floor->queue, TIMEOUT_MSEC);
    if (!event)
        die("a request", "no answer");
    if (rd_kafka_event_error(event))
        die("a request", rd_kafka_event_error_string(event));
    check(floor, event);
    rd_kafka_event_destroy(event);
}

/* Requests of at most `step` topics, each sent when the one before is answered, or all `at_once`. */
static void requests(const struct floor *floor, size_t count, size_t step, bool at_once) {
    size_t in_flight = 0;
    for (size_t i = 0; i < count; i += step) {
        size_t share = count - i < step ? count - i : step;
        if (floor->operation == DELETE)
            send_deletions(floor, i, share);
        else
            send_creations(floor, i, share);
        in_flight++;
        for (; in_flight > 0 && !at_once; in_flight--)
            await_answer(floor);
    }
    for (; in_flight > 0; in_flight--)
        await_answer(floor);
}

static void set(rd_kafka_conf_t *conf, const char *key, const char *value) {
    char words[256];
    if (rd_kafka_conf_set(conf, key, value, words, sizeof words) != RD_KAFKA_CONF_OK)
        die(key, words);
}

static void open_client(struct floor *floor) {
    char words[256];
    const char *bootstrap = getenv("BOOTSTRAP");
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", bootstrap && *bootstrap ? bootstrap : "localhost:9092");
    set(conf, "allow.auto.create.topics", "false");
    set(conf, "socket.nagle.disable", "true");
    floor->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!floor->client)
        die("a client", words);
    floor->queue = rd_kafka_queue_new(floor->client);
}

/* From nothing to the answer to a question. */
static void connect_client(struct floor *floor) {
    double start = now_msec();
    open_client(floor);
    struct floor question = *floor;
    question.operation = ASK;
    requests(&question, 1, 1, true);
    printf("connect %.3f\n", now_msec() - start);
}

static bool parse(const char *command, enum operation *operation, bool *batch) {
    static const struct {
        const char *name;
        enum operation operation;
        bool batch;
    } commands[] = {
        {"create-one", CREATE, false},
        {"create-batch", CREATE, true},
        {"ask-batch", ASK, true},
        {"delete-batch", DELETE, true},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(command, commands[i].name) != 0)
            continue;
        *operation = commands[i].operation;
        *batch = commands[i].batch;
        return true;
    }
    return false;
}

int main(int argc, char **argv) {
    struct floor floor = {0};
    bool batch;
    size_t count = argc == 4 ? 2 * strtoul(argv[2], NULL, 10) : 0;
    if (argc != 4 || !parse(argv[1], &floor.operation, &batch) || count < 1) {
        fputs("usage: floor create-one|create-batch|ask-batch|delete-batch N NAME\n", stderr);
        return 2;
    }
    floor.name = argv[3];
    connect_client(&floor);
    double start = now_msec();
    static const size_t most[] = {[CREATE] = CREATE_MOST, [ASK] = ASK_MOST, [DELETE] = DELETE_MOST};
    requests(&floor, count, batch ? most[floor.operation] : 2, batch);
    printf("requests %.3f\n", now_msec() - start);
    rd_kafka_queue_destroy(floor.queue);
    rd_kafka_destroy(floor.client);
    return 0;
}
