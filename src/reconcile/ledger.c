#include "reconcile/ledger.h"

#include "base/sorted.h"

#include <stdio.h>
#include <string.h>

/* L5: a late request may have been carried out after the controller was asked. */
#define RECHECK_USEC (60 * USEC_PER_SEC)
#define RETRY_FIRST_USEC (250 * USEC_PER_MSEC)

static int compare_topics(const void *a, const void *b) {
    return strcmp(((const struct topic *)a)->name, ((const struct topic *)b)->name);
}

struct topic *ledger_find(const struct ledger *ledger, const char *name) {
    size_t low = 0, high = ledger ? ledger->topics.count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(ledger->topics.items[middle].name, name);
        if (order == 0)
            return &ledger->topics.items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void topic_free(struct topic *topic) {
    free(topic->name);
    free(topic->error);
}

/* What tracking other names takes out of the ledger, and brings into it. */
struct tracking {
    ARRAY(struct topic) out, in; /* `in` owns its names */
};

static bool must_stay(const struct topic *topic) {
    return topic->in_flight || topic->must_ask || topic->recheck_usec;
}

/* Walks topics and names side by side. */
static int compare(const struct ledger *ledger, const char *const *names, size_t count, struct tracking *tracking) {
    for (size_t t = 0, i = 0; t < ledger->topics.count || i < count;) {
        const struct topic *topic = t < ledger->topics.count ? &ledger->topics.items[t] : NULL;
        int order = !topic ? 1 : i == count ? -1 : strcmp(topic->name, names[i]);
        if (order < 0 && !must_stay(topic) && array_push(&tracking->out, *topic) < 0)
            return -ENOMEM;
        if (order > 0) {
            struct topic new = {.name = strdup(names[i]), .wanted_usec = ledger->change_usec};
            if (!new.name || array_push(&tracking->in, new) < 0) {
                free(new.name);
                return -ENOMEM;
            }
        }
        t += order <= 0;
        i += order >= 0;
    }
    return 0;
}

/* Puts the topics of now in the place of the ledger's. */
static int exchange(struct ledger *ledger, const struct tracking *tracking) {
    struct span from = {ledger->topics.items, ledger->topics.count};
    struct span out = {tracking->out.items, tracking->out.count}, in = {tracking->in.items, tracking->in.count};
    struct ledger next = *ledger;
    next.topics.items = NULL;
    next.topics.capacity = 0;
    if (array_reserve(&next.topics, from.count + in.count) < 0)
        return -ENOMEM;
    next.topics.count = sorted_splice(next.topics.items, from, out, in, sizeof(struct topic), compare_topics);
    array_free(&ledger->topics);
    *ledger = next;
    return 0;
}

int ledger_track(struct ledger *ledger, const char *const *names, size_t count) {
    struct tracking tracking = {0};
    int r = compare(ledger, names, count, &tracking);
    if (r == 0 && tracking.out.count + tracking.in.count > 0)
        r = exchange(ledger, &tracking);
    for (size_t i = 0; r == 0 && i < tracking.out.count; i++)
        topic_free(&tracking.out.items[i]);
    for (size_t i = 0; r < 0 && i < tracking.in.count; i++)
        topic_free(&tracking.in.items[i]);
    array_free(&tracking.out);
    array_free(&tracking.in);
    return r;
}

void ledger_sent(struct ledger *ledger, const char *name, enum operation operation) {
    struct topic *topic = ledger_find(ledger, name);
    if (!topic)
        return;
    topic->in_flight = operation;
    if (operation != OPERATION_ASK)
        topic->attempted = operation;
    /* That it is gone is said by the answer to this, not by what was known before (D7). */
    if (operation == OPERATION_DELETE && topic->presence == PRESENCE_ABSENT)
        topic->presence = PRESENCE_UNKNOWN;
    /* Whichever of the two deletions comes last, it is gone then. */
    if (operation == OPERATION_DELETE && topic->late_deletion) {
        topic->late_deletion = false;
        topic->recheck_usec = 0;
    }
}

/* A request may be carried out late, whatever is heard until then. */
static void doubt(struct topic *topic, uint64_t now_usec) {
    topic->late_deletion = false;
    topic->recheck_usec = now_usec + RECHECK_USEC;
}

void ledger_doubt(struct ledger *ledger, const char *name, uint64_t now_usec) {
    struct topic *topic = ledger_find(ledger, name);
    if (!topic || topic->recheck_usec)
        return;
    doubt(topic, now_usec);
    topic->late_deletion = true;
}

/* xorshift: all that jitter needs. */
static uint64_t next_random(struct ledger *ledger) {
    uint64_t x = ledger->random ? ledger->random : 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return ledger->random = x;
}

/* Doubles with each failure, up to the longest; a quarter more or less, so that hosts do not march in step. */
static uint64_t delay(struct ledger *ledger, unsigned failures) {
    uint64_t usec = RETRY_FIRST_USEC;
    for (unsigned i = 1; i < failures && usec < ledger->retry_max_usec; i++)
        usec *= 2;
    usec = usec < ledger->retry_max_usec ? usec : ledger->retry_max_usec;
    usec = usec - usec / 4 + next_random(ledger) % (usec / 2 + 1);
    return usec < ledger->retry_max_usec ? usec : ledger->retry_max_usec;
}

/* Only a refusal is the topic's own error; silence is the connection's. */
static void set_error(struct topic *topic, const struct topic_result *result) {
    free(topic->error);
    topic->error = NULL;
    topic->error_refused = result && result->outcome == OUTCOME_REFUSED;
    if (!topic->error_refused)
        return;
    const char *message = result->message ? result->message : "the broker gave no reason";
    int r = result->code ? asprintf(&topic->error, "%s (%s)", message, result->code)
                         : asprintf(&topic->error, "%s", message);
    if (r < 0)
        topic->error = NULL; /* the words are lost, the fact is not */
}

static void failed(struct ledger *ledger, struct topic *topic, const struct topic_result *result, uint64_t now_usec) {
    set_error(topic, result);
    topic->failures++;
    topic->retry_usec = now_usec + delay(ledger, topic->failures);
}

static void know(struct topic *topic, enum presence presence, uint64_t now_usec) {
    if (presence == PRESENCE_PRESENT && topic->presence != PRESENCE_PRESENT)
        topic->changed_usec = now_usec;
    topic->presence = presence;
}

static void settled(struct topic *topic, enum presence presence, uint64_t now_usec) {
    know(topic, presence, now_usec);
    topic->failures = 0;
    topic->retry_usec = 0;
    set_error(topic, NULL);
}

/* An answer to a question ends a run of failures only if what was tried has worked: else a broker that answers every
 * question and loses every creation would be tried without a delay. */
static void found(struct topic *topic, enum presence presence, uint64_t now_usec) {
    bool worked = topic->attempted != (presence == PRESENCE_PRESENT ? OPERATION_DELETE : OPERATION_CREATE);
    if (worked)
        settled(topic, presence, now_usec);
    else
        know(topic, presence, now_usec);
}

static void asked(struct ledger *ledger, struct topic *topic, const struct topic_result *result, uint64_t now_usec) {
    if (result->outcome == OUTCOME_UNKNOWN || result->outcome == OUTCOME_NOT_SENT) {
        failed(ledger, topic, result, now_usec);
        return;
    }
    /* The first question may be answered late; it was put too early to be the second one as well. */
    if (!topic->must_ask && topic->recheck_usec && now_usec >= topic->recheck_usec)
        topic->recheck_usec = 0;
    topic->must_ask = false;
    if (result->outcome == OUTCOME_EXISTS)
        found(topic, PRESENCE_PRESENT, now_usec);
    else if (result->outcome == OUTCOME_DONE)
        found(topic, PRESENCE_ABSENT, now_usec);
    else if (topic->presence != PRESENCE_PRESENT) /* else: the right to ask was lost, which says nothing of the topic */
        failed(ledger, topic, result, now_usec);
}

void ledger_answer(struct ledger *ledger, enum operation operation, const struct topic_result *result,
                   uint64_t now_usec) {
    struct topic *topic = ledger_find(ledger, result->topic);
    if (!topic)
        return;
    topic->in_flight = OPERATION_NONE;
    if (operation == OPERATION_ASK) {
        asked(ledger, topic, result, now_usec);
        return;
    }
    switch (result->outcome) {
    case OUTCOME_DONE:
        settled(topic, operation == OPERATION_CREATE ? PRESENCE_PRESENT : PRESENCE_ABSENT, now_usec);
        break;
    case OUTCOME_EXISTS:
        settled(topic, PRESENCE_PRESENT, now_usec);
        break;
    case OUTCOME_MISSING:
        settled(topic, PRESENCE_ABSENT, now_usec);
        break;
    case OUTCOME_UNKNOWN:
        topic->must_ask = true;
        doubt(topic, now_usec);
        failed(ledger, topic, result, now_usec);
        break;
    case OUTCOME_REFUSED:
    case OUTCOME_NOT_SENT:
        failed(ledger, topic, result, now_usec);
        break;
    }
}

void ledger_ask_all(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->topics.count; i++)
        if (ledger->topics.items[i].presence == PRESENCE_PRESENT)
            ledger->topics.items[i].must_ask = true;
}

void ledger_start_over(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->topics.count; i++) {
        ledger->topics.items[i].failures = 0;
        ledger->topics.items[i].retry_usec = 0;
    }
}

void ledger_forget(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->topics.count; i++) {
        struct topic *topic = &ledger->topics.items[i];
        free(topic->error);
        *topic = (struct topic){.name = topic->name, .desired = topic->desired};
    }
}

void ledger_free(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->topics.count; i++)
        topic_free(&ledger->topics.items[i]);
    array_free(&ledger->topics);
}
