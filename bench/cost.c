/* What topicd's own work costs, without a clock: one phase of it at N manifests, to be run under callgrind, which
 * counts the instructions of measured() and what it calls.
 *
 *     cost PHASE N
 *
 * PHASE: parse   the texts of N manifests
 *        plan    from their scan to the first plan
 *        change  the same when one manifest came to N that were planned
 *        answer  a turn in which nothing came but an answer of Kafka
 *        save    the whole snapshot as text */
#include "base/name.h"
#include "reconcile/plan.h"
#include "store/snapshot_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a turn makes of a scan. */
struct turn {
    struct snapshot *snapshot;
    struct catalog *catalog;
    struct desired *desired;
    struct deletions *deletions;
    struct plan *plan;
};

struct bench {
    size_t count;
    char **texts;
    struct scan *scan, *next_scan;
    struct ledger ledger;
    struct turn now, next;
    struct buffer text;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "cost: %s\n", what);
    exit(1);
}

static void check(int r) {
    if (r != 0)
        die("a step failed");
}

/* Nine Models, then a Pipeline of two of them. */
static char *text_of(size_t i) {
    char *text;
    int r = i % 10 == 9
                ? asprintf(&text,
                           "apiVersion: mlops.seldon.io/v1alpha1\nkind: Pipeline\nmetadata:\n  name: pipe-%zu\n"
                           "spec:\n  steps:\n  - name: model-%zu\n  - name: model-%zu\n    inputs: [model-%zu]\n"
                           "  output:\n    steps: [model-%zu]\n",
                           i, i - 1, i - 2, i - 1, i - 2)
                : asprintf(&text,
                           "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata:\n  name: model-%zu\n"
                           "spec:\n  storageUri: gs://models/%zu\n  memory: 100Ki\n  requirements: [sklearn]\n",
                           i, i);
    if (r < 0)
        die("out of memory");
    return text;
}

static void parse(struct bench *bench) {
    const struct manifest_options options = {.topic_prefix = "seldon", .default_namespace = "seldon-mesh"};
    bench->scan = calloc(1, sizeof *bench->scan);
    bench->scan->complete = true;
    bench->scan->started = (struct moment){1000000, 1700000000000000};
    for (size_t i = 0; i < bench->count; i++) {
        struct scan_file file = {0};
        char name[32];
        snprintf(name, sizeof name, "%06zu.yaml", i);
        file.name = name_new(name);
        check(manifest_read(bench->texts[i], strlen(bench->texts[i]), &options, &file.manifest));
        check(!file.manifest->resources);
        check(array_push(&bench->scan->files, file));
    }
}

/* As daemon/decide.c does it. */
static void judge(struct bench *bench, const struct scan *scan) {
    static const struct deletion_rules rules = {true, 10 * USEC_PER_SEC, 20, 600 * USEC_PER_SEC};
    struct turn *next = &bench->next;
    check(catalog_judge(bench->now.snapshot, scan, bench->now.catalog, false, &next->snapshot, &next->catalog));
    check(desired_update(bench->now.desired, bench->now.snapshot, next->snapshot, &next->desired));
    struct deletion_facts facts = {.rules = &rules,
                                   .desired = next->desired,
                                   .catalog = next->catalog,
                                   .now = scan->started,
                                   .scanned_usec = scan->started.monotonic_usec,
                                   .scan_is_last_word = true,
                                   .ledger = &bench->ledger};
    check(deletions_judge(next->snapshot, &facts, &next->deletions));
    check(plan_track(&bench->ledger, next->desired, next->snapshot));
}

static void plan(struct bench *bench) {
    struct plan_facts facts = {.deletions = bench->next.deletions, .ledger = &bench->ledger, .now_usec = 1000000};
    check(plan_make(&facts, &bench->next.plan));
}

static void first(struct bench *bench) {
    judge(bench, bench->scan);
    plan(bench);
}

/* The scan with its last file left out. */
static struct scan *without_last(const struct scan *scan) {
    struct scan *less = calloc(1, sizeof *less);
    less->complete = true;
    less->started = scan->started;
    for (size_t i = 0; i + 1 < scan->files.count; i++) {
        struct scan_file file = {.name = name_ref(scan->files.items[i].name),
                                 .manifest = manifest_ref(scan->files.items[i].manifest)};
        check(array_push(&less->files, file));
    }
    return less;
}

static void commit(struct bench *bench) {
    for (size_t i = 0; i < bench->next.plan->create.count; i++) {
        struct topic_result result = {.topic = bench->next.plan->create.items[i], .outcome = OUTCOME_DONE};
        ledger_sent(&bench->ledger, result.topic, OPERATION_CREATE);
        ledger_answer(&bench->ledger, OPERATION_CREATE, &result, 1000000);
    }
    plan_free(bench->next.plan);
    bench->now = bench->next;
}

static void save(struct bench *bench) {
    check(snapshot_format(bench->next.snapshot, &bench->text));
}

__attribute__((noinline)) static void measured(struct bench *bench, void (*phase)(struct bench *)) {
    phase(bench);
}

static void nothing(struct bench *bench) {
    (void)bench;
}

static void run(struct bench *bench, const char *phase) {
    bool parses = strcmp(phase, "parse") == 0, plans = strcmp(phase, "plan") == 0;
    measured(bench, nothing); /* resolves what is resolved at the first call */
    if (parses)
        measured(bench, parse);
    else
        parse(bench);
    if (parses)
        return;
    struct scope scope = {.prefix = "seldon", .namespace = "seldon-mesh", .manifests = "/etc/topicd/manifests.d"};
    bench->now.snapshot = snapshot_new(&scope);
    if (plans) {
        measured(bench, first);
    } else if (strcmp(phase, "save") == 0) {
        first(bench);
        measured(bench, save);
    } else {
        bench->next_scan = bench->scan;
        bench->scan = without_last(bench->next_scan);
        first(bench);
        commit(bench);
        bench->scan = bench->next_scan;
        if (strcmp(phase, "change") == 0) {
            measured(bench, first);
        } else {
            judge(bench, bench->scan);
            measured(bench, plan);
        }
    }
}

int main(int argc, char **argv) {
    static const char *const phases[] = {"parse", "plan", "change", "answer", "save"};
    size_t known = 0, count = sizeof phases / sizeof *phases;
    while (argc == 3 && known < count && strcmp(argv[1], phases[known]) != 0)
        known++;
    struct bench bench = {.count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0};
    if (argc != 3 || known == count || bench.count < 10) {
        fputs("usage: cost parse|plan|change|answer|save N\n", stderr);
        return 2;
    }
    bench.texts = calloc(bench.count, sizeof *bench.texts);
    for (size_t i = 0; i < bench.count; i++)
        bench.texts[i] = text_of(i);
    run(&bench, argv[1]);
    return 0;
}
