/* The daemon's connection to Kafka: a session that is opened when there is something to say, that first finds out
 * which cluster it speaks to, and that is let go after a quiet minute. A session that had trouble is opened anew,
 * since another cluster may have taken the address (D5).
 *
 * May use: base, kafka, libsystemd. */
#pragma once

#include "base/clock.h"
#include "kafka/kafka.h"

#include <systemd/sd-event.h>

struct link_handlers {
    void (*answered)(void *userdata, enum operation operation, const struct topic_result *results, size_t count);
    void (*changed)(void *userdata); /* reachable, error or the cluster's id is another */
};

struct link {
    sd_event *event;
    struct kafka_settings settings;
    struct link_handlers handlers;
    void *userdata;
    struct kafka *kafka; /* NULL: let go */
    sd_event_source *source;
    const char *cluster_id; /* as this session was told; NULL: not yet */
    uint64_t verified_usec; /* monotonic: when it was */
    uint64_t used_usec;     /* monotonic: last request or answer */
    bool suspect;           /* trouble since it was verified, or a request that got nowhere */
    bool reachable;         /* the last word from Kafka was an answer */
    char *error;            /* the last word was this trouble; NULL */
    char *error_code;
    char *last_error; /* the last trouble, also if it passed: to say each once */
};

/* Opens a session if there is none, and anew if the one there is had trouble and nothing is in flight. Returns 0 or a
 * negative errno. */
int link_open(struct link *link);
void link_close(struct link *link);
/* Says what is in flight. */
size_t link_in_flight(const struct link *link);
/* The session knows its cluster and has had no trouble since. */
bool link_verified(const struct link *link);
/* The cluster's id was learned so short a time ago that it is the broker's of now (D5). */
bool link_fresh(const struct link *link, uint64_t now_usec);
/* When to call link_rest(); USEC_NEVER. */
uint64_t link_rest_usec(const struct link *link);
/* Lets the session go if it has been quiet for long enough. */
void link_rest(struct link *link, uint64_t now_usec);
void link_free(struct link *link);
