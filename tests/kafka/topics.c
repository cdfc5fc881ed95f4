/* Topics of a real broker from a shell script, in milliseconds: list, describe, create, delete, ask, wait, want.
 *
 * A broker's listing lags behind the controller. So a listing here is taken with a marker: a topic of an internal
 * name is created, and the first listing that shows it shows everything that happened before. The marker goes again.
 *
 * Uses librdkafka alone; nothing of the project, because it checks what the project did. */
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MSEC = 30000, BATCH = 1000, OPTIONS_MAX = 16 };

struct options {
    int partitions, replication_factor, timeout_msec;
    const char *prefix;
    const char *config[OPTIONS_MAX]; /* KEY=VALUE */
    size_t n_config;
};

struct names {
    char **items;
    size_t count;
};

static const char usage[] =
    "usage: topics BOOTSTRAP COMMAND [OPTION]... [NAME]...\n"
    "  list              topics, sorted by bytes, one a line; internal ones (__*) are left out\n"
    "  describe          the same (or NAME...) with partitions, replication factor and own configuration\n"
    "  create NAME...    one request for all; existing topics are an error\n"
    "  delete NAME...\n"
    "  ask NAME...       \"present NAME\" or \"absent NAME\", as the controller says; creates nothing\n"
    "  wait N            until exactly N topics are listed; lists them and fails at the time-out\n"
    "  want NAME         asks for it until it is killed, as a client does that has the broker make it\n"
    "  cluster-id\n"
    "A NAME of - reads names from standard input, one a line.\n"
    "options: --prefix P (list, describe, wait), --timeout SEC (30), --partitions N (1), --replication-factor N (1),\n"
    "         --config K=V (create), -X K=V (a property of librdkafka)\n";

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "topics: %s: %s\n", what, why);
    exit(1);
}

static void *need(void *memory) {
    if (!memory)
        die("memory", strerror(ENOMEM));
    return memory;
}

static int number(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < -1 || value > 1000000)
        die(text, "is not a number that is expected here");
    return (int)value;
}

static double now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void add_name(struct names *names, const char *name) {
    names->items = need(realloc(names->items, (names->count + 1) * sizeof *names->items));
    names->items[names->count++] = need(strdup(name));
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct names *names) {
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare);
}

static void free_names(struct names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct names){0};
}

/* The topic results of a create or delete event. */
static const rd_kafka_topic_result_t **results_of(rd_kafka_event_t *event, size_t *count) {
    return rd_kafka_event_type(event) == RD_KAFKA_EVENT_CREATETOPICS_RESULT
               ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count)
               : rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
}

static rd_kafka_event_t *wait_event(rd_kafka_queue_t *queue, const char *what) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, TIMEOUT_MSEC);
    if (!event)
        die(what, "no answer");
    if (rd_kafka_event_error(event))
        die(what, rd_kafka_event_error_string(event));
    return event;
}

static rd_kafka_NewTopic_t *new_topic(const char *name, const struct options *options) {
    char words[512];
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(name, options->partitions, options->replication_factor, words, sizeof words);
    if (!topic)
        die(name, words);
    for (size_t i = 0; i < options->n_config; i++) {
        const char *equals = strchr(options->config[i], '=');
        char *key = need(strndup(options->config[i], (size_t)(equals - options->config[i])));
        rd_kafka_NewTopic_set_config(topic, key, equals + 1);
        free(key);
    }
    return topic;
}

/* One CreateTopics request; `ask` makes it validate only. Ends when all results are in. */
static rd_kafka_event_t *create(rd_kafka_t *rk, char *const *names, size_t count, const struct options *options,
                                bool ask) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_NewTopic_t **topics = need(calloc(count, sizeof *topics));
    for (size_t i = 0; i < count; i++)
        topics[i] = new_topic(names[i], options);
    rd_kafka_AdminOptions_t *admin = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_validate_only(admin, ask, NULL, 0);
    rd_kafka_AdminOptions_set_request_timeout(admin, options->timeout_msec, NULL, 0);
    rd_kafka_CreateTopics(rk, topics, count, admin, queue);
    rd_kafka_AdminOptions_destroy(admin);
    rd_kafka_NewTopic_destroy_array(topics, count);
    free(topics);
    rd_kafka_event_t *event = wait_event(queue, ask ? "ask" : "create");
    rd_kafka_queue_destroy(queue);
    return event;
}

