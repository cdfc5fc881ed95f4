/* A Pipeline: R-P1 to R-P12, the names of its steps (T4), and the topics that Seldon makes for it (T2). */
#include "seldon/cycle.h"
#include "seldon/fields.h"
#include "seldon/reading.h"
#include "seldon/reference.h"

#include <string.h>

enum { CYCLE_SHOWN_MAX = 6, HINTS_MAX = 1000 };

struct step {
    const char *name;
    struct mark mark; /* of the name */
    const struct node *inputs, *triggers;
};

struct pipeline {
    struct reading *reading;
    struct identity identity;
    const char *title; /* for messages: pipeline "p" */
    struct step *steps;
    const struct step **by_name; /* sorted by name, then by place */
    size_t n_steps;
    bool whole; /* all names could be read, so that it can be said that one does not exist */
    ARRAY(const char *) topics;
    ARRAY(struct edge) edges;
};

/* Where a reference stands. */
enum role {
    ROLE_INPUT,
    ROLE_TRIGGER,
    ROLE_OUTPUT,
    ROLE_EXTERNAL_INPUT,
    ROLE_EXTERNAL_TRIGGER,
    ROLE_MAX_,
};

static const char *const ROLE_NAMES[ROLE_MAX_] = {
    [ROLE_INPUT] = "input",
    [ROLE_TRIGGER] = "trigger",
    [ROLE_OUTPUT] = "output",
    [ROLE_EXTERNAL_INPUT] = "external input",
    [ROLE_EXTERNAL_TRIGGER] = "external trigger",
};

#define INTERNAL_FORMS "the forms are STEP, STEP.outputs, STEP.outputs.TENSOR, and the same with inputs"
#define EXTERNAL_FORMS                                                                                                 \
    "the forms are PIPELINE, PIPELINE.outputs, PIPELINE.step.STEP, PIPELINE.step.STEP.outputs, and the same with "     \
    "inputs"

static const char *const INTERNAL_FAULTS[] = {
    [REFERENCE_EMPTY] = "names no step; " INTERNAL_FORMS,
    [REFERENCE_PARTS] = "has too many parts; " INTERNAL_FORMS,
    [REFERENCE_DIRECTION] = "must go on with inputs or outputs after the step's name; " INTERNAL_FORMS,
    [REFERENCE_BLANK] = "has a blank in its tensor's name; remove it",
};

static const char *const EXTERNAL_FAULTS[] = {
    [REFERENCE_EMPTY] = "names no pipeline; " EXTERNAL_FORMS,
    [REFERENCE_PARTS] = "has too many parts; " EXTERNAL_FORMS,
    [REFERENCE_DIRECTION] = "must go on with inputs or outputs after the step's name; " EXTERNAL_FORMS,
    [REFERENCE_SECOND] = "must go on with inputs, outputs or step after the pipeline's name; " EXTERNAL_FORMS,
    [REFERENCE_STEP_EMPTY] = "names no step after the word step; " EXTERNAL_FORMS,
    [REFERENCE_STEP_IS_SELF] = "names a step that is called like its pipeline, which no step can be",
    [REFERENCE_CHARACTER] = "has a character that no name can have: names are of letters, digits, \"-\" and \"_\" only",
    [REFERENCE_BLANK] = "has a blank in its tensor's name; remove it",
};

static int compare_steps(const void *a, const void *b) {
    const struct step *x = *(const struct step *const *)a, *y = *(const struct step *const *)b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x < y ? -1 : x > y;
}

