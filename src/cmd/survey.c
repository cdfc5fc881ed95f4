#include "cmd/survey.h"

#include "base/name.h"
#include "seldon/naming.h"
#include "store/directory.h"
#include "store/lock.h"
#include "store/snapshot_file.h"

#include <string.h>

#define KAFKA_TIMEOUT_MSEC 10000
/* D6(d) */
#define OLD_USEC (24 * 3600 * USEC_PER_SEC)

struct deletion_rules survey_rules(const struct survey *survey) {
    return (struct deletion_rules){.enabled = survey->config->deletion.enabled,
                                   .grace_usec = survey->config->deletion.grace_usec,
                                   .limit_topics = survey->config->deletion.limit_topics,
                                   .limit_period_usec = survey->config->deletion.limit_period_usec};
}

struct kafka_settings survey_kafka_settings(const struct survey *survey) {
    return (struct kafka_settings){.bootstrap = survey->config->bootstrap,
                                   .properties = survey->config->properties,
                                   .n_properties = survey->config->n_properties,
                                   .request_timeout_msec = KAFKA_TIMEOUT_MSEC};
}

static int look_at_directory(struct survey *survey) {
    struct manifest_options options = cmd_manifest_options(survey->config);
    struct directory *directory = NULL;
    bool look_again;
    int r = directory_new(survey->options->manifests, &options, &directory);
    if (r == 0)
        r = directory_scan(directory, moment_now(), &survey->scan, &look_again);
    directory_free(directory);
    return r < 0 ? cmd_fail_memory() : EXIT_FINE;
}

static int look_at_all_of_directory(struct survey *survey) {
    int code = look_at_directory(survey);
    return code == EXIT_FINE && !survey->scan->complete ? cmd_fail("%s", survey->scan->error) : code;
}

static int load_snapshot(struct survey *survey) {
    struct buffer why = {0};
    const char *state = survey->options->state;
    int r = snapshot_file_load(state, &survey->last, NULL, &why), code = EXIT_FINE;
    if (r == -ENOMEM)
        code = cmd_fail_memory();
    else if (r == -EACCES || r == -EPERM)
        code =
            cmd_fail("cannot read the snapshot in %s: %s; this is for root and the group _topicd", state, strerror(-r));
    else if (r < 0)
        code = cmd_fail("cannot read the snapshot in %s: %s", state, strerror(-r));
    else if (r == SNAPSHOT_DAMAGED || r == SNAPSHOT_NEWER) /* S4: it owes nothing */
        fprintf(stderr, "topicd: the snapshot in %s does not count: %s\n", state,
                why.data ? why.data : "it is damaged");
    buffer_free(&why);
    return code;
}

/* A running daemon has not missed anything, whatever its snapshot's age. */
static bool is_old(const struct survey *survey, struct moment now) {
    uint64_t then = survey->last ? survey->last->scanned_usec : 0;
    if (then == 0 || lock_holder(survey->options->state) != 0)
        return false;
    return (now.wall_usec > then ? now.wall_usec - then : then - now.wall_usec) > OLD_USEC;
}

static struct scope scope_of(const struct survey *survey, const char *cluster_id) {
    return (struct scope){.cluster_id = cluster_id,
                          .prefix = survey->config->topic_prefix,
                          .namespace = survey->config->namespace,
                          .manifests = survey->options->manifests};
}

/* Makes the first half of the preview, in the scope of this cluster (NULL: not known). */
static int preview_in(struct survey *survey, const char *cluster_id) {
    struct scope scope = scope_of(survey, cluster_id);
    struct deletion_rules rules = survey_rules(survey);
    struct preview_facts facts = {.last = survey->last,
                                  .scope = &scope,
                                  .scan = survey->scan,
                                  .blind = survey->blind,
                                  .rules = &rules,
                                  .now = moment_now()};
    facts.old = is_old(survey, facts.now);
    return preview_new(&facts, &survey->preview) < 0 ? cmd_fail_memory() : EXIT_FINE;
}

/* Asks Kafka, for the configuration of `describe` too. */
static int list(struct survey *survey, const char *const *describe, size_t n_describe) {
    const struct config *config = survey->config;
    struct kafka_settings settings = survey_kafka_settings(survey);
    struct buffer error = {0};
    survey->listing = listing_free(survey->listing);
    int r = kafka_list(&settings, describe, n_describe, KAFKA_TIMEOUT_MSEC, &survey->listing, &error), code = EXIT_FINE;
    if (r < 0)
        code = cmd_fail_memory();
    else if (r > 0)
        code = cmd_fail("cannot list the topics of %s: %s", config->bootstrap, error.data ? error.data : "no answer");
    buffer_free(&error);
    return code;
}

