/* explain TOPIC. */
#include "report/explain.h"
#include "report/explain_words.h"
#include "report/words.h"

#include <string.h>

struct page {
    const struct explain_facts *facts;
    const char *topic;
    struct explained_topic found;
    struct buffer *out;
};

static void headline(const struct page *page, const char *what) {
    words_clean(page->topic, page->out);
    buffer_printf(page->out, " %s\n", what);
}

/* ---- needed ---- */

static void print_users(const struct page *page) {
    for (size_t i = 0; i < page->found.n_uses; i++) {
        const struct resource *user = page->found.uses[i].resource;
        buffer_puts(page->out, "  by ");
        explain_resource(page->facts->preview->snapshot, user, page->out);
        buffer_puts(page->out, explain_owns(user, page->topic) ? ", which owns it\n" : "\n");
    }
}

/* What becomes of it when nobody needs it any more. */
static void print_afterwards(const struct page *page) {
    const struct explained_topic *found = &page->found;
    if (found->deletion) {
        buffer_puts(page->out, "  when nobody needs it any more, it is deleted: ");
        bool remains = explain_remains(page->facts->preview, found->deletion->owed);
        buffer_puts(page->out, remains ? "its owner was dropped from " : "");
        words_clean(found->deletion->owed->file, page->out);
        buffer_puts(page->out, remains ? "" : ", its owner's file, was removed");
        buffer_puts(page->out, " with cleanTopicsOnDelete: true (rules D1, D3)\n");
        if (found->deletion->state == DELETION_AWAITING_APPROVAL) {
            buffer_puts(page->out, "  a person has to say yes, too (rule D6): ");
            words_clean(found->deletion->reason, page->out);
            buffer_puts(page->out, "\n");
        }
        explain_advice(page->facts->preview, found->deletion, "it", page->out);
    } else if (found->owner && found->owner->clean) {
        buffer_puts(page->out, "  when its owner is removed and nobody needs it any more, it is deleted: ");
        words_clean(found->file, page->out);
        buffer_puts(page->out, " says cleanTopicsOnDelete: true (rule D1); 'topicd explain ");
        words_clean(found->file, page->out);
        buffer_puts(page->out, "' says whether a person is asked first\n");
    } else {
        buffer_puts(page->out, "  when nobody needs it any more, it stays: ");
        explain_stays(found->owner, found->file, false, page->out);
        buffer_puts(page->out, " (rule D1)\n");
    }
}

static void print_failure(const struct page *page) {
    const char *failure = page->facts->status ? status_document_failure(page->facts->status, page->topic) : NULL;
    if (!failure)
        return;
    buffer_puts(page->out, "  Kafka refuses to make it: ");
    words_clean(failure, page->out);
    buffer_puts(page->out, "; topicd goes on trying\n");
}

static void explain_needed(const struct page *page) {
    headline(page, "stays: it is needed");
    print_users(page);
    print_afterwards(page);
    print_failure(page);
}

/* ---- owed ---- */

static void print_since(const struct page *page, const struct owed *owed) {
    uint64_t now = page->facts->wall_usec;
    buffer_puts(page->out, "  ");
    words_clean(owed->file, page->out);
    buffer_puts(page->out, ", which had ");
    owner_format(owed->kind, owed->namespace, owed->name, page->out);
    bool remains = explain_remains(page->facts->preview, owed);
    buffer_puts(page->out, remains ? ", has been without it since " : ", was removed at ");
    words_time(owed->since_usec, page->out);
    if (owed->since_usec <= now) {
        buffer_puts(page->out, " (");
        words_span((now - owed->since_usec) / USEC_PER_SEC * USEC_PER_SEC, page->out);
        buffer_puts(page->out, remains ? ")" : " ago)");
    }
    buffer_puts(page->out, ", and asked for cleanTopicsOnDelete: true (rule D1)\n");
}

static void explain_owed(const struct page *page) {
    const struct deletion *deletion = page->found.deletion;
    headline(page,
             deletion->state == DELETION_SENDING ? "is to be deleted" : "is to be deleted, and its deletion is held");
    print_since(page, deletion->owed);
    if (deletion->state == DELETION_SENDING) {
        buffer_puts(page->out, "  ");
        explain_when(page->facts, deletion, page->topic, page->out);
    } else {
        buffer_puts(page->out, "  held: ");
        explain_wait(page->facts->preview, deletion, page->out);
    }
    buffer_puts(page->out, "\n");
    explain_advice(page->facts->preview, deletion, "it", page->out);
}

/* ---- what it is ---- */

void explain_topic_look(const struct explain_facts *facts, const char *topic, struct explained_topic *ret) {
    const struct preview *preview = facts->preview;
    const struct snapshot *snapshot = preview->snapshot;
    *ret = (struct explained_topic){.deletion = explain_find_deletion(preview, topic),
                                    .said = {.state = "", .reason = ""}};
    ret->n_uses = desired_uses(preview->desired, topic, &ret->uses);
    ret->sent = snapshot_sent(snapshot, topic);
    ret->owner = explain_find_owner(snapshot, topic, &ret->file);
    if (facts->status)
        status_document_deletion(facts->status, topic, &ret->said);
    bool orphan = false;
    for (size_t i = 0; i < preview->orphans.count; i++)
        orphan = orphan || strcmp(preview->orphans.items[i], topic) == 0;
    ret->state = ret->n_uses > 0 ? EXPLAINED_NEEDED
                 : ret->deletion ? EXPLAINED_OWED
                 : ret->sent     ? EXPLAINED_DELETED
                 : orphan        ? EXPLAINED_ORPHAN
                                 : EXPLAINED_UNKNOWN;
}

int explain_topic_format(const struct explain_facts *facts, const char *topic, struct buffer *out) {
    struct page page = {.facts = facts, .topic = topic, .out = out};
    explain_topic_look(facts, topic, &page.found);
    switch (page.found.state) {
    case EXPLAINED_NEEDED:
        explain_needed(&page);
        break;
    case EXPLAINED_OWED:
        explain_owed(&page);
        break;
    case EXPLAINED_DELETED:
        headline(&page, "was deleted, and nothing needs it now");
        buffer_puts(out, "  topicd sent its deletion at ");
        words_time(page.found.sent->wall_usec, out);
        buffer_puts(out, "\n");
        break;
    case EXPLAINED_ORPHAN:
        headline(&page, "has nothing that accounts for it");
        buffer_puts(out, "  no accepted manifest needs it, and no deletion of it is owed: topicd leaves it alone\n"
                         "  if Kafka has it ('topicd plan' looks), it is an orphan: 'topicd prune' deletes those\n");
        break;
    case EXPLAINED_UNKNOWN:
    case EXPLAINED_MAX_:
        return out->failed ? -ENOMEM : 1;
    }
    return out->failed ? -ENOMEM : 0;
}
