#include "reconcile/pruning.h"

#include "base/sorted.h"

#include <string.h>

/* D5, D4 and D6(b) for prune, with nothing taken on trust: what a deletion that is owed knows from the snapshot, an
 * orphan has to know from here. Returns 0 or -ENOMEM. */
static int refuse(const struct pruning_facts *facts, struct arena *arena, const char **ret) {
    const struct snapshot *last = facts->last;
    const struct catalog *catalog = facts->preview->catalog;
    *ret = NULL;
    if (!facts->scan->complete)
        *ret = "the manifests directory cannot be read";
    else if (!facts->cluster_id)
        *ret = "Kafka does not say which cluster it is";
    else if (!last || !last->scope.cluster_id || !last->directory)
        *ret = "no snapshot says what belongs to this cluster: the daemon has to have reached it once";
    else if (facts->preview->other_scope || strcmp(last->scope.cluster_id, facts->cluster_id) != 0)
        *ret = "the snapshot is of another cluster, topic prefix, namespace or manifests directory";
    else if (!facts->scan->directory || strcmp(last->directory, facts->scan->directory) != 0)
        *ret =
            "the manifests directory is not the one that the daemon knows: is something mounted over it, or missing?";
    else if (catalog->rejected.count == 0 && catalog->n_models + catalog->n_pipelines == 0)
        *ret = "no Model or Pipeline is accepted: all topics would be orphans, as after a lost mount or an 'rm *'";
    if (*ret || catalog->rejected.count == 0)
        return 0;
    *ret = arena_printf(arena, "%s is rejected and may need any of them: repair or remove that file",
                        catalog->rejected.items[0].name);
    return *ret ? 0 : -ENOMEM;
}

bool pruning_has(const struct pruning *pruning, const char *topic) {
    return pruning->topics.count > 0 && bsearch(&topic, pruning->topics.items, pruning->topics.count,
                                                sizeof *pruning->topics.items, sorted_compare_texts) != NULL;
}

int pruning_judge(const struct pruning_facts *facts, struct arena *arena, struct pruning *ret) {
    struct pruning pruning = {0};
    struct desired *before = NULL;
    int r = refuse(facts, arena, &pruning.refusal);
    if (r < 0 || pruning.refusal) {
        *ret = pruning;
        return r;
    }
    r = desired_new(facts->last, &before);
    for (size_t i = 0; r == 0 && i < facts->preview->orphans.count; i++) {
        const char *topic = facts->preview->orphans.items[i];
        const struct use *uses;
        /* What the daemon still knows to be needed is no orphan before it has seen for itself that it is not. */
        if (desired_uses(before, topic, &uses) == 0)
            r = array_push(&pruning.topics, topic);
    }
    desired_free(before);
    if (r < 0)
        array_free(&pruning.topics);
    else
        *ret = pruning;
    return r;
}
