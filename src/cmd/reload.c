/* reload: the daemon reads its configuration and all manifests again (ExecReload=). */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "daemon/journal.h"
#include "store/mailbox.h"

#define RELOAD_TIMEOUT_USEC (60 * USEC_PER_SEC)

int cmd_reload(const struct options *options) {
    struct buffer words = {0};
    int r = mailbox_ask(options->runtime, "reload", RELOAD_TIMEOUT_USEC, &words);
    int code = daemon_answer_explain(options->runtime, r, &words);
    /* As ExecReload= it speaks to the journal, where the daemon has said the same. */
    if (code == EXIT_FINE && words.length > 0 && !journal_is_stderr())
        fprintf(stderr, "topicd: %s\n", words.data);
    buffer_free(&words);
    return code;
}
