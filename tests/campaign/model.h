/* The naive model: what topicd may have sent and what the broker must hold, from outside. It is told what was done to
 * the directory and, by trace.c, when topicd looked, when it saved and what it sent. Where that leaves open what topicd
 * saw or saved, it follows every possibility: a deletion is forbidden if none of the possible worlds allows it. */
#pragma once

#include "campaign.h"

enum { WORLDS_MAX = 1500 };

/* What a snapshot holds. */
struct memory {
    int standing[FILES];            /* the content that counts, or ABSENT */
    uint64_t rejected_since[FILES]; /* 0: it is not */
    unsigned owed, approved;
    unsigned sure_hold;  /* D6(c): must wait for a person */
    unsigned maybe_hold; /* may wait for one */
    unsigned held;       /* topicd itself has said that it waits for one */
    unsigned unsure;     /* its deletion may be done, and its topics were needed since */
    unsigned char file_of[IDS], population[IDS];
    unsigned sent, maybe_sent; /* topics */
    uint64_t directory;        /* 0: none yet */
    int scope;                 /* -1: there is no snapshot */
};

struct world {
    struct memory now, saved;
    /* Of this process. */
    int view[FILES];
    bool rejected[FILES];
    bool arrived; /* a file since the last look, that was acted upon */
    uint64_t look, changed, gone_first[IDS];
};

struct rules {
    uint64_t grace_usec;
    unsigned limit_topics;
};

struct model {
    const struct contents *contents;
    const struct timeline *timeline;
    struct rules rules;
    const char *prefixes[SCOPES]; /* "seldon.ns." */
    struct world *worlds;
    size_t count;
    bool faulty; /* a look may have failed, or one of its files, for a fault that is injected */
    bool lost;   /* too many possibilities: nothing is checked any more */
    int scope;
    uint64_t look_begin, look_inode, looked; /* looked: begin of the last look that ended */
    uint64_t glance_begin;                   /* 0: none */
    int glance_file;
    bool saving, putting_aside;
    bool saved_since_look;
    unsigned ever[SCOPES];  /* topics that were needed in some world */
    unsigned asked[SCOPES]; /* topics whose deletion was sent; whoever sees that they are gone clears them */
    /* Deletions that are sent together. */
    uint64_t batch_time;
    unsigned batch;
    /* Counts. */
    size_t looks, saves, deletions, creations;
};

void model_init(struct model *model, const struct contents *contents, const struct timeline *timeline,
                struct rules rules);
void model_free(struct model *model);
void model_start(struct model *model, int scope, uint64_t time);
void model_death(struct model *model);
/* A line of the trace. Returns NULL, or what topicd did wrong. */
const char *model_event(struct model *model, char letter, uint64_t time, const char *word);
/* topicd waits for a person's answer about these, as its status says (D6). */
void model_held(struct model *model, unsigned ids);
/* A person answered about these. */
void model_answer(struct model *model, unsigned ids, bool approve);
/* Topics of the current scope that must be there once topicd has done what it has to, and those that must not. */
void model_expect(const struct model *model, unsigned *ret_there, unsigned *ret_gone);

/* The topics that a set of standing contents needs. */
unsigned topics_needed(const struct contents *contents, const int standing[FILES]);
/* Bit of a topic's name in the current scope; -1 if it is none. */
int topic_bit(const struct model *model, int scope, const char *topic);
void topic_name(const struct model *model, int scope, int bit, char *out, size_t size);

/* judge.c: M6, M7, D1. Appends the worlds that can follow from `before` when a look sees `view`. */
void judge(struct model *model, const struct world *before, const int view[FILES]);
/* The same when it was acted upon that a file arrived, before the next look. */
void judge_arrival(struct model *model, const struct world *before, int file, int content);
void add_world(struct model *model, const struct world *world);
