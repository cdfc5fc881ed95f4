/* approve ID, deny ID: a person's answer to deletions that await approval (D6). */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "cmd/person.h"
#include "store/mailbox.h"

#define ANSWER_TIMEOUT_USEC (60 * USEC_PER_SEC)

static int answer(const struct options *options, const char *verb, const char *outcome) {
    struct buffer request = {0}, reason = {0};
    buffer_printf(&request, "%s %s" MAILBOX_BY, verb, options->arguments.items[0]);
    person_format(&request);
    int r = request.failed ? -ENOMEM : mailbox_ask(options->runtime, request.data, ANSWER_TIMEOUT_USEC, &reason);
    int code = daemon_answer_explain(options->runtime, r, &reason);
    if (code == EXIT_FINE)
        printf("%s\n", outcome);
    buffer_free(&request);
    buffer_free(&reason);
    return code;
}

int cmd_approve(const struct options *options) {
    return answer(options, "approve",
                  "approved: these topics are deleted as soon as nothing else stands against it (topicd status)");
}

int cmd_deny(const struct options *options) {
    return answer(options, "deny",
                  "denied: these topics stay; those that nobody needs are orphans now, and 'topicd prune' lists them");
}
