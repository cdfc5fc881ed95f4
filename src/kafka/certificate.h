/* Why a broker's certificate is refused. librdkafka's error says only that one could not be verified, whatever is wrong
 * with it; what is wrong is known where it is looked at, and comes to us by the client's log. Private to kafka/. */
#pragma once

#include "base/buffer.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/* Has the client say in its log why it refuses a certificate. What is refused stays what it is. */
void certificate_explain(rd_kafka_conf_t *conf);
/* Whether this is such a line of the log; then `out` holds its reason, in our words. */
bool certificate_words(const char *facility, const char *message, struct buffer *out);
