#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "reconcile/owed.h"
#include "report/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

/* The text after `word` and a blank, or NULL. */
static const char *argument(const char *text, const char *word) {
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 && text[length] == ' ' ? text + length + 1 : NULL;
}

static void refuse(struct daemon *daemon, size_t index, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void refuse(struct daemon *daemon, size_t index, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *reason = NULL;
    if (vasprintf(&reason, format, args) < 0)
        reason = NULL;
    va_end(args);
    free(daemon->replies.items[index].refusal);
    daemon->replies.items[index].refusal = reason ? reason : strdup("memory is exhausted");
}

void reply_free(struct reply *reply) {
    free(reply->refusal);
    free(reply->words);
}

/* The first error, in one line. */
static char *first_error(const char *path, const struct diagnostics *diagnostics, int r) {
    char *text = NULL;
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        const struct diagnostic *d = &diagnostics->list.items[i];
        if (d->severity != SEVERITY_ERROR)
            continue;
        if (asprintf(&text, "%s:%u:%u: %s", path, d->mark.line, d->mark.column, d->message) < 0)
            text = NULL;
        return text;
    }
    return asprintf(&text, "%s: %s", path, r < 0 ? strerror(-r) : "it is not a valid configuration") < 0 ? NULL : text;
}

/* Takes over what a reload may change (section 8 of the contract). */
static void take_config(struct daemon *daemon, const struct config *config) {
    daemon->rules = (struct deletion_rules){.enabled = config->deletion.enabled,
                                            .grace_usec = config->deletion.grace_usec,
                                            .limit_topics = config->deletion.limit_topics,
                                            .limit_period_usec = config->deletion.limit_period_usec};
    daemon->resync_usec = config->resync_usec;
    daemon->ledger.retry_max_usec = config->resync_usec;
    daemon->resync_at_usec = 0; /* a reload rescans */
    if (config->unknown_is_warning == daemon->unknown_is_warning)
        return;
    struct manifest_options options = {.topic_prefix = daemon->config->topic_prefix,
                                       .default_namespace = daemon->config->namespace,
                                       .unknown_is_warning = config->unknown_is_warning};
    if (directory_set_options(daemon->directory, &options) == 0)
        daemon->unknown_is_warning = config->unknown_is_warning;
    else
        daemon->failed = true;
}

static void load_config(struct daemon *daemon, struct reply *reply) {
    struct diagnostics diagnostics = {0};
    struct buffer restart = {0};
    struct config *config = NULL;
    int r = config_load(daemon->options.config_path, daemon->options.config_optional, &config, &diagnostics);
    char *failure = r != 0 ? first_error(daemon->options.config_path, &diagnostics, r) : NULL;
    if (r == 0) {
        if (daemon->options.bootstrap) /* the command line's stays in force, whatever the file says */
            config->bootstrap = daemon->options.bootstrap;
        take_config(daemon, config);
        buffer_puts(&restart, "needs a restart to take effect: ");
        size_t start = restart.length;
        config_needs_restart(daemon->config, config, &restart);
        if (restart.length > start)
            reply->words = strdup(restart.data);
        journal_event(EVENT_RELOADED, NULL, "%s is read anew%s%s", daemon->options.config_path,
                      reply->words ? "; " : "", reply->words ? reply->words : "");
    } else {
        journal_event(EVENT_RELOAD_FAILED, NULL, "%s; the configuration stays as it was",
                      failure ? failure : strerror(ENOMEM));
        if (!failure)
            failure = strdup("memory is exhausted");
    }
    config_free(config);
    buffer_free(&restart);
    diagnostics_free(&diagnostics);
    reply->refusal = failure;
}

void daemon_reload(struct daemon *daemon, struct reply *reply) {
    /* N3. READY=1 comes when the manifests were looked at again, too. */
    daemon->reloading = daemon->ready;
    if (daemon->reloading)
        sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)clock_usec(CLOCK_MONOTONIC));
    load_config(daemon, reply);
    free(daemon->config_error);
    daemon->config_error = reply->refusal ? strdup(reply->refusal) : NULL;
}

/* Without a watch the mailbox is looked into at intervals. If somebody removed it, there is another one. */
static void watch_mailbox(struct daemon *daemon) {
    if (watch_armed(daemon->mailbox_watch))
        return;
    struct buffer path = {0};
    buffer_printf(&path, "%s/requests", daemon->options.runtime);
    if (!path.failed && watch_arm(daemon->mailbox_watch, path.data) == -ENOENT &&
        mailbox_prepare(daemon->options.runtime) == 0)
        watch_arm(daemon->mailbox_watch, path.data);
    buffer_free(&path);
}

