/* prune [TOPIC]...: deletes orphans, after asking. What it may delete is reconcile/pruning.h's to say, twice: when it
 * lists, and immediately before it sends. */
#include "base/sorted.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "cmd/person.h"
#include "cmd/session.h"
#include "cmd/survey.h"
#include "daemon/journal.h"
#include "reconcile/pruning.h"
#include "report/words.h"
#include "store/mailbox.h"

#include <string.h>
#include <unistd.h>

#define RELOAD_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* One look at everything. */
struct look {
    struct survey survey;
    struct pruning pruning;
};

static void look_free(struct look *look) {
    array_free(&look->pruning.topics);
    survey_free(&look->survey);
}

static int look_take(struct look *look, const struct options *options) {
    int code = survey_list(&look->survey, options);
    if (code != EXIT_FINE)
        return code;
    struct pruning_facts facts = {.preview = look->survey.preview,
                                  .last = look->survey.last,
                                  .scan = look->survey.scan,
                                  .cluster_id = look->survey.listing->cluster_id};
    if (pruning_judge(&facts, &look->survey.preview->arena, &look->pruning) < 0)
        return cmd_fail_memory();
    if (look->pruning.refusal)
        return cmd_fail("nothing is pruned: %s", look->pruning.refusal);
    return EXIT_FINE;
}

/* ---- which ---- */

struct names {
    ARRAY(const char *) list; /* sorted, unique */
};

static bool exists(const struct survey *survey, const char *topic) {
    for (size_t i = 0; i < survey->found.count; i++)
        if (strcmp(survey->found.items[i].name, topic) == 0)
            return true;
    return false;
}

/* Those that were named, which must all be orphans, or all orphans. */
static int choose(const struct look *look, const struct options *options, struct names *names) {
    bool all = options->arguments.count == 0;
    size_t count = all ? look->pruning.topics.count : options->arguments.count;
    int code = EXIT_FINE;
    for (size_t i = 0; i < count; i++) {
        const char *name = all ? look->pruning.topics.items[i] : options->arguments.items[i];
        if (!all && !pruning_has(&look->pruning, name))
            code = exists(&look->survey, name)
                       ? cmd_fail("%s is no orphan; 'topicd explain %s' says what it is", name, name)
                       : cmd_fail("%s is no orphan: Kafka does not have it", name);
        if (array_push(&names->list, name) < 0)
            return cmd_fail_memory();
    }
    names->list.count = sorted_unique_texts(names->list.items, names->list.count);
    return code == EXIT_FINE ? EXIT_FINE : cmd_fail("nothing was deleted");
}

/* ---- asking ---- */

static int ask(const struct look *look, const struct names *names) {
    bool one = names->list.count == 1;
    for (size_t i = 0; i < names->list.count; i++)
        printf("  %s\n", names->list.items[i]);
    if (fflush(stdout) != 0)
        return cmd_fail("cannot write to standard output");
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return cmd_fail("nothing is deleted, since this is no terminal to ask on: topicd prune --yes TOPIC... deletes "
                        "the topics that it names");
    struct buffer count = {0};
    words_count(names->list.count, "topic", &count);
    fprintf(stderr, "nothing accounts for %s of Kafka at %s (cluster %s). Delete %s, and every message in %s? [y/N] ",
            count.data ? count.data : "these topics", look->survey.config->bootstrap, look->survey.listing->cluster_id,
            one ? "it" : "them", one ? "it" : "them");
    buffer_free(&count);
    char answer[16] = "";
    if (!fgets(answer, sizeof answer, stdin))
        fputc('\n', stderr);
    if (strcasecmp(answer, "y\n") != 0 && strcasecmp(answer, "yes\n") != 0)
        return cmd_fail("nothing was deleted");
    return EXIT_FINE;
}

/* ---- deleting ---- */

static void deleted(const char *topic, const char *person) {
    journal_record(EVENT_TOPIC_DELETED, &(struct event_fields){.topic = topic, .person = person},
                   "%s: deleted with 'topicd prune' by %s; nothing accounted for it", topic, person);
}

/* Those that are orphans still, and says which are not. */
static int keep_orphans(const struct look *look, const struct names *names, struct names *kept) {
    for (size_t i = 0; i < names->list.count; i++) {
        const char *name = names->list.items[i];
        if (!pruning_has(&look->pruning, name))
            cmd_fail("%s is left alone: it is no orphan any more", name);
        else if (array_push(&kept->list, name) < 0)
            return cmd_fail_memory();
    }
    return EXIT_FINE;
}

/* A manifest that came while the request was under way needs what it removed: the daemon is told to ask for all topics
 * again, which makes it anew. */
static void repair(const struct options *options, const struct names *names) {
    struct survey survey = {0};
    const char *needed = NULL;
    const struct use *uses;
    if (survey_open(&survey, options) == EXIT_FINE && survey_judge(&survey) == EXIT_FINE)
        for (size_t i = 0; i < names->list.count && !needed; i++)
            if (desired_uses(survey.preview->desired, names->list.items[i], &uses) > 0)
                needed = names->list.items[i];
    if (needed) {
        struct buffer reason = {0};
        cmd_fail("%s is needed by a manifest that came meanwhile; the daemon makes it anew", needed);
        daemon_answer_explain(options->runtime, mailbox_ask(options->runtime, "reload", RELOAD_TIMEOUT_USEC, &reason),
                              &reason);
        buffer_free(&reason);
    }
    survey_free(&survey);
}

/* Looks again, and sends at once. */
static int look_and_delete(const struct options *options, struct session *session, const struct names *names) {
    struct look look = {0};
    struct names kept = {0};
    int code = look_take(&look, options);
    if (code == EXIT_FINE && strcmp(session->cluster_id, look.survey.listing->cluster_id) != 0)
        code = cmd_fail("nothing was deleted: Kafka at %s is another cluster now", session->bootstrap);
    if (code == EXIT_FINE)
        code = keep_orphans(&look, names, &kept);
    if (code == EXIT_FINE && kept.list.count > 0) {
        code = session_delete(session, kept.list.items, kept.list.count);
        repair(options, &kept);
    }
    if (kept.list.count < names->list.count)
        code = EXIT_FAILED;
    array_free(&kept.list);
    look_free(&look);
    return code;
}

static int delete (const struct look *look, const struct options *options, const struct names *names) {
    struct buffer person = {0};
    person_format(&person);
    if (person.failed)
        return cmd_fail_memory();
    struct session session = {.deleted = deleted, .person = person.data};
    struct kafka_settings settings = survey_kafka_settings(&look->survey);
    struct kafka_creation probe = {.topic = names->list.items[0],
                                   .settings = topic_settings_for(&look->survey.config->topics, names->list.items[0])};
    int code = session_open(&session, &settings, &probe);
    if (code == EXIT_FINE)
        code = look_and_delete(options, &session, names);
    session_close(&session);
    buffer_free(&person);
    return code;
}

int cmd_prune(const struct options *options) {
    if (options->yes && options->arguments.count == 0) {
        cmd_fail("--yes needs the topics' names: only what was named is deleted without a question");
        return EXIT_USAGE;
    }
    struct look look = {0};
    struct names names = {0};
    int code = look_take(&look, options);
    if (code == EXIT_FINE)
        code = choose(&look, options, &names);
    if (code == EXIT_FINE && names.list.count == 0)
        puts("no orphans");
    else if (code == EXIT_FINE && !options->yes)
        code = ask(&look, &names);
    if (code == EXIT_FINE && names.list.count > 0)
        code = delete (&look, options, &names);
    array_free(&names.list);
    look_free(&look);
    return code;
}
