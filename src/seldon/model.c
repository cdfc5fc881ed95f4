/* A Model: R-M1, R-M2 (R-M3 is a check of its table, R-M4 is its identity's), and its two topics. */
#include "seldon/fields.h"
#include "seldon/reading.h"

#include <inttypes.h>

/* An integer of spec, if it is there and is one. */
static bool get_integer(const struct node *spec, const char *key, int64_t *ret) {
    const struct node *node = node_get(spec, key);
    if (!node || (node->type != NODE_INTEGER && node->type != NODE_FLOAT))
        return false;
    if (node->number < INT32_MIN || node->number > INT32_MAX) /* the schema has said so */
        return false;
    *ret = (int64_t)node->number;
    return true;
}

/* R-M2 */
static void check_scaling(struct reading *reading, const struct node *spec) {
    int64_t replicas = 1, min = 0, max = 0;
    bool given = get_integer(spec, "replicas", &replicas);
    bool bounded_below = get_integer(spec, "minReplicas", &min) && min > 0;
    bool bounded_above = get_integer(spec, "maxReplicas", &max) && max > 0;
    if (given && bounded_below && replicas < min)
        reading_error(reading, node_get(spec, "replicas")->mark,
                      "replicas is %" PRId64 ", but minReplicas asks for at least %" PRId64, replicas, min);
    if (bounded_below && bounded_above && min > max)
        reading_error(reading, node_get(spec, "minReplicas")->mark,
                      "minReplicas is %" PRId64 ", but maxReplicas allows no more than %" PRId64, min, max);
    if (given && bounded_above && replicas > max)
        reading_error(reading, node_get(spec, "replicas")->mark,
                      "replicas is %" PRId64 ", but maxReplicas allows no more than %" PRId64, replicas, max);
}

int model_read(struct reading *reading, const struct node *object, const char *path) {
    struct identity identity;
    int r = reading_identify(reading, object, KIND_MODEL, MODEL_FIELDS, path, &identity);
    if (r < 0)
        return r;
    const struct node *spec = node_get(object, "spec");
    const struct node *llm = node_get(spec, "llm"), *explainer = node_get(spec, "explainer");
    if (llm && llm->type == NODE_MAP && explainer && explainer->type == NODE_MAP) /* R-M1 */
        reading_error(reading, llm->mark, "a Model cannot have both an explainer and an llm; remove one of them");
    check_scaling(reading, spec);
    if (!identity.usable)
        return 0;
    const char *topics[DIRECTION_MAX_];
    for (enum direction direction = 0; direction < DIRECTION_MAX_; direction++) {
        topics[direction] = naming_topic(&reading->scratch, &identity.naming, KIND_MODEL, identity.name, direction);
        if (!topics[direction])
            return -ENOMEM;
    }
    bool clean = node_is_true(node_get(spec, "dataflow"), "cleanTopicsOnDelete");
    return reading_claim(reading, &identity, clean, topics, DIRECTION_MAX_);
}
