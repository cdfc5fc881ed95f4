#include "kafka/kafka.h"

#include "base/arena.h"
#include "base/hash.h"
#include "kafka/answer.h"
#include "kafka/certificate.h"
#include "kafka/client.h"
#include "kafka/request.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How many different complaints are remembered, so that each is told once until a broker answers again. */
enum { COMPLAINTS_MAX = 16 };

struct kafka {
    struct kafka_handlers handlers;
    void *userdata;
    int request_timeout_msec;
    bool dispatching;
    struct client_hints hints;
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    int fd;
    struct request *requests; /* in flight */
    size_t in_flight;
    uint64_t complaints[COMPLAINTS_MAX];
    size_t n_complaints;
    const char *cluster_id;
    struct arena cluster_ids; /* all it was ever called, so that one handed out stays valid */
};

int kafka_open(const struct kafka_settings *settings, const struct kafka_handlers *handlers, void *userdata,
               struct kafka **ret, struct buffer *error) {
    struct kafka *kafka = calloc(1, sizeof *kafka);
    if (!kafka)
        return -ENOMEM;
    kafka->handlers = *handlers;
    kafka->userdata = userdata;
    kafka->request_timeout_msec = settings->request_timeout_msec;
    kafka->hints.scram = client_uses_scram(settings);
    /* Readable from the start: the library tells of an event only when the queue was empty before, and by the time it
     * knows of the eventfd a first event may be in there. */
    kafka->fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    int r = kafka->fd < 0 ? -errno : client_new(settings, &kafka->client, error);
    if (r < 0) {
        kafka_close(kafka);
        return r;
    }
    const uint64_t one = 1;
    kafka->queue = rd_kafka_queue_get_main(kafka->client);
    rd_kafka_queue_io_event_enable(kafka->queue, kafka->fd, &one, sizeof one);
    *ret = kafka;
    return 0;
}

struct kafka *kafka_close(struct kafka *kafka) {
    if (!kafka)
        return NULL;
    assert(!kafka->dispatching);
    if (kafka->queue) {
        rd_kafka_queue_io_event_enable(kafka->queue, -1, NULL, 0); /* the number of our fd is soon somebody else's */
        rd_kafka_queue_destroy(kafka->queue);
    }
    if (kafka->client)
        client_close(kafka->client);
    if (kafka->fd >= 0)
        close(kafka->fd);
    for (struct request *request = kafka->requests, *next; request; request = next) {
        next = request->next;
        request_free(request);
    }
    buffer_free(&kafka->hints.certificate);
    arena_free(&kafka->cluster_ids);
    free(kafka);
    return NULL;
}

int kafka_fd(const struct kafka *kafka) {
    return kafka->fd;
}

size_t kafka_in_flight(const struct kafka *kafka) {
    return kafka->in_flight;
}

const char *kafka_cluster_id(struct kafka *kafka) {
    char *id = rd_kafka_clusterid(kafka->client, 0);
    if (!id)
        return kafka->cluster_id;
    /* It can change under a session, when another cluster comes up at the same address. */
    if (!kafka->cluster_id || strcmp(kafka->cluster_id, id) != 0)
        kafka->cluster_id = arena_strdup(&kafka->cluster_ids, id);
    rd_kafka_mem_free(kafka->client, id);
    return kafka->cluster_id;
}

static void link_request(struct kafka *kafka, struct request *request) {
    request->next = kafka->requests;
    if (request->next)
        request->next->previous = request;
    kafka->requests = request;
    kafka->in_flight++;
}

static void unlink_request(struct kafka *kafka, struct request *request) {
    if (request->previous)
        request->previous->next = request->next;
    else
        kafka->requests = request->next;
    if (request->next)
        request->next->previous = request->previous;
    kafka->in_flight--;
}

