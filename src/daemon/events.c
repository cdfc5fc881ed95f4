#include "base/name.h"
#include "base/sorted.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "reconcile/owed.h"

#include <string.h>

/* N4: what lasts for less than this was a file being written. */
#define REJECTION_USEC USEC_PER_SEC

static void log_accepted(const struct accepted_file *file) {
    if (file->resources->count == 0)
        return;
    struct buffer text = {0};
    for (size_t i = 0; i < file->resources->count && i < 3; i++) {
        const struct resource *resource = &file->resources->items[i];
        buffer_puts(&text, i ? ", " : "");
        owner_format(resource->kind, resource->namespace, resource->name, &text);
        buffer_puts(&text, resource->clean ? " (cleanTopicsOnDelete)" : "");
    }
    if (file->resources->count > 3)
        buffer_printf(&text, " and %zu more", file->resources->count - 3);
    if (!text.failed)
        journal_event(EVENT_ACCEPTED, &(struct event_fields){.manifest = file->name}, "%s is accepted: %s", file->name,
                      text.data);
    buffer_free(&text);
}

/* What is odd about a file, and no error. */
static void log_warnings_of(const struct scan_file *file) {
    const struct diagnostics *diagnostics = &file->manifest->diagnostics;
    for (size_t i = 0; file->manifest->resources && diagnostics->warnings > 0 && i < diagnostics->list.count; i++) {
        const struct diagnostic *d = &diagnostics->list.items[i];
        journal_event(EVENT_WARNED, &(struct event_fields){.manifest = file->name}, "%s:%u:%u: %s", file->name,
                      d->mark.line, d->mark.column, d->message);
    }
}

/* Of files that were read anew: walks the last scan and the next one side by side. */
static void log_warnings(const struct scan *last, const struct scan *next) {
    for (size_t l = 0, n = 0; n < next->files.count; n++) {
        const struct scan_file *file = &next->files.items[n];
        int order = -1;
        while (l < last->files.count && (order = name_compare(last->files.items[l].name, file->name)) < 0)
            l++;
        bool known = l < last->files.count && order == 0;
        if (!known || last->files.items[l].manifest != file->manifest)
            log_warnings_of(file);
    }
}

/* Walks the accepted files before and after side by side. */
static void log_files(const struct snapshot *before, const struct snapshot *after) {
    for (size_t b = 0, a = 0; b < before->files.count || a < after->files.count;) {
        const struct accepted_file *old = b < before->files.count ? &before->files.items[b] : NULL;
        const struct accepted_file *new = a < after->files.count ? &after->files.items[a] : NULL;
        int order = !old ? 1 : !new ? -1 : name_compare(old->name, new->name);
        if (order < 0)
            journal_event(EVENT_REMOVED, &(struct event_fields){.manifest = old->name}, "%s is gone", old->name);
        else if (order > 0 || !resources_equal(old->resources, new->resources))
            log_accepted(new);
        b += order <= 0;
        a += order >= 0;
    }
}

static int compare_owners(const struct owed *a, const struct owed *b) {
    struct resource ra = {.kind = a->kind, .namespace = a->namespace, .name = a->name};
    struct resource rb = {.kind = b->kind, .namespace = b->namespace, .name = b->name};
    return resource_compare(&ra, &rb);
}

/* A resource that is accepted needs its own outputs, whatever it is. */
static bool accepted_again(const struct desired *desired, const struct owed *owed) {
    struct resource identity = {.kind = owed->kind, .namespace = owed->namespace, .name = owed->name};
    const struct use *uses;
    for (size_t i = desired_uses(desired, owed->topics[1], &uses); i > 0; i--)
        if (resource_compare(uses[i - 1].resource, &identity) == 0)
            return true;
    return false;
}

/* Both topics of what is owed, each with its own entry, so that a topic's history is complete. */
static void log_owed(enum event event, const struct owed *owed, const char *what) {
    struct buffer owner = {0};
    owner_format(owed->kind, owed->namespace, owed->name, &owner);
    for (int i = 0; i < 2 && !owner.failed; i++) {
        struct event_fields fields = {.topic = owed->topics[i], .manifest = owed->file, .owner = owner.data};
        journal_event(event, &fields, "%s: %s %s", owed->topics[i], owner.data, what);
    }
    buffer_free(&owner);
}

