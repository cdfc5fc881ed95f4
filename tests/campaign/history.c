#include "history.h"

#include "files.h"
#include "process.h"

#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long topicd may take for what it has to do, on a machine that is busy. */
#define PATIENCE_USEC 30000000
#define KILL_CALLS "files"

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
    bool killed_at;         /* kill_at was reached */
    unsigned there[SCOPES]; /* topics that were seen */
    const char *wrong;
};

static void say(const struct history *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct history *h, const char *format, ...) {
    if (!h->campaign->show)
        return;
    va_list args;
    va_start(args, format);
    fprintf(stderr, "# %llu ", (unsigned long long)(now_usec() / 1000 % 1000000));
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static void fail(struct history *h, const char *why) {
    if (why && !h->wrong) {
        h->wrong = why;
        say(h, "WRONG: %s", why);
    }
}

/* ---- the daemon ---- */

static void start(struct history *h) {
    if (h->process.pid || h->wrong)
        return;
    if (h->kills) {
        h->process.fail_call = KILL_CALLS;
        h->process.fail_with = chance(&h->dice, 50) ? "KILL" : "KILL-AFTER";
        h->process.fail_at =
            h->campaign->kill_at ? h->campaign->kill_at : 1 + below(&h->dice, chance(&h->dice, 50) ? 60 : 400);
        say(h, "start, %s at call %u", h->process.fail_with, h->process.fail_at);
    } else {
        say(h, "start");
    }
    model_start(&h->model, h->scope, now_usec());
    process_start(&h->process);
    h->counts->starts++;
}

static void take_trace(struct history *h) {
    fail(h, process_trace(&h->process, &h->model));
}

static void note_end(struct history *h, const char *why) {
    take_trace(h);
    model_death(&h->model);
    fail(h, why);
}

/* If it was killed at a call, it is started again. */
static void look_after(struct history *h) {
    const char *why = NULL;
    if (process_ended(&h->process, &why)) {
        say(h, "ended%s%s", why ? ": " : "", why ? why : "");
        h->counts->calls_killed += h->kills;
        h->killed_at = h->killed_at || h->kills;
        if (!why && !h->kills)
            why = "S2: topicd ended by itself";
        h->kills = false;
        note_end(h, why);
    } else {
        take_trace(h);
    }
    start(h);
}

static void end_process(struct history *h, int signal) {
    const char *why;
    if (process_ended(&h->process, &why)) /* at its call */
        h->counts->calls_killed++;
    else
        why = process_kill(&h->process, signal);
    say(h, "signal %d", signal);
    h->counts->kills += signal == SIGKILL;
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

static unsigned ask(struct history *h, int scope) {
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
static void settle(struct history *h) {
    uint64_t end = now_usec() + PATIENCE_USEC;
    unsigned must = 0, must_not = 0, there = 0, polls = 0;
    start(h);
    for (;;) {
        look_after(h);
        if (h->wrong || h->model.lost)
            return;
        bool late = now_usec() > end;
        if (seen(h)) {
            there = ask(h, h->scope);
            take_trace(h);
            model_expect(&h->model, &must, &must_not);
            if (!(must & ~there) && !(must_not & there))
                break;
        }
        if (late) {
            fail(h, seen(h) ? missing_or_left(h, there, must & ~there, must_not & there)
                            : "L1: topicd does not see that the directory changed");
            return;
        }
        if (may_have_seen(h) && ++polls % 50 == 0)
            files_touch(&h->files);
        sleep_usec(10000);
    }
    unsigned vanished = h->there[h->scope] & ~there & ~h->model.asked[h->scope];
    if (vanished)
        fail(h, "a topic is gone whose deletion nobody sent");
    say(h, "settled: topics %x, %zu worlds", there, h->model.count);
    h->there[h->scope] = there;
    h->model.asked[h->scope] &= there; /* it may go any moment */
    h->counts->settled++;
}

/* ---- a person ---- */

static unsigned ids_of_set(const struct history *h, const json_t *status, char id[32]) {
    unsigned ids = 0;
    size_t i;
    json_t *deletion;
    id[0] = '\0';
    json_array_foreach(json_object_get(status, "deletions"), i, deletion) {
        const char *set = json_string_value(json_object_get(deletion, "id"));
        int bit = topic_bit(&h->model, h->scope, json_string_value(json_object_get(deletion, "topic")));
        if (!set || bit < 0 || (id[0] && strcmp(id, set) != 0))
            continue;
        snprintf(id, 32, "%s", set);
        ids |= 1u << bit / 2;
    }
    return ids;
}

static void answer(struct history *h) {
    char path[512], id[32];
    snprintf(path, sizeof path, "%s/run/status.json", h->home);
    json_t *status = json_load_file(path, 0, NULL);
    unsigned ids = status ? ids_of_set(h, status, id) : 0;
    json_decref(status);
    if (!ids || h->kills)
        return;
    bool approve = chance(&h->dice, 60);
    take_trace(h);
    if (process_command(&h->process, approve ? "approve" : "deny", id) != 0)
        return; /* it changed meanwhile */
    say(h, "%s %s: %x", approve ? "approve" : "deny", id, ids);
    model_answer(&h->model, ids, approve);
    *(approve ? &h->counts->approved : &h->counts->denied) += 1;
    settle(h);
}

/* ---- changes ---- */

/* Mostly each resource has a file of its own; now and then two files want the same one. */
static int any_content(struct history *h, int file) {
    struct content content = {.kind = CONTENT_GOOD};
    for (unsigned n = 1 + below(&h->dice, 2); n > 0; n--) {
        unsigned id = chance(&h->dice, 6) ? below(&h->dice, IDS) : (unsigned)file + FILES * below(&h->dice, 2);
        content.ids |= 1u << (id < IDS ? id : (unsigned)file);
    }
    content.clean = chance(&h->dice, 80) ? content.ids : content.ids & (unsigned)roll(&h->dice);
    for (int p = 0; p < IDS - MODELS; p++)
        content.uses[p] = (unsigned char)(1u << below(&h->dice, MODELS) | 1u << below(&h->dice, MODELS));
    return files_content(&h->files, content);
}

static int some_file(struct history *h) {
    unsigned from = below(&h->dice, FILES);
    for (unsigned i = 0; i < FILES; i++)
        if (h->files.now[(from + i) % FILES] != ABSENT)
            return (int)((from + i) % FILES);
    return ABSENT;
}

/* The same resources, the other flags. */
static int flipped(struct history *h, int content) {
    struct content flip = h->files.contents.items[content];
    flip.clean = flip.ids & ~flip.clean;
    return files_content(&h->files, flip);
}

static void change_links(struct history *h) {
    int contents[FILES];
    memcpy(contents, h->files.now, sizeof contents);
    for (unsigned n = 1 + below(&h->dice, 2); n > 0; n--) {
        int file = (int)below(&h->dice, FILES);
        contents[file] = chance(&h->dice, 35) ? ABSENT : chance(&h->dice, 10) ? 0 : any_content(h, file);
    }
    say(h, "swap ..data");
    files_swap(&h->files, contents);
}

static void change_many(struct history *h) {
    say(h, "rsync --delete");
    unsigned keep = (unsigned)roll(&h->dice);
    for (int f = 0; f < FILES; f++)
        if (keep >> f & 1)
            files_write(&h->files, f, any_content(h, f), WRITE_RENAME);
    for (int f = 0; f < FILES; f++)
        if (!(keep >> f & 1) && h->files.now[f] != ABSENT)
            files_remove(&h->files, f, false);
}

static void change_directory(struct history *h) {
    int contents[FILES];
    memcpy(contents, h->files.now, sizeof contents);
    if (chance(&h->dice, 60)) {
        say(h, "directory away and back");
        files_move_away(&h->files);
        sleep_usec(below(&h->dice, 30000));
        if (chance(&h->dice, 30) && !h->campaign->kill_at)
            end_process(h, SIGKILL);
        start(h);
        sleep_usec(below(&h->dice, 60000));
        files_move_back(&h->files);
        return;
    }
    for (int f = 0; f < FILES; f++)
        contents[f] = chance(&h->dice, 30) ? ABSENT : contents[f];
    say(h, "another directory");
    files_replace_directory(&h->files, contents);
}

static void change_file(struct history *h) {
    unsigned die = below(&h->dice, 100);
    int file = some_file(h), other = (int)below(&h->dice, FILES);
    if (file == ABSENT || die < 35) {
        enum writing how = below(&h->dice, WRITINGS);
        say(h, "write %s (%d)", file_name(other), (int)how);
        files_write(&h->files, other, any_content(h, other), how);
    } else if (die < 45) {
        say(h, "flip %s", file_name(file));
        files_write(&h->files, file, flipped(h, h->files.now[file]), WRITE_RENAME);
    } else if (die < 52) {
        say(h, "spoil %s", file_name(file));
        files_write(&h->files, file, (int)below(&h->dice, 2), WRITE_RENAME);
    } else if (die < 78) {
        say(h, "remove %s", file_name(file));
        files_remove(&h->files, file, chance(&h->dice, 30));
    } else if (die < 86 && other != file) {
        say(h, "rename %s %s", file_name(file), file_name(other));
        files_rename(&h->files, file, other);
    } else if (die < 93 && other != file && h->files.now[other] != ABSENT) {
        say(h, "exchange %s %s", file_name(file), file_name(other));
        files_exchange(&h->files, file, other, chance(&h->dice, 50));
    } else if (die < 97) {
        change_directory(h);
    } else {
        change_many(h);
    }
}

static void change(struct history *h) {
    h->counts->changes++;
    if (h->files.layout == LAYOUT_LINKS)
        change_links(h);
    else
        change_file(h);
}

static void configure(struct history *h) {
    static const char *const prefixes[SCOPES] = {"seldon", "seldon", "other"};
    process_configure(&h->process, prefixes[h->scope], h->namespaces[h->scope], h->grace, h->limit);
}

static void restart(struct history *h) {
    end_process(h, chance(&h->dice, 80) ? SIGKILL : SIGTERM);
    if (chance(&h->dice, 50))
        change(h); /* S3: while it is down */
    if (!h->process.pid && chance(&h->dice, 12)) {
        h->scope = (int)below(&h->dice, SCOPES);
        say(h, "scope %d", h->scope);
        configure(h);
    }
    h->kills = chance(&h->dice, 40);
    start(h);
}

/* ---- all of it ---- */

static void step(struct history *h) {
    for (unsigned n = 1 + below(&h->dice, 3); n > 0 && !h->wrong; n--) {
        change(h);
        sleep_usec(chance(&h->dice, 50) ? 0 : below(&h->dice, 40000));
    }
    look_after(h);
    bool by_call = h->campaign->kill_at;
    if (!by_call && chance(&h->dice, 35))
        restart(h);
    if (!by_call && chance(&h->dice, 40))
        return;
    settle(h);
    if (!h->wrong && !h->model.lost && chance(&h->dice, 50))
        answer(h);
}

static void set_up(struct history *h) {
    char path[512];
    snprintf(h->home, sizeof h->home, "%s/%llu-%u", h->campaign->work, (unsigned long long)h->seed,
             h->campaign->kill_at);
    snprintf(h->manifests, sizeof h->manifests, "%s/manifests.d", h->home);
    mkdir(h->home, 0755);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", h->home, i ? "state" : "run");
        mkdir(path, 0755);
    }
    for (int s = 0; s < SCOPES; s++) {
        snprintf(h->namespaces[s], sizeof h->namespaces[s], "h%llu-%u%s", (unsigned long long)h->seed,
                 h->campaign->kill_at, s == 1 ? "-b" : "");
        snprintf(h->prefixes[s], sizeof h->prefixes[s], "%s.%s.", s == 2 ? "other" : "seldon", h->namespaces[s]);
    }
    h->grace = chance(&h->dice, 12) && !h->campaign->kill_at ? 1 : 0;
    h->limit = chance(&h->dice, 15) ? 4 : 20;
    files_init(&h->files, h->manifests, chance(&h->dice, 15) ? LAYOUT_LINKS : LAYOUT_PLAIN);
    struct rules rules = {.grace_usec = h->grace * 1000000ull, .limit_topics = h->limit};
    model_init(&h->model, &h->files.contents, &h->files.timeline, rules);
    for (int s = 0; s < SCOPES; s++)
        h->model.prefixes[s] = h->prefixes[s];
    h->process = (struct process){.topicd = h->campaign->topicd,
                                  .preload = h->campaign->preload,
                                  .bootstrap = h->campaign->bootstrap,
                                  .home = h->home,
                                  .manifests = h->manifests};
    configure(h);
}

static void clean_up(struct history *h) {
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

char *history_run(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct counts *counts,
                  bool *ret_killed) {
    struct history h = {
        .campaign = campaign, .broker = broker, .counts = counts, .seed = seed, .dice = {.state = seed}};
    set_up(&h);
    h.kills = campaign->kill_at || chance(&h.dice, 30);
    start(&h);
    for (unsigned steps = campaign->kill_at ? 4 : 5 + below(&h.dice, 5); steps > 0 && !h.wrong && !h.model.lost;
         steps--)
        step(&h);
    if (!h.wrong && !h.model.lost)
        settle(&h);
    if (!h.wrong && h.process.pid)
        end_process(&h, SIGTERM);
    char *wrong = h.wrong ? need(strdup(h.wrong)) : NULL;
    *ret_killed = h.killed_at;
    clean_up(&h);
    return wrong;
}
