/* What a Pipeline's inputs, triggers and outputs refer to. A reference is a few words joined by dots; this is where
 * their forms are told apart, completed and turned into a topic's parts. Whether what they name exists is for the
 * caller to say.
 *
 * May use: base, naming. */
#pragma once

#include "seldon/naming.h"

struct reference {
    const char *pipeline;    /* external: the one it refers to */
    enum resource_kind kind; /* of what it names: a Model is a step */
    const char *name;
    enum direction direction;
};

enum reference_fault {
    REFERENCE_FINE,
    REFERENCE_EMPTY,        /* blank, or nothing before the first dot */
    REFERENCE_PARTS,        /* too many */
    REFERENCE_DIRECTION,    /* neither inputs nor outputs where one of them must be */
    REFERENCE_SECOND,       /* external: neither inputs, outputs nor step after the pipeline's name */
    REFERENCE_STEP_EMPTY,   /* external: nothing where the step's name must be */
    REFERENCE_STEP_IS_SELF, /* external: the step has the name of its own pipeline, which no step can have */
    REFERENCE_CHARACTER,    /* external: a name with characters that no name can have */
    REFERENCE_BLANK,        /* a blank in the tensor's name */
};

/* Within a pipeline: STEP, STEP.inputs, STEP.outputs, either with .TENSOR behind; the pipeline's own name in the place
 * of STEP means its topics. A bare STEP is its outputs, the bare own name its inputs. Returns a fault (0 if there is
 * none) or -ENOMEM; the name is in `arena`. */
int reference_parse_internal(struct arena *arena, const char *text, const char *pipeline, struct reference *ret);
/* To another pipeline: PIPELINE, PIPELINE.inputs, PIPELINE.outputs, either with .TENSOR behind; PIPELINE.step.STEP,
 * PIPELINE.step.STEP.inputs or .outputs, either with .TENSOR behind. Bare ones are outputs. */
int reference_parse_external(struct arena *arena, const char *text, struct reference *ret);