static const struct step *find_step(const struct pipeline *p, const char *name) {
    size_t low = 0, high = p->n_steps;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(p->by_name[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->n_steps && strcmp(p->by_name[low]->name, name) == 0 ? p->by_name[low] : NULL;
}

/* "; did you mean "a"?" about a step's name. Not in a pipeline so large that looking for it takes time. */
static const char *hint_step(const struct pipeline *p, const char *name) {
    const char *names[HINTS_MAX + 1];
    if (p->n_steps > HINTS_MAX)
        return "";
    for (size_t i = 0; i < p->n_steps; i++)
        names[i] = p->steps[i].name;
    names[p->n_steps] = NULL;
    return reading_hint(p->reading, name, names);
}

/* What to write instead of a reference to no step. */
static const char *hint_reference(const struct pipeline *p, enum role role, const char *name) {
    const char *hint = hint_step(p, name);
    if (*hint || role == ROLE_OUTPUT)
        return hint;
    return role == ROLE_INPUT ? "; another pipeline is read by spec.input.externalInputs"
                              : "; another pipeline triggers by spec.input.externalTriggers";
}

/* T4 */
static void check_step_name(const struct pipeline *p, const struct step *step) {
    size_t length = strlen(step->name), longest = naming_longest(&p->identity.naming, KIND_MODEL);
    if (!naming_is_section(step->name))
        reading_error(
            p->reading, step->mark,
            "%s cannot be the name of a step: it becomes a part of a topic's name, so it has letters, digits, "
            "\"-\" and \"_\" only",
            reading_quote(p->reading, step->name));
    else if (length > longest)
        reading_error(p->reading, step->mark,
                      "this name of %zu characters is too long: a step's topics may have %d characters in all, which "
                      "leaves %zu for its name",
                      length, TOPIC_LENGTH_MAX, longest);
    else if (!naming_is_resource_name(step->name))
        reading_warning(p->reading, step->mark,
                        "no Model can be called %s (lower-case letters, digits and \"-\" only), so nothing will ever "
                        "serve this step",
                        reading_quote(p->reading, step->name));
}

/* R-P1, R-P4 */
static void check_step_names(const struct pipeline *p) {
    for (size_t i = 0; i < p->n_steps; i++)
        check_step_name(p, &p->steps[i]);
    const struct step *first = NULL;
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct step *step = p->by_name[i];
        if (first && strcmp(first->name, step->name) == 0)
            reading_error(p->reading, step->mark, "%s has two steps called %s; the first is at line %u", p->title,
                          reading_quote(p->reading, step->name), first->mark.line);
        else
            first = step;
        if (p->identity.name && strcmp(step->name, p->identity.name) == 0)
            reading_error(p->reading, step->mark,
                          "a step cannot have the name of its pipeline: a reference to %s could mean either",
                          reading_quote(p->reading, step->name));
    }
}

static int read_steps(struct pipeline *p, const struct node *spec) {
    const struct node *steps = node_list(spec, "steps");
    size_t count = steps ? steps->list.count : 0;
    p->steps = arena_array(&p->reading->scratch, count + 1, sizeof *p->steps);
    p->by_name = arena_array(&p->reading->scratch, count + 1, sizeof *p->by_name);
    if (!p->steps || !p->by_name)
        return -ENOMEM;
    p->whole = p->identity.name && steps;
    for (size_t i = 0; i < count; i++) {
        const struct node *node = steps->list.items[i];
        struct step *step = &p->steps[p->n_steps];
        *step = (struct step){
            .name = node_string(node, "name"),
            .inputs = node_list(node, "inputs"),
            .triggers = node_list(node, "triggers"),
        };
        p->whole = p->whole && step->name;
        if (!step->name)
            continue;
        step->mark = node_get(node, "name")->mark;
        p->by_name[p->n_steps++] = step;
    }
    if (p->n_steps > 1)
        qsort(p->by_name, p->n_steps, sizeof *p->by_name, compare_steps);
    return 0;
}

static int need(struct pipeline *p, enum resource_kind kind, const char *name, enum direction direction) {
    const char *topic = naming_topic(&p->reading->scratch, &p->identity.naming, kind, name, direction);
    return topic ? array_push(&p->topics, topic) : -ENOMEM;
}

/* How a message calls a reference: input "a.foo" of step "b" */
static const char *describe(const struct pipeline *p, enum role role, const struct step *step,
                            const struct node *node) {
    const char *text =
        arena_printf(&p->reading->scratch, "%s %s%s%s", ROLE_NAMES[role], reading_quote(p->reading, node->text),
                     step ? " of step " : "", step ? reading_quote(p->reading, step->name) : "");
    if (!text)
        p->reading->diagnostics->failed = true;
    return text ? text : "";
}

/* R-P5, R-P6, R-P9: the form. R-P7, R-P8, and the same for triggers, at which Seldon crashes: that it exists. */
static int read_internal(struct pipeline *p, enum role role, const struct step *step, const struct node *node) {
    struct reference reference;
    const char *own = p->identity.name ? p->identity.name : "";
    int r = reference_parse_internal(&p->reading->scratch, node->text, own, &reference);
    if (r < 0)
        return r;
    if (r != REFERENCE_FINE) {
        reading_error(p->reading, node->mark, "%s %s", describe(p, role, step, node), INTERNAL_FAULTS[r]);
        return 0;
    }
    if (reference.kind == KIND_PIPELINE && role == ROLE_OUTPUT) {
        reading_error(p->reading, node->mark, "%s is the pipeline itself; name the steps whose outputs it is to return",
                      describe(p, role, step, node));
        return 0;
    }
    const struct step *target = reference.kind == KIND_MODEL ? find_step(p, reference.name) : NULL;
    if (reference.kind == KIND_MODEL && !target) {
        if (p->whole)
            reading_error(p->reading, node->mark, "%s names a step that %s does not have%s",
                          describe(p, role, step, node), p->title, hint_reference(p, role, reference.name));
        return 0;
    }
    if (step && target) {
        struct edge edge = {(size_t)(step - p->steps), (size_t)(target - p->steps)};
        if ((r = array_push(&p->edges, edge)) < 0)
            return r;
    }
    return need(p, reference.kind, reference.name, reference.direction);
}

/* R-P12, and the same for external triggers, which Seldon does not look at. */
static int read_external(struct pipeline *p, enum role role, const struct step *step, const struct node *node) {
    struct reference reference;
    int r = reference_parse_external(&p->reading->scratch, node->text, &reference);
    if (r < 0)
        return r;
    const char *what = describe(p, role, step, node);
    if (r != REFERENCE_FINE) {
        reading_error(p->reading, node->mark, "%s %s", what, EXTERNAL_FAULTS[r]);
        return 0;
    }
    const char *kind = resource_kind_name(reference.kind);
    size_t length = strlen(reference.name), longest = naming_longest(&p->identity.naming, reference.kind);
    if (length > longest)
        reading_error(p->reading, node->mark, "%s has a name of %zu characters, but a %s's topics leave only %zu", what,
                      length, kind, longest);
    else if (!naming_is_resource_name(reference.name))
        reading_warning(p->reading, node->mark,
                        "no %s can be called %s (lower-case letters, digits and \"-\" only), so nothing will ever come "
                        "from there",
                        kind, reading_quote(p->reading, reference.name));
    if (p->identity.name && strcmp(reference.pipeline, p->identity.name) == 0)
        reading_warning(p->reading, node->mark,
                        "%s is a topic of the pipeline itself, so its messages may go round in a loop", what);
    return need(p, reference.kind, reference.name, reference.direction);
}

static int read_references(struct pipeline *p, enum role role, const struct step *step, const struct node *list) {
    int r = 0;
    for (size_t i = 0; list && r == 0 && i < list->list.count; i++) {
        const struct node *node = list->list.items[i];
        if (node->type != NODE_STRING)
            continue;
        bool external = role == ROLE_EXTERNAL_INPUT || role == ROLE_EXTERNAL_TRIGGER;
        r = external ? read_external(p, role, step, node) : read_internal(p, role, step, node);
    }
    return r;
}

static bool is_empty(const struct node *list) {
    return !list || list->list.count == 0;
}

/* What each step needs. */
static int read_step(struct pipeline *p, const struct step *step) {
    int r = need(p, KIND_MODEL, step->name, DIRECTION_INPUTS);
    if (r == 0 && is_empty(step->inputs) && p->identity.name)
        r = need(p, KIND_PIPELINE, p->identity.name, DIRECTION_INPUTS);
    if (r == 0)
        r = read_references(p, ROLE_INPUT, step, step->inputs);
    return r == 0 ? read_references(p, ROLE_TRIGGER, step, step->triggers) : r;
}

static int read_input(struct pipeline *p, const struct node *input) {
    const struct node *externals = node_get(input, "externalInputs");
    if (!externals || (externals->type == NODE_LIST && externals->list.count == 0))
        reading_error(p->reading, externals ? externals->mark : input->mark,
                      "the input of %s has no externalInputs; name another pipeline there, or leave input out to have "
                      "it fed by requests",
                      p->title);
    int r = read_references(p, ROLE_EXTERNAL_INPUT, NULL, node_list(input, "externalInputs"));
    if (r == 0)
        r = read_references(p, ROLE_EXTERNAL_TRIGGER, NULL, node_list(input, "externalTriggers"));
    return r == 0 && p->identity.name ? need(p, KIND_PIPELINE, p->identity.name, DIRECTION_INPUTS) : r;
}

static int read_output(struct pipeline *p, const struct node *output) {
    const struct node *steps = node_list(output, "steps");
    if (is_empty(steps) && p->identity.name)
        return need(p, KIND_PIPELINE, p->identity.name, DIRECTION_INPUTS);
    return read_references(p, ROLE_OUTPUT, NULL, steps);
}

/* R-P10 */
static int check_cycles(struct pipeline *p) {
    struct reading *reading = p->reading;
    const size_t *cycle;
    size_t length;
    int r = cycle_find(&reading->scratch, p->n_steps, p->edges.items, p->edges.count, &cycle, &length);
    if (r < 0 || length == 0)
        return r;
    struct buffer path = {0};
    for (size_t i = 0; i < length && i < CYCLE_SHOWN_MAX; i++)
        buffer_printf(&path, "%s%s needs %s", i > 0 ? ", " : "", reading_quote(reading, p->steps[cycle[i]].name),
                      reading_quote(reading, p->steps[cycle[(i + 1) % length]].name));
    if (path.failed)
        r = -ENOMEM;
    else
        reading_error(reading, p->steps[cycle[0]].mark,
                      "the steps of %s form a cycle: %s%s; break it, or set allowCycles: true if it is meant", p->title,
                      path.data, length > CYCLE_SHOWN_MAX ? ", …" : "");
    buffer_free(&path);
    return r;
}

static int read_spec(struct pipeline *p, const struct node *spec, struct mark mark) {
    int r = read_steps(p, spec);
    if (r < 0)
        return r;
    const struct node *steps = node_get(spec, "steps");
    if (!spec || (steps && steps->type == NODE_LIST && steps->list.count == 0)) /* R-P3 */
        reading_error(p->reading, steps ? steps->mark : mark, "%s has no steps; it needs at least one", p->title);
    check_step_names(p);
    for (size_t i = 0; r == 0 && i < p->n_steps; i++)
        r = read_step(p, &p->steps[i]);
    const struct node *input = node_get(spec, "input"), *output = node_get(spec, "output");
    if (r == 0 && output && output->type == NODE_MAP)
        r = read_output(p, output);
    if (r == 0 && !node_is_true(spec, "allowCycles"))
        r = check_cycles(p);
    if (r == 0 && input && input->type == NODE_MAP)
        r = read_input(p, input);
    return r;
}

/* What a Pipeline needs always. */
static int read_own(struct pipeline *p) {
    const char *errors = naming_errors_topic(&p->reading->scratch, &p->identity.naming);
    if (!errors || array_push(&p->topics, errors) < 0)
        return -ENOMEM;
    return need(p, KIND_PIPELINE, p->identity.name, DIRECTION_OUTPUTS);
}

static int read_all(struct pipeline *p, const struct node *object) {
    const char *name = p->identity.name;
    p->title =
        name ? arena_printf(&p->reading->scratch, "pipeline %s", reading_quote(p->reading, name)) : "the pipeline";
    const struct node *spec = node_get(object, "spec");
    int r = p->title ? read_spec(p, spec, object->mark) : -ENOMEM;
    if (r < 0 || !p->identity.usable)
        return r;
    bool clean = node_is_true(node_get(spec, "dataflow"), "cleanTopicsOnDelete");
    r = read_own(p);
    return r == 0 ? reading_claim(p->reading, &p->identity, clean, p->topics.items, p->topics.count) : r;
}

int pipeline_read(struct reading *reading, const struct node *object, const char *path) {
    struct pipeline p = {.reading = reading};
    int r = reading_identify(reading, object, KIND_PIPELINE, PIPELINE_FIELDS, path, &p.identity);
    if (r == 0 && reading->budget > 0)
        r = read_all(&p, object);
    array_free(&p.topics);
    array_free(&p.edges);
    return r;
}
