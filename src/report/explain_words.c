#include "report/explain_words.h"

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

void explain_stays(const struct resource *owner, const char *file, struct buffer *out) {
    if (!owner) {
        buffer_puts(out, "no manifest here owns it, and only an owner can ask for its deletion");
        return;
    }
    words_clean(file, out);
    buffer_puts(out, " does not say cleanTopicsOnDelete: true");
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
    if (deletion->state == DELETION_IN_USE && user) {
        buffer_puts(out, "in use by ");
        explain_resource(preview->snapshot, user, out);
        buffer_puts(out, ": the two topics of an owner go with the last user of either (rule D3)");
        return;
    }
    words_clean(deletion->reason, out);
    if (deletion->state == DELETION_BLOCKED)
        buffer_puts(out, " (rule D4)");
    else if (deletion->state == DELETION_AWAITING_APPROVAL)
        buffer_puts(out, ": a person has to say yes (rule D6)");
}
