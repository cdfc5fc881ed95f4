/* The table of a Pipeline. */
#include "seldon/fields.h"

#include <stdint.h>

static const char *const JOIN_TYPES[] = {"inner", "outer", "any", NULL};

/* As in reference.h, as far as one word goes. */
#define NAME "[A-Za-z0-9_-]+"
#define DIRECTION "(\\.(inputs|outputs)(\\.[^. \\t\\n\\v\\f\\r]*)?)?"

static const struct field INTERNAL_ITEM = {.type = FIELD_STRING, .pattern = "^" NAME DIRECTION "$"};
static const struct field EXTERNAL_ITEM = {.type = FIELD_STRING,
                                           .pattern = "^" NAME "(\\.step\\." NAME ")?" DIRECTION "$"};

static const struct field BATCH_FIELDS[] = {
    {.name = "size", .type = FIELD_INTEGER, .max = UINT32_MAX, .summary = "Messages in a batch."},
    {.name = "windowMs", .type = FIELD_INTEGER, .max = UINT32_MAX, .summary = "Milliseconds to wait for them."},
    {.name = "rolling", .type = FIELD_BOOLEAN, .summary = "Whether the window moves. Default: false."},
    {0},
};

static const struct field STEP_FIELDS[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .pattern = "^" NAME "$",
     .summary = "Name of the step, which is the Model that it runs."},
    {.name = "inputs",
     .type = FIELD_LIST,
     .item = &INTERNAL_ITEM,
     .summary = "What it reads: STEP, STEP.outputs.TENSOR, … Default: the pipeline's inputs."},
    {.name = "triggers",
     .type = FIELD_LIST,
     .item = &INTERNAL_ITEM,
     .summary = "What it waits for without reading it."},
    {.name = "inputsJoinType", .type = FIELD_STRING, .values = JOIN_TYPES, .summary = "Default: inner."},
    {.name = "triggersJoinType", .type = FIELD_STRING, .values = JOIN_TYPES, .summary = "How triggers join."},
    {.name = "joinWindowMs",
     .type = FIELD_INTEGER,
     .max = UINT32_MAX,
     .summary = "Milliseconds in which messages join."},
    {.name = "tensorMap", .type = FIELD_MAP, .item = &STRING_ITEM, .summary = "New names for tensors."},
    {.name = "batch", .type = FIELD_OBJECT, .fields = BATCH_FIELDS, .summary = "Batching of its inputs."},
    {0},
};

static const struct field STEP_ITEM = {.type = FIELD_OBJECT, .fields = STEP_FIELDS};

static const struct field INPUT_FIELDS[] = {
    {.name = "externalInputs",
     .type = FIELD_LIST,
     .item = &EXTERNAL_ITEM,
     .least = 1,
     .summary = "What it reads of other pipelines: PIPELINE, PIPELINE.step.STEP.outputs, …"},
    {.name = "externalTriggers",
     .type = FIELD_LIST,
     .item = &EXTERNAL_ITEM,
     .summary = "What it waits for of other pipelines without reading it."},
    {.name = "joinType", .type = FIELD_STRING, .values = JOIN_TYPES, .summary = "Default: inner."},
    {.name = "triggersJoinType", .type = FIELD_STRING, .values = JOIN_TYPES, .summary = "Default: inner."},
    {.name = "joinWindowMs",
     .type = FIELD_INTEGER,
     .max = UINT32_MAX,
     .summary = "Milliseconds in which messages join."},
    {.name = "tensorMap", .type = FIELD_MAP, .item = &STRING_ITEM, .summary = "New names for tensors."},
    {0},
};

static const struct field OUTPUT_FIELDS[] = {
    {.name = "steps", .type = FIELD_LIST, .item = &INTERNAL_ITEM, .summary = "The steps whose outputs it returns."},
    {.name = "stepsJoin", .type = FIELD_STRING, .values = JOIN_TYPES, .summary = "Default: inner."},
    {.name = "joinWindowMs",
     .type = FIELD_INTEGER,
     .max = UINT32_MAX,
     .summary = "Milliseconds in which messages join."},
    {.name = "tensorMap", .type = FIELD_MAP, .item = &STRING_ITEM, .summary = "New names for tensors."},
    {0},
};

static const struct field SPEC_FIELDS[] = {
    {.name = "steps",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .item = &STEP_ITEM,
     .least = 1,
     .summary = "The steps, at least one."},
    {.name = "input", .type = FIELD_OBJECT, .fields = INPUT_FIELDS, .summary = "What it reads of other pipelines."},
    {.name = "output", .type = FIELD_OBJECT, .fields = OUTPUT_FIELDS, .summary = "What it returns."},
    {.name = "dataflow",
     .type = FIELD_OBJECT,
     .flags = FIELD_STRICT,
     .fields = DATAFLOW_FIELDS,
     .summary = "What happens to its topics."},
    {.name = "allowCycles", .type = FIELD_BOOLEAN, .summary = "Whether steps may form cycles. Default: false."},
    {.name = "maxStepRevisits",
     .type = FIELD_INTEGER,
     .max = UINT32_MAX,
     .summary = "How often a message may come back to a step."},
    {0},
};

const struct field PIPELINE_FIELDS[] = {
    {.name = "apiVersion", .type = FIELD_STRING, .summary = "mlops.seldon.io/v1alpha1"},
    {.name = "kind", .type = FIELD_STRING, .summary = "Pipeline"},
    {.name = "metadata",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .fields = METADATA_FIELDS,
     .summary = "Who it is."},
    {.name = "spec", .type = FIELD_OBJECT, .fields = SPEC_FIELDS, .summary = "What it is."},
    {.name = "status", .type = FIELD_ANY, .summary = "Ignored."},
    {0},
};
