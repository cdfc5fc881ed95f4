#include "reconcile/preview.h"

#include "reconcile/owed.h"

#include <string.h>

/* ---- the first half ---- */

/* What the next snapshot is made from: the last one, or an empty one in the scope of now (D5). */
static struct snapshot *base_of(const struct preview_facts *facts, bool other_scope) {
    const struct snapshot *last = facts->last;
    struct snapshot *base = last && !other_scope ? snapshot_copy(last) : snapshot_new(facts->scope);
    if (!base)
        return NULL;
    base->generation = last ? last->generation : 0;
    if (!base->scope.cluster_id && facts->scope->cluster_id &&
        !(base->scope.cluster_id = arena_strdup(&base->arena, facts->scope->cluster_id)))
        return snapshot_free(base);
    return base;
}

/* Notes whose deletion awaits approval already: the ID of today answers these, and not what a plan adds to them. */
static int note_held(struct preview *preview) {
    preview->held_already = arena_array(&preview->arena, preview->snapshot->owed.count, sizeof(bool));
    if (!preview->held_already)
        return -ENOMEM;
    for (size_t i = 0; i < preview->snapshot->owed.count; i++)
        preview->held_already[i] = preview->snapshot->owed.items[i].held != 0;
    owed_id(preview->snapshot, preview->id);
    return 0;
}

static int judge(struct preview *preview, const struct preview_facts *facts) {
    preview->other_scope = facts->last && !scope_equal(&facts->last->scope, facts->scope);
    struct snapshot *base = base_of(facts, preview->other_scope);
    if (!base)
        return -ENOMEM;
    bool old = facts->old && !preview->other_scope;
    int r = catalog_judge(base, facts->scan, NULL, old, &preview->snapshot, &preview->catalog);
    snapshot_free(base);
    if (r == 0)
        r = desired_new(preview->snapshot, &preview->desired);
    if (r == 0)
        r = note_held(preview);
    if (r < 0)
        return r;
    struct deletion_facts deletion_facts = {
        .rules = facts->rules,
        .desired = preview->desired,
        .catalog = preview->catalog,
        .now = facts->now,
        .scanned_usec = facts->now.monotonic_usec,
        .changed_usec = facts->now.monotonic_usec,
        .scan_is_last_word = facts->scan->complete && !facts->blind,
        .suppose_rested = true,
    };
    r = deletions_judge(preview->snapshot, &deletion_facts, &preview->deletions);
    owed_revocable_id(preview->snapshot, NULL, preview->approved_id);
    return r;
}

int preview_new(const struct preview_facts *facts, struct preview **ret) {
    struct preview *preview = calloc(1, sizeof *preview);
    if (!preview)
        return -ENOMEM;
    int r = judge(preview, facts);
    if (r < 0)
        preview_free(preview);
    else
        *ret = preview;
    return r;
}

struct preview *preview_free(struct preview *preview) {
    if (!preview)
        return NULL;
    deletions_free(preview->deletions);
    desired_free(preview->desired);
    catalog_free(preview->catalog);
    snapshot_free(preview->snapshot);
    array_free(&preview->create);
    array_free(&preview->delete);
    array_free(&preview->held);
    array_free(&preview->drift);
    array_free(&preview->hidden);
    array_free(&preview->orphans);
    arena_free(&preview->arena);
    free(preview);
    return NULL;
}

/* ---- the second half ---- */

static int compare_found(const void *name, const void *found) {
    return strcmp(name, ((const struct found_topic *)found)->name);
}

static const struct found_topic *find(const struct found_topic *found, size_t count, const char *name) {
    return count > 0 ? bsearch(name, found, count, sizeof *found, compare_found) : NULL;
}

static int add_drift(struct preview *preview, const char *topic, const char *field, const char *wanted,
                     const char *actual) {
    struct drift drift = {.topic = topic, .field = field, .wanted = wanted, .actual = actual};
    return field && array_push(&preview->drift, drift) == 0 ? 0 : -ENOMEM;
}

static int compare_number(struct preview *preview, const char *topic, const char *field, int wanted, int actual) {
    if (wanted == actual)
        return 0;
    const char *a = arena_printf(&preview->arena, "%d", wanted), *b = arena_printf(&preview->arena, "%d", actual);
    return a && b ? add_drift(preview, topic, field, a, b) : -ENOMEM;
}

