/* topicd run: the daemon, or once. */
#include "daemon/run.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The directory's path is part of the scope (D5), so it does not depend on where one stands. */
static const char *absolute(struct arena *arena, const char *path) {
    if (path[0] == '/')
        return path;
    char *here = getcwd(NULL, 0);
    const char *whole = here ? arena_printf(arena, "%s/%s", here, path) : NULL;
    free(here);
    return whole;
}

int cmd_run(const struct options *options) {
    struct arena arena = {0};
    struct config *config;
    struct run_options run_options = {.config_path = options->config,
                                      .config_optional = !options->config_given,
                                      .manifests = absolute(&arena, options->manifests),
                                      .state = options->state,
                                      .runtime = options->runtime,
                                      .version = version_text(),
                                      .bootstrap = options->bootstrap,
                                      .once = options->once,
                                      .timeout_usec = options->timeout_usec};
    int code = EXIT_FAILED;
    if (!run_options.manifests)
        cmd_fail("cannot tell where %s is: %s", options->manifests, strerror(errno));
    else if (cmd_load_config(options, &config) == EXIT_FINE)
        code = run(&run_options, config);
    arena_free(&arena);
    return code;
}
