/* A second, naive model of D1 to D6, independent of the code under test: it keeps the whole history of turns as plain
 * lists and answers every question by walking them. A few resources stand for all: Models m0 to m4, Pipelines p0 to
 * p2; sets of them, and of their topics, are bits.
 *
 * From the code under test it takes two facts only, at which version each file stands and which owed topics are done;
 * naive_note.h checks both. */
#pragma once

#include "unit/support/world.h"

#include <stdio.h>

enum { MODELS = 5, IDENTITIES = 8, NAIVE_FILES = 6 };

struct past_file {
    bool present, rejected, unknown;  /* unknown: rejected, and without a version that holds anything */
    const struct manifest *content;   /* of now */
    const struct resources *standing; /* the version that counts; NULL if none does */
};

/* One turn of the past. What no turn changed is carried over from the one before. */
struct past {
    struct moment now;
    int process, era;
    bool old_process, looked, complete; /* complete: the latest look of this process was */
    bool seen;                          /* this process has looked and seen */
    bool extended;                      /* what is known is the last complete look and what arrived since */
    bool enabled;
    char prefix[8], cluster[4], directory[8]; /* of the last complete look */
    struct past_file files[NAIVE_FILES];
    unsigned accepted, clean, needed /* topics: bit 2 * identity + 0 or 1 */;
    unsigned char file_of[IDENTITIES];
    unsigned approved, denied; /* identities that an answer of this turn was about */
    bool answered;
    unsigned refused;          /* identities whose deletion was refused since the last turn */
    unsigned noted;            /* topics whose deletion was about to be sent */
    unsigned held[IDENTITIES]; /* enum hold */
    unsigned owed;             /* identities, as the code has it: not done */
};

struct naive {
    ARRAY(struct past) turns;
    struct deletion_rules rules;        /* but for `enabled` */
    ARRAY(struct manifest *) manifests; /* all that ever were, so that no two have one address */
    ARRAY(struct resources *) resources;
};

static inline struct past *naive_last(const struct naive *naive) {
    return naive->turns.count ? &naive->turns.items[naive->turns.count - 1] : NULL;
}

/* m3 is 3, p1 is 6. */
static inline unsigned identity_of(const char *name) {
    return (unsigned)(name[1] - '0') + (name[0] == 'p' ? MODELS : 0);
}

/* The bit of a topic such as seldon.ns.model.m3.outputs; 0 for those that nobody owns. */
static inline unsigned topic_bit(const char *topic) {
    const char *name = strstr(topic, ".model.m");
    name = name ? name + 7 : strstr(topic, ".pipeline.p") ? strstr(topic, ".pipeline.p") + 10 : NULL;
    return name ? 1u << (2 * identity_of(name) + (strcmp(name + 3, "outputs") == 0)) : 0;
}

static inline bool has(unsigned set, unsigned identity) {
    return set >> identity & 1;
}

/* The turn in which it was found gone, or 0 if it is not gone, or never was there in this era. */
static inline size_t gone_in(const struct naive *naive, unsigned identity) {
    const struct past *turns = naive->turns.items;
    for (size_t i = naive->turns.count; i-- > 1;) {
        if (has(turns[i].accepted, identity) || turns[i].era != turns[i - 1].era)
            return 0;
        if (has(turns[i - 1].accepted, identity))
            return i;
    }
    return 0;
}

/* Whether the turn is the first of its process that looked and saw. */
static inline bool first_look(const struct naive *naive, size_t turn) {
    const struct past *turns = naive->turns.items;
    if (!turns[turn].looked)
        return false;
    for (size_t i = turn; i-- > 0 && turns[i].process == turns[turn].process;)
        if (turns[i].looked)
            return false;
    return true;
}

/* D1: it asked for this, and nobody has forgotten it since. */
static inline bool naive_owes(const struct naive *naive, unsigned identity) {
    size_t gone = gone_in(naive, identity);
    if (gone == 0 || !has(naive->turns.items[gone - 1].clean, identity))
        return false;
    for (size_t i = gone + 1; i < naive->turns.count; i++)
        if (has(naive->turns.items[i].denied, identity))
            return false;
    return true;
}

/* A person said yes after it was gone. The answer is forgotten by a start after over a day (D6(d)), and when the broker
 * has refused for over a day since. ret_refused: wall, the first refusal since it was gone and since the answer; 0. */
