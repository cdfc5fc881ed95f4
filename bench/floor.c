/* What Kafka itself costs: topics created, asked about and deleted by bare librdkafka, in its simplest form. What
 * topicd takes beyond this is topicd's own.
 *
 *     floor create-one N PREFIX      N topics, one after the other
 *     floor create-batch N PREFIX    N topics in one request
 *     floor ask N PREFIX             N questions (validate-only CreateTopics), one after the other
 *     floor delete-one N PREFIX, delete-batch N PREFIX
 *
 * against the broker at $BOOTSTRAP (localhost:9092). Prints "connect MS", from no client to the first answer, then the
 * milliseconds of each request, one a line. */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMEOUT_MSEC = 60000, NAME_MAX_LENGTH = 250 };

enum operation { CREATE, ASK, DELETE };

struct floor {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    enum operation operation;
    const char *prefix;
};

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(1);
}

static double now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void name_of(const struct floor *floor, size_t number, char name[static NAME_MAX_LENGTH]) {
    snprintf(name, NAME_MAX_LENGTH, "%s.%zu", floor->prefix, number);
}

static void send_creations(const struct floor *floor, size_t first, size_t count) {
    char name[NAME_MAX_LENGTH], words[256];
    rd_kafka_NewTopic_t **topics = calloc(count, sizeof *topics);
    if (!topics)
        die("topics", "out of memory");
    for (size_t i = 0; i < count; i++) {
        name_of(floor, first + i, name);
        topics[i] = rd_kafka_NewTopic_new(name, 1, 1, words, sizeof words);
    }
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(floor->client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_validate_only(options, floor->operation == ASK, words, sizeof words);
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

/* One request, from the call to its answer. */
static double request(const struct floor *floor, size_t first, size_t count) {
    double start = now_msec();
    if (floor->operation == DELETE)
        send_deletions(floor, first, count);
    else
        send_creations(floor, first, count);
    rd_kafka_event_t *event = rd_kafka_queue_poll(floor->queue, TIMEOUT_MSEC);
    double msec = now_msec() - start;
    if (!event)
        die("request", "no answer");
    if (rd_kafka_event_error(event))
        die("request", rd_kafka_event_error_string(event));
    check(floor, event);
    rd_kafka_event_destroy(event);
    return msec;
}

static void set(rd_kafka_conf_t *conf, const char *key, const char *value) {
    char words[256];
    if (rd_kafka_conf_set(conf, key, value, words, sizeof words) != RD_KAFKA_CONF_OK)
        die(key, words);
}

static void open_client(struct floor *floor, const char *bootstrap) {
    char words[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", bootstrap);
    set(conf, "allow.auto.create.topics", "false");
    set(conf, "socket.nagle.disable", "true");
    floor->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!floor->client)
        die(bootstrap, words);
    floor->queue = rd_kafka_queue_new(floor->client);
}

/* From nothing to the answer to a question. */
static void connect_client(struct floor *floor, const char *bootstrap) {
    double start = now_msec();
    open_client(floor, bootstrap);
    struct floor question = *floor;
    question.operation = ASK;
    request(&question, 0, 1);
    printf("connect %.3f\n", now_msec() - start);
}

static bool parse(const char *command, enum operation *operation, bool *batch) {
    static const struct {
        const char *name;
        enum operation operation;
        bool batch;
    } commands[] = {
        {"create-one", CREATE, false}, {"create-batch", CREATE, true}, {"ask", ASK, false},
        {"delete-one", DELETE, false}, {"delete-batch", DELETE, true},
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
    size_t count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (argc != 4 || !parse(argv[1], &floor.operation, &batch) || count < 1) {
        fputs("usage: floor create-one|create-batch|ask|delete-one|delete-batch N PREFIX\n", stderr);
        return 2;
    }
    size_t step = batch ? count : 1;
    floor.prefix = argv[3];
    const char *bootstrap = getenv("BOOTSTRAP");
    connect_client(&floor, bootstrap && *bootstrap ? bootstrap : "localhost:9092");
    for (size_t i = 0; i < count; i += step)
        printf("%.3f\n", request(&floor, i, step));
    rd_kafka_queue_destroy(floor.queue);
    rd_kafka_destroy(floor.client);
    return 0;
}