void daemon_collect_requests(struct daemon *daemon) {
    watch_mailbox(daemon);
    if (mailbox_collect(daemon->options.runtime, &daemon->requests) < 0)
        return; /* what is there stays there for the next turn */
    for (size_t i = 0; i < daemon->requests.list.count; i++) {
        if (array_push(&daemon->replies, (struct reply){0}) < 0) {
            daemon->requests.list.count = i; /* the rest stays in the mailbox too */
            daemon->failed = true;
            return;
        }
        const char *text = daemon->requests.list.items[i].text;
        if (strcmp(text, "rescan") == 0) {
            daemon->look = true;
            ledger_start_over(&daemon->ledger);
        } else if (strcmp(text, "reload") == 0) {
            daemon->look = true;
            daemon_reload(daemon, &daemon->replies.items[i]);
        } else if (!argument(text, "approve") && !argument(text, "deny")) {
            refuse(daemon, i, "topicd does not know the request '%s'", text);
        }
    }
}

static int apply(struct daemon *daemon, struct snapshot *snapshot, size_t index) {
    const char *text = daemon->requests.list.items[index].text;
    const char *approved = argument(text, "approve"), *denied = argument(text, "deny");
    struct reply *reply = &daemon->replies.items[index];
    if (!approved && !denied)
        return 0;
    reply->topics = owed_n_held(snapshot);
    /* The directory that the set was judged by, not the one of a scan that nobody was asked about yet. */
    int r = owed_answer(snapshot, approved ? approved : denied, approved != NULL, daemon->scan->directory);
    if (r == 1 && denied) {
        r = owed_revoke(snapshot, &daemon->ledger, denied, &reply->topics);
        reply->revoked = r == 0;
    }
    if (r == 1) /* not the ID of another set: who is told one approves what they have not seen */
        refuse(
            daemon, index,
            "no deletion with the ID %s awaits an answer: the set may have changed, or was answered or sent; look at "
            "'topicd status' first",
            approved ? approved : denied);
    else if (r == 0)
        ledger_start_over(&daemon->ledger); /* who says yes does not want to wait for a delay to pass */
    return r < 0 ? r : 0;
}

int daemon_apply_answers(struct daemon *daemon, struct snapshot *snapshot) {
    for (size_t i = 0; i < daemon->requests.list.count; i++) {
        int r = apply(daemon, snapshot, i);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Who asked, fit for a terminal: only the command vouches for it. */
static void format_person(const struct request *request, struct buffer *out) {
    enum { PERSON_MAX = 100 };
    words_cut(request->by ? request->by : "a person", PERSON_MAX, out);
}

static void log_reply(const struct request *request, const struct reply *reply, const char *reason) {
    const char *approved = argument(request->text, "approve"), *denied = argument(request->text, "deny");
    struct buffer person = {0};
    format_person(request, &person);
    struct event_fields fields = {.person = request->by ? person.data : NULL};
    if (reason)
        journal_event(EVENT_REQUEST_REFUSED, &fields, "the request '%s'%s%s failed: %s", request->text,
                      fields.person ? " of " : "", fields.person ? fields.person : "", reason);
    else if (approved || denied)
        journal_event(EVENT_DELETION_ANSWERED, &fields, "%s %s the deletion of %zu topic%s%s: %s",
                      person.data ? person.data : "a person", approved ? "approved" : "denied", reply->topics,
                      reply->topics == 1 ? "" : "s", reply->revoked ? " that had been approved" : "",
                      approved ? approved : denied);
    buffer_free(&person);
}

void daemon_answer_requests(struct daemon *daemon, const char *failure) {
    for (size_t i = 0; i < daemon->requests.list.count; i++) {
        const struct request *request = &daemon->requests.list.items[i];
        const struct reply *reply = &daemon->replies.items[i];
        const char *reason = reply->refusal;
        bool is_answer = argument(request->text, "approve") || argument(request->text, "deny");
        /* Who had it look finds in the status that nothing can be saved, and may wait until it can. */
        if (!reason && (is_answer || !daemon->save_error))
            reason = failure;
        log_reply(request, reply, reason);
        mailbox_answer(daemon->options.runtime, request, !reason, reason ? reason : reply->words);
    }
    requests_free(&daemon->requests);
    for (size_t i = 0; i < daemon->replies.count; i++)
        reply_free(&daemon->replies.items[i]);
    array_free(&daemon->replies);
}
