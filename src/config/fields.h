/* The table of topicd.yaml, and its defaults: the one place to change when a setting is added.
 *
 * May use: yaml. */
#pragma once

#include "yaml/schema.h"

extern const struct field config_fields[];

/* What holds where the file says nothing. The summaries in the table name the same values. */
#define CONFIG_BOOTSTRAP "localhost:9092"
#define CONFIG_TOPIC_PREFIX "seldon"
#define CONFIG_NAMESPACE "seldon-mesh"
#define CONFIG_MAX_MESSAGE_BYTES "1000000000"
enum {
    CONFIG_PARTITIONS = 1,
    CONFIG_REPLICATION_FACTOR = 1,
    CONFIG_RESYNC_SEC = 300,
    CONFIG_DELETION_ENABLED = true,
    CONFIG_GRACE_SEC = 10,
    CONFIG_LIMIT_TOPICS = 20,
    CONFIG_LIMIT_PERIOD_SEC = 600,
};
