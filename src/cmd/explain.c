/* explain TOPIC|KIND/NAMESPACE/NAME|FILE: why a topic is there or went, what removing a file would do. Reads the
 * directory, the snapshot, status.json and the journal; asks neither Kafka nor the daemon. */
#include "report/explain.h"

#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "cmd/history.h"
#include "cmd/survey.h"
#include "reconcile/holdings.h"
#include "report/words.h"
#include "seldon/naming.h"
#include "store/directory.h"
#include "store/lock.h"

#include <string.h>

/* What there is to say of one that no Pipeline needs (any more). */
#define ERRORS_TOPIC " is the errors topic of a namespace: no manifest needs it now, and topicd never deletes it"

struct explanation {
    struct survey survey;
    struct deletion_rules rules;
    struct explain_facts facts;
    struct status_document *status;
};

/* The name within the manifests directory, if the argument is a path to a file in it; else the argument. */
static const char *file_name(const struct explanation *explanation, const char *argument) {
    const char *slash = strrchr(argument, '/'), *manifests = explanation->survey.options->manifests;
    if (!slash)
        return argument;
    struct arena *arena = &explanation->survey.preview->arena;
    const char *folder = arena_strndup(arena, argument, (size_t)(slash - argument) + 1);
    const char *path = folder ? options_path(arena, folder) : NULL;
    char *there = path ? realpath(path, NULL) : NULL, *here = realpath(manifests, NULL);
    bool inside = there && here ? strcmp(there, here) == 0 : path && strcmp(path, manifests) == 0;
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
                                  .blind = survey->blind,
                                  .rules = rules,
                                  .now = moment_now()};
    return preview_new(&facts, ret);
}

/* `history` is that of a file that is gone; NULL. Returns as explain_file(). */
static int print_file(const struct explanation *explanation, const char *file, const struct preview *without,
                      const struct history *history, struct buffer *out) {
    const struct options *options = explanation->survey.options;
    if (options->json)
        return explain_file_json(&explanation->facts, file, without, history, out);
    int r = explain_file_format(&explanation->facts, file, without, out);
    if (r < 0 || !history || (r > 0 && history->entries.count == 0))
        return r;
    if (r > 0) {
        words_clean(file, out);
        buffer_puts(out, " is gone, and nothing is owed of what it had\n");
    }
    history_format(history, options->journal == NULL, out);
    return out->failed ? -ENOMEM : 0;
}

/* Returns 0; 1 if nothing is known of such a file; -ENOMEM. */
static int explain_file(const struct explanation *explanation, const char *file, struct buffer *out) {
    const struct survey *survey = &explanation->survey;
    struct scan scan = {0};
    struct preview *without = NULL;
    struct history history = {0};
    bool there = scan_find(survey->scan, file) != NULL;
    int r = preview_without(survey, &explanation->rules, file, &scan, &without);
    if (r == 0 && !there)
        r = history_read(survey->options->journal, "TOPICD_MANIFEST", file, &history);
    if (r == 0)
        r = print_file(explanation, file, without, there ? NULL : &history, out);
    history_free(&history);
    preview_free(without);
    array_free(&scan.files); /* what is in it is the survey's */
    return r;
}

/* The errors topic of some namespace, by its name. Returns 1 if so, else 0; -ENOMEM. */
static int is_errors_topic(const struct explanation *explanation, const char *topic) {
    const struct survey *survey = &explanation->survey;
    const char *prefix = survey->config->topic_prefix, *namespace;
    size_t length;
    struct resource owner;
    return naming_parse(topic, prefix, &namespace, &length)
               ? naming_owner(&survey->preview->arena, topic, prefix, &owner)
               : 0;
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
        int errors = is_errors_topic(explanation, topic);
        if (errors < 0)
            return errors;
        words_clean(topic, out);
        buffer_puts(out, errors ? ERRORS_TOPIC "\n"
                                : " is nothing to topicd now: no manifest needs it, and no deletion of it is owed\n");
    }
    history_format(history, options->journal == NULL, out);
    return out->failed ? -ENOMEM : 0;
}

/* Compares the preview with these topics, sorted, as if they and no others existed. */
static int suppose(struct explanation *explanation, const char *const *topics, size_t count) {
    struct survey *survey = &explanation->survey;
    struct found_topic found[2] = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        found[i].name = topics[i];
        r = survey_find_namespace(&survey->preview->arena, survey->config->topic_prefix, &found[i]);
    }
    return r == 0 ? preview_compare(survey->preview, &survey->config->topics, found, count) : r;
}

static int explain_topic(struct explanation *explanation, const char *topic, struct buffer *out) {
    struct history history = {0};
    int r = suppose(explanation, &topic, 1);
    if (r == 0)
        r = history_read(explanation->survey.options->journal, "TOPICD_TOPIC", topic, &history);
    if (r == 0)
        r = print_topic(explanation, topic, &history, out);
    history_free(&history);
    return r;
}