static rd_kafka_event_t *delete (rd_kafka_t *rk, char *const *names, size_t count) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_DeleteTopic_t **topics = need(calloc(count, sizeof *topics));
    for (size_t i = 0; i < count; i++)
        topics[i] = rd_kafka_DeleteTopic_new(names[i]);
    rd_kafka_DeleteTopics(rk, topics, count, NULL, queue);
    rd_kafka_DeleteTopic_destroy_array(topics, count);
    free(topics);
    rd_kafka_event_t *event = wait_event(queue, "delete");
    rd_kafka_queue_destroy(queue);
    return event;
}

/* Prints the errors of a request's topics; returns how many there are. */
static int complain(rd_kafka_event_t *event) {
    size_t count;
    int errors = 0;
    const rd_kafka_topic_result_t **results = results_of(event, &count);
    for (size_t i = 0; i < count; i++) {
        if (!results[i] || !rd_kafka_topic_result_error(results[i]))
            continue;
        const char *words = rd_kafka_topic_result_error_string(results[i]);
        fprintf(stderr, "topics: %s: %s: %s\n", rd_kafka_topic_result_name(results[i]),
                rd_kafka_err2name(rd_kafka_topic_result_error(results[i])), words ? words : "");
        errors++;
    }
    return errors;
}

/* One listing that shows the marker, if there is one; false if it does not. */
static bool list_once(rd_kafka_t *rk, const char *marker, const struct options *options, struct names *ret) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t error = rd_kafka_metadata(rk, 1, NULL, &metadata, options->timeout_msec);
    if (error)
        die("list", rd_kafka_err2str(error));
    bool seen = !marker;
    struct names names = {0};
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const char *name = metadata->topics[i].topic;
        if (marker && strcmp(name, marker) == 0)
            seen = true;
        if (strncmp(name, "__", 2) != 0 && strncmp(name, options->prefix, strlen(options->prefix)) == 0)
            add_name(&names, name);
    }
    rd_kafka_metadata_destroy(metadata);
    if (!seen) {
        free_names(&names);
        return false;
    }
    sort(&names);
    *ret = names;
    return true;
}

static struct names list(rd_kafka_t *rk, const struct options *options) {
    char marker[64], *const markers[] = {marker};
    snprintf(marker, sizeof marker, "__marker-%d-%.0f", (int)getpid(), now_msec());
    const struct options plain = {.partitions = 1, .replication_factor = 1, .timeout_msec = TIMEOUT_MSEC};
    rd_kafka_event_t *event = create(rk, markers, 1, &plain, false);
    if (complain(event) > 0)
        exit(1);
    rd_kafka_event_destroy(event);
    struct names names;
    double end = now_msec() + options->timeout_msec;
    while (!list_once(rk, marker, options, &names)) {
        if (now_msec() > end)
            die("list", "the broker's listing stays behind the controller");
        usleep(2000);
    }
    rd_kafka_event_destroy(delete (rk, markers, 1)); /* where deletions are disabled, it stays */
    return names;
}

static void print_config(rd_kafka_event_t *event) {
    size_t count, n_entries;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &n_entries);
    struct names lines = {0};
    for (size_t i = 0; i < n_entries; i++) {
        char line[1024];
        if (rd_kafka_ConfigEntry_source(entries[i]) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
            continue;
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        snprintf(line, sizeof line, " %s=%s", rd_kafka_ConfigEntry_name(entries[i]), value ? value : "");
        add_name(&lines, line);
    }
    sort(&lines);
    for (size_t i = 0; i < lines.count; i++)
        fputs(lines.items[i], stdout);
    free_names(&lines);
}

