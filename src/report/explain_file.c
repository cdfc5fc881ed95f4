/* explain FILE. */
#include "report/explain.h"
#include "report/explain_words.h"
#include "report/words.h"

#include <string.h>

enum fate {
    FATE_GOES,
    FATE_HELD,
    FATE_STAYS,
    FATE_MAX_,
};

static const struct {
    const char *text, *colour;
} SIGNS[] = {
    [FATE_GOES] = {"-", "\033[31m"},
    [FATE_HELD] = {"!", "\033[33m"},
    [FATE_STAYS] = {"=", "\033[32m"},
};

/* A topic that a resource of the file owns or needs. */
struct concerned {
    const char *name;
    const struct resource *owner; /* in the file; NULL */
};

/* A topic whose deletion is owed. */
struct pending {
    const char *name;
    const struct deletion *deletion;
};

struct pendings {
    ARRAY(struct pending) list; /* sorted by name */
};

struct page {
    const struct explain_facts *facts;
    const struct preview *without;
    const char *file;
    struct buffer *out;
    ARRAY(struct concerned) topics; /* sorted by name, unique */
    struct pendings before, after;
    size_t counts[FATE_MAX_];
};

/* The owner's first. */
static int compare_concerned(const void *a, const void *b) {
    const struct concerned *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->owner == NULL) - (y->owner == NULL);
}

static int compare_name(const void *name, const void *item) {
    return strcmp(name, *(const char *const *)item); /* the first member of both */
}

static int compare_pending(const void *a, const void *b) {
    return strcmp(((const struct pending *)a)->name, ((const struct pending *)b)->name);
}

static int collect_pending(const struct preview *preview, struct pendings *pendings) {
    for (size_t i = 0; i < preview->deletions->list.count; i++) {
        const struct deletion *deletion = &preview->deletions->list.items[i];
        for (int k = 0; k < 2; k++) {
            struct pending pending = {.name = deletion->owed->topics[k], .deletion = deletion};
            if (!deletion->owed->done[k] && array_push(&pendings->list, pending) < 0)
                return -ENOMEM;
        }
    }
    if (pendings->list.count > 1)
        qsort(pendings->list.items, pendings->list.count, sizeof *pendings->list.items, compare_pending);
    return 0;
}

static const struct deletion *find_pending(const struct pendings *pendings, const char *name) {
    const struct pending *found = pendings->list.count > 0 ? bsearch(name, pendings->list.items, pendings->list.count,
                                                                     sizeof *pendings->list.items, compare_name)
                                                           : NULL;
    return found ? found->deletion : NULL;
}

static int collect(struct page *page, const struct resources *resources) {
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource *resource = &resources->items[i];
        for (size_t k = 0; k < resource->n_needs + 2; k++) {
            struct concerned topic = {.name = k < 2 ? resource->owned[k] : resource->needs[k - 2],
                                      .owner = k < 2 ? resource : NULL};
            if (array_push(&page->topics, topic) < 0)
                return -ENOMEM;
        }
    }
    if (page->topics.count > 1)
        qsort(page->topics.items, page->topics.count, sizeof *page->topics.items, compare_concerned);
    size_t kept = 0;
    for (size_t i = 0; i < page->topics.count; i++)
        if (kept == 0 || strcmp(page->topics.items[kept - 1].name, page->topics.items[i].name) != 0)
            page->topics.items[kept++] = page->topics.items[i];
    page->topics.count = kept;
    return 0;
}

static bool is_collected(const struct page *page, const char *topic) {
    return page->topics.count > 0 &&
           bsearch(topic, page->topics.items, page->topics.count, sizeof *page->topics.items, compare_name) != NULL;
}

static void begin(struct page *page, enum fate fate, const char *topic) {
    bool colourful = page->facts->colourful;
    page->counts[fate]++;
    buffer_printf(page->out, "  %s%s ", colourful ? SIGNS[fate].colour : "", SIGNS[fate].text);
    words_clean(topic, page->out);
    buffer_printf(page->out, "%s  ", colourful ? "\033[0m" : "");
}

static void print_deletion(struct page *page, const char *topic, const struct deletion *deletion) {
    bool goes = deletion->state == DELETION_SENDING;
    begin(page, goes ? FATE_GOES : FATE_HELD, topic);
    if (goes) {
        buffer_puts(page->out, "goes: its owner asked for cleanTopicsOnDelete: true, and nobody needs it");
    } else {
        buffer_puts(page->out, "is held: ");
        explain_wait(page->without, deletion, page->out);
    }
    buffer_puts(page->out, "\n");
}

