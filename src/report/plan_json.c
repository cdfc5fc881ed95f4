#include "report/plan_json.h"

#include "report/json.h"

static json_t *config(const struct topic_settings *settings) {
    json_t *object = json_object();
    for (size_t i = 0; object && i < settings->n_config; i++) {
        if (json_object_set_new(object, settings->config[i].key, json_text(settings->config[i].value)) == 0)
            continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *needed_by(const struct preview *preview, const char *topic) {
    const struct use *uses;
    size_t count = desired_uses(preview->desired, topic, &uses);
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct resource *resource = uses[i].resource;
        r = json_push(array, json_owner(resource->kind, resource->namespace, resource->name));
    }
    return json_checked(array, r);
}

static json_t *create(const struct preview *preview, const struct topic_policy *policy) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < preview->create.count; i++) {
        const char *topic = desired_topic(preview->desired, preview->create.items[i]);
        const struct topic_settings *settings = topic_settings_for(policy, topic);
        r = json_push(array, json_pack("{s:o, s:i, s:i, s:o, s:o}", "topic", json_text(topic), "partitions",
                                       settings->partitions, "replicationFactor", settings->replication_factor,
                                       "config", config(settings), "neededBy", needed_by(preview, topic)));
    }
    return json_checked(array, r);
}

static json_t *owner(const struct previewed_deletion *deletion) {
    return json_owner(deletion->owed->kind, deletion->owed->namespace, deletion->owed->name);
}

static json_t *delete (const struct preview *preview) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < preview->delete.count; i++) {
        const struct previewed_deletion *deletion = &preview->delete.items[i];
        r = json_push(array, json_pack("{s:o, s:o, s:o, s:o, s:o}", "topic", json_text(deletion->topic), "owner",
                                       owner(deletion), "reason", json_text(deletion->reason), "approvedId",
                                       json_text(deletion->approved_id), "due", json_time(deletion->due_usec)));
    }
    return json_checked(array, r);
}

static json_t *held(const struct preview *preview) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < preview->held.count; i++) {
        const struct previewed_deletion *deletion = &preview->held.items[i];
        r = json_push(array, json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "topic", json_text(deletion->topic),
                                       "owner", owner(deletion), "state", deletion_state_name(deletion->state),
                                       "reason", json_text(deletion->reason), "alsoReason", json_text(deletion->also),
                                       "id", json_text(deletion->id), "approvedId", json_text(deletion->approved_id),
                                       "due", json_time(deletion->due_usec)));
    }
    return json_checked(array, r);
}

static json_t *drift(const struct preview *preview) {
    if (preview->offline)
        return json_null();
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < preview->drift.count; i++) {
        const struct drift *one = &preview->drift.items[i];
        r = json_push(array,
                      json_pack("{s:o, s:o, s:o, s:o}", "topic", json_text(one->topic), "field", json_text(one->field),
                                "wanted", json_text(one->wanted), "actual", json_text(one->actual)));
    }
    return json_checked(array, r);
}

/* Of what only Kafka can tell: null if it was not asked. */
static json_t *names(const struct preview *preview, const char *const *list, size_t count) {
    if (preview->offline)
        return json_null();
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = json_push(array, json_text(list[i]));
    return json_checked(array, r);
}

int plan_json_format(const struct preview *preview, const struct topic_policy *policy, struct buffer *out) {
    return json_finish(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "clusterId",
                                 json_text(preview->snapshot->scope.cluster_id), "create", create(preview, policy),
                                 "delete", delete (preview), "held", held(preview), "drift", drift(preview),
                                 "driftUnknown", names(preview, preview->hidden.items, preview->hidden.count),
                                 "orphans", names(preview, preview->orphans.items, preview->orphans.count),
                                 "rejectedFiles", json_rejected_files(preview->catalog)),
                       out);
}
