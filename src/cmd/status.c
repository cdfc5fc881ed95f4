/* status: what the running daemon says of itself. */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"

int cmd_status(const struct options *options) {
    struct status_document *document = NULL;
    struct buffer text = {0};
    int r = daemon_status_read(options->runtime, &document, options->json ? &text : NULL);
    if (r != 0)
        return daemon_status_explain(options->runtime, r);
    if (!options->json)
        status_text_format(document, moment_now(), cmd_is_colourful(stdout), &text);
    int code = status_document_in_sync(document) ? EXIT_FINE : EXIT_PENDING;
    status_document_free(document);
    return cmd_print(&text, code);
}
