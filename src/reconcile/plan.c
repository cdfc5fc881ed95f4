#include "reconcile/plan.h"

#include "base/sorted.h"

#include <string.h>

/* The topics that are owed, sorted; one may stand there twice. */
static const char **owed_topics(const struct snapshot *snapshot) {
    size_t count = 2 * snapshot->owed.count;
    const char **names = calloc(count ? count : 1, sizeof *names);
    for (size_t i = 0; names && i < count; i++)
        names[i] = snapshot->owed.items[i / 2].topics[i % 2];
    if (names && count > 1)
        qsort(names, count, sizeof *names, sorted_compare_texts);
    return names;
}

/* All that the plan is about, sorted: desired topics and owed ones. Returns their number. */
static size_t merge(const struct desired *desired, const char *const *owed, size_t n_owed, const char **names) {
    size_t count = 0;
    for (size_t d = 0, o = 0; d < desired->topics.count || o < n_owed;) {
        bool takes_owed = d == desired->topics.count || (o < n_owed && strcmp(owed[o], desired_topic(desired, d)) < 0);
        const char *name = takes_owed ? owed[o++] : desired_topic(desired, d++);
        if (count == 0 || !n_owed || strcmp(names[count - 1], name) != 0)
            names[count++] = name;
    }
    return count;
}

/* The ledger has all that is desired: where it has no more than that, there is nothing to compare. */
static void mark_desired(struct ledger *ledger, const struct desired *desired) {
    bool all = ledger->topics.count == desired->topics.count;
    size_t d = 0;
    for (size_t i = 0; i < ledger->topics.count; i++) {
        struct topic *topic = &ledger->topics.items[i];
        topic->desired = all || (d < desired->topics.count && strcmp(topic->name, desired_topic(desired, d)) == 0);
        d += topic->desired;
    }
}

int plan_track(struct ledger *ledger, const struct desired *desired, const struct snapshot *snapshot) {
    size_t n_owed = 2 * snapshot->owed.count, most = desired->topics.count + n_owed;
    const char **owed = owed_topics(snapshot), **names = calloc(most ? most : 1, sizeof *names);
    int r = owed && names ? ledger_track(ledger, names, merge(desired, owed, n_owed, names)) : -ENOMEM;
    if (r == 0)
        mark_desired(ledger, desired);
    free(owed);
    free(names);
    return r;
}

struct planner {
    const struct plan_facts *facts;
    struct plan *plan;
    bool busy[OPERATION_ASK + 1]; /* a request of this kind is in flight */
};

static void wake_at(struct plan *plan, uint64_t usec) {
    if (usec < plan->next_usec)
        plan->next_usec = usec;
}

static bool ask_due(const struct topic *topic, uint64_t now_usec) {
    return topic->must_ask || (topic->recheck_usec && now_usec >= topic->recheck_usec);
}

/* What to do next about a topic that has no request in flight and need not wait. The names are the plan's own: the
 * ledger may forget them before the plan is done with. */
static int request(struct planner *planner, enum operation operation, const char *topic) {
    struct plan *plan = planner->plan;
    if (planner->busy[operation])
        return 0;
    const char *name = arena_strdup(&plan->arena, topic);
    if (!name)
        return -ENOMEM;
    return operation == OPERATION_CREATE   ? array_push(&plan->create, name)
           : operation == OPERATION_DELETE ? array_push(&plan->delete, name)
                                           : array_push(&plan->ask, name);
}

/* Every topic of which an outcome is unknown, or that a resync wants to know about, whether or not anybody needs it:
 * a late request does not mind that its resource is gone (L5). */
