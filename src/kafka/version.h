/* Which librdkafka runs: what was loaded, not what was built against.
 *
 * May use: librdkafka. */
#pragma once

const char *kafka_library_version(void);
