/* A history: changes, kills, restarts, and what must be true after them. history.c has what all of them share; random.c
 * and faults.c make them. */
#pragma once

#include "broker.h"
#include "files.h"
#include "process.h"

struct counts {
    size_t histories, changes, kills, calls_killed, starts, settled, looks, saves, creations, deletions, approved,
        denied, too_open, faults, recovered;
};

struct campaign {
    const char *topicd, *preload, *bootstrap, *work;
    bool show; /* say what happens */
    /* The first process dies at its N-th system call, or has a fault there. 0: at random. */
    unsigned at;
    const char *fault; /* an errno's name, SHORT, or MEMORY: an allocation; NULL: SIGKILL */
    bool lasting;      /* from there on */
};

struct history {
    const struct campaign *campaign;
    struct broker *broker;
    struct counts *counts;
    uint64_t seed;
    struct dice dice;
    struct files files;
    struct model model;
    struct process process;
    char home[256], manifests[280], namespaces[SCOPES][64], prefixes[SCOPES][96];
    int scope;
    unsigned grace, limit;
    bool kills;             /* the next start is to die at some call */
    bool reached;           /* kill_at was reached */
    unsigned there[SCOPES]; /* topics that were seen */
    unsigned down;          /* deaths and faults since it was seen to have recovered */
    const char *wrong;
};

void history_set_up(struct history *h);
void history_clean_up(struct history *h);
void history_configure(struct history *h);
void history_say(const struct history *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the first reason; NULL is none. */
void history_fail(struct history *h, const char *why);

/* Nothing if it runs. */
void history_start(struct history *h);
void history_end(struct history *h, int signal);
void history_trace(struct history *h);
/* If it was killed at a call, it is started again. */
void history_look_after(struct history *h);
/* Waits until topicd has seen everything and done what it has to. */
void history_settle(struct history *h);
/* No kill and no fault leaves a snapshot that is not whole. */
void history_check_snapshot(struct history *h);
/* Those of the scope that are there. */
unsigned history_topics(struct history *h, int scope);

/* Return NULL, or what went wrong, which the caller frees. `ret_reached`: the process came as far as campaign.at. */
char *random_run(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct counts *counts,
                 bool *ret_reached);
char *faults_run(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct counts *counts,
                 bool *ret_reached);
