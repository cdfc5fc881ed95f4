/* explain FILE. */
#include "report/explain.h"
#include "report/explain_words.h"
#include "report/words.h"

#include <string.h>

/* Topics that are named before "and 7 more". */
enum { NAMES_MAX = 3 };

static const struct {
    const char *sign, *colour, *text;
} FATES[] = {
    [FATE_GOES] = {"-", "\033[31m", "goes"},
    [FATE_HELD] = {"!", "\033[33m", "is held"},
    [FATE_STAYS] = {"=", "\033[32m", "stays"},
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

/* What a judgement is made of. */
struct matter {
    const struct explain_facts *facts;
    const struct preview *without;
    const char *file;
    ARRAY(struct concerned) topics; /* sorted by name, unique */
    struct pendings before, after;
    struct explained_file *result;
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

static int collect(struct matter *matter, const struct resources *resources) {
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource *resource = &resources->items[i];
        for (size_t k = 0; k < resource->n_needs + 2; k++) {
            struct concerned topic = {.name = k < 2 ? resource->owned[k] : resource->needs[k - 2],
                                      .owner = k < 2 ? resource : NULL};
            if (array_push(&matter->topics, topic) < 0)
                return -ENOMEM;
        }
    }
    if (matter->topics.count > 1)
        qsort(matter->topics.items, matter->topics.count, sizeof *matter->topics.items, compare_concerned);
    size_t kept = 0;
    for (size_t i = 0; i < matter->topics.count; i++)
        if (kept == 0 || strcmp(matter->topics.items[kept - 1].name, matter->topics.items[i].name) != 0)
            matter->topics.items[kept++] = matter->topics.items[i];
    matter->topics.count = kept;
    return 0;
}

static bool is_collected(const struct matter *matter, const char *topic) {
    return matter->topics.count > 0 && bsearch(topic, matter->topics.items, matter->topics.count,
                                               sizeof *matter->topics.items, compare_name) != NULL;
}

/* ---- judging ---- */

/* Takes over `reason`. */
static int add(struct matter *matter, const char *topic, enum fate fate, struct buffer *reason) {
    struct explained_file *result = matter->result;
    struct verdict verdict = {
        .topic = topic, .fate = fate, .reason = reason->failed ? NULL : arena_strdup(&result->arena, reason->data)};
    buffer_free(reason);
    return verdict.reason ? array_push(&result->verdicts, verdict) : -ENOMEM;
}

static int judge_deletion(struct matter *matter, const char *topic, const struct deletion *deletion) {
    struct buffer reason = {0};
    bool goes = deletion->state == DELETION_SENDING;
    if (goes && deletion->rest_usec > matter->result->rest_usec)
        matter->result->rest_usec = deletion->rest_usec;
    const struct deletion *before = find_pending(&matter->before, topic);
    if (goes && before && before->state == DELETION_SENDING)
        explain_when(matter->facts, before, topic, &reason);
    else if (goes)
        buffer_puts(&reason, "its owner asked for cleanTopicsOnDelete: true, and nobody needs it");
    else
        explain_wait(matter->without, deletion, &reason);
    return add(matter, topic, goes ? FATE_GOES : FATE_HELD, &reason);
}

/* Not there: neither accepted nor rejected. */
static bool is_gone(const struct explained_file *explained) {
    return !explained->accepted && !explained->rejected;
}

static int judge_topic(struct matter *matter, const struct concerned *topic) {
    const struct deletion *deletion = find_pending(&matter->after, topic->name);
    if (deletion)
        return judge_deletion(matter, topic->name, deletion);
    const struct resource *owner = topic->owner;
    const char *file = matter->file;
    const struct use *uses;
    struct buffer reason = {0};
    if (desired_uses(matter->without->desired, topic->name, &uses) > 0) {
        buffer_puts(&reason, "needed by ");
        explain_resource(matter->without->snapshot, uses->resource, &reason);
    } else {
        if (!owner)
            owner = explain_find_owner(matter->facts->preview->snapshot, topic->name, &file);
        explain_stays(owner, file, topic->owner && is_gone(matter->result), &reason);
    }
    return add(matter, topic->name, FATE_STAYS, &reason);
}

/* Deletions that are owed already: of what the file had before, and those that its removal lets go or holds. */
static int judge_others(struct matter *matter) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < matter->after.list.count; i++) {
        const struct pending *after = &matter->after.list.items[i];
        const struct deletion *before = find_pending(&matter->before, after->name);
        bool had = strcmp(after->deletion->owed->file, matter->file) == 0;
        if (before && (had || before->state != after->deletion->state) && !is_collected(matter, after->name))
            r = judge_deletion(matter, after->name, after->deletion);
    }
    return r;
}

/* Of a file of which nothing is known. */
static bool blocks(const struct explained_file *explained) {
    return explained->rejected && !explained->rejected->has_last_good;
}

static int collect_blocked(struct matter *matter) {
    int r = 0;
    for (size_t i = 0; r == 0 && blocks(matter->result) && i < matter->before.list.count; i++)
        if (matter->before.list.items[i].deletion->state == DELETION_BLOCKED)
            r = array_push(&matter->result->blocked, matter->before.list.items[i].name);
    return r;
}

