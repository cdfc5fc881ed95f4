/* reload: the daemon reads its configuration and all manifests again (ExecReload=). */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "store/mailbox.h"

#define RELOAD_TIMEOUT_USEC (60 * USEC_PER_SEC)

int cmd_reload(const struct options *options) {
    struct buffer reason = {0};
    int r = mailbox_ask(options->runtime, "reload", RELOAD_TIMEOUT_USEC, &reason);
    int code = daemon_answer_explain(options->runtime, r, &reason);
    buffer_free(&reason);
    return code;
}