/* Walks what was owed and what is owed side by side. */
static void log_deletions(const struct snapshot *before, const struct decision *next) {
    const struct snapshot *after = next->snapshot;
    for (size_t b = 0, a = 0; b < before->owed.count || a < after->owed.count;) {
        const struct owed *old = b < before->owed.count ? &before->owed.items[b] : NULL;
        const struct owed *new = a < after->owed.count ? &after->owed.items[a] : NULL;
        int order = !old ? 1 : !new ? -1 : compare_owners(old, new);
        if (order > 0)
            log_owed(EVENT_DELETION_OWED, new, "is gone and asked for cleanTopicsOnDelete; its deletion is owed");
        else if (order < 0 && accepted_again(next->desired, old))
            log_owed(EVENT_DELETION_CANCELLED, old, "is back; nothing is owed any more");
        b += order <= 0;
        a += order >= 0;
    }
}

/* Whether the set that is held is about to grow. */
static bool grows(const struct deletions *deletions) {
    for (size_t i = 0; i < deletions->list.count; i++)
        if (deletions->list.items[i].state == DELETION_GRACE_PERIOD)
            return true;
    return false;
}

/* Once when it is held, and once when it is whole: a slow rm makes it another one with every file. */
static void log_held(struct daemon *daemon, const struct decision *next) {
    const struct deletions *deletions = next->deletions;
    if (strcmp(deletions->id, daemon->logged_id) == 0)
        return;
    if (daemon->logged_id[0] && deletions->id[0] && grows(deletions))
        return;
    memcpy(daemon->logged_id, deletions->id, sizeof daemon->logged_id);
    if (!deletions->id[0])
        return;
    struct buffer reasons = {0};
    hold_format(deletions, &daemon->rules, &reasons);
    journal_event(EVENT_DELETION_HELD, NULL,
                  "the deletion of %zu topics awaits approval: %s; see topicd plan, then topicd approve %s or "
                  "topicd deny %s",
                  owed_n_held(next->snapshot), reasons.data && !reasons.failed ? reasons.data : "see topicd status",
                  deletions->id, deletions->id);
    buffer_free(&reasons);
}

void daemon_log_decision(struct daemon *daemon) {
    const struct decision *last = &daemon->past, *now = &daemon->now;
    if (daemon->past_scan)
        log_warnings(daemon->past_scan, daemon->scan);
    if (now->snapshot->generation != last->snapshot->generation)
        log_files(last->snapshot, now->snapshot);
    if (now->other_cluster)
        journal_event(EVENT_SCOPE_CHANGED, NULL,
                      "Kafka at %s is the cluster %s now and was %s; the accepted set is rebuilt from the manifests, "
                      "and nothing that was removed before is deleted",
                      daemon->link.settings.bootstrap, now->snapshot->scope.cluster_id,
                      last->snapshot->scope.cluster_id);
    else
        log_deletions(last->snapshot, now);
    log_held(daemon, now);
}

static void log_repaired(struct daemon *daemon) {
    size_t kept = 0;
    for (size_t i = 0; i < daemon->logged.count; i++) {
        char *name = daemon->logged.items[i];
        if (catalog_rejected(daemon->now.catalog, name)) {
            daemon->logged.items[kept++] = name;
            continue;
        }
        bool accepted = snapshot_file(daemon->now.snapshot, name) != NULL;
        journal_event(EVENT_REPAIRED, &(struct event_fields){.manifest = name}, "%s is %s", name,
                      accepted ? "accepted again" : "gone, and no longer rejected");
        free(name);
    }
    daemon->logged.count = kept;
}

static void log_rejected(struct daemon *daemon, const struct rejected_file *file) {
    char *name = strdup(file->name);
    if (!name || array_push(&daemon->logged, name) < 0) {
        free(name);
        return; /* said at the next turn */
    }
    const struct diagnostic *error = &file->errors[0];
    struct buffer text = {0};
    if (error->mark.line > 0)
        buffer_printf(&text, "%s:%u:%u: %s", file->name, error->mark.line, error->mark.column, error->message);
    else
        buffer_printf(&text, "%s: %s", file->name, error->message);
    if (file->n_errors > 1)
        buffer_printf(&text, " (and %zu more: see topicd check)", file->n_errors - 1);
    journal_event(EVENT_REJECTED, &(struct event_fields){.manifest = file->name}, "rejected, %s: %s",
                  file->has_last_good ? "its last good version stays in force"
                                      : "and nothing is deleted as long as it may want a topic",
                  text.failed ? error->message : text.data);
    buffer_free(&text);
}