static int judge(struct matter *matter) {
    struct explained_file *result = matter->result;
    const struct explain_facts *facts = matter->facts;
    result->accepted = snapshot_file(facts->preview->snapshot, matter->file);
    result->rejected = catalog_rejected(facts->preview->catalog, matter->file);
    const struct accepted_file *file = result->accepted;
    if (is_gone(result) && facts->last && !facts->preview->other_scope)
        file = snapshot_file(facts->last, matter->file); /* the daemon may not have seen it go */
    if ((file && collect(matter, file->resources) < 0) ||
        collect_pending(matter->facts->preview, &matter->before) < 0 ||
        collect_pending(matter->without, &matter->after) < 0)
        return -ENOMEM;
    int r = collect_blocked(matter);
    for (size_t i = 0; r == 0 && i < matter->topics.count; i++)
        r = judge_topic(matter, &matter->topics.items[i]);
    if (r == 0)
        r = judge_others(matter);
    return r == 0 && is_gone(result) && result->verdicts.count == 0 ? 1 : r;
}

int explain_file_judge(const struct explain_facts *facts, const char *file, const struct preview *without,
                       struct explained_file *ret) {
    struct matter matter = {.facts = facts, .without = without, .file = file, .result = ret};
    int r = judge(&matter);
    array_free(&matter.topics);
    array_free(&matter.before.list);
    array_free(&matter.after.list);
    return r;
}

void explained_file_free(struct explained_file *explained) {
    array_free(&explained->verdicts);
    array_free(&explained->blocked);
    arena_free(&explained->arena);
}

/* ---- printing ---- */

static void print_verdict(const struct verdict *verdict, bool colourful, struct buffer *out) {
    buffer_printf(out, "  %s%s ", colourful ? FATES[verdict->fate].colour : "", FATES[verdict->fate].sign);
    words_clean(verdict->topic, out);
    buffer_printf(out, "%s  %s: %s\n", colourful ? "\033[0m" : "", FATES[verdict->fate].text, verdict->reason);
}

static void print_totals(const struct explained_file *explained, struct buffer *out) {
    size_t counts[FATE_MAX_] = {0};
    for (size_t i = 0; i < explained->verdicts.count; i++)
        counts[explained->verdicts.items[i].fate]++;
    buffer_printf(out, "%zu would go", counts[FATE_GOES]);
    if (counts[FATE_GOES] > 0)
        buffer_printf(out, ", once the directory has rested for %llu s",
                      (unsigned long long)(explained->rest_usec / USEC_PER_SEC));
    buffer_printf(out, "; %zu would be held, %zu would stay\n", counts[FATE_HELD], counts[FATE_STAYS]);
    buffer_puts(out, "which of these topics exist, only Kafka can say: topicd plan\n");
}

/* It may not be the only one: which others are, each blocked topic's own reason says. */
static void print_blocked(const struct explained_file *explained, struct buffer *out) {
    size_t count = explained->blocked.count;
    buffer_puts(out, "\n  it may want any topic: until it is repaired or removed none is deleted (rule D4)");
    if (count == 0)
        buffer_puts(out, "; no deletion waits for it now");
    for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
        buffer_puts(out, i == 0 ? "; it blocks the deletion of " : ", ");
        words_clean(explained->blocked.items[i], out);
    }
    if (count > NAMES_MAX)
        buffer_printf(out, " and %zu more", count - NAMES_MAX);
}

static void print_state(const struct explained_file *explained, struct buffer *out) {
    size_t counts[KIND_MAX_] = {0};
    for (size_t i = 0; explained->accepted && i < explained->accepted->resources->count; i++)
        counts[explained->accepted->resources->items[i].kind]++;
    if (explained->rejected) {
        const struct diagnostic *error = &explained->rejected->errors[0];
        buffer_puts(out, " is rejected: ");
        if (error->mark.line)
            buffer_printf(out, "%u:%u: ", error->mark.line, error->mark.column);
        words_clean(error->message, out);
        buffer_puts(out, explained->rejected->has_last_good ? "\n  its last good version stays in force: "
                                                            : "\n  no version of it ever counted: ");
    } else {
        buffer_puts(out, " is accepted: ");
    }
    words_count(counts[KIND_MODEL], "model", out);
    buffer_puts(out, ", ");
    words_count(counts[KIND_PIPELINE], "pipeline", out);
    if (blocks(explained))
        print_blocked(explained, out);
    buffer_puts(out, "\nif it were removed now:\n");
}

/* Of the deletions that are owed of the file, the one that can be answered, or the first. */
static void print_gone_advice(const struct preview *preview, const char *file, struct buffer *out) {
    const struct deletion *chosen = NULL;
    for (size_t i = 0; i < preview->deletions->list.count; i++) {
        const struct deletion *deletion = &preview->deletions->list.items[i];
        if (strcmp(deletion->owed->file, file) == 0 &&
            (!chosen || (deletion->state == DELETION_AWAITING_APPROVAL && preview->held_already[i])))
            chosen = deletion;
    }
    if (chosen)
        explain_advice(preview, chosen, "them", out);
}

static void print(const struct explain_facts *facts, const char *file, const struct explained_file *explained,
                  struct buffer *out) {
    words_clean(file, out);
    if (is_gone(explained))
        buffer_puts(out, " is gone; what becomes of its topics ('topicd explain TOPIC' says more):\n");
    else
        print_state(explained, out);
    for (size_t i = 0; i < explained->verdicts.count; i++)
        print_verdict(&explained->verdicts.items[i], facts->colourful, out);
    if (is_gone(explained))
        print_gone_advice(facts->preview, file, out);
    else
        print_totals(explained, out);
}

int explain_file_format(const struct explain_facts *facts, const char *file, const struct preview *without,
                        struct buffer *out) {
    struct explained_file explained = {0};
    int r = explain_file_judge(facts, file, without, &explained);
    if (r == 0)
        print(facts, file, &explained, out);
    explained_file_free(&explained);
    return out->failed ? -ENOMEM : r;
}
