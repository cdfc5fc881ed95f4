/* A daemon's turn, made by hand, for the tests of what is reported of it. */
#pragma once

#include "report/status.h"
#include "unit/support/cmocka.h"
#include "unit/support/noon.h"

#include <string.h>

#define MESH "seldon.seldon-mesh."
#define NOW_USEC (1000 * USEC_PER_SEC)

/* A daemon's turn, made by hand. */
struct turn {
    struct snapshot snapshot;
    struct catalog catalog;
    struct deletions deletions;
    struct plan plan;
    struct status_report report;
};

static struct diagnostic unknown_field = {.mark = {3, 5}, .message = "unknown field \"storageURI\""};
static struct owed iris = {.kind = KIND_MODEL, .namespace = "seldon-mesh", .name = "iris", .file = "iris.yaml"};
static struct owed pipe_owed = {.kind = KIND_PIPELINE, .namespace = "seldon-mesh", .name = "pipe", .file = "p.yaml"};

/* Three models and a pipeline, twelve topics, all well. */
static inline void turn_begin(struct turn *turn) {
    *turn = (struct turn){.snapshot = {.generation = 7},
                          .catalog = {.n_files = 4, .n_models = 3, .n_pipelines = 1},
                          .plan = {.n_topics = 12, .n_present = 12}};
    turn->report = (struct status_report){
        .pid = 123,
        .phase = STATUS_RUNNING,
        .now = {.monotonic_usec = NOW_USEC, .wall_usec = NOON_USEC},
        .snapshot = &turn->snapshot,
        .catalog = &turn->catalog,
        .deletions = &turn->deletions,
        .plan = &turn->plan,
        .observed_generation = 7,
        .kafka = {.reachable = true, .cluster_id = "C1"},
        .scan = {.complete = true, .started_usec = NOON_USEC - 12 * USEC_PER_SEC},
    };
}

static inline void turn_end(struct turn *turn) {
    array_free(&turn->catalog.rejected);
    array_free(&turn->plan.deletions);
    array_free(&turn->plan.failed);
}

static inline void reject(struct turn *turn, const char *name) {
    struct rejected_file file = {.name = name, .errors = &unknown_field, .n_errors = 1};
    assert_int_equal(array_push(&turn->catalog.rejected, file), 0);
}

static inline void fail_topic(struct turn *turn, const char *topic) {
    struct failed_topic failed = {
        .topic = topic, .error = "TOPIC_AUTHORIZATION_FAILED: not allowed", .retry_usec = NOW_USEC + 90 * USEC_PER_SEC};
    assert_int_equal(array_push(&turn->plan.failed, failed), 0);
    turn->plan.n_present--;
    turn->plan.n_refused++;
}

static inline void delete (struct turn *turn, const char *topic, const struct owed *owed, enum deletion_state state,
                           const char *reason, uint64_t due_usec) {
    struct planned_deletion planned = {
        .topic = topic, .owed = owed, .state = state, .reason = reason, .due_usec = due_usec};
    assert_int_equal(array_push(&turn->plan.deletions, planned), 0);
}

static inline void delete_iris(struct turn *turn, enum deletion_state state, const char *reason, uint64_t due_usec) {
    delete (turn, MESH "model.iris.inputs", &iris, state, reason, due_usec);
    delete (turn, MESH "model.iris.outputs", &iris, state, reason, due_usec);
}

static inline void one_of_everything(struct turn *turn) {
    turn_begin(turn);
    turn->report.observed_generation = 6;
    reject(turn, "bad\xff.yaml");
    fail_topic(turn, MESH "model.x.inputs");
    strcpy(turn->deletions.id, "0123456789ab");
    delete (turn, MESH "model.iris.inputs", &iris, DELETION_AWAITING_APPROVAL,
            "22 topics within 600 s, more than the limit of 20", USEC_NEVER);
    delete (turn, MESH "pipeline.pipe.inputs", &pipe_owed, DELETION_GRACE_PERIOD,
            "p.yaml was removed with cleanTopicsOnDelete: true", NOW_USEC + 8 * USEC_PER_SEC);
}