/* ---- KIND/NAMESPACE/NAME ---- */

/* Returns 0; 1 if the argument is nothing of this form; -ENOMEM. */
static int parse_owner(struct arena *arena, const char *argument, struct resource *ret) {
    const char *namespace = strchr(argument, '/'), *name = namespace ? strchr(namespace + 1, '/') : NULL;
    if (!name)
        return 1;
    const char *kind = arena_strndup(arena, argument, (size_t)(namespace - argument));
    struct resource owner = {.namespace = arena_strndup(arena, namespace + 1, (size_t)(name - namespace - 1)),
                             .name = name + 1};
    if (!kind || !owner.namespace)
        return -ENOMEM;
    owner.kind = resource_kind_parse(kind);
    if (owner.kind == KIND_MAX_ || !naming_is_section(owner.namespace) || !naming_is_section(owner.name))
        return 1;
    *ret = owner;
    return 0;
}

static const struct owed *find_owed(const struct snapshot *snapshot, const struct resource *identity) {
    for (size_t i = 0; i < snapshot->owed.count; i++) {
        const struct owed *owed = &snapshot->owed.items[i];
        if (owed->kind == identity->kind && strcmp(owed->namespace, identity->namespace) == 0 &&
            strcmp(owed->name, identity->name) == 0)
            return owed;
    }
    return NULL;
}

/* Which topics it has: by its accepted version, by what is owed of it, or by how they are named now (*ret_known: the
 * snapshot knows it). */
static int find_topics(const struct explanation *explanation, const struct resource *identity,
                       struct explained_owner *owner, bool *ret_known) {
    const struct survey *survey = &explanation->survey;
    const struct snapshot *snapshot = survey->preview->snapshot;
    const struct holding *holding = holdings_find(snapshot->holdings, identity);
    const struct owed *owed = find_owed(snapshot, identity);
    struct naming naming = {.prefix = survey->config->topic_prefix, .namespace = identity->namespace};
    for (int i = 0; i < 2; i++) {
        owner->topics[i] = holding ? holding->resource->owned[i]
                           : owed  ? owed->topics[i]
                                   : naming_topic(&survey->preview->arena, &naming, identity->kind, identity->name,
                                                 i == 0 ? DIRECTION_INPUTS : DIRECTION_OUTPUTS);
        if (!owner->topics[i])
            return -ENOMEM;
    }
    for (size_t i = 0; holding && i < snapshot->files.count; i++)
        if (snapshot->files.items[i].resources == holding->content)
            owner->file = snapshot->files.items[i].name;
    *ret_known = holding || owed;
    return 0;
}

/* Somebody uses what it would own, or has deleted it. */
static bool is_heard_of(const struct explanation *explanation, const char *topic, const struct history *history) {
    const struct preview *preview = explanation->survey.preview;
    const struct use *uses;
    return history->entries.count > 0 || desired_uses(preview->desired, topic, &uses) > 0 ||
           snapshot_sent(preview->snapshot, topic);
}

