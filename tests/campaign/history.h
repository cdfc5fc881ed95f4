/* One random history: changes, kills, restarts, and what must be true after them. */
#pragma once

#include "broker.h"
#include "campaign.h"

struct counts {
    size_t histories, changes, kills, calls_killed, starts, settled, looks, saves, creations, deletions, approved,
        denied, too_open;
};

struct campaign {
    const char *topicd, *preload, *bootstrap, *work;
    bool show; /* say what happens */
    /* Kill at the N-th system call of the first process; a history is repeated until none is left. 0: at random. */
    unsigned kill_at;
};

/* Returns NULL, or what went wrong, which the caller frees. `ret_killed`: the process came as far as `kill_at`. */
char *history_run(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct counts *counts,
                  bool *ret_killed);
