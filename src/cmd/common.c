/* What commands share: complaining, printing, the configuration. */
#include "cmd/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cmd_fail(const char *format, ...) {
    va_list args;
    fflush(stdout);
    fputs("topicd: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_FAILED;
}

int cmd_fail_memory(void) {
    return cmd_fail("out of memory");
}

int cmd_print(struct buffer *text, int code) {
    bool whole = !text->failed;
    bool written = whole && (text->length == 0 || fwrite(text->data, text->length, 1, stdout) == 1) && !fflush(stdout);
    int error = errno;
    buffer_free(text);
    if (!whole)
        return cmd_fail_memory();
    return written ? code : cmd_fail("cannot write to standard output: %s", strerror(error));
}

int cmd_load_config(const struct options *options, struct config **ret) {
    struct diagnostics diagnostics = {0};
    struct buffer text = {0};
    struct config *config = NULL;
    int r = config_load(options->config, !options->config_given, &config, &diagnostics);
    diagnostics_format(&diagnostics, options->config, &text);
    if (text.length > 0)
        fputs(text.data, stderr);
    buffer_free(&text);
    diagnostics_free(&diagnostics);
    if (r < 0)
        return cmd_fail("cannot read %s: %s", options->config, strerror(-r));
    if (r > 0)
        return EXIT_FAILED;
    if (options->bootstrap)
        config->bootstrap = options->bootstrap;
    *ret = config;
    return EXIT_FINE;
}

struct manifest_options cmd_manifest_options(const struct config *config) {
    return (struct manifest_options){.topic_prefix = config->topic_prefix,
                                     .default_namespace = config->namespace,
                                     .unknown_is_warning = config->unknown_is_warning};
}

bool cmd_is_colourful(FILE *stream) {
    const char *no = getenv("NO_COLOR");
    return (!no || !*no) && isatty(fileno(stream));
}
