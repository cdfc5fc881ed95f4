/* plan: what `run` would do now. Reads the directory, the snapshot and Kafka's listing; changes nothing. */
#include "cmd/cmd.h"
#include "kafka/listing.h"
#include "reconcile/preview.h"
#include "report/plan_json.h"
#include "report/plan_text.h"
#include "seldon/naming.h"
#include "store/directory.h"
#include "store/lock.h"
#include "store/snapshot_file.h"

#include <string.h>

#define LIST_TIMEOUT_MSEC 10000
/* D6(d) */
#define OLD_USEC (24 * 3600 * USEC_PER_SEC)

struct planner {
    const struct options *options;
    struct config *config;
    struct scan *scan;
    struct snapshot *last;
    struct listing *listing;
    ARRAY(struct found_topic) found; /* refers to the listing */
    struct preview *preview;
};

static void planner_free(struct planner *planner) {
    preview_free(planner->preview);
    array_free(&planner->found);
    listing_free(planner->listing);
    snapshot_free(planner->last);
    scan_free(planner->scan);
    config_free(planner->config);
}

static int look_at_directory(struct planner *planner) {
    struct manifest_options options = cmd_manifest_options(planner->config);
    struct directory *directory = NULL;
    bool look_again;
    int r = directory_new(planner->options->manifests, &options, &directory);
    if (r == 0)
        r = directory_scan(directory, moment_now(), &planner->scan, &look_again);
    directory_free(directory);
    if (r < 0)
        return cmd_fail_memory();
    if (!planner->scan->complete)
        return cmd_fail("%s", planner->scan->error);
    return EXIT_FINE;
}

static int load_snapshot(struct planner *planner) {
    struct buffer why = {0};
    const char *state = planner->options->state;
    int r = snapshot_file_load(state, &planner->last, &why), code = EXIT_FINE;
    if (r == -ENOMEM)
        code = cmd_fail_memory();
    else if (r == -EACCES || r == -EPERM)
        code = cmd_fail("cannot read the snapshot in %s: %s; run this as root or as topicd's own user", state,
                        strerror(-r));
    else if (r < 0)
        code = cmd_fail("cannot read the snapshot in %s: %s", state, strerror(-r));
    else if (r == SNAPSHOT_DAMAGED || r == SNAPSHOT_NEWER) /* S4: it owes nothing */
        fprintf(stderr, "topicd: the snapshot in %s does not count: %s\n", state,
                why.data ? why.data : "it is damaged");
    buffer_free(&why);
    return code;
}

/* A running daemon has not missed anything, whatever its snapshot's age. */
static bool is_old(const struct planner *planner, struct moment now) {
    uint64_t then = planner->last ? planner->last->scanned_usec : 0;
    if (then == 0 || lock_holder(planner->options->state) != 0)
        return false;
    return (now.wall_usec > then ? now.wall_usec - then : then - now.wall_usec) > OLD_USEC;
}

/* Makes the first half of the preview, in the scope of this cluster (NULL: not known). */
static int preview_in(struct planner *planner, const char *cluster_id) {
    const struct config *config = planner->config;
    struct scope scope = {.cluster_id = cluster_id,
                          .prefix = config->topic_prefix,
                          .namespace = config->namespace,
                          .manifests = planner->options->manifests};
    struct deletion_rules rules = {.enabled = config->deletion.enabled,
                                   .grace_usec = config->deletion.grace_usec,
                                   .limit_topics = config->deletion.limit_topics,
                                   .limit_period_usec = config->deletion.limit_period_usec};
    struct preview_facts facts = {
        .last = planner->last, .scope = &scope, .scan = planner->scan, .rules = &rules, .now = moment_now()};
    facts.old = is_old(planner, facts.now);
    return preview_new(&facts, &planner->preview) < 0 ? cmd_fail_memory() : EXIT_FINE;
}

