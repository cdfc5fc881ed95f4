/* Runs topicd as a daemon, or once.
 *
 * May use: everything below it. */
#pragma once

#include "config/config.h"

#include <stdbool.h>

struct run_options {
    const char *config_path; /* for reload */
    bool config_optional;
    const char *manifests, *state, *runtime;
    const char *version;   /* topicd's own */
    const char *bootstrap; /* instead of the configuration's; NULL */
    bool once;
    uint64_t timeout_usec; /* of once */
};

/* Takes `config` over. Returns the exit code: 0, 1, or 3 (only once: not in sync). */
int run(const struct run_options *options, struct config *config);
