/* The table of a Model. */
#include "seldon/fields.h"
#include "seldon/quantity.h"

#include <stdint.h>
#include <stdio.h>

static void check_memory(struct schema_walk *walk, const struct field *field, const struct node *node);

static const struct field LOGGER_FIELDS[] = {
    {.name = "percent",
     .type = FIELD_INTEGER,
     .max = INT64_MAX,
     .summary = "Share of the requests that are logged, in percent."},
    {0},
};

static const struct field EXPLAINER_FIELDS[] = {
    {.name = "type", .type = FIELD_STRING, .summary = "Kind of explainer."},
    {.name = "modelRef", .type = FIELD_STRING, .summary = "The Model that it explains."},
    {.name = "pipelineRef", .type = FIELD_STRING, .summary = "The Pipeline that it explains."},
    {0},
};

static const struct field LLM_FIELDS[] = {
    {.name = "modelRef", .type = FIELD_STRING, .summary = "The Model that it uses."},
    {.name = "pipelineRef", .type = FIELD_STRING, .summary = "The Pipeline that it uses."},
    {0},
};

static const struct field PARAMETER_FIELDS[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .summary = "Name of the parameter."},
    {.name = "value", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .summary = "Its value, always a string."},
    {0},
};

static const struct field PARAMETER_ITEM = {.type = FIELD_OBJECT, .fields = PARAMETER_FIELDS};

static const struct field SPEC_FIELDS[] = {
    {.name = "storageUri",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .summary = "Where the model's artifact is stored, such as gs://bucket/path."},
    {.name = "artifactVersion", .type = FIELD_INTEGER, .max = UINT32_MAX, .summary = "Version folder to use."},
    {.name = "modelType", .type = FIELD_STRING, .summary = "Added to the requirements."},
    {.name = "schemaUri", .type = FIELD_STRING, .summary = "Where the model's schema is stored."},
    {.name = "secretName", .type = FIELD_STRING, .summary = "Secret for the storage."},
    {.name = "requirements", .type = FIELD_LIST, .item = &STRING_ITEM, .summary = "What a server must be able to do."},
    {.name = "memory",
     .type = FIELD_INTEGER_OR_STRING,
     .check = check_memory,
     .pattern = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(n|u|m|k|[MGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$",
     .summary = "Memory it needs, in whole bytes: 1536Mi, 2G, 1000000."},
    {.name = "replicas", .type = FIELD_INTEGER, .max = INT32_MAX, .summary = "How many to run. Default: 1."},
    {.name = "minReplicas",
     .type = FIELD_INTEGER,
     .min = INT32_MIN,
     .max = INT32_MAX,
     .summary = "The least that autoscaling leaves. 0 and below: no limit."},
    {.name = "maxReplicas",
     .type = FIELD_INTEGER,
     .min = INT32_MIN,
     .max = INT32_MAX,
     .summary = "The most that autoscaling makes. 0 and below: no limit."},
    {.name = "server", .type = FIELD_STRING, .summary = "The server to run on."},
    {.name = "preloaded", .type = FIELD_BOOLEAN, .summary = "Whether the server has it already. Default: false."},
    {.name = "dedicated", .type = FIELD_BOOLEAN, .summary = "Whether it needs a server of its own. Default: false."},
    {.name = "logger", .type = FIELD_OBJECT, .fields = LOGGER_FIELDS, .summary = "Logging of requests."},
    {.name = "explainer", .type = FIELD_OBJECT, .fields = EXPLAINER_FIELDS, .summary = "Makes it an explainer."},
    {.name = "llm", .type = FIELD_OBJECT, .fields = LLM_FIELDS, .summary = "Makes it an LLM. Not with explainer."},
    {.name = "parameters", .type = FIELD_LIST, .item = &PARAMETER_ITEM, .summary = "Parameters for the server."},
    {.name = "dataflow",
     .type = FIELD_OBJECT,
     .flags = FIELD_STRICT,
     .fields = DATAFLOW_FIELDS,
     .summary = "What happens to its topics."},
    {0},
};

const struct field MODEL_FIELDS[] = {
    {.name = "apiVersion", .type = FIELD_STRING, .summary = "mlops.seldon.io/v1alpha1"},
    {.name = "kind", .type = FIELD_STRING, .summary = "Model"},
    {.name = "metadata",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .fields = METADATA_FIELDS,
     .summary = "Who it is."},
    {.name = "spec", .type = FIELD_OBJECT, .fields = SPEC_FIELDS, .summary = "What it is."},
    {.name = "status", .type = FIELD_ANY, .summary = "Ignored."},
    {0},
};

/* R-M3 */
static void check_memory(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    char number[32], better[QUANTITY_LENGTH_MAX] = "";
    const char *text = node->text;
    if (node->type != NODE_STRING) {
        snprintf(number, sizeof number, "%.0f", node->number);
        text = number;
    }
    switch (quantity_check(text, better)) {
    case QUANTITY_FINE:
        if (text[0] == '-')
            schema_warning(walk, node, "is below zero; no model needs less memory than none");
        break;
    case QUANTITY_SYNTAX:
        schema_error(walk, node, "is not an amount of memory; write a number with or without a unit, such as 1536Mi");
        break;
    case QUANTITY_FRACTION:
        schema_error(walk, node, "is not a whole number of bytes; write one, such as 1536Mi");
        break;
    case QUANTITY_WRITTEN:
        schema_error(walk, node, "is written so that Seldon cannot turn it into bytes; write %s", better);
        break;
    case QUANTITY_TOO_LARGE:
        schema_error(walk, node, "is more memory than Seldon can count");
        break;
    }
}
