#include "report/status_text.h"

#include "report/words.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* How many of a kind one screen has room for. */
enum { LINES_MAX = 5 };

struct status_document {
    json_t *root;
};

struct page {
    const json_t *root;
    struct moment now;
    bool colourful;
    struct buffer *out;
};

/* ---- reading ---- */

int status_document_read(const char *text, size_t length, struct status_document **ret) {
    json_error_t error;
    json_t *root = json_loadb(text, length, 0, &error);
    if (!root) /* jansson has words for mistakes, and mostly none for exhausted memory */
        return error.text[0] ? 1 : -ENOMEM;
    struct status_document *document = calloc(1, sizeof *document);
    bool known = json_integer_value(json_object_get(root, "version")) == 1;
    if (!document || !known) {
        free(document);
        json_decref(root);
        return known ? -ENOMEM : 1;
    }
    document->root = root;
    *ret = document;
    return 0;
}

struct status_document *status_document_free(struct status_document *document) {
    if (document)
        json_decref(document->root);
    free(document);
    return NULL;
}

/* "" if it is absent or no text. */
static const char *get_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static size_t get_count(const json_t *object, const char *key) {
    json_int_t count = json_integer_value(json_object_get(object, key));
    return count > 0 ? (size_t)count : 0;
}

static bool get_bool(const json_t *object, const char *key) {
    return json_is_true(json_object_get(object, key));
}

int status_document_pid(const struct status_document *document) {
    return (int)get_count(document->root, "pid");
}

bool status_document_in_sync(const struct status_document *document) {
    return get_bool(document->root, "inSync");
}

const char *status_document_summary(const struct status_document *document) {
    return get_text(document->root, "summary");
}

