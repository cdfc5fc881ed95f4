/* What plan, explain and prune look at before they say or do anything: the configuration, the manifests, the snapshot,
 * and Kafka's listing where it is needed. Reads only; complains on standard error and returns exit codes.
 *
 * May use: everything below cmd/. */
#pragma once

#include "cmd/cmd.h"
#include "kafka/listing.h"
#include "reconcile/preview.h"

struct survey {
    const struct options *options;
    struct config *config;
    struct scan *scan;
    bool blind;            /* the directory cannot be read: the scan has what the snapshot remembers of it */
    struct snapshot *last; /* NULL: there is none that counts */
    struct listing *listing;
    ARRAY(struct found_topic) found; /* refers to the listing */
    struct preview *preview;
};

/* The configuration, a complete scan of the manifests, and the snapshot. */
int survey_open(struct survey *survey, const struct options *options);
/* The same; but if the directory cannot be read, what the snapshot remembers of it stands in, and standard error says
 * so. */
int survey_recall(struct survey *survey, const struct options *options);
/* The preview's first half, without Kafka. */
int survey_judge(struct survey *survey);
/* Asks Kafka, and makes both halves of the preview, with drift. */
int survey_live(struct survey *survey);
/* Instead of survey_open(): the configuration, then what Kafka lists, then the manifests and the snapshot, so that
 * these are as young as can be when it returns; and both halves of the preview, without drift. */
int survey_list(struct survey *survey, const struct options *options);
/* Both halves, against the snapshot alone. */
int survey_offline(struct survey *survey);
/* Sets a topic's namespace, in `arena`, if its name is one that a resource can own. Returns 0 or -ENOMEM. */
int survey_find_namespace(struct arena *arena, const char *prefix, struct found_topic *found);
struct deletion_rules survey_rules(const struct survey *survey);
struct kafka_settings survey_kafka_settings(const struct survey *survey);
void survey_free(struct survey *survey);
