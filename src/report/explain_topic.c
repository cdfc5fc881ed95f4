/* explain TOPIC. */
#include "report/explain.h"
#include "report/explain_words.h"
#include "report/words.h"

#include <string.h>

struct page {
    const struct explain_facts *facts;
    const char *topic;
    struct buffer *out;
};

static void headline(const struct page *page, const char *what) {
    words_clean(page->topic, page->out);
    buffer_printf(page->out, " %s\n", what);
}

/* ---- needed ---- */

static void print_users(const struct page *page, const struct use *uses, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct resource *user = uses[i].resource;
        bool owns = strcmp(user->owned[0], page->topic) == 0 || strcmp(user->owned[1], page->topic) == 0;
        buffer_puts(page->out, "  by ");
        explain_resource(page->facts->preview->snapshot, user, page->out);
        buffer_puts(page->out, owns ? ", which owns it\n" : "\n");
    }
}

/* What becomes of it when nobody needs it any more. */
static void print_afterwards(const struct page *page, const struct deletion *deletion) {
    const char *file = NULL;
    const struct resource *owner = explain_find_owner(page->facts->preview->snapshot, page->topic, &file);
    if (deletion) {
        buffer_puts(page->out, "  when nobody needs it any more, it is deleted: ");
        words_clean(deletion->owed->file, page->out);
        buffer_puts(page->out, ", its owner's file, was removed with cleanTopicsOnDelete: true (rules D1, D3)\n"
                               "  to keep it: put that file back\n");
    } else if (owner && owner->clean) {
        buffer_puts(page->out, "  when its owner is removed and nobody needs it any more, it is deleted: ");
        words_clean(file, page->out);
        buffer_puts(page->out, " says cleanTopicsOnDelete: true (rule D1)\n");
    } else {
        buffer_puts(page->out, "  when nobody needs it any more, it stays: ");
        explain_stays(owner, file, page->out);
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

static void explain_needed(const struct page *page, const struct use *uses, size_t count) {
    headline(page, "stays: it is needed");
    print_users(page, uses, count);
    print_afterwards(page, explain_find_deletion(page->facts->preview, page->topic));
    print_failure(page);
}

/* ---- owed ---- */

static void print_since(const struct page *page, const struct owed *owed) {
    uint64_t now = page->facts->wall_usec;
    buffer_puts(page->out, "  ");
    words_clean(owed->file, page->out);
    buffer_puts(page->out, ", which had ");
    owner_format(owed->kind, owed->namespace, owed->name, page->out);
    buffer_puts(page->out,
                snapshot_file(page->facts->preview->snapshot, owed->file) ? ", is without it" : ", was removed");
    buffer_puts(page->out, " since ");
    words_time(owed->since_usec, page->out);
    if (owed->since_usec <= now) {
        buffer_puts(page->out, " (");
        words_span((now - owed->since_usec) / USEC_PER_SEC * USEC_PER_SEC, page->out);
        buffer_puts(page->out, "), and asked for cleanTopicsOnDelete: true (rule D1)\n");
    } else {
        buffer_puts(page->out, ", and asked for cleanTopicsOnDelete: true (rule D1)\n");
    }
}

/* A deletion that nothing but time holds. */
static void print_when(const struct page *page, const struct status_deletion *said) {
    const struct explain_facts *facts = page->facts;
    struct buffer *out = page->out;
    if (!facts->daemon_runs) {
        buffer_printf(out, "  no daemon runs; it goes when one has run and the directory has rested for %llu s ",
                      (unsigned long long)(facts->rules->grace_usec / USEC_PER_SEC));
        buffer_puts(out, "(rule D2): systemctl start topicd\n");
        return;
    }
    if (strcmp(said->state, "retrying") == 0) {
        buffer_puts(out, "  Kafka has not done it: ");
        words_clean(said->reason, out);
        buffer_puts(out, "; topicd goes on trying");
    } else {
        buffer_puts(out, "  nothing but its grace period holds it (rule D2)");
    }
    if (said->due_usec > facts->wall_usec) {
        buffer_puts(out, "; next in ");
        words_span(said->due_usec - facts->wall_usec, out);
    }
    buffer_puts(out, "\n");
}

static void print_advice(const struct page *page, const struct deletion *deletion) {
    const struct preview *preview = page->facts->preview;
    size_t index = (size_t)(deletion - preview->deletions->list.items);
    const char *back = "  to keep it: put the file back\n";
    if (deletion->state != DELETION_AWAITING_APPROVAL)
        buffer_puts(page->out, back);
    else if (preview->held_already[index])
        buffer_printf(page->out,
                      "  to delete it: topicd approve %s\n  to keep it: topicd deny %s, or put the file back\n",
                      preview->id, preview->id);
    else
        buffer_puts(page->out, "  once the daemon has seen it, 'topicd status' shows how to approve or deny it\n");
}

static void explain_owed(const struct page *page, const struct deletion *deletion) {
    struct status_deletion said = {.state = "", .reason = ""};
    if (page->facts->status)
        status_document_deletion(page->facts->status, page->topic, &said);
    headline(page,
             deletion->state == DELETION_SENDING ? "is to be deleted" : "is to be deleted, and its deletion is held");
    print_since(page, deletion->owed);
    if (deletion->state == DELETION_SENDING) {
        print_when(page, &said);
    } else {
        buffer_puts(page->out, "  held: ");
        explain_wait(page->facts->preview, deletion, page->out);
        buffer_puts(page->out, "\n");
    }
    print_advice(page, deletion);
}

/* ---- neither ---- */

static bool print_sent(const struct page *page) {
    const struct snapshot *snapshot = page->facts->preview->snapshot;
    for (size_t i = 0; i < snapshot->sent.count; i++)
        if (strcmp(snapshot->sent.items[i].topic, page->topic) == 0) {
            headline(page, "was deleted, and nothing needs it now");
            buffer_puts(page->out, "  topicd sent its deletion at ");
            words_time(snapshot->sent.items[i].wall_usec, page->out);
            buffer_puts(page->out, "\n");
            return true;
        }
    return false;
}

static bool is_orphan(const struct page *page) {
    const struct preview *preview = page->facts->preview;
    return preview->orphans.count > 0 && strcmp(preview->orphans.items[0], page->topic) == 0;
}

int explain_topic_format(const struct explain_facts *facts, const char *topic, struct buffer *out) {
    struct page page = {.facts = facts, .topic = topic, .out = out};
    const struct use *uses;
    size_t count = desired_uses(facts->preview->desired, topic, &uses);
    const struct deletion *deletion = explain_find_deletion(facts->preview, topic);
    if (count > 0) {
        explain_needed(&page, uses, count);
    } else if (deletion) {
        explain_owed(&page, deletion);
    } else if (!print_sent(&page)) {
        if (!is_orphan(&page))
            return out->failed ? -ENOMEM : 1;
        headline(&page, "has nothing that accounts for it");
        buffer_puts(out, "  no accepted manifest needs it, and no deletion of it is owed: topicd leaves it alone\n"
                         "  if Kafka has it ('topicd plan' looks), it is an orphan: 'topicd prune' deletes those\n");
    }
    return out->failed ? -ENOMEM : 0;
}
