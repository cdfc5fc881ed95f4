/* What to send now, and when to look again: desired topics and cleared deletions against the ledger. Pure.
 *
 * May use: base, desired.h, deletions.h, ledger.h. */
#pragma once

#include "reconcile/deletions.h"
#include "reconcile/ledger.h"

/* A topic of an owed deletion, as the status shows it. */
struct planned_deletion {
    const char *topic;
    const struct owed *owed;
    enum deletion_state state;
    const char *reason, *also; /* see struct deletion */
    uint64_t due_usec;         /* monotonic: grace period's end or next try; USEC_NEVER */
};

struct failed_topic {
    const char *topic;
    const char *error;
    uint64_t retry_usec; /* monotonic */
};

/* What to send now. What becomes ready while a request of its kind is in flight waits for the answer and then goes as
 * one batch (L3). Refers to the deletions and their snapshot, which must outlive it. */
struct plan {
    struct arena arena;
    ARRAY(const char *) create; /* sorted, unique; so are the others */
    ARRAY(const char *) ask;
    ARRAY(const char *) delete;
    ARRAY(struct planned_deletion) deletions; /* sorted by topic */
    ARRAY(struct failed_topic) failed;        /* desired topics with an error, sorted */
    size_t n_topics;                          /* desired */
    size_t n_present;                         /* desired and known to exist */
    size_t n_refused;                         /* desired, and the broker said no */
    uint64_t next_usec;                       /* monotonic: when this plan can change by time alone; USEC_NEVER */
};

struct plan_facts {
    const struct deletions *deletions;
    const struct ledger *ledger; /* as plan_track() left it */
    uint64_t now_usec;           /* monotonic */
};

/* Makes the ledger track what the plan is about: desired topics and those that are owed. Returns 0 or -ENOMEM. */
int plan_track(struct ledger *ledger, const struct desired *desired, const struct snapshot *snapshot);
/* Returns 0 or -ENOMEM. */
int plan_make(const struct plan_facts *facts, struct plan **ret);
struct plan *plan_free(struct plan *plan); /* accepts NULL, returns NULL */
/* The deletion of a topic that is owed and not done; NULL. */
const struct planned_deletion *plan_deletion_of(const struct plan *plan, const char *topic);
/* Every desired topic exists or has an error of its own (N1). */
bool plan_settled(const struct plan *plan);