static int plan_asks(struct planner *planner) {
    struct plan *plan = planner->plan;
    uint64_t now = planner->facts->now_usec;
    for (size_t i = 0; i < planner->facts->ledger->topics.count; i++) {
        const struct topic *topic = &planner->facts->ledger->topics.items[i];
        if (topic->recheck_usec > now)
            wake_at(plan, topic->recheck_usec);
        if (topic->in_flight || !ask_due(topic, now))
            continue;
        if (topic->retry_usec > now) {
            wake_at(plan, topic->retry_usec);
            continue;
        }
        if (request(planner, OPERATION_ASK, topic->name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int plan_failed(struct plan *plan, const struct topic *topic) {
    struct failed_topic failed = {.topic = arena_strdup(&plan->arena, topic->name),
                                  .error =
                                      topic->error ? arena_strdup(&plan->arena, topic->error) : "the broker refused it",
                                  .retry_usec = topic->retry_usec};
    return failed.topic && failed.error ? array_push(&plan->failed, failed) : -ENOMEM;
}

static int plan_desired(struct planner *planner, const struct topic *topic) {
    struct plan *plan = planner->plan;
    uint64_t now = planner->facts->now_usec;
    plan->n_topics++;
    /* One whose deletion is on its way while its manifest came back is going to be made again (L5). */
    plan->n_present += topic->presence == PRESENCE_PRESENT && topic->in_flight != OPERATION_DELETE;
    plan->n_refused += topic->presence != PRESENCE_PRESENT && topic->error_refused;
    /* A topic that is there has no error of its own: what was refused is its deletion, before it was needed again. */
    if (topic->error_refused && topic->presence != PRESENCE_PRESENT && plan_failed(plan, topic) < 0)
        return -ENOMEM;
    if (topic->in_flight || ask_due(topic, now) || topic->presence == PRESENCE_PRESENT)
        return 0;
    if (topic->retry_usec > now) {
        wake_at(plan, topic->retry_usec);
        return 0;
    }
    return request(planner, OPERATION_CREATE, topic->name);
}

/* One topic of a deletion that may be sent. */
static int plan_cleared(struct planner *planner, struct planned_deletion *planned) {
    uint64_t now = planner->facts->now_usec;
    const struct topic *topic = ledger_find(planner->facts->ledger, planned->topic);
    if (!topic)
        return request(planner, OPERATION_DELETE, planned->topic);
    if ((topic->error_refused && topic->attempted == OPERATION_DELETE) || topic->must_ask) {
        planned->state = DELETION_RETRYING;
        planned->reason = topic->error ? arena_strdup(&planner->plan->arena, topic->error)
                                       : "the broker did not answer; the controller is asked";
        planned->due_usec = topic->retry_usec ? topic->retry_usec : now;
        if (!planned->reason)
            return -ENOMEM;
    }
    if (topic->in_flight || ask_due(topic, now))
        return 0;
    if (topic->presence == PRESENCE_ABSENT && topic->attempted == OPERATION_DELETE && topic->recheck_usec) {
        planned->state = DELETION_RETRYING;
        planned->reason = "it is gone, but the broker did not answer a request before; the controller is asked again";
        planned->due_usec = topic->recheck_usec;
        return 0;
    }
    if (topic->retry_usec > now) {
        wake_at(planner->plan, topic->retry_usec);
        return 0;
    }
    return request(planner, OPERATION_DELETE, planned->topic);
}

static int plan_deletion(struct planner *planner, const struct deletion *deletion) {
    for (int i = 0; i < 2; i++) {
        if (deletion->owed->done[i])
            continue;
        struct planned_deletion planned = {.topic = deletion->owed->topics[i],
                                           .owed = deletion->owed,
                                           .state = deletion->state,
                                           .reason = deletion->reason,
                                           .also = deletion->also,
                                           .due_usec = deletion->due_usec};
        if (deletion->state == DELETION_SENDING && plan_cleared(planner, &planned) < 0)
            return -ENOMEM;
        if (array_push(&planner->plan->deletions, planned) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int compare_planned(const void *a, const void *b) {
    return strcmp(((const struct planned_deletion *)a)->topic, ((const struct planned_deletion *)b)->topic);
}

static int make(struct planner *planner) {
    const struct plan_facts *facts = planner->facts;
    struct plan *plan = planner->plan;
    int r = 0;
    for (size_t i = 0; i < facts->ledger->topics.count; i++)
        planner->busy[facts->ledger->topics.items[i].in_flight] = true;
    for (size_t i = 0; r == 0 && i < facts->ledger->topics.count; i++)
        if (facts->ledger->topics.items[i].desired)
            r = plan_desired(planner, &facts->ledger->topics.items[i]);
    for (size_t i = 0; r == 0 && i < facts->deletions->list.count; i++)
        r = plan_deletion(planner, &facts->deletions->list.items[i]);
    if (r == 0)
        r = plan_asks(planner);
    if (plan->deletions.count > 1)
        qsort(plan->deletions.items, plan->deletions.count, sizeof *plan->deletions.items, compare_planned);
    if (plan->delete.count > 1)
        qsort(plan->delete.items, plan->delete.count, sizeof *plan->delete.items, sorted_compare_texts);
    wake_at(plan, facts->deletions->look_usec);
    return r;
}

int plan_make(const struct plan_facts *facts, struct plan **ret) {
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return -ENOMEM;
    plan->next_usec = USEC_NEVER;
    struct planner planner = {.facts = facts, .plan = plan};
    int r = make(&planner);
    if (r < 0)
        plan_free(plan);
    else
        *ret = plan;
    return r;
}

struct plan *plan_free(struct plan *plan) {
    if (plan) {
        array_free(&plan->create);
        array_free(&plan->ask);
        array_free(&plan->delete);
        array_free(&plan->deletions);
        array_free(&plan->failed);
        arena_free(&plan->arena);
        free(plan);
    }
    return NULL;
}

const struct planned_deletion *plan_deletion_of(const struct plan *plan, const char *topic) {
    const struct planned_deletion key = {.topic = topic};
    if (plan->deletions.count == 0)
        return NULL;
    return bsearch(&key, plan->deletions.items, plan->deletions.count, sizeof key, compare_planned);
}

bool plan_settled(const struct plan *plan) {
    return plan->n_present + plan->n_refused == plan->n_topics;
}
