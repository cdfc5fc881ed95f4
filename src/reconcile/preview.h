/* What `run` would do now, as a value: the daemon's decision for a moment in which every grace period has passed,
 * against a listing instead of a ledger. Pure.
 *
 * May use: base, the rest of reconcile/. */
#pragma once

#include "reconcile/catalog.h"
#include "reconcile/deletions.h"
#include "reconcile/desired.h"

/* A topic that exists. */
struct found_topic {
    const char *name;
    int partitions, replication_factor;
    const struct property *config; /* set on the topic itself; sorted by key */
    size_t n_config;
    bool shape_known;   /* partitions and replication factor */
    bool config_known;  /* false: it was not asked for, or may not be read */
    bool config_hidden; /* it was asked for, and may not be read */
    /* If its name has T1's form and is not the errors topic's: its namespace, not terminated; else NULL. */
    const char *namespace;
    size_t namespace_length;
};

struct drift {
    const char *topic;
    const char *field;  /* "partitions", "replicationFactor", "config.KEY" */
    const char *wanted; /* NULL: not set */
    const char *actual; /* NULL: not set */
};

/* A topic of an owed deletion. */
struct previewed_deletion {
    const char *topic;
    const struct owed *owed;
    enum deletion_state state;
    const char *reason, *also; /* see struct deletion */
    const char *id;            /* what approves or denies it now; NULL if nothing does (yet) */
    const char *approved_id;   /* what takes back that it was approved; NULL */
    uint64_t due_usec;         /* wall: the end of its grace period, if a daemon said so; 0 */
};

struct preview {
    struct arena arena;
    struct snapshot *snapshot; /* the next one */
    struct catalog *catalog;
    struct desired *desired;
    struct deletions *deletions;
    bool *held_already;   /* of each of the snapshot's owed, whether it awaited approval before this look */
    char id[17];          /* of the deletions that await approval already; "" */
    char approved_id[17]; /* of those that were approved and may be taken back; "" */
    const struct topic_policy *policy;       /* what it was compared by; NULL before */
    bool other_scope;                        /* the snapshot is of another scope: it counts for nothing (D5) */
    ARRAY(size_t) create;                    /* indices for desired_topic() */
    ARRAY(struct previewed_deletion) delete; /* sorted by topic; so are the others */
    ARRAY(struct previewed_deletion) held;   /* in use, blocked, awaiting approval */
    ARRAY(struct drift) drift;
    ARRAY(const char *) hidden; /* wanted topics that exist, whose configuration Kafka does not tell */
    ARRAY(const char *) orphans;
    bool offline; /* compared without Kafka: drift, hidden and orphans are not known */
};

struct preview_facts {
    const struct snapshot *last; /* as loaded; NULL: there is none that counts */
    const struct scope *scope;   /* of now; cluster_id NULL: not known */
    const struct scan *scan;     /* complete */
    bool blind;                  /* the scan stands in for a directory that cannot be read (D4) */
    const struct deletion_rules *rules;
    struct moment now;
    bool old; /* see catalog_judge() */
};

/* The first half: the accepted set and what is owed. What exists does not matter yet. The preview refers to the facts'
 * scan. Returns 0 or -ENOMEM. */
int preview_new(const struct preview_facts *facts, struct preview **ret);
/* The second half: against the topics that exist, sorted by name. Refers to `found` and `policy`. Returns 0 or
 * -ENOMEM. */
int preview_compare(struct preview *preview, const struct topic_policy *policy, const struct found_topic *found,
                    size_t count);
/* The same without Kafka: the topics of `last`'s accepted set count as existing, and those that it owes, unless it is
 * of another scope. */
int preview_compare_offline(struct preview *preview, const struct topic_policy *policy, const struct snapshot *last);
struct preview *preview_free(struct preview *preview); /* accepts NULL, returns NULL */
