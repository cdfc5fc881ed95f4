/* Random histories against a real broker, several at once, each in a namespace of its own: kills at any moment and at
 * every system call. Prints what failed, with the seed that replays it, and the counts.
 *
 *     campaign BOOTSTRAP WORKDIR [--seed N] [--histories N] [--call N] [--calls N] [--stride N] [--jobs N] [--show]
 *                               [--fault ERROR] [--lasting] [--row TITLE] [--life N] [--first]
 *
 * --histories N: the seeds from --seed on (with --call, their first process is killed at that call);
 * --calls N: N seeds from --seed on, each killed at every STRIDE-th call of its first process in turn;
 * --fault ERROR: instead of the kill, the call fails (faults.c), and with --lasting all from there on;
 * --life N: N Models come and go (life.c);
 * --first: no history begins after one has failed. */
#include "history.h"
#include "life.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 32 };

uint64_t now_usec(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void sleep_usec(uint64_t usec) {
    usleep((useconds_t)usec);
}

void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("campaign: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

void *need(void *memory) {
    if (!memory)
        die("memory is exhausted");
    return memory;
}

struct options {
    uint64_t seed, histories, calls, stride, jobs, life;
    const char *row;
    bool first;
};

/* Shared by the jobs. */
struct board {
    struct counts counts[JOBS_MAX];
    unsigned failures, forbidden, lost;
};

static void report(const struct campaign *campaign, struct board *board, uint64_t seed, char *wrong) {
    if (!wrong)
        return;
    char at[64] = "";
    if (campaign->at)
        snprintf(at, sizeof at, " CALL=%u%s%s%s", campaign->at, campaign->fault ? " FAULT=" : "",
                 campaign->fault ? campaign->fault : "", campaign->lasting ? " LASTING=1" : "");
    printf("failed: %s (see %s/%llu-%u; again: make campaign SEED=%llu%s)\n", wrong, campaign->work,
           (unsigned long long)seed, campaign->at, (unsigned long long)seed, at);
    fflush(stdout);
    bool forbidden = wrong[0] == 'D' && strstr(wrong, "deleted");
    bool lost = strncmp(wrong, "T2", 2) == 0 || strncmp(wrong, "a topic is gone", 15) == 0;
    free(wrong);
    __atomic_add_fetch(&board->failures, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&board->forbidden, forbidden, __ATOMIC_RELAXED);
    __atomic_add_fetch(&board->lost, lost, __ATOMIC_RELAXED);
}

static bool run_one(const struct campaign *campaign, struct broker *broker, uint64_t seed, struct board *board,
                    unsigned job) {
    bool reached = false;
    char *wrong = campaign->fault ? faults_run(campaign, broker, seed, &board->counts[job], &reached)
                                  : random_run(campaign, broker, seed, &board->counts[job], &reached);
    report(campaign, board, seed, wrong);
    return reached;
}

static bool enough(const struct options *options, const struct board *board) {
    return options->first && __atomic_load_n(&board->failures, __ATOMIC_RELAXED) > 0;
}

static void run_job(struct campaign campaign, const struct options *options, struct board *board, unsigned job) {
    struct broker *broker = broker_open(campaign.bootstrap);
    for (uint64_t i = job; i < options->histories && !enough(options, board); i += options->jobs)
        run_one(&campaign, broker, options->seed + i, board, job);
    for (uint64_t seed = options->seed; seed < options->seed + options->calls; seed++) {
        campaign.at = 1 + (unsigned)(job * options->stride);
        while (!enough(options, board) && run_one(&campaign, broker, seed, board, job))
            campaign.at += (unsigned)(options->jobs * options->stride);
    }
    broker_close(broker);
}

static void print_counts(const struct board *board, const struct options *options) {
    struct counts sum = {0};
    size_t *to = (size_t *)&sum;
    for (uint64_t j = 0; j < options->jobs; j++)
        for (size_t i = 0; i < sizeof sum / sizeof *to; i++)
            to[i] += ((const size_t *)&board->counts[j])[i];
    printf("histories=%zu changes=%zu kills=%zu calls_killed=%zu starts=%zu settled=%zu looks=%zu saves=%zu "
           "creations=%zu deletions=%zu approved=%zu denied=%zu too_open=%zu faults=%zu recovered=%zu failures=%u\n",
           sum.histories, sum.changes, sum.kills, sum.calls_killed, sum.starts, sum.settled, sum.looks, sum.saves,
           sum.creations, sum.deletions, sum.approved, sum.denied, sum.too_open, sum.faults, sum.recovered,
           board->failures);
    /* A row of doc/reliability.md: fault, times, forbidden deletions, lost topics, recoveries. */
    if (options->row)
        printf("row\t%s\t%zu\t%u\t%u\t%zu\n", options->row, sum.kills + sum.calls_killed + sum.faults, board->forbidden,
               board->lost, sum.recovered);
}

static void parse(char **args, struct options *options, struct campaign *campaign) {
    for (; *args; args++) {
        if (strcmp(*args, "--show") == 0) {
            campaign->show = true;
            continue;
        }
        if (strcmp(*args, "--lasting") == 0) {
            campaign->lasting = true;
            continue;
        }
        if (strcmp(*args, "--first") == 0) {
            options->first = true;
            continue;
        }
        const char **word = strcmp(*args, "--fault") == 0 ? &campaign->fault
                            : strcmp(*args, "--row") == 0 ? &options->row
                                                          : NULL;
        if (word && args[1]) {
            *word = *++args;
            continue;
        }
        uint64_t *number = strcmp(*args, "--seed") == 0        ? &options->seed
                           : strcmp(*args, "--histories") == 0 ? &options->histories
                           : strcmp(*args, "--calls") == 0     ? &options->calls
                           : strcmp(*args, "--stride") == 0    ? &options->stride
                           : strcmp(*args, "--jobs") == 0      ? &options->jobs
                           : strcmp(*args, "--life") == 0      ? &options->life
                                                               : NULL;
        if (strcmp(*args, "--call") == 0 && args[1])
            campaign->at = (unsigned)strtoul(*++args, NULL, 10);
        else if (number && args[1])
            *number = strtoull(*++args, NULL, 10);
        else
            die("%s is not an option, or has no value", *args);
    }
    if (options->jobs < 1 || options->jobs > JOBS_MAX || options->stride < 1)
        die("--jobs is 1 to %d", JOBS_MAX);
}

int main(int argc, char **argv) {
    if (argc < 3)
        die("usage: campaign BOOTSTRAP WORKDIR [OPTION]...");
    struct options options = {.seed = 1, .stride = 1, .jobs = 6};
    struct campaign campaign = {
        .topicd = getenv("TOPICD"), .preload = getenv("CAMPAIGN_PRELOAD"), .bootstrap = argv[1], .work = argv[2]};
    if (!campaign.topicd || !campaign.preload)
        die("TOPICD and CAMPAIGN_PRELOAD must be set");
    parse(argv + 3, &options, &campaign);
    if (options.life)
        return !life_run(campaign.topicd, campaign.bootstrap, campaign.work, options.life);
    struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        die("mmap: %s", strerror(errno));
    for (unsigned job = 0; job < options.jobs; job++) {
        pid_t child = fork();
        if (child < 0)
            die("fork: %s", strerror(errno));
        if (child > 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_job(campaign, &options, board, job);
        exit(0);
    }
    int status, bad = 0;
    for (uint64_t j = 0; j < options.jobs; j++)
        bad |= wait(&status) < 0 || status != 0;
    print_counts(board, &options);
    return bad || board->failures > 0;
}