/* The lists are sorted by topic. */
static const json_t *find_topic(const struct status_document *document, const char *list, const char *topic) {
    const json_t *array = json_object_get(document->root, list);
    size_t low = 0, high = json_array_size(array);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const json_t *item = json_array_get(array, middle);
        int order = strcmp(get_text(item, "topic"), topic);
        if (order == 0)
            return item;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool status_document_deletion(const struct status_document *document, const char *topic, struct status_deletion *ret) {
    const json_t *deletion = find_topic(document, "deletions", topic);
    if (!deletion)
        return false;
    *ret = (struct status_deletion){.state = get_text(deletion, "state"), .reason = get_text(deletion, "reason")};
    words_parse_time(get_text(deletion, "due"), &ret->due_usec);
    return true;
}

const char *status_document_failure(const struct status_document *document, const char *topic) {
    const json_t *failed = find_topic(document, "failedTopics", topic);
    return failed ? get_text(failed, "error") : NULL;
}

/* ---- printing ---- */

static void coloured(const struct page *page, const char *colour, const char *text) {
    buffer_printf(page->out, "%s%s%s", page->colourful ? colour : "", text, page->colourful ? "\033[0m" : "");
}

static void print_head(const struct page *page) {
    bool in_sync = get_bool(page->root, "inSync");
    size_t problems = get_count(page->root, "problems");
    coloured(page, in_sync ? "\033[32m" : problems > 0 ? "\033[31m" : "\033[33m", "●");
    buffer_printf(page->out, " topicd (pid %zu), ", get_count(page->root, "pid"));
    words_clean(get_text(page->root, "phase"), page->out);
    if (in_sync) {
        buffer_puts(page->out, ": all in sync\n");
        return;
    }
    buffer_puts(page->out, ": ");
    if (problems > 0) {
        words_count(problems, "problem", page->out);
        buffer_puts(page->out, ", ");
    }
    buffer_puts(page->out, "not in sync\n");
}

/* "in 8 s", "now", "12 s ago" */
static void print_when(const struct page *page, const char *time) {
    uint64_t then, now = page->now.wall_usec;
    if (!words_parse_time(time, &then))
        return;
    if (then + USEC_PER_SEC > now && then <= now) {
        buffer_puts(page->out, "now");
        return;
    }
    buffer_puts(page->out, then > now ? "in " : "");
    words_span(then > now ? then - now : (now - then) / USEC_PER_SEC * USEC_PER_SEC, page->out);
    buffer_puts(page->out, then > now ? "" : " ago");
}

static void print_world(const struct page *page) {
    const json_t *counts = json_object_get(page->root, "counts"), *kafka = json_object_get(page->root, "kafka");
    const json_t *scan = json_object_get(page->root, "scan");
    buffer_puts(page->out, "     Status: ");
    words_clean(get_text(page->root, "summary"), page->out);
    buffer_puts(page->out, "\n  Manifests: ");
    words_count(get_count(counts, "files"), "file", page->out);
    buffer_puts(page->out, ", ");
    words_count(get_count(counts, "models"), "model", page->out);
    buffer_puts(page->out, ", ");
    words_count(get_count(counts, "pipelines"), "pipeline", page->out);
    if (*get_text(scan, "started")) {
        buffer_puts(page->out, "; looked at ");
        print_when(page, get_text(scan, "started"));
    }
    if (*get_text(scan, "error")) {
        buffer_puts(page->out, ", in vain: ");
        words_clean(get_text(scan, "error"), page->out);
    }
    buffer_puts(page->out, "\n     Topics: ");
    buffer_printf(page->out, "%zu\n      Kafka: %s", get_count(counts, "topics"),
                  get_bool(kafka, "reachable") ? "reachable" : "not reachable");
    if (*get_text(kafka, "clusterId")) {
        buffer_puts(page->out, ", cluster ");
        words_clean(get_text(kafka, "clusterId"), page->out);
    }
    if (*get_text(kafka, "error")) {
        buffer_puts(page->out, ": ");
        words_clean(get_text(kafka, "error"), page->out);
    }
    buffer_puts(page->out, "\n");
}

static void print_more(const struct page *page, size_t count) {
    if (count > LINES_MAX)
        buffer_printf(page->out, "  … and %zu more (topicd status --json)\n", count - LINES_MAX);
}

static void print_rejected(const struct page *page) {
    const json_t *list = json_object_get(page->root, "rejectedFiles"), *file;
    size_t count = json_array_size(list), i;
    if (count == 0)
        return;
    buffer_puts(page->out, "\n");
    coloured(page, "\033[31m", "Rejected");
    buffer_puts(page->out,
                ": what was accepted before stays in force (where nothing was, no topic is deleted until the file "
                "is repaired or removed); see 'topicd check'\n");
    json_array_foreach(list, i, file) {
        const json_t *errors = json_object_get(file, "errors"), *first = json_array_get(errors, 0);
        if (i == LINES_MAX)
            break;
        buffer_puts(page->out, "  ");
        words_clean(get_text(file, "file"), page->out);
        if (get_count(first, "line"))
            buffer_printf(page->out, ":%zu:%zu", get_count(first, "line"), get_count(first, "column"));
        buffer_puts(page->out, ": ");
        words_clean(get_text(first, "message"), page->out);
        if (json_array_size(errors) > 1)
            buffer_printf(page->out, " and %zu more", json_array_size(errors) - 1);
        buffer_puts(page->out, "\n");
    }
    print_more(page, count);
}

static void print_failed(const struct page *page) {
    const json_t *list = json_object_get(page->root, "failedTopics"), *topic;
    size_t count = json_array_size(list), i;
    if (count == 0)
        return;
    buffer_puts(page->out, "\n");
    coloured(page, "\033[31m", "Refused by Kafka");
    buffer_puts(page->out, ": topicd goes on trying\n");
    json_array_foreach(list, i, topic) {
        if (i == LINES_MAX)
            break;
        buffer_puts(page->out, "  ");
        words_clean(get_text(topic, "topic"), page->out);
        buffer_puts(page->out, ": ");
        words_clean(get_text(topic, "error"), page->out);
        buffer_puts(page->out, "; again ");
        print_when(page, get_text(topic, "retryAt"));
        buffer_puts(page->out, "\n");
    }
    print_more(page, count);
}

/* What a state of deletions means, in the order of the page. */
static const struct {
    const char *state, *colour, *title, *meaning;
} STATES[] = {
    {"awaiting-approval", "\033[33m", "Awaiting approval", ""},
    {"blocked", "\033[31m", "Deletions that are blocked", ""},
    {"retrying", "\033[31m", "Deletions that failed", ": topicd goes on trying"},
    {"in-use", "\033[36m", "Deletions that wait for the last user", ""},
    {"grace-period", "\033[36m", "Deletions in their grace period",
     ": a deletion is dropped if its Model or Pipeline returns"},
    {"sending", "\033[36m", "Deletions under way", ""},
};

/* Under a reason that it may share with those before it. */
static void print_deletion(const struct page *page, const json_t *deletion, const char *last_reason) {
    const char *reason = get_text(deletion, "reason");
    if (!last_reason || strcmp(last_reason, reason) != 0) {
        buffer_puts(page->out, "  ");
        words_clean(reason, page->out);
        buffer_puts(page->out, ":\n");
    }
    buffer_puts(page->out, "    ");
    words_clean(get_text(deletion, "topic"), page->out);
    if (*get_text(deletion, "due")) {
        buffer_puts(page->out, " ");
        print_when(page, get_text(deletion, "due"));
    }
    buffer_puts(page->out, " (");
    words_clean(get_text(deletion, "owner"), page->out);
    buffer_puts(page->out, ")");
    if (*get_text(deletion, "id") && *get_text(deletion, "alsoReason")) {
        buffer_puts(page->out, "; also: ");
        words_clean(get_text(deletion, "alsoReason"), page->out);
    }
    buffer_puts(page->out, "\n");
}

/* Of the deletions of one state. */
struct tally {
    size_t count, n_wait_on;
    const char *waits_on; /* why the first of those waits that wait for more than the state says */
    const char *id;       /* what answers them; "" */
};

/* What answers the set that awaits approval. What else stands against some of it may be below the end of the list. */
static void print_answers(const struct page *page, const struct tally *tally) {
    buffer_puts(page->out, "  topicd approve ");
    words_clean(tally->id, page->out);
    buffer_puts(page->out, "   deletes these topics");
    words_unless_held(tally->n_wait_on, tally->count, tally->waits_on, page->out);
    buffer_puts(page->out, "\n  topicd deny ");
    words_clean(tally->id, page->out);
    buffer_puts(page->out, "      keeps them\n");
}

static void print_deletions(const struct page *page, size_t state) {
    const json_t *list = json_object_get(page->root, "deletions"), *deletion;
    struct tally tally = {.id = ""};
    const char *reason = NULL;
    size_t i;
    json_array_foreach(list, i, deletion) {
        if (strcmp(get_text(deletion, "state"), STATES[state].state) != 0)
            continue;
        if (tally.count == 0) {
            buffer_puts(page->out, "\n");
            coloured(page, STATES[state].colour, STATES[state].title);
            buffer_printf(page->out, "%s\n", STATES[state].meaning);
        }
        if (tally.count++ < LINES_MAX)
            print_deletion(page, deletion, reason);
        reason = get_text(deletion, "reason");
        tally.id = *get_text(deletion, "id") ? get_text(deletion, "id") : tally.id;
        if (*get_text(deletion, "alsoReason") && tally.n_wait_on++ == 0)
            tally.waits_on = get_text(deletion, "alsoReason");
    }
    print_more(page, tally.count);
    if (*tally.id) {
        print_answers(page, &tally);
    } else if (tally.n_wait_on > 0) {
        buffer_puts(page->out, "  after that ");
        words_of_them(tally.n_wait_on, tally.count, page->out);
        buffer_puts(page->out, " ");
        words_clean(tally.waits_on, page->out);
        buffer_puts(page->out, "\n");
    }
}

/* What was approved and can still be taken back, whatever it waits for. */
static void print_approved(const struct page *page) {
    const json_t *list = json_object_get(page->root, "deletions"), *deletion;
    const char *id = "";
    size_t count = 0, i;
    json_array_foreach(list, i, deletion) {
        if (!*get_text(deletion, "approvedId"))
            continue;
        id = get_text(deletion, "approvedId");
        count++;
    }
    if (count == 0)
        return;
    buffer_puts(page->out, "\n");
    coloured(page, "\033[36m", "Approved");
    buffer_puts(page->out, ": not sent yet\n  topicd deny ");
    words_clean(id, page->out);
    buffer_puts(page->out, "      keeps ");
    words_count(count, "topic", page->out);
    buffer_puts(page->out, " after all\n");
}

void status_text_format(const struct status_document *document, struct moment now, bool colourful, struct buffer *out) {
    struct page page = {.root = document->root, .now = now, .colourful = colourful, .out = out};
    print_head(&page);
    print_world(&page);
    print_rejected(&page);
    print_failed(&page);
    for (size_t state = 0; state < sizeof STATES / sizeof *STATES; state++)
        print_deletions(&page, state);
    print_approved(&page);
}
