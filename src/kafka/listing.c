#include "kafka/listing.h"

#include "kafka/certificate.h"
#include "kafka/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DESCRIBE_SHARE = 500, /* names in one DescribeConfigs: 1,000 took a broker 150 ms */
    SLICE_MSEC = 200,     /* how often the wait for a broker is interrupted to hear what is wrong */
};

/* What one listing needs while it is made. */
struct lister {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    struct client_hints hints;
    struct timespec end;
    rd_kafka_resp_err_t worst; /* of the client's complaints the one that explains most */
    struct buffer why;
    struct listing *listing;
};

static int msec_left(const struct lister *lister) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long msec = (lister->end.tv_sec - now.tv_sec) * 1000LL + (lister->end.tv_nsec - now.tv_nsec) / 1000000;
    return msec > 0 ? (int)msec : 0;
}

/* The first complaint is kept; a wrong password or certificate, which time does not cure, goes before all others. */
static bool is_final(rd_kafka_resp_err_t error) {
    return error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL;
}

static void take_complaint(struct lister *lister, rd_kafka_event_t *event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    if (is_final(lister->worst) || (lister->worst && !is_final(error)))
        return;
    lister->worst = error;
    buffer_free(&lister->why);
    client_words(&lister->why, error, rd_kafka_event_error_string(event), &lister->hints);
}

static void take_log(struct lister *lister, rd_kafka_event_t *event) {
    const char *facility, *message;
    int level;
    if (rd_kafka_event_log(event, &facility, &message, &level) == 0)
        certificate_words(facility, message, &lister->hints.certificate);
}

/* Waits for the next event that is not a complaint or a line of the log; NULL after `msec`. */
static rd_kafka_event_t *next_answer(struct lister *lister, int msec) {
    for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(lister->queue, msec)); rd_kafka_event_destroy(event)) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
            take_complaint(lister, event);
        else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_LOG)
            take_log(lister, event);
        else
            return event;
    }
    return NULL;
}

/* The id of the cluster, which a client learns as soon as it is connected; NULL if that is never, or not in time. */
static char *fetch_cluster_id(struct lister *lister) {
    for (int left; (left = msec_left(lister)) > 0 && !is_final(lister->worst);) {
        char *id = rd_kafka_clusterid(lister->client, left < SLICE_MSEC ? left : SLICE_MSEC);
        if (id)
            return id;
        rd_kafka_event_t *stray = next_answer(lister, 1);
        if (stray)
            rd_kafka_event_destroy(stray);
    }
    return NULL;
}

static int compare_topics(const void *a, const void *b) {
    return strcmp(((const struct listed_topic *)a)->name, ((const struct listed_topic *)b)->name);
}

static int copy_topics(struct listing *listing, const struct rd_kafka_metadata *metadata) {
    size_t count = metadata->topic_cnt > 0 ? (size_t)metadata->topic_cnt : 0;
    listing->topics = arena_array(&listing->arena, count, sizeof *listing->topics);
    if (!listing->topics)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct rd_kafka_metadata_topic *from = &metadata->topics[i];
        struct listed_topic *to = &listing->topics[i];
        to->name = arena_strdup(&listing->arena, from->topic);
        if (!to->name)
            return -ENOMEM;
        to->partitions = from->partition_cnt;
        to->replication_factor = from->partition_cnt > 0 ? from->partitions[0].replica_cnt : 0;
    }
    listing->count = count;
    if (count > 1)
        qsort(listing->topics, count, sizeof *listing->topics, compare_topics);
    return 0;
}

static int compare_keys(const void *a, const void *b) {
    return strcmp(((const struct property *)a)->key, ((const struct property *)b)->key);
}

/* Takes over what is set on the topic itself. */
static int copy_config(struct listing *listing, struct listed_topic *topic, const rd_kafka_ConfigResource_t *resource) {
    size_t n_entries;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n_entries);
    struct property *config = arena_array(&listing->arena, n_entries, sizeof *config);
    if (!config)
        return -ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < n_entries; i++) {
        if (rd_kafka_ConfigEntry_source(entries[i]) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
            continue;
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        struct property *p = &config[count++];
        p->key = arena_strdup(&listing->arena, rd_kafka_ConfigEntry_name(entries[i]));
        p->value = arena_strdup(&listing->arena, value ? value : "");
        if (!p->key || !p->value)
            return -ENOMEM;
    }
    if (count > 1)
        qsort(config, count, sizeof *config, compare_keys);
    topic->config = config;
    topic->n_config = count;
    topic->config_known = true;
    return 0;
}

