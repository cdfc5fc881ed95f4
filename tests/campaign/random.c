/* A random history: what people and programs do to a directory, kills and restarts, and a person's answers. */
#include "history.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

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

/* Nobody answers. */
static void read_status(struct history *h) {
    char path[512], id[32];
    if (h->kills || !h->process.pid || process_command(&h->process, "reload", NULL) != 0)
        return;
    history_trace(h);
    snprintf(path, sizeof path, "%s/run/status.json", h->home);
    json_t *status = json_load_file(path, 0, NULL);
    unsigned ids = status ? ids_of_set(h, status, id) : 0;
    json_decref(status);
    if (ids)
        history_say(h, "awaits approval: %x", ids);
    model_held(&h->model, ids);
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
    history_trace(h);
    if (process_command(&h->process, approve ? "approve" : "deny", id) != 0)
        return; /* it changed meanwhile */
    history_say(h, "%s %s: %x", approve ? "approve" : "deny", id, ids);
    model_answer(&h->model, ids, approve);
    *(approve ? &h->counts->approved : &h->counts->denied) += 1;
    history_settle(h);
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
    history_say(h, "swap ..data");
    files_swap(&h->files, contents);
}

static void change_many(struct history *h) {
    history_say(h, "rsync --delete");
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
        history_say(h, "directory away and back");
        files_move_away(&h->files);
        sleep_usec(below(&h->dice, 30000));
        if (chance(&h->dice, 30) && !h->campaign->at)
            history_end(h, SIGKILL);
        history_start(h);
        sleep_usec(below(&h->dice, 60000));
        files_move_back(&h->files);
        return;
    }
    for (int f = 0; f < FILES; f++)
        contents[f] = chance(&h->dice, 30) ? ABSENT : contents[f];
    history_say(h, "another directory");
    files_replace_directory(&h->files, contents);
}

static void change_file(struct history *h) {
    unsigned die = below(&h->dice, 100);
    int file = some_file(h), other = (int)below(&h->dice, FILES);
    if (file == ABSENT || die < 35) {
        enum writing how = below(&h->dice, WRITINGS);
        history_say(h, "write %s (%d)", file_name(other), (int)how);
        files_write(&h->files, other, any_content(h, other), how);
    } else if (die < 45) {
        history_say(h, "flip %s", file_name(file));
        files_write(&h->files, file, flipped(h, h->files.now[file]), WRITE_RENAME);
    } else if (die < 52) {
        history_say(h, "spoil %s", file_name(file));
        files_write(&h->files, file, (int)below(&h->dice, 1 + FORMS), WRITE_RENAME);
    } else if (die < 78) {
        history_say(h, "remove %s", file_name(file));
        files_remove(&h->files, file, chance(&h->dice, 30));
    } else if (die < 86 && other != file) {
        history_say(h, "rename %s %s", file_name(file), file_name(other));
        files_rename(&h->files, file, other);
    } else if (die < 93 && other != file && h->files.now[other] != ABSENT) {
        history_say(h, "exchange %s %s", file_name(file), file_name(other));
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

static void restart(struct history *h) {
    history_end(h, chance(&h->dice, 80) ? SIGKILL : SIGTERM);
    if (chance(&h->dice, 50))
        change(h); /* S3: while it is down */
    if (!h->process.pid && chance(&h->dice, 12)) {
        h->scope = (int)below(&h->dice, SCOPES);
        history_say(h, "scope %d", h->scope);
        history_configure(h);
    }
    h->kills = chance(&h->dice, 40);
    history_start(h);
}

/* ---- all of it ---- */

static void step(struct history *h) {
    for (unsigned n = 1 + below(&h->dice, 3); n > 0 && !h->wrong; n--) {
        change(h);
        sleep_usec(chance(&h->dice, 50) ? 0 : below(&h->dice, 40000));
    }
    history_look_after(h);
    bool by_call = h->campaign->at;
    if (!by_call && chance(&h->dice, 35))
        restart(h);
    if (!by_call && chance(&h->dice, 40))
        return;
    history_settle(h);
    if (!h->wrong && !h->model.lost)
        (chance(&h->dice, 50) ? answer : read_status)(h);
}

char *random_run(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct counts *counts,
                 bool *ret_reached) {
    struct history h = {
        .campaign = campaign, .broker = broker, .counts = counts, .seed = seed, .dice = {.state = seed}};
    history_set_up(&h);
    h.kills = campaign->at || chance(&h.dice, 30);
    history_start(&h);
    for (unsigned steps = campaign->at ? 4 : 5 + below(&h.dice, 5); steps > 0 && !h.wrong && !h.model.lost; steps--)
        step(&h);
    if (!h.wrong && !h.model.lost)
        history_settle(&h);
    if (!h.wrong && h.process.pid)
        history_end(&h, SIGTERM);
    history_check_snapshot(&h);
    char *wrong = h.wrong ? need(strdup(h.wrong)) : NULL;
    *ret_reached = h.reached;
    history_clean_up(&h);
    return wrong;
}
