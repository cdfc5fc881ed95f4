#include "report/plan_text.h"

#include "report/words.h"

#include <string.h>

enum sign {
    SIGN_CREATE,
    SIGN_DELETE,
    SIGN_HELD,
    SIGN_DRIFT,
    SIGN_ORPHAN,
    SIGN_REJECTED,
};

static const struct {
    const char *text, *colour;
} SIGNS[] = {
    [SIGN_CREATE] = {"+", "\033[32m"}, [SIGN_DELETE] = {"-", "\033[31m"}, [SIGN_HELD] = {"!", "\033[33m"},
    [SIGN_DRIFT] = {"~", "\033[36m"},  [SIGN_ORPHAN] = {"?", "\033[35m"}, [SIGN_REJECTED] = {"x", "\033[31m"},
};

/* One topic of the plan, and what it is printed under: the manifest, and a reason that it shares with others. */
struct entry {
    const char *file;
    const char *topic;
    enum sign sign;
    const char *why; /* of a deletion, or why it is none yet; "" of a creation */
};

struct entries {
    struct arena arena;
    ARRAY(struct entry) list;
};

struct page {
    const struct preview *preview;
    bool colourful;
    struct buffer *out;
    size_t start;
};

static int compare_entries(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int order = strcmp(x->file, y->file);
    order = order ? order : strcmp(x->why, y->why);
    return order ? order : strcmp(x->topic, y->topic);
}

/* The place of a topic among those to create, or the number of them. */
static size_t find_creation(const struct preview *preview, const char *topic) {
    size_t low = 0, high = preview->create.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(desired_topic(preview->desired, preview->create.items[middle]), topic) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < preview->create.count && strcmp(desired_topic(preview->desired, preview->create.items[low]), topic) == 0;
    return found ? low : preview->create.count;
}