/* Topics that may not be described, or are gone by now, stay without configuration. Only the former have one. */
static int take_configs(struct lister *lister, rd_kafka_event_t *event) {
    size_t count;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
    struct listing *listing = lister->listing;
    for (size_t i = 0; i < count; i++) {
        const struct listed_topic key = {.name = rd_kafka_ConfigResource_name(resources[i])};
        struct listed_topic *topic =
            bsearch(&key, listing->topics, listing->count, sizeof *listing->topics, compare_topics);
        rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(resources[i]);
        if (topic && error)
            topic->config_hidden = error != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        if (!topic || error)
            continue;
        int r = copy_config(listing, topic, resources[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

/* One DescribeConfigs; returns as kafka_list(). */
static int describe_share(struct lister *lister, const struct listed_topic *const *topics, size_t count,
                          struct buffer *error) {
    rd_kafka_ConfigResource_t *resources[DESCRIBE_SHARE];
    for (size_t i = 0; i < count; i++)
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[i]->name);
    char words[256];
    int left = msec_left(lister);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(lister->client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_request_timeout(options, left > 0 ? left : 1, words, sizeof words);
    rd_kafka_DescribeConfigs(lister->client, resources, count, options, lister->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy_array(resources, count);

    rd_kafka_event_t *event = next_answer(lister, -1); /* it comes: the request has a time-out */
    int r = 1;
    if (rd_kafka_event_error(event))
        buffer_printf(error, "the broker did not tell the configuration of the topics: %s",
                      rd_kafka_event_error_string(event));
    else
        r = take_configs(lister, event);
    rd_kafka_event_destroy(event);
    return r;
}

/* Asks about those of `names` (sorted) that are listed, each once. */
static int describe_all(struct lister *lister, const char *const *names, size_t count, struct buffer *error) {
    const struct listed_topic *share[DESCRIBE_SHARE];
    const struct listing *listing = lister->listing;
    size_t n = 0, t = 0;
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        while (t < listing->count && strcmp(listing->topics[t].name, names[i]) < 0)
            t++;
        if (t < listing->count && strcmp(listing->topics[t].name, names[i]) == 0)
            share[n++] = &listing->topics[t++];
        if (n == DESCRIBE_SHARE) {
            r = describe_share(lister, share, n, error);
            n = 0;
        }
    }
    return r == 0 && n > 0 ? describe_share(lister, share, n, error) : r;
}

static int explain(const struct lister *lister, const char *bootstrap, struct buffer *error) {
    buffer_printf(error, "Kafka at %s does not answer: %s", bootstrap,
                  lister->why.data ? lister->why.data : CLIENT_SILENCE);
    return lister->why.failed ? -ENOMEM : 1;
}

static int list(struct lister *lister, const char *bootstrap, const char *const *names, size_t n_names,
                struct buffer *error) {
    char *id = fetch_cluster_id(lister);
    if (!id)
        return explain(lister, bootstrap, error);
    lister->listing->cluster_id = arena_strdup(&lister->listing->arena, id);
    rd_kafka_mem_free(lister->client, id);
    if (!lister->listing->cluster_id)
        return -ENOMEM;
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(lister->client, 1, NULL, &metadata, msec_left(lister)))
        return explain(lister, bootstrap, error);
    int r = copy_topics(lister->listing, metadata);
    rd_kafka_metadata_destroy(metadata);
    return r < 0 ? r : describe_all(lister, names, n_names, error);
}

static struct timespec moment_after(int msec) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += msec / 1000;
    t.tv_nsec += msec % 1000 * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

int kafka_list(const struct kafka_settings *settings, const char *const *describe, size_t n_describe, int timeout_msec,
               struct listing **ret, struct buffer *error) {
    struct lister lister = {.hints.scram = client_uses_scram(settings), .end = moment_after(timeout_msec)};
    int r = client_new(settings, &lister.client, error);
    if (r < 0)
        return r == -EINVAL ? 1 : r;
    lister.queue = rd_kafka_queue_get_main(lister.client);
    lister.listing = calloc(1, sizeof *lister.listing);
    r = lister.listing ? list(&lister, settings->bootstrap, describe, n_describe, error) : -ENOMEM;
    if (r == 1 && error->failed)
        r = -ENOMEM;
    if (r == 0)
        *ret = lister.listing;
    else
        listing_free(lister.listing);
    buffer_free(&lister.why);
    buffer_free(&lister.hints.certificate);
    rd_kafka_queue_destroy(lister.queue);
    client_close(lister.client);
    return r;
}

struct listing *listing_free(struct listing *listing) {
    if (!listing)
        return NULL;
    arena_free(&listing->arena);
    free(listing);
    return NULL;
}
