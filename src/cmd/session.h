/* A session with Kafka for a command that deletes: it knows its cluster before anything is sent, and tells what became
 * of each topic on standard output and standard error.
 *
 * May use: base, kafka, cmd.h. */
#pragma once

#include "cmd/cmd.h"
#include "kafka/kafka.h"

struct session {
    struct kafka *kafka;
    const char *bootstrap;
    const char *cluster_id; /* as this session was told */
    struct buffer trouble;  /* the connection's, in words */
    bool heard;             /* a broker answered */
    size_t n_asked, n_deleted, n_failed;
    const char *person; /* on whose word */
    /* Called for each topic that is gone now. */
    void (*deleted)(const char *topic, const char *person);
};

/* Opens it and asks about one topic, to hear which cluster this is. Complains if that fails. */
int session_open(struct session *session, const struct kafka_settings *settings, const struct kafka_creation *probe);
/* Deletes topics and waits for the answers. Returns EXIT_FINE if all are gone. */
int session_delete(struct session *session, const char *const *topics, size_t count);
void session_close(struct session *session);