static int collect_resource(const struct preview *preview, const struct accepted_file *file,
                            const struct resource *resource, bool *taken, struct entries *entries) {
    for (size_t i = 0; i < resource->n_needs; i++) {
        size_t place = find_creation(preview, resource->needs[i]);
        if (place == preview->create.count || taken[place])
            continue;
        taken[place] = true;
        struct entry entry = {.file = file->name, .topic = resource->needs[i], .sign = SIGN_CREATE, .why = ""};
        if (array_push(&entries->list, entry) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* A topic that several manifests need stands once, under the first of them. */
static int collect_creations(const struct preview *preview, struct entries *entries) {
    bool *taken = calloc(preview->create.count + 1, sizeof *taken);
    int r = taken ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < preview->snapshot->files.count; i++) {
        const struct accepted_file *file = &preview->snapshot->files.items[i];
        for (size_t k = 0; r == 0 && k < file->resources->count; k++)
            r = collect_resource(preview, file, &file->resources->items[k], taken, entries);
    }
    free(taken);
    return r;
}

/* What awaits approval is one set with one reason, which stands at the end. */
static void format_why(const struct previewed_deletion *deletion, struct buffer *out) {
    bool asks = deletion->state == DELETION_AWAITING_APPROVAL;
    buffer_puts(out, asks && deletion->id                  ? "awaits approval"
                     : asks                                ? "will await approval"
                     : deletion->state == DELETION_IN_USE  ? "in use"
                     : deletion->state == DELETION_BLOCKED ? "blocked"
                     : deletion->due_usec                  ? "goes"
                                                           : "");
    if (deletion->due_usec) {
        buffer_puts(out, " at ");
        words_clock(deletion->due_usec, out);
    }
    const char *reason = asks ? deletion->also : deletion->reason;
    if (!reason)
        return;
    words_part(out, 0, asks ? "; also: " : ": ");
    words_clean(reason, out);
}

static int collect_deletions(const struct previewed_deletion *list, size_t count, enum sign sign,
                             struct entries *entries) {
    int r = 0;
    struct buffer why = {0};
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct entry entry = {.file = list[i].owed->file, .topic = list[i].topic, .sign = sign};
        why.length = 0;
        format_why(&list[i], &why);
        entry.why = why.failed ? NULL : arena_strdup(&entries->arena, why.data);
        r = entry.why ? array_push(&entries->list, entry) : -ENOMEM;
    }
    buffer_free(&why);
    return r;
}

static int collect(const struct preview *preview, struct entries *entries) {
    int r = collect_creations(preview, entries);
    if (r == 0)
        r = collect_deletions(preview->delete.items, preview->delete.count, SIGN_DELETE, entries);
    if (r == 0)
        r = collect_deletions(preview->held.items, preview->held.count, SIGN_HELD, entries);
    if (r == 0 && entries->list.count > 1)
        qsort(entries->list.items, entries->list.count, sizeof *entries->list.items, compare_entries);
    return r;
}

/* A heading and what there is to say of all below it, with an empty line before all but the first. */
static void heading(const struct page *page, const char *text, const char *more) {
    words_part(page->out, page->start, "\n");
    words_clean(text, page->out);
    if (*more) {
        buffer_puts(page->out, " (");
        words_clean(more, page->out);
        buffer_puts(page->out, ")");
    }
    buffer_puts(page->out, "\n");
}

static void mark(const struct page *page, enum sign sign, const char *name) {
    buffer_printf(page->out, "  %s%s ", page->colourful ? SIGNS[sign].colour : "", SIGNS[sign].text);
    words_clean(name, page->out);
    if (page->colourful)
        buffer_puts(page->out, "\033[0m");
}

/* What a topic gets otherwise than the rest. */
static void print_rule(const struct page *page, const char *topic) {
    const struct topic_policy *policy = page->preview->policy;
    const struct topic_rule *rule = policy ? topic_rule_for(policy, topic) : NULL;
    if (!rule)
        return;
    buffer_printf(page->out, "  (rule \"%s\"", rule->match);
    for (size_t i = 0; i < rule->n_config; i++) {
        buffer_puts(page->out, i == 0 ? ": " : ", ");
        words_clean(rule->config[i].key, page->out);
        buffer_puts(page->out, rule->config[i].value ? "=" : " is left to the broker");
        words_clean(rule->config[i].value ? rule->config[i].value : "", page->out);
    }
    buffer_puts(page->out, ")");
}

static void print_entries(const struct page *page, const struct entries *entries) {
    for (size_t i = 0; i < entries->list.count; i++) {
        const struct entry *entry = &entries->list.items[i];
        if (i == 0 || strcmp(entry[-1].file, entry->file) != 0 || strcmp(entry[-1].why, entry->why) != 0)
            heading(page, entry->file, entry->why);
        mark(page, entry->sign, entry->topic);
        if (entry->sign == SIGN_CREATE)
            print_rule(page, entry->topic);
        buffer_puts(page->out, "\n");
    }
}

/* The sets that a person has a word in, once each: by a topic of it, and how many they are. */
struct answerable {
    const struct previewed_deletion *held, *new, *approved;
    size_t n_held, n_new, n_approved;
    size_t n_also;    /* of n_held: those that wait for more than an answer */
    const char *also; /* what the first of these waits for */
};

static void count_answerable(const struct previewed_deletion *list, size_t count, struct answerable *answerable) {
    for (size_t i = 0; i < count; i++) {
        const struct previewed_deletion *deletion = &list[i];
        if (deletion->id) {
            answerable->held = deletion;
            answerable->n_held++;
            if (deletion->also && answerable->n_also++ == 0)
                answerable->also = deletion->also;
        } else if (deletion->state == DELETION_AWAITING_APPROVAL) {
            answerable->new = deletion;
            answerable->n_new++;
        } else if (deletion->approved_id) {
            answerable->approved = deletion;
            answerable->n_approved++;
        }
    }
}

static void print_answers(const struct page *page) {
    const struct preview *preview = page->preview;
    struct answerable sets = {0};
    count_answerable(preview->delete.items, preview->delete.count, &sets);
    count_answerable(preview->held.items, preview->held.count, &sets);
    if (sets.held) {
        heading(page, "awaiting approval", sets.held->reason);
        buffer_printf(page->out, "  topicd approve %s   deletes ", sets.held->id);
        words_count(sets.n_held, "topic", page->out);
        words_unless_held(sets.n_also, sets.n_held, sets.also, page->out);
        buffer_printf(page->out, "\n  topicd deny %s      keeps %s\n", sets.held->id, sets.n_held == 1 ? "it" : "them");
    }
    if (sets.new) {
        heading(page, "about to await approval", sets.new->reason);
        buffer_puts(page->out, "  ");
        words_count(sets.n_new, "topic", page->out);
        buffer_puts(page->out, "; then 'topicd status' shows how to answer\n");
    }
    if (sets.approved) {
        heading(page, "approved", "and not sent yet");
        buffer_printf(page->out, "  topicd deny %s      keeps ", sets.approved->approved_id);
        words_count(sets.n_approved, "topic", page->out);
        buffer_puts(page->out, " after all\n");
    }
}

static void print_rejected(const struct page *page) {
    const struct catalog *catalog = page->preview->catalog;
    for (size_t i = 0; i < catalog->rejected.count; i++) {
        const struct rejected_file *file = &catalog->rejected.items[i];
        if (i == 0)
            heading(page, "rejected manifests", "what was accepted of them before stays in force");
        mark(page, SIGN_REJECTED, file->name);
        if (file->errors[0].mark.line)
            buffer_printf(page->out, ":%u:%u", file->errors[0].mark.line, file->errors[0].mark.column);
        buffer_puts(page->out, ": ");
        words_clean(file->errors[0].message, page->out);
        if (file->n_errors > 1)
            buffer_printf(page->out, " and %zu more", file->n_errors - 1);
        buffer_puts(page->out, "\n");
    }
}

/* Returns how many topics drifted. */
static size_t print_drift(const struct page *page) {
    size_t topics = 0;
    for (size_t i = 0; i < page->preview->drift.count; i++) {
        const struct drift *drift = &page->preview->drift.items[i];
        if (i == 0)
            heading(page, "drift", "an existing topic is never altered");
        if (i == 0 || strcmp(drift[-1].topic, drift->topic) != 0)
            topics++;
        mark(page, SIGN_DRIFT, drift->topic);
        buffer_printf(page->out, "  %s: ", drift->field);
        words_clean(drift->actual ? drift->actual : "not set", page->out);
        buffer_puts(page->out, ", wanted: ");
        words_clean(drift->wanted ? drift->wanted : "not set", page->out);
        buffer_puts(page->out, "\n");
    }
    return topics;
}

static void print_orphans(const struct page *page) {
    for (size_t i = 0; i < page->preview->orphans.count; i++) {
        if (i == 0)
            heading(page, "orphans", "nothing accounts for them; they are left alone");
        mark(page, SIGN_ORPHAN, page->preview->orphans.items[i]);
        buffer_puts(page->out, "\n");
    }
}

static size_t count_held(const struct preview *preview, enum deletion_state state) {
    size_t count = 0;
    for (size_t i = 0; i < preview->held.count; i++)
        count += preview->held.items[i].state == state;
    return count;
}

/* What only Kafka can tell. */
static void print_found(const struct page *page, size_t drifted) {
    const struct preview *preview = page->preview;
    if (preview->offline) {
        buffer_puts(page->out, "missing topics, orphans and drift unknown (Kafka was not asked)");
        return;
    }
    words_count(preview->orphans.count, "orphan", page->out);
    buffer_printf(page->out, ", %zu drifted", drifted);
    if (preview->hidden.count == 0)
        return;
    buffer_puts(page->out, " (configuration of ");
    words_count(preview->hidden.count, "topic", page->out);
    buffer_puts(page->out, " unknown: is DescribeConfigs allowed?)");
}

static void print_totals(const struct page *page, size_t drifted) {
    const struct preview *preview = page->preview;
    size_t in_use = count_held(preview, DELETION_IN_USE), blocked = count_held(preview, DELETION_BLOCKED);
    words_part(page->out, page->start, "\n");
    buffer_printf(page->out, "%zu to create, %zu to delete, %zu awaiting approval, ", preview->create.count,
                  preview->delete.count, count_held(preview, DELETION_AWAITING_APPROVAL));
    if (in_use > 0)
        buffer_printf(page->out, "%zu in use, ", in_use);
    if (blocked > 0)
        buffer_printf(page->out, "%zu blocked, ", blocked);
    print_found(page, drifted);
    if (preview->catalog->rejected.count > 0) {
        buffer_puts(page->out, ", ");
        words_count(preview->catalog->rejected.count, "manifest", page->out);
        buffer_puts(page->out, " rejected");
    }
    buffer_puts(page->out, "\n");
}

int plan_text_format(const struct preview *preview, bool colourful, struct buffer *out) {
    struct page page = {.preview = preview, .colourful = colourful, .out = out, .start = out->length};
    struct entries entries = {0};
    int r = collect(preview, &entries);
    if (r == 0) {
        if (preview->other_scope)
            buffer_puts(out, "the snapshot is of another cluster, topic prefix, namespace or manifests directory: "
                             "nothing is owed\n");
        print_entries(&page, &entries);
        print_rejected(&page);
        size_t drifted = print_drift(&page);
        print_orphans(&page);
        print_answers(&page);
        print_totals(&page, drifted);
    }
    array_free(&entries.list);
    arena_free(&entries.arena);
    return r == 0 && out->failed ? -ENOMEM : r;
}
