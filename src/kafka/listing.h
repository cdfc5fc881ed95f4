/* Everything a broker lists: topics, their shape and configuration. It blocks and it lags behind the controller (a
 * broker's listing was seen 20 s late), so it is for the commands, never for the daemon.
 *
 * May use: base, kafka.h, librdkafka. */
#pragma once

#include "base/arena.h"
#include "kafka/kafka.h"

struct listed_topic {
    const char *name;
    int partitions, replication_factor;
    const struct property *config; /* set on the topic itself, not inherited; sorted by key */
    size_t n_config;
    bool config_known;  /* false: not asked for, or not told */
    bool config_hidden; /* asked for, and not told: as a rule the right to read it is missing */
};

struct listing {
    struct arena arena;
    const char *cluster_id;
    struct listed_topic *topics; /* sorted by name in bytes; internal topics included */
    size_t count;
};

/* Lists all topics; asks for the configuration of those in `describe` (sorted). Waits at most `timeout_msec`. Returns
 * 0, -ENOMEM, or 1 with a sentence in `error`. */
int kafka_list(const struct kafka_settings *settings, const char *const *describe, size_t n_describe, int timeout_msec,
               struct listing **ret, struct buffer *error);
struct listing *listing_free(struct listing *listing); /* accepts NULL, returns NULL */