static int describe_one(rd_kafka_t *rk, const struct rd_kafka_metadata *metadata, const char *name) {
    const struct rd_kafka_metadata_topic *topic = NULL;
    for (int i = 0; i < metadata->topic_cnt && !topic; i++)
        if (strcmp(metadata->topics[i].topic, name) == 0)
            topic = &metadata->topics[i];
    if (!topic || topic->partition_cnt == 0) {
        fprintf(stderr, "topics: %s: there is no such topic\n", name);
        return 1;
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_ConfigResource_t *resource = need(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name));
    rd_kafka_DescribeConfigs(rk, &resource, 1, NULL, queue);
    rd_kafka_ConfigResource_destroy(resource);
    rd_kafka_event_t *event = wait_event(queue, name);
    printf("%s partitions=%d rf=%d", name, topic->partition_cnt, topic->partitions[0].replica_cnt);
    print_config(event);
    putchar('\n');
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    return 0;
}

static int run_describe(rd_kafka_t *rk, const struct options *options, const struct names *names) {
    struct names all = list(rk, options);
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t error = rd_kafka_metadata(rk, 1, NULL, &metadata, options->timeout_msec);
    if (error)
        die("describe", rd_kafka_err2str(error));
    if (names->count == 0)
        names = &all;
    int failures = 0;
    for (size_t i = 0; i < names->count; i++)
        failures += describe_one(rk, metadata, names->items[i]);
    rd_kafka_metadata_destroy(metadata);
    free_names(&all);
    return failures > 0;
}

static void print_names(const struct names *names, FILE *file) {
    for (size_t i = 0; i < names->count; i++)
        fprintf(file, "%s\n", names->items[i]);
}

static int run_list(rd_kafka_t *rk, const struct options *options) {
    struct names names = list(rk, options);
    print_names(&names, stdout);
    free_names(&names);
    return 0;
}

/* Looks at plain listings until the number is right, and then makes sure of it. */
static int run_wait(rd_kafka_t *rk, const struct options *options, size_t want) {
    double end = now_msec() + options->timeout_msec;
    for (;;) {
        struct names names;
        list_once(rk, NULL, options, &names);
        bool late = now_msec() > end;
        if (names.count == want || late) {
            free_names(&names);
            names = list(rk, options);
        }
        bool done = names.count == want;
        if (!done && late) {
            fprintf(stderr, "topics: %zu topics, not %zu:\n", names.count, want);
            print_names(&names, stderr);
        }
        free_names(&names);
        if (done || late)
            return !done;
        usleep(10000);
    }
}

static int ask_batch(rd_kafka_t *rk, char *const *names, size_t count, const struct options *options) {
    rd_kafka_event_t *event = create(rk, names, count, options, true);
    size_t n_results;
    int failures = 0;
    const rd_kafka_topic_result_t **results = results_of(event, &n_results);
    for (size_t i = 0; i < n_results; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        const char *answer = error == RD_KAFKA_RESP_ERR_NO_ERROR               ? "absent"
                             : error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ? "present"
                                                                               : rd_kafka_err2name(error);
        failures += *answer != 'a' && *answer != 'p';
        printf("%s %s\n", answer, rd_kafka_topic_result_name(results[i]));
    }
    rd_kafka_event_destroy(event);
    return failures;
}

static int run_batches(rd_kafka_t *rk, const char *command, const struct options *options, const struct names *names) {
    int failures = 0;
    for (size_t i = 0; i < names->count; i += BATCH) {
        size_t count = names->count - i < BATCH ? names->count - i : BATCH;
        if (strcmp(command, "ask") == 0) {
            failures += ask_batch(rk, names->items + i, count, options);
            continue;
        }
        rd_kafka_event_t *event = strcmp(command, "create") == 0 ? create(rk, names->items + i, count, options, false)
                                                                 : delete (rk, names->items + i, count);
        failures += complain(event);
        rd_kafka_event_destroy(event);
    }
    return failures > 0;
}

