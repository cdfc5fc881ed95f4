/* The command line as a value. Knows every option, and which command takes which; reads nothing but its arguments and
 * the two environment variables of systemd's.
 *
 * May use: base. */
#pragma once

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define DEFAULT_CONFIG "/etc/topicd/topicd.yaml"
#define DEFAULT_MANIFESTS "/etc/topicd/manifests.d"
#define DEFAULT_STATE "/var/lib/topicd"
#define DEFAULT_RUNTIME "/run/topicd"

/* Options that not all commands take, as bits. */
enum option_flag {
    OPTION_JSON = 1 << 0,
    OPTION_OFFLINE = 1 << 1,
    OPTION_ONCE = 1 << 2,
    OPTION_TIMEOUT = 1 << 3,
    OPTION_JOURNAL = 1 << 4,
    OPTION_YES = 1 << 5,
    OPTION_GRAPH = 1 << 6,
};

struct option_row {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *summary;
    unsigned flag; /* enum option_flag; 0: every command takes it */
    char letter;   /* 0: none */
};
/* Ended by a NULL name. */
extern const struct option_row OPTIONS[];

struct options {
    struct arena arena;
    const char *command; /* the first argument that is no option; NULL */
    ARRAY(const char *) arguments;
    const char *config;
    bool config_given; /* it must exist, then */
    const char *manifests, *state, *runtime;
    const char *bootstrap; /* NULL: the configuration's */
    const char *journal;   /* NULL: the system's */
    uint64_t timeout_usec; /* --timeout; 60 s */
    bool json, graph, offline, once, yes, help, version;
    unsigned given; /* enum option_flag, of what stood there */
};

/* Takes the command line apart. Options may stand before or after the command, "--" ends them. Returns 0; 1 with a
 * sentence in `error` (usage); -ENOMEM. Either way options_free() is to be called. */
int options_parse(int argc, char *const *argv, struct options *ret, struct buffer *error);
void options_free(struct options *options);
/* How a directory that was typed is named in `manifests`; NULL when memory is exhausted. Links are not followed. */
const char *options_path(struct arena *arena, const char *path);
