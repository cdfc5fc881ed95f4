#include "reconcile/let_go.h"

#include "base/name.h"

#include <string.h>

/* A topic that is owed. */
struct owed_topic {
    const char *name;
    struct owed *owed;
    size_t needed_by; /* the changed file, counted from 1, that needed it before and may not do so now; 0 */
};

struct owed_topics {
    ARRAY(struct owed_topic) list; /* sorted by name */
};

static int compare_topics(const void *a, const void *b) {
    return strcmp(((const struct owed_topic *)a)->name, ((const struct owed_topic *)b)->name);
}

static int collect(struct snapshot *next, struct owed_topics *topics) {
    for (size_t i = 0; i < 2 * next->owed.count; i++) {
        struct owed *owed = &next->owed.items[i / 2];
        if (array_push(&topics->list, (struct owed_topic){.name = owed->topics[i % 2], .owed = owed}) < 0)
            return -ENOMEM;
    }
    qsort(topics->list.items, topics->list.count, sizeof *topics->list.items, compare_topics);
    return 0;
}

static void mark(struct owed_topics *topics, const struct resources *resources, size_t needed_by) {
    for (size_t i = 0; i < resources->count; i++)
        for (size_t k = 0; k < resources->items[i].n_needs; k++) {
            struct owed_topic key = {.name = resources->items[i].needs[k]};
            struct owed_topic *found =
                bsearch(&key, topics->list.items, topics->list.count, sizeof key, compare_topics);
            if (found)
                found->needed_by = needed_by;
        }
}

/* What the file needed before and does not need now is marked, and is unmarked again. */
static void compare(struct owed_topics *topics, const struct resources *before, const struct accepted_file *now,
                    size_t number) {
    mark(topics, before, number);
    mark(topics, now->resources, 0);
    for (size_t i = 0; i < topics->list.count; i++)
        if (topics->list.items[i].needed_by == number)
            topics->list.items[i].owed->let_go_by = now->name;
}

int let_go_note(const struct snapshot *last, struct snapshot *next) {
    struct owed_topics topics = {0};
    int r = next->owed.count > 0 ? collect(next, &topics) : 0;
    for (size_t b = 0, a = 0; r == 0 && topics.list.count > 0 && b < last->files.count; b++) {
        const struct accepted_file *before = &last->files.items[b];
        int order = 1;
        while (a < next->files.count && (order = name_compare(next->files.items[a].name, before->name)) < 0)
            a++;
        if (a < next->files.count && order == 0 && next->files.items[a].resources != before->resources)
            compare(&topics, before->resources, &next->files.items[a], b + 1);
    }
    array_free(&topics.list);
    return r;
}
