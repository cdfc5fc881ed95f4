#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "reconcile/owed.h"
#include "seldon/naming.h"

#include <string.h>

bool daemon_may_delete(const struct daemon *daemon, const struct decision *next, struct moment now) {
    /* D2 and D5 hold when the request is sent: the directory was looked at in this very turn, and the broker has said
     * a moment ago which cluster it is. */
    const char *cluster = next->snapshot->scope.cluster_id;
    return next->plan->delete.count > 0 && daemon->looked && cluster && link_fresh(&daemon->link, now.monotonic_usec) &&
           strcmp(cluster, daemon->link.cluster_id) == 0;
}

void daemon_answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count) {
    struct daemon *daemon = userdata;
    uint64_t now_usec = clock_usec(CLOCK_MONOTONIC);
    for (size_t i = 0; i < count; i++) {
        struct topic *before = ledger_find(&daemon->ledger, results[i].topic);
        daemon_log_answer(daemon, operation, &results[i], before);
        daemon_measure(daemon, operation, &results[i], before, now_usec);
        ledger_answer(&daemon->ledger, operation, &results[i], now_usec);
    }
    /* Where thousands of topics are asked about, a turn for each answer would walk them all each time. */
    if (link_in_flight(&daemon->link) > 0)
        daemon_wake_soon(daemon);
    else
        daemon_wake(daemon);
}

/* create and ask. */
static int send_creations(struct daemon *daemon, enum operation operation, const char *const *topics, size_t count) {
    if (count == 0)
        return 0;
    struct kafka_creation *creations = calloc(count, sizeof *creations);
    if (!creations)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        creations[i] = (struct kafka_creation){.topic = topics[i],
                                               .settings = topic_settings_for(&daemon->config->topics, topics[i])};
    int r = operation == OPERATION_CREATE ? kafka_create(daemon->link.kafka, creations, count)
                                          : kafka_ask(daemon->link.kafka, creations, count);
    free(creations);
    for (size_t i = 0; r == 0 && i < count; i++)
        ledger_sent(&daemon->ledger, topics[i], operation);
    return r;
}

/* Asks about one topic, which makes the session say which cluster it speaks to. */
static int probe(struct daemon *daemon) {
    const struct plan *plan = daemon->now.plan;
    const struct naming naming = {.prefix = daemon->config->topic_prefix, .namespace = daemon->config->namespace};
    struct arena arena = {0};
    const char *topic = plan->create.count   ? plan->create.items[0]
                        : plan->ask.count    ? plan->ask.items[0]
                        : plan->delete.count ? plan->delete.items[0]
                                             : naming_errors_topic(&arena, &naming);
    int r = topic ? send_creations(daemon, OPERATION_ASK, &topic, 1) : -ENOMEM;
    arena_free(&arena);
    return r;
}

static int send_deletions(struct daemon *daemon) {
    const struct plan *plan = daemon->now.plan;
    int r = kafka_delete(daemon->link.kafka, plan->delete.items, plan->delete.count);
    for (size_t i = 0; r == 0 && i < plan->delete.count; i++)
        ledger_sent(&daemon->ledger, plan->delete.items[i], OPERATION_DELETE);
    return r;
}

static int send_plan(struct daemon *daemon, bool may_delete, struct moment now) {
    const struct plan *plan = daemon->now.plan;
    struct link *link = &daemon->link;
    if (plan->create.count + plan->ask.count + plan->delete.count == 0 && !daemon->contact)
        return 0;
    /* Deletions want the cluster's id as the broker gives it now: a session of their own. */
    bool stale = plan->delete.count > 0 && link_verified(link) && !link_fresh(link, now.monotonic_usec);
    if (stale && link_in_flight(link) == 0)
        link_close(link);
    int r = link_open(link);
    if (r < 0)
        return r;
    if (!link_verified(link))
        return link_in_flight(link) == 0 ? probe(daemon) : 0;
    if (!daemon_meet_cluster(daemon, link->cluster_id))
        return 0;
    daemon->contact = false;
    r = send_creations(daemon, OPERATION_ASK, plan->ask.items, plan->ask.count);
    if (r == 0)
        r = send_creations(daemon, OPERATION_CREATE, plan->create.items, plan->create.count);
    if (r == 0 && may_delete)
        r = send_deletions(daemon);
    else if (r == 0 && plan->delete.count > 0 && link_fresh(link, now.monotonic_usec)) {
        daemon->look = true; /* all that is missing is a look in the same turn */
        daemon_wake(daemon);
    }
    return r;
}

void daemon_send(struct daemon *daemon, bool may_delete, struct moment now) {
    if (send_plan(daemon, may_delete, now) < 0)
        daemon->failed = true;
}
