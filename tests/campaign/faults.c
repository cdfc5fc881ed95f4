/* A short life in which one system call fails, once or from there on: no crash, nothing forbidden sent, and when the
 * fault is over, everything as it should be, without anybody's help. */
#include "history.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* How long a step waits for topicd before the next one comes. */
#define STEP_USEC 250000
/* What was damaged is mended in so much time, though nothing happens any more. */
#define RECOVERY_USEC 25000000

static unsigned needed_now(const struct history *h) {
    return topics_needed(&h->files.contents, h->files.now);
}

static int count_in_status(const struct history *h, const char *list) {
    char path[512];
    snprintf(path, sizeof path, "%s/run/status.json", h->home);
    json_t *status = json_load_file(path, 0, NULL);
    int count = status ? (int)json_array_size(json_object_get(status, list)) : -1;
    json_decref(status);
    return count;
}

/* Waits until what is needed is there and, if `whole`, nothing is wrong any more. */
static bool wait_for(struct history *h, uint64_t usec, bool whole) {
    uint64_t end = now_usec() + usec;
    for (;;) {
        history_look_after(h);
        bool over = !whole || !h->process.pid || h->campaign->lasting || process_reached(&h->process, h->campaign->at);
        if (h->wrong)
            return false;
        if (over && !(needed_now(h) & ~history_topics(h, h->scope)) &&
            (!whole || (count_in_status(h, "rejectedFiles") == 0 && count_in_status(h, "failedTopics") == 0)))
            return true;
        if (now_usec() > end)
            return false;
        sleep_usec(15000);
    }
}

static int content(struct history *h, unsigned ids, unsigned uses) {
    return files_content(
        &h->files,
        (struct content){.kind = CONTENT_GOOD, .ids = ids, .clean = ids, .uses = {(unsigned char)uses, 1, 1}});
}

static void live(struct history *h) {
    unsigned pipeline = 1u << MODELS;
    files_write(&h->files, 0, content(h, 1, 0), WRITE_RENAME);
    history_start(h);
    wait_for(h, 2 * STEP_USEC, false);
    files_write(&h->files, 1, content(h, pipeline, 3), WRITE_RENAME);
    wait_for(h, STEP_USEC, false);
    files_write(&h->files, 1, content(h, pipeline, 1), WRITE_INPLACE);
    files_write(&h->files, 2, content(h, 4, 0), WRITE_BACKUP);
    wait_for(h, STEP_USEC, false);
    files_remove(&h->files, 1, false);
    sleep_usec(STEP_USEC / 2);
    files_write(&h->files, 3, content(h, 8, 0), WRITE_UNLINK);
    wait_for(h, STEP_USEC, false);
}

char *faults_run(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct counts *counts,
                 bool *ret_reached) {
    struct history h = {
        .campaign = campaign, .broker = broker, .counts = counts, .seed = seed, .dice = {.state = seed}};
    history_set_up(&h);
    h.kills = h.model.faulty = true;
    live(&h);
    bool reached = h.reached || process_reached(&h.process, campaign->at);
    if (reached && !campaign->lasting && !h.wrong && !wait_for(&h, RECOVERY_USEC, true))
        history_fail(&h, "L1: the fault is over, and topicd has not recovered");
    if (!h.wrong)
        history_end(&h, chance(&h.dice, 50) ? SIGTERM : SIGKILL);
    h.kills = h.model.faulty = false;
    if (!h.wrong)
        history_settle(&h);
    history_check_snapshot(&h);
    if (!h.wrong)
        history_end(&h, SIGTERM);
    counts->faults += reached;
    counts->recovered += reached && !h.wrong;
    *ret_reached = reached;
    char *wrong = h.wrong ? need(strdup(h.wrong)) : NULL;
    history_clean_up(&h);
    return wrong;
}