/* Asks Kafka, for the configuration of `describe` too. */
static int list(struct planner *planner, const char *const *describe, size_t n_describe) {
    const struct config *config = planner->config;
    struct kafka_settings settings = {.bootstrap = config->bootstrap,
                                      .properties = config->properties,
                                      .n_properties = config->n_properties,
                                      .request_timeout_msec = LIST_TIMEOUT_MSEC};
    struct buffer error = {0};
    planner->listing = listing_free(planner->listing);
    int r = kafka_list(&settings, describe, n_describe, LIST_TIMEOUT_MSEC, &planner->listing, &error), code = EXIT_FINE;
    if (r < 0)
        code = cmd_fail_memory();
    else if (r > 0)
        code = cmd_fail("cannot list the topics of %s: %s", config->bootstrap, error.data ? error.data : "no answer");
    buffer_free(&error);
    return code;
}

/* The wanted topics that exist, sorted: both lists are. */
static int describe_wanted(struct planner *planner) {
    const struct desired *desired = planner->preview->desired;
    ARRAY(const char *) names = {0};
    int r = 0, code;
    for (size_t i = 0, k = 0; r == 0 && i < planner->listing->count; i++) {
        int order = -1;
        while (k < desired->topics.count &&
               (order = strcmp(desired_topic(desired, k), planner->listing->topics[i].name)) < 0)
            k++;
        if (k < desired->topics.count && order == 0)
            r = array_push(&names, desired_topic(desired, k));
    }
    code = r < 0 ? cmd_fail_memory() : names.count > 0 ? list(planner, names.items, names.count) : EXIT_FINE;
    array_free(&names);
    return code;
}

/* The namespace in a topic's name if it is one that a resource can own. */
static int find_namespace(struct arena *arena, const char *prefix, struct found_topic *found) {
    const char *namespace;
    size_t length;
    if (!naming_parse(found->name, prefix, &namespace, &length))
        return 0;
    struct naming naming = {.prefix = prefix, .namespace = arena_strndup(arena, namespace, length)};
    const char *errors = naming.namespace ? naming_errors_topic(arena, &naming) : NULL;
    if (!errors)
        return -ENOMEM;
    if (strcmp(errors, found->name) != 0) {
        found->namespace = naming.namespace;
        found->namespace_length = length;
    }
    return 0;
}

static int take_listing(struct planner *planner) {
    for (size_t i = 0; i < planner->listing->count; i++) {
        const struct listed_topic *listed = &planner->listing->topics[i];
        struct found_topic found = {.name = listed->name,
                                    .partitions = listed->partitions,
                                    .replication_factor = listed->replication_factor,
                                    .config = listed->config,
                                    .n_config = listed->n_config,
                                    .shape_known = true,
                                    .config_known = listed->config_known};
        if (find_namespace(&planner->listing->arena, planner->config->topic_prefix, &found) < 0 ||
            array_push(&planner->found, found) < 0)
            return -ENOMEM;
    }
    return preview_compare(planner->preview, &planner->config->topics, planner->found.items, planner->found.count);
}

static int plan_live(struct planner *planner) {
    int code = list(planner, NULL, 0);
    if (code == EXIT_FINE)
        code = preview_in(planner, planner->listing->cluster_id);
    if (code == EXIT_FINE)
        code = describe_wanted(planner);
    if (code == EXIT_FINE && take_listing(planner) < 0)
        code = cmd_fail_memory();
    return code;
}

static int plan_offline(struct planner *planner) {
    int code = preview_in(planner, NULL);
    if (code == EXIT_FINE && preview_compare_offline(planner->preview, &planner->config->topics, planner->last) < 0)
        code = cmd_fail_memory();
    return code;
}

static int print(const struct planner *planner) {
    const struct preview *preview = planner->preview;
    struct buffer text = {0};
    if (planner->options->json)
        plan_json_format(preview, &planner->config->topics, &text);
    else if (plan_text_format(preview, cmd_is_colourful(stdout), &text) < 0)
        text.failed = true;
    return cmd_print(&text, preview->create.count + preview->delete.count > 0 ? EXIT_PENDING : EXIT_FINE);
}

int cmd_plan(const struct options *options) {
    struct planner planner = {.options = options};
    int code = cmd_load_config(options, &planner.config);
    if (code == EXIT_FINE)
        code = look_at_directory(&planner);
    if (code == EXIT_FINE)
        code = load_snapshot(&planner);
    if (code == EXIT_FINE)
        code = options->offline ? plan_offline(&planner) : plan_live(&planner);
    if (code == EXIT_FINE)
        code = print(&planner);
    planner_free(&planner);
    return code;
}
