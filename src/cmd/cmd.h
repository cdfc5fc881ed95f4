/* The commands: a table, and what they share. One file a command; each reads the clock, the files and Kafka, calls the
 * pure parts, prints, and returns an exit code.
 *
 * May use: everything below cmd/. */
#pragma once

#include "cmd/options.h"
#include "config/config.h"
#include "seldon/manifest.h"

#include <stdbool.h>
#include <stdio.h>

/* Section 7. */
enum exit_code {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_PENDING = 3, /* changes pending, or not in sync */
};

struct command {
    const char *name;
    int (*run)(const struct options *options);
    unsigned options;      /* enum option_flag: beside the options of all */
    const char *arguments; /* for the usage line; "" */
    size_t n_min, n_max;   /* how many arguments */
    const char *summary;   /* one line */
    const char *details;   /* a few lines: what it does, exit codes */
    const char *example;   /* lines to type */
};
/* In the order of --help; ended by a NULL name. */
extern const struct command COMMANDS[];

int cmd_run(const struct options *options);
int cmd_check(const struct options *options);
int cmd_plan(const struct options *options);
int cmd_explain(const struct options *options);
int cmd_status(const struct options *options);
int cmd_wait(const struct options *options);
int cmd_approve(const struct options *options);
int cmd_deny(const struct options *options);
int cmd_prune(const struct options *options);
int cmd_reload(const struct options *options);

const struct command *command_find(const char *name);
/* Whether there is such a command (`command` is what command_find() said), and it takes these options and arguments;
 * if not, a sentence in `error`. */
bool command_accepts(const struct command *command, const struct options *options, struct buffer *error);
/* NULL: of all commands. */
void command_usage(const struct command *command, FILE *out);
void command_help(const struct command *command, FILE *out);

/* ---- what commands share ---- */

/* "topicd: …" on standard error; returns EXIT_FAILED. */
int cmd_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for -ENOMEM. */
int cmd_fail_memory(void);
/* Writes the whole text; returns `code`, or EXIT_FAILED with a message if memory or the output is exhausted. Frees it.
 */
int cmd_print(struct buffer *text, int code);
/* Reads the configuration the options name, --bootstrap included, and prints what is wrong with it. An absent file is
 * an error only if it was asked for. Returns EXIT_FINE or EXIT_FAILED. */
int cmd_load_config(const struct options *options, struct config **ret);
struct manifest_options cmd_manifest_options(const struct config *config);
/* Everything on this stream may be coloured: it is a terminal and NO_COLOR is not set. */
bool cmd_is_colourful(FILE *stream);
/* topicd's version and those of the libraries, as lines. */
void version_print(FILE *out);
/* topicd's alone. */
const char *version_text(void);
