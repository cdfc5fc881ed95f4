/* The bookkeeping of owed deletions in a snapshot that is being made: a person's answers, what was sent, what the
 * controller said. Pure; deletions.h decides.
 *
 * May use: base, snapshot.h, ledger.h. */
#pragma once

#include "reconcile/ledger.h"
#include "reconcile/snapshot.h"

/* The name of exactly the set that awaits approval in exactly this scope (D6): 12 hex digits, "" if nothing does. */
void owed_id(const struct snapshot *snapshot, char id[17]);
/* How many topics it has. */
size_t owed_n_held(const struct snapshot *snapshot);

/* A person's answer to the set `id`. `approve` false forgets the deletions: the topics stay. `directory` (or NULL) is
 * the manifests directory of the scan that the set was judged by; if the set was held because it is another one, the
 * answer makes it the known one (D6(c)). It must not be the one of a newer scan: nobody was asked about what that one
 * misses. Returns 0; 1 when no set of this id awaits an answer; -ENOMEM. */
int owed_answer(struct snapshot *snapshot, const char *id, bool approve, const char *directory);

/* Whether a person may still take back that they approved it: no request has been sent that may have deleted, or may
 * yet delete, what is left of it (L5). `ledger` NULL: nothing is known but what the snapshot says. */
bool owed_is_revocable(const struct snapshot *snapshot, const struct ledger *ledger, const struct owed *owed);
/* The name of exactly the set of these: another one than what approved them, which is spent; "" if there are none. */
void owed_revocable_id(const struct snapshot *snapshot, const struct ledger *ledger, char id[17]);
/* Forgets the deletions of the set `id`, and says how many topics stay. Returns 0; 1 when no such set may be taken back
 * (any more). */
int owed_revoke(struct snapshot *snapshot, const struct ledger *ledger, const char *id, size_t *ret_topics);

/* Forgets that a person said yes, if so. The next question is a new one: an answered ID is spent (D6). */
void owed_lapse(struct owed *owed, uint64_t wall_usec);

/* Notes that deletions are about to be sent (D6(a)). Returns 0 or -ENOMEM (unchanged). */
int owed_note_sent(struct snapshot *snapshot, const char *const *topics, size_t count, uint64_t wall_usec);
/* Forgets what was sent before the period. A clock that was set back does not make a deletion count for longer. */
void owed_forget_sent(struct snapshot *snapshot, uint64_t wall_usec, uint64_t period_usec);

/* Takes over what the controller answered: topics that are gone (D7), since when it refuses (D6(d)). A resource whose
 * topics are both gone is owed no more. */
void owed_note_answers(struct snapshot *snapshot, const struct ledger *ledger, uint64_t wall_usec);
