/* A month in a minute: Models that come and go, each under a name of its own, and what topicd takes of the machine
 * after a quarter of it and at its end. */
#include "life.h"

#include "broker.h"
#include "campaign.h"
#include "process.h"

#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAY = 20, BATCH = 5 }; /* so many Models are there at a time; so many come and go together */

/* Changes are appended to the snapshot until they are as long as what was written as a whole at a busy moment. */
enum { STATE_SLACK = 48 << 10 };

struct taken {
    unsigned long rss_kib, threads, descriptors, state_bytes;
};

static unsigned long field(pid_t pid, const char *name) {
    char path[64], line[256];
    unsigned long value = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoul(line + strlen(name), NULL, 10);
    if (status)
        fclose(status);
    return value;
}

static unsigned long count_entries(const char *path) {
    unsigned long count = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static struct taken measure_once(const struct process *process) {
    char path[512];
    struct stat st = {0};
    struct taken taken = {.rss_kib = field(process->pid, "VmRSS:"), .threads = field(process->pid, "Threads:")};
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process->pid);
    taken.descriptors = count_entries(path);
    snprintf(path, sizeof path, "%s/state/snapshot", process->home);
    if (stat(path, &st) == 0)
        taken.state_bytes = (unsigned long)st.st_size;
    return taken;
}

static void put(const struct process *process, unsigned long number) {
    char path[512], temporary[512];
    snprintf(temporary, sizeof temporary, "%s/.new", process->manifests);
    snprintf(path, sizeof path, "%s/%lu.yaml", process->manifests, number);
    FILE *out = fopen(temporary, "we");
    if (!out)
        die("%s cannot be written", temporary);
    fprintf(out,
            "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: life-%lu}\n"
            "spec: {storageUri: gs://x, dataflow: {cleanTopicsOnDelete: true}}\n",
            number);
    fclose(out);
    if (rename(temporary, path) < 0)
        die("%s cannot be renamed", temporary);
}

/* Until topicd says that all is in sync and nothing is owed. */
static void rest(const struct process *process) {
    char path[512];
    snprintf(path, sizeof path, "%s/run/status.json", process->home);
    for (int tries = 0; tries < 6000; tries++) {
        json_t *status = json_load_file(path, 0, NULL);
        bool calm = json_is_true(json_object_get(status, "inSync")) &&
                    json_integer_value(json_object_get(json_object_get(status, "counts"), "owedDeletions")) == 0;
        json_decref(status);
        if (calm)
            return;
        sleep_usec(10000);
    }
    die("topicd does not come to rest; see %s", path);
}

/* When what was sent is past the limit's period and one more look has dropped it. A session with Kafka that is on its
 * way out is not counted: the least of several looks. */
static struct taken measure(const struct process *process) {
    char path[512];
    sleep_usec(1200000);
    put(process, 0);
    rest(process);
    snprintf(path, sizeof path, "%s/0.yaml", process->manifests);
    unlink(path);
    sleep_usec(100000);
    rest(process);
    struct taken least = measure_once(process);
    for (int i = 0; i < 10; i++) {
        sleep_usec(100000);
        struct taken taken = measure_once(process);
        if (taken.descriptors < least.descriptors || taken.threads < least.threads)
            least = taken;
    }
    return least;
}

static void set_up(struct process *process, const char *home) {
    static const char *const dirs[] = {"", "/run", "/state", "/manifests.d"};
    char path[512];
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        snprintf(path, sizeof path, "%s%s", home, dirs[i]);
        mkdir(path, 0755);
    }
    snprintf(path, sizeof path, "%s/topicd.yaml", home);
    FILE *out = fopen(path, "we");
    if (!out)
        die("%s cannot be written", path);
    fprintf(out,
            "kafka: {bootstrap: '%s'}\nnamespace: life\n"
            "deletion: {gracePeriodSeconds: 0, limit: {topics: 1000000, periodSeconds: 1}}\n",
            process->bootstrap);
    fclose(out);
    process_start(process);
}

/* What a library or the allocator keeps for later is no growth. */
static bool grew(const struct taken *then, const struct taken *now) {
    return now->rss_kib > then->rss_kib + then->rss_kib / 8 + 1024 || now->threads > then->threads ||
           now->descriptors > then->descriptors || now->state_bytes > then->state_bytes + STATE_SLACK;
}

static void print(const char *when, const struct taken *taken) {
    printf("%s: %lu KiB resident, %lu threads, %lu descriptors, %lu bytes of state\n", when, taken->rss_kib,
           taken->threads, taken->descriptors, taken->state_bytes);
}

bool life_run(const char *topicd, const char *bootstrap, const char *work, unsigned long changes) {
    char home[256], manifests[280], path[512];
    snprintf(home, sizeof home, "%s/life", work);
    snprintf(manifests, sizeof manifests, "%s/manifests.d", home);
    struct process process = {
        .topicd = topicd, .preload = "", .bootstrap = bootstrap, .home = home, .manifests = manifests};
    struct taken then = {0}, now;
    set_up(&process, home);
    for (unsigned long i = 0; i < changes; i++) {
        put(&process, i + 1);
        snprintf(path, sizeof path, "%s/%lu.yaml", manifests, i + 1 - STAY);
        if (i >= STAY && unlink(path) < 0)
            die("%s cannot be removed", path);
        if (i % BATCH == BATCH - 1)
            rest(&process);
        if (i == changes / 4)
            then = measure(&process);
    }
    rest(&process);
    now = measure(&process);
    print("after a quarter", &then);
    print("at the end", &now);
    const char *why = process_kill(&process, SIGTERM);
    if (why)
        die("%s", why);
    return !grew(&then, &now);
}
