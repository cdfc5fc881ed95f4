/* explain TOPIC|FILE: why a topic is there or went, what removing a file would do. Reads the directory, the snapshot,
 * status.json and the journal; asks neither Kafka nor the daemon. */
#include "report/explain.h"

#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "cmd/history.h"
#include "cmd/survey.h"
#include "report/words.h"
#include "store/directory.h"
#include "store/lock.h"

#include <string.h>

struct explanation {
    struct survey survey;
    struct deletion_rules rules;
    struct explain_facts facts;
    struct status_document *status;
};

/* The name within the manifests directory, if the argument is a path to a file in it; else the argument. */
static const char *file_name(const struct options *options, const char *argument) {
    const char *slash = strrchr(argument, '/');
    if (!slash)
        return argument;
    char *folder = strndup(argument, (size_t)(slash - argument) + 1);
    char *there = folder ? realpath(folder, NULL) : NULL, *here = realpath(options->manifests, NULL);
    bool inside = there && here && strcmp(there, here) == 0;
    free(folder);
    free(there);
    free(here);
    return inside ? slash + 1 : argument;
}

/* The preview of a directory without this file, after the daemon has seen it as it is now. */
static int preview_without(const struct survey *survey, const struct deletion_rules *rules, const char *file,
                           struct scan *scan, struct preview **ret) {
    *scan = *survey->scan;
    scan->files.items = NULL;
    scan->files.count = scan->files.capacity = 0;
    for (size_t i = 0; i < survey->scan->files.count; i++) {
        struct scan_file kept = survey->scan->files.items[i];
        if (strcmp(kept.name, file) != 0 && array_push(&scan->files, kept) < 0)
            return -ENOMEM;
    }
    struct preview_facts facts = {.last = survey->preview->snapshot,
                                  .scope = &survey->preview->snapshot->scope,
                                  .scan = scan,
                                  .rules = rules,
                                  .now = moment_now()};
    return preview_new(&facts, ret);
}

/* Returns 0; 1 if nothing is known of such a file; -ENOMEM. */
static int explain_file(const struct explanation *explanation, const char *file, struct buffer *out) {
    struct scan scan = {0};
    struct preview *without = NULL;
    int r = preview_without(&explanation->survey, &explanation->rules, file, &scan, &without);
    if (r == 0)
        r = explanation->survey.options->json ? explain_file_json(&explanation->facts, file, without, out)
                                              : explain_file_format(&explanation->facts, file, without, out);
    preview_free(without);
    array_free(&scan.files); /* what is in it is the survey's */
    return r;
}

/* Returns 0; 1 if nothing is known of such a topic; -ENOMEM. */
static int print_topic(const struct explanation *explanation, const char *topic, const struct history *history,
                       struct buffer *out) {
    const struct options *options = explanation->survey.options;
    if (options->json)
        return explain_topic_json(&explanation->facts, topic, history, out);
    int r = explain_topic_format(&explanation->facts, topic, out);
    if (r < 0 || (r > 0 && history->entries.count == 0))
        return r;
    if (r > 0) {
        words_clean(topic, out);
        buffer_puts(out, " is nothing to topicd now: no manifest needs it, and no deletion of it is owed\n");
    }
    history_format(history, options->journal == NULL, out);
    return out->failed ? -ENOMEM : 0;
}

static int explain_topic(struct explanation *explanation, const char *topic, struct buffer *out) {
    struct survey *survey = &explanation->survey;
    struct found_topic found = {.name = topic};
    struct history history = {0};
    int r = survey_find_namespace(&survey->preview->arena, survey->config->topic_prefix, &found);
    if (r == 0)
        r = preview_compare(survey->preview, &survey->config->topics, &found, 1);
    if (r == 0)
        r = history_read(survey->options->journal, topic, &history);
    if (r == 0)
        r = print_topic(explanation, topic, &history, out);
    history_free(&history);
    return r;
}

static int unknown(const struct explanation *explanation, const char *argument) {
    const struct preview *preview = explanation->survey.preview;
    struct arena arena = {0};
    size_t count = preview->desired->topics.count, n_files = preview->snapshot->files.count;
    const char **names = arena_array(&arena, count + n_files + 1, sizeof *names);
    if (!names)
        return cmd_fail_memory();
    for (size_t i = 0; i < count; i++)
        names[i] = desired_topic(preview->desired, i);
    for (size_t i = 0; i < n_files; i++)
        names[count + i] = preview->snapshot->files.items[i].name;
    const char *nearest = diagnostic_nearest(argument, names);
    cmd_fail("'%s' is neither a manifest in %s nor a topic that topicd knows of%s%s%s", argument,
             explanation->survey.options->manifests, nearest ? "; did you mean " : "", nearest ? nearest : "",
             nearest ? "?" : "");
    arena_free(&arena);
    return EXIT_FAILED;
}

/* A name can be both: a file is what is meant, then, as a topic's name hardly ends in .yaml. */
static int explain(struct explanation *explanation) {
    const struct options *options = explanation->survey.options;
    const char *argument = options->arguments.items[0], *file = file_name(options, argument);
    struct buffer text = {0};
    int r = directory_name_counts(file) && !strchr(file, '/') ? explain_file(explanation, file, &text) : 1;
    if (r > 0)
        r = explain_topic(explanation, argument, &text);
    if (r == 0)
        return cmd_print(&text, EXIT_FINE);
    buffer_free(&text);
    return r < 0 ? cmd_fail_memory() : unknown(explanation, argument);
}

static void ask_daemon(struct explanation *explanation) {
    const char *runtime = explanation->survey.options->runtime;
    explanation->facts.daemon_runs = lock_holder(runtime) != 0;
    if (daemon_status_read(runtime, &explanation->status, NULL) == 0)
        explanation->facts.status = explanation->status;
}

int cmd_explain(const struct options *options) {
    struct explanation explanation = {0};
    int code = survey_open(&explanation.survey, options);
    if (code == EXIT_FINE)
        code = survey_judge(&explanation.survey);
    if (code == EXIT_FINE) {
        explanation.rules = survey_rules(&explanation.survey);
        explanation.facts = (struct explain_facts){.preview = explanation.survey.preview,
                                                   .wall_usec = clock_usec(CLOCK_REALTIME),
                                                   .colourful = cmd_is_colourful(stdout)};
        ask_daemon(&explanation);
        code = explain(&explanation);
    }
    status_document_free(explanation.status);
    survey_free(&explanation.survey);
    return code;
}
