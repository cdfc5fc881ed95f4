/* What topicd says: to the journal with structured fields and a message ID (N4), or as plain lines to standard error
 * where that is no journal. Each kind of event is a row of one table, with its priority.
 *
 * May use: base, libsystemd. */
#pragma once

#include <stdbool.h>

enum event {
    EVENT_STARTED,
    EVENT_READY,
    EVENT_STOPPED,
    EVENT_CONNECTED,
    EVENT_DISCONNECTED,
    EVENT_CLIENT, /* a line of the client library's own log */
    EVENT_ACCEPTED,
    EVENT_WARNED,
    EVENT_REMOVED,
    EVENT_REJECTED,
    EVENT_REPAIRED,
    EVENT_TOPIC_CREATED,
    EVENT_TOPIC_ADOPTED,
    EVENT_TOPIC_FAILED,
    EVENT_TOPIC_VANISHED,
    EVENT_DELETION_OWED,
    EVENT_DELETION_CANCELLED,
    EVENT_DELETION_HELD,
    EVENT_DELETION_ANSWERED,
    EVENT_TOPIC_DELETED,
    EVENT_DELETION_FAILED,
    EVENT_SCOPE_CHANGED,
    EVENT_SNAPSHOT_KEPT_ASIDE,
    EVENT_SAVE_FAILED,
    EVENT_SAVE_WORKS,
    EVENT_SCAN_FAILED,
    EVENT_SCAN_WORKS,
    EVENT_POLLING,
    EVENT_RELOADED,
    EVENT_RELOAD_FAILED,
    EVENT_REQUEST_REFUSED,
    EVENT_MAX_,
};

/* Fields that are NULL are left out. */
struct event_fields {
    const char *topic;       /* TOPICD_TOPIC= */
    const char *manifest;    /* TOPICD_MANIFEST= the file's name */
    const char *owner;       /* TOPICD_OWNER= Model/NS/NAME */
    const char *kafka_error; /* TOPICD_KAFKA_ERROR= Kafka's name of it, or its words */
    const char *person;      /* TOPICD_PERSON= who asked for it, "alice (uid 1000)" */
};

/* For a command: only to the journal, wherever standard error goes. */
void journal_record(enum event event, const struct event_fields *fields, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether standard error is the journal's stream, as systemd tells. */
bool journal_is_stderr(void);
void journal_event(enum event event, const struct event_fields *fields, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
