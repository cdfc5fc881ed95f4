/* Which owed deletions may be sent now, and why the others may not: one function a rule of D. Pure, but for the holds
 * it writes into the (not yet saved) next snapshot.
 *
 * May use: base, snapshot.h, desired.h, catalog.h. */
#pragma once

#include "reconcile/catalog.h"
#include "reconcile/desired.h"
#include "reconcile/ledger.h"

enum deletion_state {
    DELETION_GRACE_PERIOD,      /* D2 */
    DELETION_IN_USE,            /* D3 */
    DELETION_BLOCKED,           /* D4 */
    DELETION_AWAITING_APPROVAL, /* D6 */
    DELETION_SENDING,           /* may be sent, or is in flight */
    DELETION_RETRYING,          /* was refused or its outcome is unknown (set by plan.h) */
    DELETION_STATE_MAX_,
};
/* "grace-period", "in-use", … */
const char *deletion_state_name(enum deletion_state state);

struct deletion_rules {
    bool enabled;
    uint64_t grace_usec;
    unsigned limit_topics;
    uint64_t limit_period_usec;
};

struct deletion_facts {
    const struct deletion_rules *rules;
    const struct desired *desired;
    const struct catalog *catalog;
    struct moment now;
    /* The last complete scan, and the directory's last change as known (a start counts as one): monotonic. 0: no
     * complete scan yet. */
    uint64_t scanned_usec, changed_usec;
    bool scan_is_last_word;      /* the latest scan was complete */
    bool suppose_rested;         /* for plan: what would be due if the grace periods had passed */
    const struct ledger *ledger; /* what is in flight is past judging; NULL: nothing is */
};

/* One owed resource. */
struct deletion {
    const struct owed *owed; /* in the snapshot that was judged */
    enum deletion_state state;
    const char *reason; /* a sentence for people */
    /* What stands against it besides: of one that awaits approval D3 or D4; of one in its grace period that it will
     * await approval, as far as that can be foreseen. NULL. */
    const char *also;
    uint64_t rest_usec; /* D2: how long the directory must have rested */
    uint64_t due_usec;  /* monotonic: when it can be due at the earliest; USEC_NEVER if no time answers that */
};

struct deletions {
    struct arena arena;
    ARRAY(struct deletion) list; /* in the order of snapshot.owed */
    char id[17];                 /* of the set that awaits approval; "" if none */
    unsigned reasons;            /* enum hold: why it does */
    /* D6(a): what counts towards the limit, in topics, each once: that set, what is about to join it, what else is
     * under way or was approved, and the rest of what was sent in the period. */
    struct {
        size_t set, following, going, sent;
    } period;
    uint64_t look_usec; /* monotonic: when a scan can make something due; USEC_NEVER */
};

/* Judges every owed deletion. Sets `held` (D6) in `snapshot`, drops what is past from `sent`. Returns 0 or -ENOMEM. */
int deletions_judge(struct snapshot *snapshot, const struct deletion_facts *facts, struct deletions **ret);
struct deletions *deletions_free(struct deletions *deletions); /* accepts NULL, returns NULL */

/* D2: the file is still there, accepted or rejected, so that it may be one that is being written. `file` and `catalog`
 * may be NULL. */
bool deletion_file_remains(const struct snapshot *snapshot, const struct catalog *catalog, const char *file);
/* Appends why the set awaits approval: a part of a sentence for each reason, joined by "; ". */
void hold_format(const struct deletions *deletions, const struct deletion_rules *rules, struct buffer *out);
