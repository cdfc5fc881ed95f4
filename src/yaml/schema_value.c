#include "yaml/quote.h"
#include "yaml/scalar.h"
#include "yaml/schema_walk.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* In front of "must be". */
static const char *wanted_name(enum field_type type) {
    static const char *const names[] = {
        [FIELD_STRING] = "a string",    [FIELD_BOOLEAN] = "a boolean",
        [FIELD_INTEGER] = "an integer", [FIELD_INTEGER_OR_STRING] = "an integer or a string",
        [FIELD_OBJECT] = "a map",       [FIELD_LIST] = "a list",
        [FIELD_MAP] = "a map",          [FIELD_SCALAR] = "one value",
        [FIELD_ANY] = "anything",
    };
    return names[type];
}

/* Beyond 2^53 there are no fractions. */
static bool is_whole(const struct node *node) {
    double number = node->number;
    if (node->type != NODE_FLOAT || !isfinite(number))
        return node->type == NODE_INTEGER;
    return number >= 9007199254740992.0 || number <= -9007199254740992.0 || (double)(int64_t)number == number;
}

static bool is_scalar(const struct node *node) {
    return node->type != NODE_LIST && node->type != NODE_MAP;
}

static bool fits(const struct field *field, const struct node *node) {
    switch (field->type) {
    case FIELD_STRING:
        return node->type == NODE_STRING;
    case FIELD_BOOLEAN:
        return node->type == NODE_BOOLEAN;
    case FIELD_INTEGER:
        return is_whole(node);
    case FIELD_INTEGER_OR_STRING:
        return node->type == NODE_STRING || is_whole(node);
    case FIELD_OBJECT:
    case FIELD_MAP:
        return node->type == NODE_MAP;
    case FIELD_LIST:
        return node->type == NODE_LIST;
    case FIELD_SCALAR:
        return is_scalar(node);
    case FIELD_ANY:
        return true;
    }
    return false;
}

/* A text was wanted and YAML made something else of it. */
static void report_trap(struct schema_walk *walk, const struct field *field, const struct node *node,
                        const char *text) {
    schema_error(walk, node, "must be %s, but a plain %s is %s%s: write \"%s\"", wanted_name(field->type), text,
                 node_type_name(node), node->type == NODE_BOOLEAN ? " in YAML 1.1" : "", text);
}

/* Something other than a text was wanted, and the text would be that without its quotes. */
static bool would_fit_plain(const struct field *field, const struct node *node, struct node *ret_plain) {
    *ret_plain = *node;
    if (node->type != NODE_STRING)
        return false;
    scalar_resolve(ret_plain);
    return fits(field, ret_plain);
}

static void report_scalar(struct schema_walk *walk, const struct field *field, const struct node *node,
                          const char *text) {
    const char *wanted = wanted_name(field->type), *is = node_type_name(node);
    struct node plain;
    if (field->type == FIELD_STRING && node->plain)
        report_trap(walk, field, node, text);
    else if (would_fit_plain(field, node, &plain)) /* of YAML's many words for true, the one that everybody knows */
        schema_error(walk, node, "must be %s, not %s: write %s without quotes", wanted, is,
                     plain.type != NODE_BOOLEAN ? text
                     : plain.boolean            ? "true"
                                                : "false");
    else if (field->type == FIELD_BOOLEAN)
        schema_error(walk, node, "must be a boolean, not %s: write true or false", is);
    else if (field->type == FIELD_LIST)
        schema_error(walk, node, "must be a list, not %s: put \"- \" before each item", is);
    else if (node->type == NODE_FLOAT)
        schema_error(walk, node, "must be %s, not %s", wanted, text);
    else
        schema_error(walk, node, "must be %s, not %s", wanted, is);
}

bool schema_type_fits(struct schema_walk *walk, const struct field *field, const struct node *node) {
    if (fits(field, node))
        return true;
    if (!is_scalar(node)) {
        schema_error(walk, node, "must be %s, not %s", wanted_name(field->type), node_type_name(node));
        return false;
    }
    struct buffer text = {0};
    quote_text(&text, node->text, node->length);
    if (text.failed)
        walk->diagnostics->failed = true;
    else
        report_scalar(walk, field, node, text.data ? text.data : "");
    buffer_free(&text);
    return false;
}

/* "a, b or c" */
static void append_choices(struct buffer *out, const char *const *values) {
    for (size_t i = 0; values[i]; i++) {
        buffer_puts(out, i == 0 ? "" : values[i + 1] ? ", " : " or ");
        buffer_puts(out, values[i]);
    }
}

static void check_choice(struct schema_walk *walk, const struct field *field, const struct node *node) {
    for (const char *const *value = field->values; *value; value++)
        if (strcmp(*value, node->text) == 0)
            return;
    struct buffer choices = {0}, text = {0};
    append_choices(&choices, field->values);
    quote_text(&text, node->text, node->length);
    const char *near = diagnostic_nearest(node->text, field->values);
    if (choices.failed || text.failed)
        walk->diagnostics->failed = true;
    else
        schema_error(walk, node, "must be %s, not \"%s\"%s%s%s", choices.data, text.data ? text.data : "",
                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    buffer_free(&choices);
    buffer_free(&text);
}

/* A whole float counts as the integer; what lies outside of int64_t saturates. */
static int64_t whole_value(const struct node *node) {
    if (node->type == NODE_INTEGER)
        return node->integer;
    return node->number >= 0x1p63 ? INT64_MAX : node->number < -0x1p63 ? INT64_MIN : (int64_t)node->number;
}

static void check_bounds(struct schema_walk *walk, const struct field *field, const struct node *node) {
    int64_t value = whole_value(node);
    if (value >= field->min && value <= field->max)
        return;
    struct buffer text = {0};
    quote_text(&text, node->text, node->length);
    const char *shown = text.data ? text.data : "";
    if (text.failed)
        walk->diagnostics->failed = true;
    else if (field->max == INT64_MAX)
        schema_error(walk, node, "must be at least %" PRId64 ", not %s", field->min, shown);
    else if (field->min == INT64_MIN)
        schema_error(walk, node, "must be at most %" PRId64 ", not %s", field->max, shown);
    else
        schema_error(walk, node, "must be between %" PRId64 " and %" PRId64 ", not %s", field->min, field->max, shown);
    buffer_free(&text);
}

void schema_check_value(struct schema_walk *walk, const struct field *field, const struct node *node) {
    if (field->type == FIELD_STRING && field->values)
        check_choice(walk, field, node);
    else if (field->type == FIELD_INTEGER && (field->min != 0 || field->max != 0))
        check_bounds(walk, field, node);
}
