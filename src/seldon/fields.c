/* What the tables of both kinds share: metadata, dataflow, lists. */
#include "seldon/fields.h"

const struct field STRING_ITEM = {.type = FIELD_STRING};
const struct field ANY_ITEM = {.type = FIELD_ANY};

static void check_generate_name(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    schema_warning(walk, node, "has no effect in a file: a resource goes by its metadata.name");
}

const struct field METADATA_FIELDS[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
     .summary = "Name of the resource: lower-case letters, digits and \"-\"."},
    {.name = "namespace",
     .type = FIELD_STRING,
     .pattern = "^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$",
     .summary = "Second section of its topics. Default: the configured one."},
    {.name = "labels", .type = FIELD_MAP, .item = &STRING_ITEM, .summary = "Ignored."},
    {.name = "annotations", .type = FIELD_MAP, .item = &STRING_ITEM, .summary = "Ignored."},
    {.name = "generateName",
     .type = FIELD_STRING,
     .check = check_generate_name,
     .summary = "Without effect: a resource needs a name."},
    /* What `kubectl get -o yaml` prints of a live object. */
    {.name = "uid", .type = FIELD_STRING, .summary = "Ignored."},
    {.name = "resourceVersion", .type = FIELD_STRING, .summary = "Ignored."},
    {.name = "generation", .type = FIELD_INTEGER, .summary = "Ignored."},
    {.name = "selfLink", .type = FIELD_STRING, .summary = "Ignored."},
    {.name = "creationTimestamp", .type = FIELD_STRING, .summary = "Ignored."},
    {.name = "deletionTimestamp", .type = FIELD_STRING, .summary = "Ignored."},
    {.name = "deletionGracePeriodSeconds", .type = FIELD_INTEGER, .summary = "Ignored."},
    {.name = "finalizers", .type = FIELD_LIST, .item = &STRING_ITEM, .summary = "Ignored."},
    {.name = "ownerReferences", .type = FIELD_LIST, .item = &ANY_ITEM, .summary = "Ignored."},
    {.name = "managedFields", .type = FIELD_ANY, .summary = "Ignored."},
    {0},
};

const struct field DATAFLOW_FIELDS[] = {
    {.name = "cleanTopicsOnDelete",
     .type = FIELD_BOOLEAN,
     .summary = "Whether the resource's two topics go when it is removed. Default: false."},
    {0},
};

const struct field LIST_FIELDS[] = {
    {.name = "apiVersion", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .summary = "v1 for a List."},
    {.name = "kind", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .summary = "List, ModelList or PipelineList."},
    {.name = "metadata", .type = FIELD_ANY, .summary = "Ignored."},
    {.name = "items",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .item = &ANY_ITEM,
     .summary = "The resources. May be empty."},
    {0},
};
