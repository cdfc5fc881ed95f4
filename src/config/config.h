/* topicd.yaml as one immutable value (section 8 of the contract; topicd.yaml(5)).
 *
 * May use: base, yaml, libc's files for secrets. */
#pragma once

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/topic.h"

#include <stdint.h>

struct config {
    struct arena arena;
    const char *bootstrap;
    const char *topic_prefix;
    struct topic_policy topics;
    const struct property *properties; /* librdkafka's, secrets resolved */
    size_t n_properties;
    const char *namespace;
    bool unknown_is_warning; /* validation: warn */
    uint64_t resync_usec;
    struct deletion_settings {
        bool enabled;
        uint64_t grace_usec;
        unsigned limit_topics;
        uint64_t limit_period_usec;
    } deletion;
};

/* Reads `path`; an absent file is an error unless `optional`, which gives the defaults. What is wrong goes to
 * `diagnostics` (secrets never do), which are finished: sorted, with their source lines. Returns 0 with a configuration
 * (there may be warnings); 1 when diagnostics has errors; a negative errno when the file cannot be read or memory is
 * exhausted. */
int config_load(const char *path, bool optional, struct config **ret, struct diagnostics *diagnostics);
/* The same for a text, and without files for secrets, whose values are "": for tests and fuzzing. */
int config_parse(const char *text, size_t length, struct config **ret, struct diagnostics *diagnostics);
struct config *config_free(struct config *config); /* accepts NULL, returns NULL */

/* HOST:PORT, or several with commas between; a host may be an IPv6 address in [], with or without PROTOCOL:// before.
 */
bool config_bootstrap_is_valid(const char *text);

/* Names of the settings that differ and need a restart, joined by ", "; "" if there are none. */
void config_needs_restart(const struct config *running, const struct config *loaded, struct buffer *out);