/* Both lists are sorted by key: walk them side by side. */
static int compare_config(struct preview *preview, const struct topic_settings *settings,
                          const struct found_topic *found) {
    size_t w = 0, a = 0;
    while (w < settings->n_config || a < found->n_config) {
        const struct property *wanted = w < settings->n_config ? &settings->config[w] : NULL;
        const struct property *actual = a < found->n_config ? &found->config[a] : NULL;
        int order = !wanted ? 1 : !actual ? -1 : strcmp(wanted->key, actual->key);
        const char *key = order <= 0 ? wanted->key : actual->key;
        w += order <= 0;
        a += order >= 0;
        if (order == 0 && strcmp(wanted->value, actual->value) == 0)
            continue;
        if (add_drift(preview, found->name, arena_printf(&preview->arena, "config.%s", key),
                      order <= 0 ? wanted->value : NULL, order >= 0 ? actual->value : NULL) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* T5 */
static int compare_topic(struct preview *preview, const struct topic_settings *settings,
                         const struct found_topic *found) {
    int r = 0;
    if (found->config_known)
        r = compare_config(preview, settings, found);
    else if (found->config_hidden)
        r = array_push(&preview->hidden, found->name);
    if (r == 0 && found->shape_known)
        r = compare_number(preview, found->name, "partitions", settings->partitions, found->partitions);
    if (r == 0 && found->shape_known)
        r = compare_number(preview, found->name, "replicationFactor", settings->replication_factor,
                           found->replication_factor);
    return r;
}

static int compare_desired(struct preview *preview, const struct found_topic *found, size_t count) {
    for (size_t i = 0; i < preview->desired->topics.count; i++) {
        const struct found_topic *topic = find(found, count, desired_topic(preview->desired, i));
        int r = topic ? compare_topic(preview, topic_settings_for(preview->policy, topic->name), topic)
                      : array_push(&preview->create, i);
        if (r < 0)
            return r;
    }
    return 0;
}

static int compare_deletion(struct preview *preview, size_t index, const struct found_topic *found, size_t count) {
    const struct deletion *deletion = &preview->deletions->list.items[index];
    bool revocable = owed_is_revocable(preview->snapshot, NULL, deletion->owed);
    bool answerable = deletion->state == DELETION_AWAITING_APPROVAL && preview->held_already[index];
    for (int k = 0; k < 2; k++) {
        struct previewed_deletion previewed = {.topic = deletion->owed->topics[k],
                                               .owed = deletion->owed,
                                               .state = deletion->state,
                                               .reason = deletion->reason,
                                               .also = deletion->also,
                                               .id = answerable ? preview->id : NULL,
                                               .approved_id = revocable ? preview->approved_id : NULL};
        if (deletion->owed->done[k])
            continue;
        if (deletion->state == DELETION_SENDING) {
            if (find(found, count, previewed.topic) && array_push(&preview->delete, previewed) < 0)
                return -ENOMEM;
        } else if (array_push(&preview->held, previewed) < 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static bool is_owed(const struct preview *preview, const char *topic) {
    for (size_t i = 0; i < preview->snapshot->owed.count; i++)
        for (int k = 0; k < 2; k++)
            if (strcmp(preview->snapshot->owed.items[i].topics[k], topic) == 0)
                return true;
    return false;
}

static bool is_namespace_of(const struct found_topic *found, const char *namespace) {
    return strlen(namespace) == found->namespace_length &&
           memcmp(namespace, found->namespace, found->namespace_length) == 0;
}

/* A namespace in use: the default one, and those of accepted resources. */
static bool in_use(const struct preview *preview, const struct found_topic *found) {
    if (is_namespace_of(found, preview->snapshot->scope.namespace))
        return true;
    for (size_t i = 0; i < preview->snapshot->files.count; i++) {
        const struct resources *resources = preview->snapshot->files.items[i].resources;
        for (size_t k = 0; k < resources->count; k++)
            if (is_namespace_of(found, resources->items[k].namespace))
                return true;
    }
    return false;
}

static int find_orphans(struct preview *preview, const struct found_topic *found, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct use *uses;
        if (!found[i].namespace || desired_uses(preview->desired, found[i].name, &uses) > 0 ||
            is_owed(preview, found[i].name) || !in_use(preview, &found[i]))
            continue;
        if (array_push(&preview->orphans, found[i].name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int compare_previewed(const void *a, const void *b) {
    return strcmp(((const struct previewed_deletion *)a)->topic, ((const struct previewed_deletion *)b)->topic);
}

int preview_compare(struct preview *preview, const struct topic_policy *policy, const struct found_topic *found,
                    size_t count) {
    preview->policy = policy;
    int r = compare_desired(preview, found, count);
    for (size_t i = 0; r == 0 && i < preview->deletions->list.count; i++)
        r = compare_deletion(preview, i, found, count);
    if (preview->delete.count > 1)
        qsort(preview->delete.items, preview->delete.count, sizeof *preview->delete.items, compare_previewed);
    if (preview->held.count > 1)
        qsort(preview->held.items, preview->held.count, sizeof *preview->held.items, compare_previewed);
    return r == 0 ? find_orphans(preview, found, count) : r;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct found_topic *)a)->name, ((const struct found_topic *)b)->name);
}

int preview_compare_offline(struct preview *preview, const struct topic_policy *policy, const struct snapshot *last) {
    preview->offline = true;
    if (!last || preview->other_scope)
        return preview_compare(preview, policy, NULL, 0);
    struct desired *desired = NULL;
    ARRAY(struct found_topic) found = {0};
    int r = desired_new(last, &desired);
    for (size_t i = 0; r == 0 && i < desired->topics.count; i++)
        r = array_push(&found, (struct found_topic){.name = desired_topic(desired, i)});
    for (size_t i = 0; r == 0 && i < 2 * last->owed.count; i++)
        r = array_push(&found, (struct found_topic){.name = last->owed.items[i / 2].topics[i % 2]});
    if (found.count > 1)
        qsort(found.items, found.count, sizeof *found.items, compare_names);
    if (r == 0)
        r = preview_compare(preview, policy, found.items, found.count);
    array_free(&found);
    desired_free(desired);
    return r;
}