static void print_topic(struct page *page, const struct concerned *topic) {
    const struct deletion *deletion = find_pending(&page->after, topic->name);
    const struct resource *owner = topic->owner;
    const char *file = page->file;
    const struct use *uses;
    size_t count = desired_uses(page->without->desired, topic->name, &uses);
    if (deletion) {
        print_deletion(page, topic->name, deletion);
        return;
    }
    begin(page, FATE_STAYS, topic->name);
    buffer_puts(page->out, "stays: ");
    if (count > 0) {
        buffer_puts(page->out, "needed by ");
        explain_resource(page->without->snapshot, uses->resource, page->out);
    } else {
        if (!owner)
            owner = explain_find_owner(page->facts->preview->snapshot, topic->name, &file);
        explain_stays(owner, file, page->out);
    }
    buffer_puts(page->out, "\n");
}

/* Deletions that are owed already, and that this file's removal lets go or holds. */
static void print_others(struct page *page) {
    for (size_t i = 0; i < page->after.list.count; i++) {
        const struct pending *after = &page->after.list.items[i];
        const struct deletion *before = find_pending(&page->before, after->name);
        if (before && before->state != after->deletion->state && !is_collected(page, after->name))
            print_deletion(page, after->name, after->deletion);
    }
}

static void print_totals(const struct page *page) {
    buffer_printf(page->out, "%zu would go", page->counts[FATE_GOES]);
    if (page->counts[FATE_GOES] > 0)
        buffer_printf(page->out, ", once the directory has rested for %llu s",
                      (unsigned long long)(page->facts->rules->grace_usec / USEC_PER_SEC));
    buffer_printf(page->out, "; %zu would be held, %zu would stay\n", page->counts[FATE_HELD],
                  page->counts[FATE_STAYS]);
    buffer_puts(page->out, "which of these topics exist, only Kafka can say: topicd plan\n");
}

static void print_state(const struct page *page, const struct accepted_file *accepted,
                        const struct rejected_file *rejected) {
    size_t counts[KIND_MAX_] = {0};
    words_clean(page->file, page->out);
    for (size_t i = 0; accepted && i < accepted->resources->count; i++)
        counts[accepted->resources->items[i].kind]++;
    if (rejected) {
        const struct diagnostic *error = &rejected->errors[0];
        buffer_puts(page->out, " is rejected: ");
        if (error->mark.line)
            buffer_printf(page->out, "%u:%u: ", error->mark.line, error->mark.column);
        words_clean(error->message, page->out);
        buffer_puts(page->out, rejected->has_last_good ? "\n  its last good version stays in force: "
                                                       : "\n  no version of it ever counted: ");
    } else {
        buffer_puts(page->out, " is accepted: ");
    }
    words_count(counts[KIND_MODEL], "model", page->out);
    buffer_puts(page->out, ", ");
    words_count(counts[KIND_PIPELINE], "pipeline", page->out);
    buffer_puts(page->out, "\n");
}

/* A file that is gone and that deletions are owed of. */
static int explain_gone(struct page *page) {
    size_t count = 0;
    for (size_t i = 0; i < page->facts->preview->deletions->list.count; i++) {
        const struct deletion *deletion = &page->facts->preview->deletions->list.items[i];
        if (strcmp(deletion->owed->file, page->file) != 0)
            continue;
        if (count++ == 0) {
            words_clean(page->file, page->out);
            buffer_puts(page->out, " is gone, and these deletions are owed ('topicd explain TOPIC' says more):\n");
        }
        for (int k = 0; k < 2; k++)
            if (!deletion->owed->done[k])
                print_deletion(page, deletion->owed->topics[k], deletion);
    }
    return count > 0 ? 0 : 1;
}

static int explain(struct page *page) {
    const struct accepted_file *accepted = snapshot_file(page->facts->preview->snapshot, page->file);
    const struct rejected_file *rejected = catalog_rejected(page->facts->preview->catalog, page->file);
    if (!accepted && !rejected)
        return explain_gone(page);
    if (accepted && collect(page, accepted->resources) < 0)
        return -ENOMEM;
    if (collect_pending(page->facts->preview, &page->before) < 0 || collect_pending(page->without, &page->after) < 0)
        return -ENOMEM;
    print_state(page, accepted, rejected);
    buffer_puts(page->out, "if it were removed now:\n");
    for (size_t i = 0; i < page->topics.count; i++)
        print_topic(page, &page->topics.items[i]);
    print_others(page);
    print_totals(page);
    return 0;
}

int explain_file_format(const struct explain_facts *facts, const char *file, const struct preview *without,
                        struct buffer *out) {
    struct page page = {.facts = facts, .without = without, .file = file, .out = out};
    int r = explain(&page);
    array_free(&page.topics);
    array_free(&page.before.list);
    array_free(&page.after.list);
    return out->failed ? -ENOMEM : r;
}