/* Tells a complaint, unless it was told already or only says that the ones told before concern all brokers. */
static void complain(struct kafka *kafka, rd_kafka_resp_err_t error, const char *text) {
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && kafka->n_complaints > 0)
        return;
    struct buffer words = {0};
    client_words(&words, error, text, &kafka->hints);
    /* The library suspects the settings of every connection that ends early. A broker that has answered is only gone.
     */
    const char *advice = kafka->cluster_id && words.data ? strstr(words.data, ": verify that security.protocol") : NULL;
    if (advice) {
        words.length = (size_t)(advice - words.data);
        words.data[words.length] = '\0';
    }
    uint64_t hash = hash_bytes(HASH_START, words.data ? words.data : "", words.length);
    for (size_t i = 0; i < kafka->n_complaints && i < COMPLAINTS_MAX; i++) {
        if (kafka->complaints[i] == hash) {
            buffer_free(&words);
            return;
        }
    }
    kafka->complaints[kafka->n_complaints++ % COMPLAINTS_MAX] = hash;
    kafka->handlers.failed(kafka->userdata, rd_kafka_err2name(error), words.failed || !words.data ? text : words.data);
    buffer_free(&words);
}

static void take_answer(struct kafka *kafka, rd_kafka_event_t *event) {
    struct request *request = rd_kafka_event_opaque(event);
    bool connected = kafka_cluster_id(kafka) != NULL;
    unlink_request(kafka, request);
    answer_read(request->operation, event, connected, request->results, request->count);
    if (!rd_kafka_event_error(event))
        kafka->n_complaints = 0;
    kafka->handlers.answered(kafka->userdata, request->operation, request->results, request->count);
    request_free(request);
}

/* Failures of connections come as errors too; they need not be told twice. */
static void take_log(struct kafka *kafka, rd_kafka_event_t *event) {
    const char *facility, *message;
    int level;
    if (rd_kafka_event_log(event, &facility, &message, &level) != 0 || strcmp(facility, "FAIL") == 0)
        return;
    if (!certificate_words(facility, message, &kafka->hints.certificate))
        kafka->handlers.logged(kafka->userdata, level, message);
}

static void take(struct kafka *kafka, rd_kafka_event_t *event) {
    switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
    case RD_KAFKA_EVENT_DELETETOPICS_RESULT:
        take_answer(kafka, event);
        break;
    case RD_KAFKA_EVENT_ERROR:
        complain(kafka, rd_kafka_event_error(event), rd_kafka_event_error_string(event));
        break;
    case RD_KAFKA_EVENT_LOG:
        take_log(kafka, event);
        break;
    default:
        break;
    }
}

void kafka_dispatch(struct kafka *kafka) {
    uint64_t events;
    /* First: the library writes once, and again only after the queue was polled. */
    ssize_t n = read(kafka->fd, &events, sizeof events);
    (void)n; /* nothing to read is no error: the queue is what counts */
    assert(!kafka->dispatching);
    kafka->dispatching = true;
    for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(kafka->queue, 0)); rd_kafka_event_destroy(event))
        take(kafka, event);
    kafka->dispatching = false;
}

/* Sends a list of requests, linked by `next`, in order. */
static void send_all(struct kafka *kafka, struct request *request) {
    for (struct request *next; request; request = next) {
        next = request->next;
        link_request(kafka, request);
        request_send(request, kafka->client, kafka->queue, kafka->request_timeout_msec);
    }
}

static int drop_all(struct request *request) {
    for (struct request *next; request; request = next) {
        next = request->next;
        request_free(request);
    }
    return -ENOMEM;
}

static int send_creations(struct kafka *kafka, enum operation operation, const struct kafka_creation *creations,
                          size_t count) {
    struct request *first = NULL, **last = &first;
    for (size_t share; count > 0; creations += share, count -= share) {
        share = request_share_creations(operation, creations, count);
        *last = request_new_creation(operation, creations, share);
        if (!*last)
            return drop_all(first);
        last = &(*last)->next;
    }
    send_all(kafka, first);
    return 0;
}

int kafka_create(struct kafka *kafka, const struct kafka_creation *creations, size_t count) {
    return send_creations(kafka, OPERATION_CREATE, creations, count);
}

int kafka_ask(struct kafka *kafka, const struct kafka_creation *creations, size_t count) {
    return send_creations(kafka, OPERATION_ASK, creations, count);
}

int kafka_delete(struct kafka *kafka, const char *const *topics, size_t count) {
    struct request *first = NULL, **last = &first;
    for (size_t share; count > 0; topics += share, count -= share) {
        share = request_share_deletions(count);
        *last = request_new_deletion(topics, share);
        if (!*last)
            return drop_all(first);
        last = &(*last)->next;
    }
    send_all(kafka, first);
    return 0;
}
