/* What is known of each topic: whether the controller has it, what is in flight, what failed and when to try again
 * (L5). It lives as long as the process and forgets with the cluster. No clock: time is an argument.
 *
 * May use: base. */
#pragma once

#include "base/array.h"
#include "base/clock.h"
#include "base/topic.h"

#include <stdbool.h>

enum presence {
    PRESENCE_UNKNOWN, /* never heard of: a creation tells */
    PRESENCE_PRESENT,
    PRESENCE_ABSENT,
};

struct topic {
    char *name;
    bool desired; /* somebody needs it (set by plan_track()) */
    enum presence presence;
    enum operation in_flight;
    enum operation attempted; /* the last creation or deletion that was sent */
    bool must_ask;            /* an outcome is unknown: nothing else is sent before the controller was asked (L5, D7) */
    unsigned failures;        /* in a row */
    uint64_t retry_usec;      /* monotonic: nothing is sent before; 0 */
    bool late_deletion;       /* recheck_usec is for a deletion that an earlier process sent, and for nothing else */
    uint64_t recheck_usec;    /* monotonic: ask again then, a late request may have been carried out; 0: no need */
    char *error;              /* the last refusal, in the broker's words; NULL if the last answer was good */
    bool error_refused;       /* the broker said no, as opposed to silence */
    uint64_t wanted_usec;     /* monotonic: the change for which it is to come into being; 0: none, or it is there */
    bool expected;            /* that it exists is no news: it was needed when this process started */
    uint64_t changed_usec;    /* monotonic: when it became known to be present, for latency; 0 */
};

struct ledger {
    ARRAY(struct topic) topics; /* sorted by name */
    uint64_t retry_max_usec;    /* resyncPeriodSeconds (L5) */
    uint64_t random;            /* state of the jitter; any value */
    uint64_t change_usec;       /* monotonic: the change that brings what is tracked anew; 0: none that is known */
};

/* Makes the ledger hold exactly `names` (sorted, unique), and what is in flight or has to be asked about: a topic that
 * comes back must find what is not known of it. Returns 0 or -ENOMEM (unchanged). */
int ledger_track(struct ledger *ledger, const char *const *names, size_t count);
struct topic *ledger_find(const struct ledger *ledger, const char *name);
void ledger_sent(struct ledger *ledger, const char *name, enum operation operation);
/* An earlier process sent a deletion of this topic and did not hear what became of it: it may still be carried out,
 * also if somebody needs the topic again by now (L5). */
void ledger_doubt(struct ledger *ledger, const char *name, uint64_t now_usec);
/* Takes an answer in. Topics that are not tracked any more are ignored. */
void ledger_answer(struct ledger *ledger, enum operation operation, const struct topic_result *result,
                   uint64_t now_usec);
/* Everything is asked about at the next occasion (resync, L4). */
void ledger_ask_all(struct ledger *ledger);
/* Tries start over at once: the manifest or the connection changed (L5). */
void ledger_start_over(struct ledger *ledger);
/* Another cluster: nothing is known. */
void ledger_forget(struct ledger *ledger);
void ledger_free(struct ledger *ledger);
