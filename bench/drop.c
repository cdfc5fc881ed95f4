/* From rename() into manifests.d until Kafka has acknowledged the topics, side by side with the bare request: each
 * round creates two topics by librdkafka alone, then drops a Model that makes two, against the same broker.
 *
 *     drop ROUNDS PAUSE-MS TOPICD DIR NAMESPACE
 *
 * PAUSE-MS before each of the two let the daemon and the broker come to rest: a broker that has acknowledged topics
 * goes on making them, and whoever comes next waits for it. DIR has the daemon's directories, and in manifests.d what
 * is there already. The broker is $BOOTSTRAP. The end of a drop is the moment at which the daemon says that the second
 * topic was created. Prints a line a round: "FLOOR DROP" in milliseconds. */
#include "rig.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MSEC = 60000 };

static const char *dir, *namespace;

static double drop(FILE *log, int round) {
    char name[32], words[128], from[PATH_LENGTH], to[PATH_LENGTH];
    snprintf(name, sizeof name, "dropped-%d", round);
    snprintf(from, sizeof from, "%s/next.yaml", dir);
    snprintf(to, sizeof to, "%s/manifests.d/%s.yaml", dir, name);
    snprintf(words, sizeof words, ".model.%s.outputs: created", name);
    write_model(from, name);
    double start = now_msec();
    if (rename(from, to) < 0) /* as a package or an editor does it: the file is whole when it appears */
        die(to, strerror(errno));
    wait_for(log, words, 1);
    return now_msec() - start;
}

static double bare(rd_kafka_t *client, rd_kafka_queue_t *queue, int round) {
    static const char *const ends[] = {"inputs", "outputs"};
    char name[256], words[256];
    rd_kafka_NewTopic_t *topics[2];
    double start = now_msec();
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "seldon.%s.model.bare-%d.%s", namespace, round, ends[i]);
        topics[i] = rd_kafka_NewTopic_new(name, 1, 1, words, sizeof words);
        rd_kafka_NewTopic_set_config(topics[i], "max.message.bytes", "1000000000");
    }
    rd_kafka_CreateTopics(client, topics, 2, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, TIMEOUT_MSEC);
    double msec = now_msec() - start;
    if (!event || rd_kafka_event_error(event))
        die("CreateTopics", event ? rd_kafka_event_error_string(event) : "no answer");
    rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy_array(topics, 2);
    return msec;
}

static rd_kafka_t *open_client(const char *bootstrap) {
    char words[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, words, sizeof words) != RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(conf, "socket.nagle.disable", "true", words, sizeof words) != RD_KAFKA_CONF_OK)
        die(bootstrap, words);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!client)
        die(bootstrap, words);
    return client;
}

int main(int argc, char **argv) {
    const char *bootstrap = getenv("BOOTSTRAP");
    if (argc != 6 || !bootstrap) {
        fputs("usage: BOOTSTRAP=HOST:PORT drop ROUNDS PAUSE-MS TOPICD DIR NAMESPACE\n", stderr);
        return 2;
    }
    int rounds = atoi(argv[1]);
    useconds_t pause = (useconds_t)atoi(argv[2]) * 1000;
    dir = argv[4];
    namespace = argv[5];
    rd_kafka_t *client = open_client(bootstrap);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    FILE *log;
    start_daemon(argv[3], dir, &log);
    wait_for(log, "ready:", 1);
    bare(client, queue, -1); /* connects */
    drop(log, -1);
    for (int i = 0; i < rounds; i++) {
        usleep(pause);
        double floor = bare(client, queue, i);
        usleep(pause);
        printf("%.3f %.3f\n", floor, drop(log, i));
    }
    stop_daemon();
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return 0;
}
