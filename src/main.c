/* topicd: takes the command line apart, finds the command, runs it. */
#include "cmd/cmd.h"

static int usage_error(const struct command *command, const char *sentence) {
    fprintf(stderr, "topicd: %s\n", sentence);
    command_usage(command, stderr);
    if (!command)
        fputs("try 'topicd --help'\n", stderr);
    return EXIT_USAGE;
}

static int start(const struct options *options, struct buffer *error) {
    const struct command *command = options->command ? command_find(options->command) : NULL;
    if (options->version) {
        version_print(stdout);
        return EXIT_FINE;
    }
    if (options->help && (command || !options->command)) {
        command_help(command, stdout);
        return EXIT_FINE;
    }
    if (!command_accepts(command, options, error))
        return error->failed ? cmd_fail_memory() : usage_error(command, error->data);
    return command->run(options);
}

int main(int argc, char **argv) {
    struct options options;
    struct buffer error = {0};
    int r = options_parse(argc, argv, &options, &error), code;
    if (r < 0)
        code = cmd_fail_memory();
    else if (r > 0)
        code = usage_error(options.command ? command_find(options.command) : NULL, error.data);
    else
        code = start(&options, &error);
    buffer_free(&error);
    options_free(&options);
    return code;
}
