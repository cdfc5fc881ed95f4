/* From what librdkafka says to what became of a topic. Private to kafka/; no state, no connection. */
#pragma once

#include "base/topic.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/* Judges what was said of one topic. `connected` says whether the session has ever heard from a broker. The result's
 * name is left alone; its message is `words`, the library's or a constant. */
void answer_judge(enum operation operation, rd_kafka_resp_err_t error, const char *words, bool connected,
                  struct topic_result *result);

/* Gives each of the `count` results (whose names are those of the request) the outcome that the answer `event` has
 * for it, also when the answer leaves it out. The messages are valid as long as the event. */
void answer_read(enum operation operation, rd_kafka_event_t *event, bool connected, struct topic_result *results,
                 size_t count);
