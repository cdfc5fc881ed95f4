#include "daemon/link.h"

#include "daemon/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define FRESH_USEC (5 * USEC_PER_SEC)
#define QUIET_USEC (60 * USEC_PER_SEC)

static void replace(char **text, const char *by) {
    free(*text);
    *text = by ? strdup(by) : NULL;
}

static void answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count) {
    struct link *link = userdata;
    link->used_usec = clock_usec(CLOCK_MONOTONIC);
    bool heard = false;
    for (size_t i = 0; i < count && !heard; i++)
        heard = results[i].outcome != OUTCOME_UNKNOWN && results[i].outcome != OUTCOME_NOT_SENT;
    if (heard && (!link->reachable || link->error)) {
        link->reachable = true;
        replace(&link->error, NULL);
        replace(&link->error_code, NULL);
        replace(&link->last_error, NULL);
        link->handlers.changed(link->userdata);
    } else if (!heard && count > 0) {
        /* Also one that never reached anybody: what it has read at its start, a CA or a key, may be another by now. */
        link->suspect = true;
    }
    link->handlers.answered(link->userdata, operation, results, count);
}

static void failed(void *userdata, const char *code, const char *message) {
    struct link *link = userdata;
    link->reachable = false;
    link->suspect = link->cluster_id != NULL;
    replace(&link->error, message);
    replace(&link->error_code, code);
    /* The library repeats itself for as long as the trouble lasts. */
    if (!link->last_error || strcmp(link->last_error, code) != 0) {
        replace(&link->last_error, code);
        journal_event(EVENT_DISCONNECTED, &(struct event_fields){.kafka_error = code}, "Kafka at %s: %s",
                      link->settings.bootstrap, message);
    }
    link->handlers.changed(link->userdata);
}

static void logged(void *userdata, int level, const char *message) {
    (void)userdata;
    (void)level;
    journal_event(EVENT_CLIENT, NULL, "librdkafka: %s", message);
}

static int dispatch(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
    (void)source;
    (void)fd;
    (void)revents;
    struct link *link = userdata;
    kafka_dispatch(link->kafka);
    if (!link->cluster_id && (link->cluster_id = kafka_cluster_id(link->kafka))) {
        link->verified_usec = clock_usec(CLOCK_MONOTONIC);
        link->suspect = false;
        link->handlers.changed(link->userdata);
    }
    return 0;
}

int link_open(struct link *link) {
    if (link->kafka && link->suspect && kafka_in_flight(link->kafka) == 0)
        link_close(link);
    if (link->kafka)
        return 0;
    static const struct kafka_handlers handlers = {.answered = answered, .failed = failed, .logged = logged};
    struct buffer error = {0};
    int r = kafka_open(&link->settings, &handlers, link, &link->kafka, &error);
    if (r < 0) {
        failed(link, "settings", error.data ? error.data : strerror(-r));
        buffer_free(&error);
        return r;
    }
    link->used_usec = clock_usec(CLOCK_MONOTONIC);
    r = sd_event_add_io(link->event, &link->source, kafka_fd(link->kafka), EPOLLIN, dispatch, link);
    if (r < 0)
        link_close(link);
    return r;
}

void link_close(struct link *link) {
    link->source = sd_event_source_disable_unref(link->source);
    link->kafka = kafka_close(link->kafka);
    link->cluster_id = NULL;
    link->suspect = false;
}

size_t link_in_flight(const struct link *link) {
    return link->kafka ? kafka_in_flight(link->kafka) : 0;
}

bool link_verified(const struct link *link) {
    return link->kafka && link->cluster_id && !link->suspect;
}

bool link_fresh(const struct link *link, uint64_t now_usec) {
    return link_verified(link) && now_usec - link->verified_usec < FRESH_USEC;
}

uint64_t link_rest_usec(const struct link *link) {
    return link->kafka && kafka_in_flight(link->kafka) == 0 ? link->used_usec + QUIET_USEC : USEC_NEVER;
}

void link_rest(struct link *link, uint64_t now_usec) {
    if (now_usec >= link_rest_usec(link))
        link_close(link);
}

void link_free(struct link *link) {
    link_close(link);
    replace(&link->error, NULL);
    replace(&link->error_code, NULL);
    replace(&link->last_error, NULL);
}
