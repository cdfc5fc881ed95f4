/* Every field of Seldon's Model and Pipeline, as tables (M4): private to this folder.
 *
 * May use: yaml/schema. */
#pragma once

#include "yaml/schema.h"

extern const struct field MODEL_FIELDS[];
extern const struct field PIPELINE_FIELDS[];
extern const struct field METADATA_FIELDS[];
/* The one field of `dataflow`, the same for both. */
extern const struct field DATAFLOW_FIELDS[];
/* List, ModelList, PipelineList */
extern const struct field LIST_FIELDS[];

/* Rows that tables of several kinds have as items. */
extern const struct field STRING_ITEM;
extern const struct field ANY_ITEM;
