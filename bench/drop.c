/* From rename() into manifests.d until Kafka has acknowledged the topics, side by side with the bare request: each
 * round creates two topics by librdkafka alone, then drops a Model that makes two, against the same broker.
 *
 *     drop ROUNDS OTHERS TOPICD DIR
 *
 * DIR gets the daemon's directories; OTHERS manifests are there before the rounds begin. The broker is $BOOTSTRAP. The
 * end of a drop is the moment at which the daemon says on its standard error that the second topic was created. Prints
 * one line a round: "FLOOR DROP" in milliseconds. */
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MSEC = 60000, PATH_LENGTH = 4096 };

static const char *dir;
static pid_t daemon_pid;

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "drop: %s: %s\n", what, why);
    if (daemon_pid > 0)
        kill(daemon_pid, SIGKILL);
    exit(1);
}

static double now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void write_file(const char *name, const char *text) {
    char path[PATH_LENGTH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        die(path, strerror(errno));
}

/* As a package or an editor does it: the file is whole when it appears. */
static void move(const char *from, const char *to) {
    char a[PATH_LENGTH], b[PATH_LENGTH];
    snprintf(a, sizeof a, "%s/%s", dir, from);
    snprintf(b, sizeof b, "%s/%s", dir, to);
    if (rename(a, b) < 0)
        die(b, strerror(errno));
}

static void write_model(const char *file, const char *name) {
    char text[256];
    snprintf(text, sizeof text,
             "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata:\n  name: %s\nspec:\n  storageUri: gs://x\n",
             name);
    write_file(file, text);
}

static void prepare(int others) {
    static const char *const folders[] = {"", "/manifests.d", "/state", "/run"};
    char text[PATH_LENGTH];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(text, sizeof text, "%s%s", dir, folders[i]);
        if (mkdir(text, 0755) < 0 && errno != EEXIST)
            die(text, strerror(errno));
    }
    snprintf(text, sizeof text, "kafka: {bootstrap: \"%s\"}\nnamespace: bench%d\n", getenv("BOOTSTRAP"), getpid());
    write_file("topicd.yaml", text);
    for (int i = 0; i < others; i++) {
        char file[64], name[32];
        snprintf(name, sizeof name, "other-%d", i);
        snprintf(file, sizeof file, "manifests.d/%s.yaml", name);
        write_model(file, name);
    }
}

static FILE *start_daemon(const char *topicd) {
    char config[PATH_LENGTH], manifests[PATH_LENGTH], state[PATH_LENGTH], runtime[PATH_LENGTH];
    snprintf(config, sizeof config, "%s/topicd.yaml", dir);
    snprintf(manifests, sizeof manifests, "%s/manifests.d", dir);
    snprintf(state, sizeof state, "%s/state", dir);
    snprintf(runtime, sizeof runtime, "%s/run", dir);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        die("pipe", strerror(errno));
    daemon_pid = fork();
    if (daemon_pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        execl(topicd, "topicd", "run", "--config", config, "--manifests", manifests, "--state", state, "--runtime",
              runtime, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

static void wait_for(FILE *log, const char *words) {
    char line[PATH_LENGTH];
    while (fgets(line, sizeof line, log))
        if (strstr(line, words))
            return;
    die("the daemon ended before it said", words);
}

static double drop(FILE *log, int round) {
    char name[32], file[64], words[128];
    snprintf(name, sizeof name, "dropped-%d", round);
    snprintf(file, sizeof file, "manifests.d/%s.yaml", name);
    snprintf(words, sizeof words, ".model.%s.outputs: created", name);
    write_model("next", name);
    double start = now_msec();
    move("next", file);
    wait_for(log, words);
    return now_msec() - start;
}

static double bare(rd_kafka_t *client, rd_kafka_queue_t *queue, int round) {
    static const char *const ends[] = {"inputs", "outputs"};
    char name[128], words[256];
    rd_kafka_NewTopic_t *topics[2];
    double start = now_msec();
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "seldon.bench%d.model.bare-%d.%s", getpid(), round, ends[i]);
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

int main(int argc, char **argv) {
    const char *bootstrap = getenv("BOOTSTRAP");
    if (argc != 5 || !bootstrap) {
        fputs("usage: BOOTSTRAP=HOST:PORT drop ROUNDS OTHERS TOPICD DIR\n", stderr);
        return 2;
    }
    int rounds = atoi(argv[1]);
    dir = argv[4];
    char words[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, words, sizeof words) != RD_KAFKA_CONF_OK)
        die(bootstrap, words);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!client)
        die(bootstrap, words);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    prepare(atoi(argv[2]));
    FILE *log = start_daemon(argv[3]);
    wait_for(log, "ready:");
    bare(client, queue, -1); /* connects */
    drop(log, -1);
    for (int i = 0; i < rounds; i++) {
        double floor = bare(client, queue, i);
        printf("%.3f %.3f\n", floor, drop(log, i));
    }
    kill(daemon_pid, SIGTERM);
    waitpid(daemon_pid, NULL, 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return 0;
}