static inline bool naive_approved(const struct naive *naive, unsigned identity, uint64_t *ret_refused) {
    bool approved = false;
    uint64_t refused = 0;
    for (size_t i = gone_in(naive, identity) + 1; i < naive->turns.count; i++) {
        const struct past *turn = &naive->turns.items[i];
        if (has(turn->approved, identity)) {
            approved = true;
            refused = 0;
        }
        if (has(turn->refused, identity) && refused == 0)
            refused = turn->now.wall_usec;
        if (turn->old_process && first_look(naive, i))
            approved = false;
        if (refused && turn->now.wall_usec > refused + DAY_USEC)
            approved = false;
    }
    *ret_refused = refused;
    return approved;
}

static inline bool same_content(const struct past *a, const struct past *b) {
    for (size_t f = 0; f < NAIVE_FILES; f++)
        if (a->files[f].present != b->files[f].present || a->files[f].content != b->files[f].content)
            return false;
    return true;
}

/* D3, D4 */
static inline bool in_the_way(const struct past *turn, unsigned identity) {
    for (size_t f = 0; f < NAIVE_FILES; f++)
        if (turn->files[f].unknown)
            return true;
    return turn->needed >> 2 * identity & 3;
}

static inline unsigned naive_needs(const struct resources *resources) {
    unsigned topics = 0;
    for (size_t i = 0; resources && i < resources->count; i++)
        for (size_t k = 0; k < resources->items[i].n_needs; k++)
            topics |= topic_bit(resources->items[i].needs[k]);
    return topics;
}

/* Whether the last file that needed its topics, and that stopped doing so and was still there, is there now. */
static inline bool let_go(const struct naive *naive, unsigned identity) {
    const struct past *turns = naive->turns.items;
    bool there = false;
    for (size_t i = gone_in(naive, identity); i < naive->turns.count; i++)
        for (size_t f = 0; f < NAIVE_FILES; f++) {
            unsigned before = naive_needs(turns[i - 1].files[f].standing);
            unsigned lost = before & ~naive_needs(turns[i].files[f].standing);
            if (turns[i].files[f].present && lost >> 2 * identity & 3)
                there = naive_last(naive)->files[f].present;
        }
    return there;
}

/* D2. What the two scans have to find is that all of D1, D3 and D4 holds. */
static inline bool naive_seen(const struct naive *naive, unsigned identity) {
    const struct past *turns = naive->turns.items, *last = naive_last(naive);
    size_t gone = gone_in(naive, identity), before = 0;
    uint64_t first = 0, scanned = 0, changed = 0;
    for (size_t i = 0; i < naive->turns.count; i++) {
        if (turns[i].process != last->process)
            continue;
        if (in_the_way(&turns[i], identity)) /* by what arrived since the last complete look, too */
            first = 0;
        bool other = changed == 0 || !same_content(&turns[i], &turns[before]);
        if (turns[i].looked ? other || turns[before].extended : turns[i].extended && other)
            changed = turns[i].now.monotonic_usec;
        if (turns[i].looked || turns[i].extended)
            before = i;
        if (!turns[i].looked)
            continue;
        scanned = turns[i].now.monotonic_usec;
        if (i < gone || in_the_way(&turns[i], identity))
            first = 0;
        else if (first == 0)
            first = scanned;
    }
    const struct past_file *file = &last->files[turns[gone - 1].file_of[identity]];
    uint64_t rest = naive->rules.grace_usec * (file->present || let_go(naive, identity) ? 10 : 1);
    return last->complete && first != 0 && scanned > first &&
           (scanned >= changed + rest || scanned >= first + 10 * rest);
}

/* D2 to D4 */
static inline bool naive_due(const struct naive *naive, unsigned identity) {
    return !in_the_way(naive_last(naive), identity) && naive_seen(naive, identity);
}

/* The directory that is known before turn `end` is judged: the first one, or one that missed nothing, or one that was
 * answered about. */
static inline const char *known_directory(const struct naive *naive, size_t end);

/* D6(c), first half: what brought it down came from another directory. */
static inline bool from_other_directory(const struct naive *naive, size_t gone) {
    const char *known = known_directory(naive, gone);
    return known[0] && strcmp(known, naive->turns.items[gone].directory) != 0;
}