static int print_owner(const struct explanation *explanation, const struct explained_owner *owner,
                       const struct history histories[2], struct buffer *out) {
    if (explanation->survey.options->json)
        return explain_owner_json(&explanation->facts, owner, histories, out);
    words_clean(owner->owner, out);
    buffer_puts(out, owner->file ? " is in " : " is in no accepted manifest here");
    words_clean(owner->file ? owner->file : "", out);
    buffer_puts(out, owner->file && catalog_rejected(explanation->facts.preview->catalog, owner->file)
                         ? ", which is rejected: its last good version stays in force\n"
                         : "\n");
    for (int i = 0; i < 2; i++) {
        buffer_puts(out, "\n");
        if (print_topic(explanation, owner->topics[i], &histories[i], out) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Returns 0; 1 if it is no Model or Pipeline that is known; -ENOMEM. */
static int explain_owner(struct explanation *explanation, const char *argument, struct buffer *out) {
    struct resource identity;
    struct explained_owner owner = {.owner = argument};
    struct history histories[2] = {0};
    bool known;
    int r = parse_owner(&explanation->survey.preview->arena, argument, &identity);
    if (r == 0)
        r = find_topics(explanation, &identity, &owner, &known);
    if (r == 0)
        r = suppose(explanation, owner.topics, 2);
    for (int i = 0; r == 0 && i < 2; i++) {
        r = history_read(explanation->survey.options->journal, "TOPICD_TOPIC", owner.topics[i], &histories[i]);
        known = known || is_heard_of(explanation, owner.topics[i], &histories[i]);
    }
    if (r == 0)
        r = known ? print_owner(explanation, &owner, histories, out) : 1;
    history_free(&histories[0]);
    history_free(&histories[1]);
    return r;
}

/* ---- any of them ---- */

struct names {
    ARRAY(const char *) list;
};

static int add_resource(struct arena *arena, enum resource_kind kind, const char *namespace, const char *name,
                        struct names *names) {
    const char *owner = arena_printf(arena, "%s/%s/%s", resource_kind_name(kind), namespace, name);
    return owner ? array_push(&names->list, owner) : -ENOMEM;
}

/* All that could have been meant, ended by NULL: files that are there before those that were removed. */
static int collect_names(const struct survey *survey, struct arena *arena, struct names *names) {
    const struct preview *preview = survey->preview;
    const struct snapshot *snapshot = preview->snapshot;
    int r = 0;
    for (size_t i = 0; r == 0 && i < preview->desired->topics.count; i++)
        r = array_push(&names->list, desired_topic(preview->desired, i));
    for (size_t i = 0; r == 0 && i < survey->scan->files.count; i++)
        r = array_push(&names->list, survey->scan->files.items[i].name);
    for (size_t i = 0; r == 0 && i < snapshot->files.count; i++) {
        const struct accepted_file *file = &snapshot->files.items[i];
        for (size_t k = 0; r == 0 && k < file->resources->count; k++) {
            const struct resource *resource = &file->resources->items[k];
            r = add_resource(arena, resource->kind, resource->namespace, resource->name, names);
        }
    }
    for (size_t i = 0; r == 0 && i < snapshot->owed.count; i++) {
        const struct owed *owed = &snapshot->owed.items[i];
        r = array_push(&names->list, owed->file);
        if (r == 0)
            r = add_resource(arena, owed->kind, owed->namespace, owed->name, names);
    }
    return r == 0 ? array_push(&names->list, NULL) : r;
}

static bool may_be_file(const char *name) {
    return directory_name_counts(name) && !strchr(name, '/');
}

/* Of a file that is not there and of which nothing is owed the journal alone could tell: says why it does not. */
static int unknown_words(const struct explanation *explanation, const char *argument, struct buffer *out) {
    const struct options *options = explanation->survey.options;
    const char *file = file_name(explanation, argument);
    struct history history = {0};
    int errors = is_errors_topic(explanation, argument);
    if (errors < 0)
        return errors;
    if (errors) {
        buffer_printf(out, "'%s'" ERRORS_TOPIC, argument);
        return 0;
    }
    if (!may_be_file(file)) {
        buffer_printf(out, "'%s' is neither a manifest in %s nor a topic, Model or Pipeline that topicd knows of",
                      argument, options->manifests);
        return 0;
    }
    int r = history_read(options->journal, "TOPICD_MANIFEST", file, &history);
    buffer_printf(out, "there is no '%s' in %s, and if there was one, nothing is owed of it; ", file,
                  options->manifests);
    if (r == 0)
        history_format(&history, options->journal == NULL, out);
    if (out->length > 0 && out->data[out->length - 1] == '\n')
        out->data[--out->length] = '\0';
    history_free(&history);
    return r;
}

static int unknown(const struct explanation *explanation, const char *argument) {
    struct arena arena = {0};
    struct names names = {0};
    struct buffer text = {0};
    int r = unknown_words(explanation, argument, &text);
    if (r == 0)
        r = collect_names(&explanation->survey, &arena, &names);
    const char *nearest = r == 0 ? diagnostic_nearest(argument, names.list.items) : NULL;
    if (nearest)
        buffer_printf(&text, "; did you mean %s%s?", nearest,
                      may_be_file(nearest) && !scan_find(explanation->survey.scan, nearest) ? ", which was removed"
                                                                                            : "");
    int code = r < 0 || text.failed ? cmd_fail_memory() : cmd_fail("%s", text.data);
    array_free(&names.list);
    arena_free(&arena);
    buffer_free(&text);
    return code;
}

/* A name can be both: a file is what is meant, then, as a topic's name hardly ends in .yaml. No topic has a slash. */
static int explain(struct explanation *explanation) {
    const struct options *options = explanation->survey.options;
    const char *argument = options->arguments.items[0], *file = file_name(explanation, argument);
    struct buffer text = {0};
    int r = may_be_file(file) ? explain_file(explanation, file, &text) : 1;
    if (r > 0)
        r = strchr(argument, '/') ? explain_owner(explanation, argument, &text)
                                  : explain_topic(explanation, argument, &text);
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
    int code = survey_recall(&explanation.survey, options);
    if (code == EXIT_FINE)
        code = survey_judge(&explanation.survey);
    if (code == EXIT_FINE) {
        explanation.rules = survey_rules(&explanation.survey);
        explanation.facts = (struct explain_facts){.preview = explanation.survey.preview,
                                                   .last = explanation.survey.last,
                                                   .wall_usec = clock_usec(CLOCK_REALTIME),
                                                   .colourful = cmd_is_colourful(stdout)};
        ask_daemon(&explanation);
        code = explain(&explanation);
    }
    status_document_free(explanation.status);
    survey_free(&explanation.survey);
    return code;
}
