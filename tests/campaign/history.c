/* What all histories have in common: the daemon, its death, and what must be true after it. */
#include "history.h"

#include "files.h"
#include "process.h"

#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long topicd may take for what it has to do, on a machine that is busy; what a late request did is found out after
 * a minute (L5). */
#define PATIENCE_USEC 90000000
/* A quarter of all have a slow disk: much changes in the middle of a look. */
#define SLOW_USEC 4000
#define KILL_CALLS "files"
#define MEMORY_CALLS "malloc,calloc,realloc,strdup,strndup,asprintf,vasprintf"

void history_say(const struct history *h, const char *format, ...) {
    if (!h->campaign->show)
        return;
    va_list args;
    va_start(args, format);
    fprintf(stderr, "# %llu ", (unsigned long long)(now_usec() / 1000 % 1000000));
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void history_fail(struct history *h, const char *why) {
    if (why && !h->wrong) {
        h->wrong = why;
        history_say(h, "WRONG: %s", why);
    }
}

/* ---- the daemon ---- */

void history_start(struct history *h) {
    if (h->process.pid || h->wrong)
        return;
    if (h->campaign->fault && h->kills) {
        bool memory = strcmp(h->campaign->fault, "MEMORY") == 0;
        h->process.fail_call = memory ? MEMORY_CALLS : KILL_CALLS;
        h->process.fail_with = memory ? "ENOMEM" : h->campaign->fault;
        h->process.fail_at = h->campaign->at;
        h->process.fail_times = h->campaign->lasting ? "all" : "1";
        history_say(h, "start, %s at call %u", h->process.fail_with, h->process.fail_at);
    } else if (h->kills) {
        h->process.fail_call = KILL_CALLS;
        h->process.fail_with = chance(&h->dice, 50) ? "KILL" : "KILL-AFTER";
        h->process.fail_at = h->campaign->at ? h->campaign->at : 1 + below(&h->dice, chance(&h->dice, 50) ? 60 : 400);
        history_say(h, "start, %s at call %u", h->process.fail_with, h->process.fail_at);
    } else {
        history_say(h, "start");
    }
    model_start(&h->model, h->scope, now_usec());
    process_start(&h->process);
    h->counts->starts++;
}

void history_trace(struct history *h) {
    history_fail(h, process_trace(&h->process, &h->model));
}

static void note_end(struct history *h, const char *why) {
    history_trace(h);
    model_death(&h->model);
    history_fail(h, why);
}

/* If it was killed at a call, it is started again. */
void history_look_after(struct history *h) {
    const char *why = NULL;
    if (process_ended(&h->process, &why)) {
        history_say(h, "ended%s%s", why ? ": " : "", why ? why : "");
        h->counts->calls_killed += h->kills && !h->campaign->fault;
        h->down += h->kills && !h->campaign->fault;
        h->reached = h->reached || h->kills;
        /* It may end for a fault, in order: systemd starts it again. */
        if (why && h->kills && h->campaign->fault && strcmp(why, "S2: topicd ended with 1") == 0)
            why = NULL;
        if (!why && !h->kills)
            why = "S2: topicd ended by itself";
        h->kills = false;
        note_end(h, why);
    } else {
        history_trace(h);
    }
    history_start(h);
}

void history_end(struct history *h, int signal) {
    const char *why = NULL;
    size_t killed = 0;
    if (process_ended(&h->process, &why)) { /* at its call */
        killed = !h->campaign->fault;
        h->counts->calls_killed += killed;
    } else if (h->process.pid) {
        killed = signal == SIGKILL && !h->campaign->fault;
        why = process_kill(&h->process, signal);
        h->counts->kills += killed;
    }
    h->down += (unsigned)killed;
    history_say(h, "signal %d", signal);
    h->kills = false;
    note_end(h, why);
}

/* ---- what must be true ---- */

static void names_of(const struct history *h, int scope, char storage[TOPICS][128], char *names[TOPICS]) {
    for (int bit = 0; bit < TOPICS; bit++) {
        topic_name(&h->model, scope, bit, storage[bit], 128);
        names[bit] = storage[bit];
    }
}

unsigned history_topics(struct history *h, int scope) {
    char storage[TOPICS][128], *names[TOPICS];
    names_of(h, scope, storage, names);
    return broker_has(h->broker, names, TOPICS);
}

static const char *missing_or_left(const struct history *h, unsigned there, unsigned missing, unsigned left) {
    static char words[256];
    char name[128];
    topic_name(&h->model, h->scope, __builtin_ctz(missing ? missing : left), name, sizeof name);
    (void)there;
    snprintf(words, sizeof words, "%s: %s",
             missing ? "T2: a topic is missing" : "D1: a topic is there that must not be", name);
    return words;
}

static bool seen(const struct history *h) {
    return h->process.pid && h->model.looked > files_last(&h->files)->end;
}

/* A look that began in the middle of the last change may have seen it or not; if it was the answer to its event, there
 * is not going to be another one. */
static bool may_have_seen(const struct history *h) {
    return h->process.pid && h->model.looked > files_last(&h->files)->begin && !seen(h);
}

/* Waits until topicd has seen everything and done what it has to. */
void history_settle(struct history *h) {
    uint64_t end = now_usec() + PATIENCE_USEC;
    unsigned must = 0, must_not = 0, there = 0, polls = 0;
    history_start(h);
    for (;;) {
        history_look_after(h);
        if (h->wrong || h->model.lost)
            return;
        bool late = now_usec() > end;
        if (seen(h)) {
            there = history_topics(h, h->scope);
            history_trace(h);
            model_expect(&h->model, &must, &must_not);
            if (!(must & ~there) && !(must_not & there))
                break;
        }
        if (late) {
            history_fail(h, seen(h) ? missing_or_left(h, there, must & ~there, must_not & there)
                                    : "L1: topicd does not see that the directory changed");
            return;
        }
        if (may_have_seen(h) && ++polls % 50 == 0)
            files_touch(&h->files);
        sleep_usec(10000);
    }
    unsigned vanished = h->there[h->scope] & ~there & ~h->model.asked[h->scope];
    if (vanished)
        history_fail(h, "a topic is gone whose deletion nobody sent");
    history_say(h, "settled: topics %x, %zu worlds", there, h->model.count);
    h->there[h->scope] = there;
    h->model.asked[h->scope] &= there; /* it may go any moment */
    h->counts->settled++;
    h->counts->recovered += h->down;
    h->down = 0;
}

void history_check_snapshot(struct history *h) {
    char path[512];
    bool found = false;
    snprintf(path, sizeof path, "%s/state", h->home);
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        found = found || strstr(entry->d_name, "snapshot.damaged");
    if (dir)
        closedir(dir);
    if (found)
        history_fail(h, "S2: the snapshot was damaged");
}

/* ---- all of it ---- */

void history_configure(struct history *h) {
    static const char *const prefixes[SCOPES] = {"seldon", "seldon", "other"};
    process_configure(&h->process, prefixes[h->scope], h->namespaces[h->scope], h->grace, h->limit);
}

void history_set_up(struct history *h) {
    char path[512];
    snprintf(h->home, sizeof h->home, "%s/%llu-%u", h->campaign->work, (unsigned long long)h->seed, h->campaign->at);
    snprintf(h->manifests, sizeof h->manifests, "%s/manifests.d", h->home);
    mkdir(h->home, 0755);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", h->home, i ? "state" : "run");
        mkdir(path, 0755);
    }
    for (int s = 0; s < SCOPES; s++) {
        snprintf(h->namespaces[s], sizeof h->namespaces[s], "h%llu-%u%s", (unsigned long long)h->seed, h->campaign->at,
                 s == 1 ? "-b" : "");
        snprintf(h->prefixes[s], sizeof h->prefixes[s], "%s.%s.", s == 2 ? "other" : "seldon", h->namespaces[s]);
    }
    h->grace = chance(&h->dice, 12) && !h->campaign->at ? 1 : 0;
    h->limit = chance(&h->dice, 40) ? 3 : 20;
    files_init(&h->files, h->manifests, chance(&h->dice, 15) ? LAYOUT_LINKS : LAYOUT_PLAIN);
    struct rules rules = {.grace_usec = h->grace * 1000000ull, .limit_topics = h->limit};
    model_init(&h->model, &h->files.contents, &h->files.timeline, rules);
    for (int s = 0; s < SCOPES; s++)
        h->model.prefixes[s] = h->prefixes[s];
    h->process = (struct process){.topicd = h->campaign->topicd,
                                  .preload = h->campaign->preload,
                                  .bootstrap = h->campaign->bootstrap,
                                  .home = h->home,
                                  .manifests = h->manifests,
                                  .slow_usec = chance(&h->dice, 25) && !h->campaign->at ? SLOW_USEC : 0};
    history_configure(h);
}

void history_clean_up(struct history *h) {
    char command[600], storage[TOPICS][128], *names[TOPICS];
    process_kill(&h->process, SIGKILL);
    for (int s = 0; s < SCOPES; s++) {
        if (!h->model.ever[s])
            continue;
        names_of(h, s, storage, names);
        broker_delete(h->broker, names, TOPICS);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", h->home);
    if (!h->wrong && system(command) != 0)
        die("cannot remove %s", h->home);
    h->counts->looks += h->model.looks;
    h->counts->saves += h->model.saves;
    h->counts->creations += h->model.creations;
    h->counts->deletions += h->model.deletions;
    h->counts->too_open += h->model.lost;
    h->counts->histories++;
    model_free(&h->model);
    files_free(&h->files);
}
