/* A librdkafka client made from the settings, and what it complains about, in words. Private to kafka/. */
#pragma once

#include "kafka/kafka.h"

#include <librdkafka/rdkafka.h>

/* What makes its complaints clearer. */
struct client_hints {
    bool scram;                /* it logs in by SCRAM */
    struct buffer certificate; /* why it refused a broker's certificate last */
};

/* Makes a client that queues its errors and its log as events. Returns like kafka_open(). */
int client_new(const struct kafka_settings *settings, rd_kafka_t **ret, struct buffer *error);
/* Ends it. All queues taken from it must be destroyed before. */
void client_close(rd_kafka_t *client);

/* What is said of a broker that hangs. */
#define CLIENT_SILENCE "it took the connection and stays silent"
/* One complaint of the client, fit for a status line: without its internal state and repetition counts, which would
 * make every repetition a new message. */
void client_words(struct buffer *out, rd_kafka_resp_err_t error, const char *text, const struct client_hints *hints);
/* Whether the settings ask for a login by SCRAM. */
bool client_uses_scram(const struct kafka_settings *settings);