static inline const char *known_directory(const struct naive *naive, size_t end) {
    const struct past *turns = naive->turns.items;
    const char *known = "";
    unsigned moved = 0; /* identities that another directory missed */
    for (size_t i = 0; i <= end && i < naive->turns.count; i++) {
        if (i == 0 || turns[i].era != turns[i - 1].era) {
            known = "";
            moved = 0;
        }
        if (turns[i].answered) {
            const unsigned answered = turns[i].approved | turns[i].denied;
            for (unsigned id = 0; i > 0 && id < IDENTITIES; id++)
                if (has(answered, id) && turns[i - 1].held[id] & HOLD_DIRECTORY && turns[i - 1].seen &&
                    turns[i - 1].process == turns[i].process)
                    known = turns[i - 1].directory;
        }
        if (i == end)
            return known;
        unsigned missed = i > 0 && turns[i].era == turns[i - 1].era ? turns[i - 1].accepted & ~turns[i].accepted : 0;
        if (turns[i].looked && known[0] && strcmp(known, turns[i].directory) != 0)
            moved |= missed & turns[i - 1].clean;
        moved &= turns[i].owed;
        if (known[0] ? turns[i].looked && missed == 0 && moved == 0 : turns[i].seen)
            known = turns[i].directory;
    }
    return known;
}

/* D6(c), second half: the file was rejected, for over a second, when it vanished. */
static inline bool from_rejected_file(const struct naive *naive, unsigned identity, size_t gone) {
    const struct past *turns = naive->turns.items;
    unsigned file = turns[gone - 1].file_of[identity];
    size_t since = gone;
    while (since > 0 && turns[since - 1].files[file].rejected && turns[since - 1].era == turns[gone].era)
        since--;
    uint64_t then = turns[since].now.wall_usec, now = turns[gone].now.wall_usec;
    return since < gone && !turns[gone].files[file].present && (now < then || now - then > USEC_PER_SEC);
}

/* D6(d), first half: it was gone when a process first looked that had begun with a snapshot of over a day. */
static inline bool from_old_snapshot(const struct naive *naive, size_t gone) {
    for (size_t i = gone; i < naive->turns.count; i++)
        if (naive->turns.items[i].old_process && first_look(naive, i))
            return true;
    return false;
}

/* D6(a): topics of which a deletion was sent in the period. A clock that is set back makes none younger, and what the
 * period once let go does not come back. */
static inline unsigned naive_sent(const struct naive *naive) {
    const struct past *turns = naive->turns.items;
    unsigned sent = 0;
    for (size_t i = 0; i + 1 < naive->turns.count; i++) {
        uint64_t then = turns[i].now.wall_usec;
        bool counts = true;
        for (size_t k = i + 1; counts && k < naive->turns.count; k++) {
            then = turns[k].now.wall_usec < then ? turns[k].now.wall_usec : then;
            counts = turns[k].now.wall_usec - then < naive->rules.limit_period_usec && turns[k].era == turns[i].era;
        }
        sent |= counts ? turns[i].noted : 0;
    }
    return sent;
}

/* D6 for a set of identities, and the topics that are not done of theirs and of those that wait for their time: why a
 * person has to be asked. */
static inline unsigned naive_reasons(const struct naive *naive, unsigned set, unsigned topics) {
    const struct past *last = naive_last(naive);
    unsigned reasons = 0;
    int population = 0;
    for (unsigned id = 0; id < IDENTITIES; id++) {
        if (!has(set, id))
            continue;
        size_t gone = gone_in(naive, id);
        int then = __builtin_popcount(naive->turns.items[gone - 1].accepted);
        uint64_t refused;
        naive_approved(naive, id, &refused);
        population = then > population ? then : population;
        reasons |= last->held[id];
        reasons |= from_other_directory(naive, gone) ? HOLD_DIRECTORY : 0;
        reasons |= from_rejected_file(naive, id, gone) ? HOLD_REJECTED : 0;
        reasons |= from_old_snapshot(naive, gone) ? HOLD_OLD : 0;
        reasons |= refused && last->now.wall_usec > refused + DAY_USEC ? HOLD_REFUSED : 0;
    }
    if (set && (unsigned)__builtin_popcount(topics | naive_sent(naive)) > naive->rules.limit_topics)
        reasons |= HOLD_LIMIT;
    if (set && population >= 3 && last->accepted == 0 && last->complete)
        reasons |= HOLD_LAST;
    if (set && !last->enabled)
        reasons |= HOLD_DISABLED;
    return reasons;
}
