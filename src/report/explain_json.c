/* explain --json. */
#include "report/explain.h"
#include "report/explain_words.h"
#include "report/json.h"

#include <assert.h>
#include <string.h>

/* ---- of a topic ---- */

static const char *const STATES[] = {
    [EXPLAINED_NEEDED] = "needed", [EXPLAINED_OWED] = "owed",       [EXPLAINED_DELETED] = "deleted",
    [EXPLAINED_ORPHAN] = "orphan", [EXPLAINED_UNKNOWN] = "unknown",
};
static_assert(sizeof STATES / sizeof *STATES == EXPLAINED_MAX_, "every state has a name");

static json_t *needed_by(const struct explain_facts *facts, const struct explained_topic *found, const char *topic) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < found->n_uses; i++) {
        const struct resource *user = found->uses[i].resource;
        r = json_push(array,
                      json_pack("{s:o, s:o, s:b}", "resource", json_owner(user->kind, user->namespace, user->name),
                                "file", json_text(explain_file_of(facts->preview->snapshot, user)), "owns",
                                explain_owns(user, topic)));
    }
    return json_checked(array, r);
}

/* What becomes of it when nobody needs it any more. */
static json_t *afterwards(const struct explained_topic *found) {
    if (found->state != EXPLAINED_NEEDED)
        return json_null();
    return json_text(found->deletion || (found->owner && found->owner->clean) ? "goes" : "stays");
}

static json_t *deletion(const struct explain_facts *facts, const struct explained_topic *found) {
    const struct deletion *deletion = found->deletion;
    if (!deletion)
        return json_null();
    const struct owed *owed = deletion->owed;
    const struct status_deletion *said = &found->said;
    const struct preview *preview = facts->preview;
    const char *state = deletion_state_name(deletion->state), *reason = deletion->reason;
    uint64_t due_usec = 0;
    if (deletion->state == DELETION_SENDING) { /* the preview supposes that its grace period has passed */
        bool sent = strcmp(said->state, "sending") == 0 || strcmp(said->state, "retrying") == 0;
        state = sent ? said->state : deletion_state_name(DELETION_GRACE_PERIOD);
        reason = sent ? said->reason : reason;
        due_usec = said->due_usec;
    }
    size_t index = (size_t)(deletion - preview->deletions->list.items);
    bool answerable = deletion->state == DELETION_AWAITING_APPROVAL && preview->held_already[index];
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "owner",
                     json_owner(owed->kind, owed->namespace, owed->name), "file", json_text(owed->file), "since",
                     json_time(owed->since_usec), "state", json_text(state), "reason", json_text(reason), "alsoReason",
                     json_text(deletion->also), "id", json_text(answerable ? preview->id : NULL), "due",
                     json_time(due_usec));
}

static json_t *entries(const struct history *history) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < history->entries.count; i++)
        r = json_push(array, json_pack("{s:o, s:o}", "time", json_time(history->entries.items[i].wall_usec), "message",
                                       json_text(history->entries.items[i].message)));
    return json_checked(array, r);
}

static json_t *journal(const struct history *history) {
    return json_pack("{s:o, s:o}", "entries", entries(history), "error", json_text(history->error));
}

static json_t *topic_document(const struct explain_facts *facts, const char *topic, const struct history *history) {
    struct explained_topic found;
    explain_topic_look(facts, topic, &found);
    const char *failure =
        facts->status && found.state == EXPLAINED_NEEDED ? status_document_failure(facts->status, topic) : NULL;
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "topic", json_text(topic), "state",
                     STATES[found.state], "neededBy", needed_by(facts, &found, topic), "afterwards", afterwards(&found),
                     "error", json_text(failure), "deletion", deletion(facts, &found), "deletionSent",
                     json_time(found.sent ? found.sent->wall_usec : 0), "journal", journal(history));
}

int explain_topic_json(const struct explain_facts *facts, const char *topic, const struct history *history,
                       struct buffer *out) {
    struct explained_topic found;
    explain_topic_look(facts, topic, &found);
    if (found.state == EXPLAINED_UNKNOWN && history->entries.count == 0)
        return 1;
    return json_finish(json_pack("{s:o, s:n, s:n}", "topic", topic_document(facts, topic, history), "file", "resource"),
                       out);
}

/* ---- of a Model or Pipeline ---- */

int explain_owner_json(const struct explain_facts *facts, const struct explained_owner *owner,
                       const struct history histories[2], struct buffer *out) {
    json_t *document = json_pack(
        "{s:o, s:o, s:[o, o]}", "resource", json_text(owner->owner), "file", json_text(owner->file), "topics",
        topic_document(facts, owner->topics[0], &histories[0]), topic_document(facts, owner->topics[1], &histories[1]));
    return json_finish(json_pack("{s:n, s:n, s:o}", "topic", "file", "resource", document), out);
}

/* ---- of a file ---- */

static const char *const FATES[] = {[FATE_GOES] = "goes", [FATE_HELD] = "held", [FATE_STAYS] = "stays"};
static_assert(sizeof FATES / sizeof *FATES == FATE_MAX_, "every fate has a name");

static json_t *resources(const struct explained_file *explained) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && explained->accepted && i < explained->accepted->resources->count; i++) {
        const struct resource *resource = &explained->accepted->resources->items[i];
        r = json_push(array, json_owner(resource->kind, resource->namespace, resource->name));
    }
    return json_checked(array, r);
}

static json_t *topics(const struct explained_file *explained) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < explained->verdicts.count; i++) {
        const struct verdict *verdict = &explained->verdicts.items[i];
        r = json_push(array, json_pack("{s:o, s:s, s:o}", "topic", json_text(verdict->topic), "fate",
                                       FATES[verdict->fate], "reason", json_text(verdict->reason)));
    }
    return json_checked(array, r);
}

static json_t *blocked(const struct explained_file *explained) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < explained->blocked.count; i++)
        r = json_push(array, json_text(explained->blocked.items[i]));
    return json_checked(array, r);
}

static json_t *file_document(const char *file, const struct explained_file *explained, const struct history *history) {
    const struct rejected_file *rejected = explained->rejected;
    const char *state = rejected ? "rejected" : explained->accepted ? "accepted" : "gone";
    return json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "file", json_text(file), "state", state, "errors",
        json_diagnostics(rejected ? rejected->errors : NULL, rejected ? rejected->n_errors : 0, SEVERITY_ERROR),
        "resources", resources(explained), "blocks", blocked(explained), "topics", topics(explained), "journal",
        history ? journal(history) : json_null());
}

int explain_file_json(const struct explain_facts *facts, const char *file, const struct preview *without,
                      const struct history *history, struct buffer *out) {
    struct explained_file explained = {0};
    int r = explain_file_judge(facts, file, without, &explained);
    if (r == 0 || (r > 0 && history && history->entries.count > 0))
        r = json_finish(
            json_pack("{s:n, s:o, s:n}", "topic", "file", file_document(file, &explained, history), "resource"), out);
    explained_file_free(&explained);
    return r;
}