/* The wanted topics that exist, sorted: both lists are. */
static int describe_wanted(struct survey *survey) {
    const struct desired *desired = survey->preview->desired;
    ARRAY(const char *) names = {0};
    int r = 0, code;
    for (size_t i = 0, k = 0; r == 0 && i < survey->listing->count; i++) {
        int order = -1;
        while (k < desired->topics.count &&
               (order = strcmp(desired_topic(desired, k), survey->listing->topics[i].name)) < 0)
            k++;
        if (k < desired->topics.count && order == 0)
            r = array_push(&names, desired_topic(desired, k));
    }
    code = r < 0 ? cmd_fail_memory() : names.count > 0 ? list(survey, names.items, names.count) : EXIT_FINE;
    array_free(&names);
    return code;
}

/* The namespace in a topic's name if it is one that a resource can own. */
int survey_find_namespace(struct arena *arena, const char *prefix, struct found_topic *found) {
    struct resource owner;
    int r = naming_owner(arena, found->name, prefix, &owner);
    if (r == 0) {
        found->namespace = owner.namespace;
        found->namespace_length = strlen(owner.namespace);
    }
    return r < 0 ? r : 0;
}

static int take_listing(struct survey *survey) {
    for (size_t i = 0; i < survey->listing->count; i++) {
        const struct listed_topic *listed = &survey->listing->topics[i];
        struct found_topic found = {.name = listed->name,
                                    .partitions = listed->partitions,
                                    .replication_factor = listed->replication_factor,
                                    .config = listed->config,
                                    .n_config = listed->n_config,
                                    .shape_known = true,
                                    .config_known = listed->config_known,
                                    .config_hidden = listed->config_hidden};
        if (survey_find_namespace(&survey->listing->arena, survey->config->topic_prefix, &found) < 0 ||
            array_push(&survey->found, found) < 0)
            return -ENOMEM;
    }
    return preview_compare(survey->preview, &survey->config->topics, survey->found.items, survey->found.count);
}

int survey_live(struct survey *survey) {
    int code = list(survey, NULL, 0);
    if (code == EXIT_FINE)
        code = preview_in(survey, survey->listing->cluster_id);
    if (code == EXIT_FINE)
        code = describe_wanted(survey);
    if (code == EXIT_FINE && take_listing(survey) < 0)
        code = cmd_fail_memory();
    return code;
}

int survey_list(struct survey *survey, const struct options *options) {
    survey->options = options;
    int code = cmd_load_config(options, &survey->config);
    if (code == EXIT_FINE)
        code = list(survey, NULL, 0);
    if (code == EXIT_FINE)
        code = look_at_all_of_directory(survey);
    if (code == EXIT_FINE)
        code = load_snapshot(survey);
    if (code == EXIT_FINE)
        code = preview_in(survey, survey->listing->cluster_id);
    if (code == EXIT_FINE && take_listing(survey) < 0)
        code = cmd_fail_memory();
    return code;
}

int survey_judge(struct survey *survey) {
    return preview_in(survey, NULL);
}

int survey_offline(struct survey *survey) {
    int code = survey_judge(survey);
    if (code == EXIT_FINE && preview_compare_offline(survey->preview, &survey->config->topics, survey->last) < 0)
        code = cmd_fail_memory();
    return code;
}

int survey_open(struct survey *survey, const struct options *options) {
    survey->options = options;
    int code = cmd_load_config(options, &survey->config);
    if (code == EXIT_FINE)
        code = look_at_all_of_directory(survey);
    return code == EXIT_FINE ? load_snapshot(survey) : code;
}

/* The accepted files as a scan that found them so. NULL when memory is exhausted. */
static struct scan *scan_of(const struct snapshot *snapshot) {
    struct scan *scan = calloc(1, sizeof *scan);
    if (!scan || array_reserve(&scan->files, snapshot->files.count) < 0)
        return scan_free(scan);
    scan->complete = true;
    scan->started = moment_now();
    for (size_t i = 0; i < snapshot->files.count; i++) {
        struct scan_file *file = &scan->files.items[scan->files.count++];
        *file = (struct scan_file){.name = name_ref(snapshot->files.items[i].name)};
        if (manifest_accept(snapshot->files.items[i].resources, &file->manifest) < 0)
            return scan_free(scan);
    }
    return scan;
}

static int stand_in(struct survey *survey) {
    struct scope scope = scope_of(survey, NULL);
    if (!survey->last || !scope_equal(&survey->last->scope, &scope))
        return cmd_fail("%s", survey->scan->error);
    cmd_fail("%s; this is what the snapshot knows of the manifests, and until they can be read nothing is deleted",
             survey->scan->error);
    scan_free(survey->scan);
    survey->scan = scan_of(survey->last);
    survey->blind = true;
    return survey->scan ? EXIT_FINE : cmd_fail_memory();
}

int survey_recall(struct survey *survey, const struct options *options) {
    survey->options = options;
    int code = cmd_load_config(options, &survey->config);
    if (code == EXIT_FINE)
        code = look_at_directory(survey);
    if (code == EXIT_FINE)
        code = load_snapshot(survey);
    return code == EXIT_FINE && !survey->scan->complete ? stand_in(survey) : code;
}

void survey_free(struct survey *survey) {
    preview_free(survey->preview);
    array_free(&survey->found);
    listing_free(survey->listing);
    snapshot_free(survey->last);
    scan_free(survey->scan);
    config_free(survey->config);
}