static int run_cluster_id(rd_kafka_t *rk, const struct options *options) {
    char *id = rd_kafka_clusterid(rk, options->timeout_msec);
    if (!id)
        die("cluster-id", "no answer");
    puts(id);
    rd_kafka_mem_free(rk, id);
    return 0;
}

static _Noreturn void run_want(rd_kafka_t *rk, const char *name) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = need(rd_kafka_topic_new(rk, name, NULL));
    for (;; usleep(5000))
        if (rd_kafka_metadata(rk, 0, topic, &metadata, TIMEOUT_MSEC) == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_metadata_destroy(metadata);
}

static int run(rd_kafka_t *rk, const char *command, const struct options *options, struct names *names) {
    if (strcmp(command, "list") == 0)
        return run_list(rk, options);
    if (strcmp(command, "describe") == 0)
        return run_describe(rk, options, names);
    if (strcmp(command, "cluster-id") == 0)
        return run_cluster_id(rk, options);
    if (strcmp(command, "want") == 0 && names->count == 1)
        run_want(rk, names->items[0]);
    if (strcmp(command, "wait") == 0 && names->count == 1)
        return run_wait(rk, options, (size_t)number(names->items[0]));
    if (strcmp(command, "create") == 0 || strcmp(command, "delete") == 0 || strcmp(command, "ask") == 0)
        return run_batches(rk, command, options, names);
    fputs(usage, stderr);
    return 2;
}

static void set(rd_kafka_conf_t *conf, const char *key, const char *value) {
    char words[512];
    if (rd_kafka_conf_set(conf, key, value, words, sizeof words) != RD_KAFKA_CONF_OK)
        die(key, words);
}

static void set_pair(rd_kafka_conf_t *conf, const char *pair) {
    const char *equals = strchr(pair, '=');
    if (!equals)
        die(pair, "needs the form KEY=VALUE");
    char *key = need(strndup(pair, (size_t)(equals - pair)));
    set(conf, key, equals + 1);
    free(key);
}

static void read_names(struct names *names) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        add_name(names, line);
    }
    free(line);
}

static void parse(char **args, rd_kafka_conf_t *conf, struct options *options, struct names *names) {
    for (; *args; args++) {
        const char *option = *args;
        if (strcmp(option, "-") == 0) {
            read_names(names);
            continue;
        }
        if (*option != '-') {
            add_name(names, option);
            continue;
        }
        const char *value = *++args;
        if (!value)
            die(option, "needs a value");
        if (strcmp(option, "--partitions") == 0)
            options->partitions = number(value);
        else if (strcmp(option, "--replication-factor") == 0)
            options->replication_factor = number(value);
        else if (strcmp(option, "--timeout") == 0)
            options->timeout_msec = number(value) * 1000;
        else if (strcmp(option, "--prefix") == 0)
            options->prefix = value;
        else if (strcmp(option, "--config") == 0 && options->n_config < OPTIONS_MAX && strchr(value, '='))
            options->config[options->n_config++] = value;
        else if (strcmp(option, "-X") == 0)
            set_pair(conf, value);
        else
            die(option, "is not an option");
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs(usage, stderr);
        return 2;
    }
    struct options options = {.partitions = 1, .replication_factor = 1, .timeout_msec = TIMEOUT_MSEC, .prefix = ""};
    struct names names = {0};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[1]);
    set(conf, "allow.auto.create.topics", strcmp(argv[2], "want") == 0 ? "true" : "false");
    set(conf, "reconnect.backoff.max.ms", "200");
    set(conf, "log_level", "2");
    parse(argv + 3, conf, &options, &names);
    char words[512];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!rk)
        die(argv[1], words);
    int status = run(rk, argv[2], &options, &names);
    rd_kafka_destroy(rk);
    free_names(&names);
    return status;
}
