#include "report/explain_words.h"

#include "reconcile/owed.h"
#include "report/words.h"

#include <stdint.h>
#include <string.h>

const struct deletion *explain_find_deletion(const struct preview *preview, const char *topic) {
    for (size_t i = 0; i < preview->deletions->list.count; i++) {
        const struct deletion *deletion = &preview->deletions->list.items[i];
        for (int k = 0; k < 2; k++)
            if (!deletion->owed->done[k] && strcmp(deletion->owed->topics[k], topic) == 0)
                return deletion;
    }
    return NULL;
}

bool explain_owns(const struct resource *resource, const char *topic) {
    return strcmp(resource->owned[0], topic) == 0 || strcmp(resource->owned[1], topic) == 0;
}

const struct resource *explain_find_owner(const struct snapshot *snapshot, const char *topic, const char **ret_file) {
    for (size_t i = 0; i < snapshot->files.count; i++) {
        const struct accepted_file *file = &snapshot->files.items[i];
        for (size_t k = 0; k < file->resources->count; k++)
            if (explain_owns(&file->resources->items[k], topic)) {
                *ret_file = file->name;
                return &file->resources->items[k];
            }
    }
    return NULL;
}

const char *explain_file_of(const struct snapshot *snapshot, const struct resource *resource) {
    for (size_t i = 0; i < snapshot->files.count; i++) {
        const struct resources *resources = snapshot->files.items[i].resources;
        uintptr_t start = (uintptr_t)resources->items, at = (uintptr_t)resource;
        if (at >= start && at < start + resources->count * sizeof *resource)
            return snapshot->files.items[i].name;
    }
    return "?";
}

void explain_resource(const struct snapshot *snapshot, const struct resource *resource, struct buffer *out) {
    owner_format(resource->kind, resource->namespace, resource->name, out);
    buffer_puts(out, " (");
    words_clean(explain_file_of(snapshot, resource), out);
    buffer_puts(out, ")");
}

bool explain_remains(const struct preview *preview, const struct owed *owed) {
    return deletion_file_remains(preview->snapshot, preview->catalog, owed->file);
}

void explain_stays(const struct resource *owner, const char *file, bool gone, struct buffer *out) {
    if (!owner) {
        buffer_puts(out, "no manifest here owns it, and only an owner can ask for its deletion");
        return;
    }
    words_clean(file, out);
    buffer_puts(out, gone ? " did not say cleanTopicsOnDelete: true" : " does not say cleanTopicsOnDelete: true");
}

/* The accepted user of either topic of a deletion that is in use. */
static const struct resource *user_of(const struct preview *preview, const struct owed *owed) {
    const struct use *uses;
    for (int k = 0; k < 2; k++)
        if (desired_uses(preview->desired, owed->topics[k], &uses) > 0)
            return uses->resource;
    return NULL;
}

void explain_wait(const struct preview *preview, const struct deletion *deletion, struct buffer *out) {
    const struct resource *user = user_of(preview, deletion->owed);
    if (deletion->state == DELETION_AWAITING_APPROVAL) {
        words_clean(deletion->reason, out);
        buffer_puts(out, ": a person has to say yes (rule D6)");
        if (deletion->also)
            buffer_puts(out, "; then it still waits: ");
    }
    if (user && (deletion->state == DELETION_IN_USE || deletion->also)) {
        buffer_puts(out, "in use by ");
        explain_resource(preview->snapshot, user, out);
        buffer_puts(out, ": the two topics of an owner go with the last user of either (rule D3)");
    } else if (deletion->state == DELETION_BLOCKED || deletion->also) {
        words_clean(deletion->also ? deletion->also : deletion->reason, out);
        buffer_puts(out, " (rule D4)");
    }
}

void explain_when(const struct explain_facts *facts, const struct deletion *deletion, const char *topic,
                  struct buffer *out) {
    struct status_deletion said = {.state = "", .reason = ""};
    if (facts->status)
        status_document_deletion(facts->status, topic, &said);
    if (!facts->daemon_runs) {
        buffer_printf(out,
                      "no daemon runs; it goes when one has run and the directory has rested for %llu s (rule D2): "
                      "systemctl start topicd",
                      (unsigned long long)(deletion->rest_usec / USEC_PER_SEC));
        return;
    }
    bool retrying = strcmp(said.state, "retrying") == 0;
    /* What was approved waits too when its owner has come and gone since. */
    bool under_way = *said.state ? strcmp(said.state, "sending") == 0 : deletion->owed->approved;
    if (retrying) {
        buffer_puts(out, "Kafka has not done it: ");
        words_clean(said.reason, out);
        buffer_puts(out, "; topicd goes on trying");
    } else {
        buffer_puts(out, under_way ? "nothing holds it, and it goes as soon as Kafka answers"
                                   : "nothing but its grace period holds it (rule D2)");
    }
    if (said.due_usec > facts->wall_usec) {
        buffer_puts(out, retrying ? "; next in " : "; goes in ");
        words_span(said.due_usec - facts->wall_usec, out);
    }
}

static void put_back(const struct preview *preview, const struct owed *owed, struct buffer *out) {
    if (!explain_remains(preview, owed)) {
        buffer_puts(out, "put the file back");
        return;
    }
    buffer_puts(out, "put ");
    owner_format(owed->kind, owed->namespace, owed->name, out);
    buffer_puts(out, " back into ");
    words_clean(owed->file, out);
}

void explain_advice(const struct preview *preview, const struct deletion *deletion, const char *what,
                    struct buffer *out) {
    bool taken_back = owed_is_revocable(preview->snapshot, NULL, deletion->owed);
    bool asks = !taken_back && deletion->state == DELETION_AWAITING_APPROVAL;
    bool answerable = asks && preview->held_already[deletion - preview->deletions->list.items];
    if (answerable)
        buffer_printf(out, "  to delete %s: topicd approve %s\n", what, preview->id);
    buffer_printf(out, "  %sto keep %s: ", taken_back ? "it was approved; " : "", what);
    if (taken_back || answerable)
        buffer_printf(out, "topicd deny %s, or ", taken_back ? preview->approved_id : preview->id);
    put_back(preview, deletion->owed, out);
    if (taken_back)
        buffer_puts(out, "\n  'topicd deny' keeps all that was approved and not sent ('topicd plan' shows how many)");
    else if (answerable)
        buffer_puts(out, "\n  either command answers all that await approval ('topicd plan' lists them)");
    else if (asks)
        buffer_puts(out, "; once its grace period is over, 'topicd status' shows how to approve or deny it");
    buffer_puts(out, "\n");
}