uint64_t daemon_log_rejections(struct daemon *daemon, struct moment now) {
    uint64_t next = USEC_NEVER;
    log_repaired(daemon);
    size_t known = daemon->logged.count;
    for (size_t i = 0; i < daemon->now.catalog->rejected.count; i++) {
        const struct rejected_file *file = &daemon->now.catalog->rejected.items[i];
        uint64_t age = now.wall_usec > file->since_usec ? now.wall_usec - file->since_usec : 0;
        if (known && bsearch(&file->name, daemon->logged.items, known, sizeof(char *), sorted_compare_texts))
            continue;
        if (age >= REJECTION_USEC)
            log_rejected(daemon, file);
        else if (now.monotonic_usec + REJECTION_USEC - age < next)
            next = now.monotonic_usec + REJECTION_USEC - age;
    }
    if (daemon->logged.count > known)
        qsort(daemon->logged.items, daemon->logged.count, sizeof(char *), sorted_compare_texts);
    return next;
}

/* For whom a topic exists, or existed: the first of its users, or who is owed its deletion. */
static void find_owner(const struct daemon *daemon, const char *topic, struct buffer *out) {
    const struct use *uses;
    if (desired_uses(daemon->now.desired, topic, &uses) > 0) {
        owner_format(uses->resource->kind, uses->resource->namespace, uses->resource->name, out);
        return;
    }
    const struct planned_deletion *planned = plan_deletion_of(daemon->now.plan, topic);
    if (planned)
        owner_format(planned->owed->kind, planned->owed->namespace, planned->owed->name, out);
}

static void log_topic(enum event event, const struct daemon *daemon, const struct topic_result *result,
                      const char *what) {
    struct buffer owner = {0};
    find_owner(daemon, result->topic, &owner);
    struct event_fields fields = {.topic = result->topic,
                                  .owner = owner.failed ? NULL : owner.data,
                                  .kafka_error = result->outcome == OUTCOME_REFUSED ? result->code : NULL};
    const char *message = result->outcome == OUTCOME_REFUSED ? result->message : NULL;
    journal_event(event, &fields, "%s: %s%s%s%s%s", result->topic, what, fields.owner ? " for " : "",
                  fields.owner ? fields.owner : "", message ? ": " : "", message ? message : "");
    buffer_free(&owner);
}

static bool same_refusal(const struct topic *topic, const struct topic_result *result) {
    return topic && topic->error && result->message && strstr(topic->error, result->message) == topic->error;
}

void daemon_log_answer(const struct daemon *daemon, enum operation operation, const struct topic_result *result,
                       const struct topic *before) {
    if (!before)
        return;
    bool refused = result->outcome == OUTCOME_REFUSED, done = result->outcome == OUTCOME_DONE;
    /* The first question about a topic that is to be created may be what is refused. */
    bool creation = operation == OPERATION_CREATE || before->presence == PRESENCE_UNKNOWN;
    if (operation == OPERATION_CREATE && done)
        log_topic(EVENT_TOPIC_CREATED, daemon, result, "created");
    else if (result->outcome == OUTCOME_EXISTS && before->presence == PRESENCE_UNKNOWN && !before->expected)
        log_topic(EVENT_TOPIC_ADOPTED, daemon, result, "is there already");
    else if (operation != OPERATION_DELETE && creation && refused && !same_refusal(before, result))
        log_topic(EVENT_TOPIC_FAILED, daemon, result, "cannot be created");
    else if (operation == OPERATION_ASK && done && before->presence == PRESENCE_PRESENT)
        log_topic(EVENT_TOPIC_VANISHED, daemon, result, "is gone although nothing here deleted it; needed");
    else if (operation == OPERATION_DELETE && (done || result->outcome == OUTCOME_MISSING))
        log_topic(EVENT_TOPIC_DELETED, daemon, result, done ? "deleted" : "was gone already; its deletion was owed");
    else if (operation == OPERATION_DELETE && refused && !same_refusal(before, result))
        log_topic(EVENT_DELETION_FAILED, daemon, result, "cannot be deleted");
}
