#include "yaml/quote.h"
#include "yaml/schema_walk.h"

#include <stdarg.h>

static void append_place(const struct place *place, struct buffer *out) {
    if (place->parent)
        append_place(place->parent, out);
    if (!place->key && !place->name) {
        buffer_printf(out, "[%zu]", place->index);
        return;
    }
    if (out->length > 0)
        buffer_puts(out, ".");
    if (place->key)
        quote_text(out, place->key->text, place->key->length);
    else
        buffer_puts(out, place->name);
}

void schema_path(const struct schema_walk *walk, struct buffer *out) {
    append_place(walk->place, out);
}

static __attribute__((format(printf, 4, 0))) void report(struct schema_walk *walk, enum severity severity,
                                                         struct mark mark, const char *format, va_list args) {
    struct buffer path = {0};
    schema_path(walk, &path);
    const char *message = arena_vprintf(&walk->diagnostics->arena, format, args);
    if (path.failed || !message)
        walk->diagnostics->failed = true;
    else
        diagnostics_add(walk->diagnostics, severity, mark, "%s %s", path.length > 0 ? path.data : "the document",
                        message);
    buffer_free(&path);
}

void schema_report(struct schema_walk *walk, enum severity severity, struct mark mark, const char *format, ...) {
    va_list args;
    va_start(args, format);
    report(walk, severity, mark, format, args);
    va_end(args);
}

void schema_error(struct schema_walk *walk, const struct node *node, const char *format, ...) {
    va_list args;
    va_start(args, format);
    report(walk, SEVERITY_ERROR, node->mark, format, args);
    va_end(args);
}

void schema_warning(struct schema_walk *walk, const struct node *node, const char *format, ...) {
    va_list args;
    va_start(args, format);
    report(walk, SEVERITY_WARNING, node->mark, format, args);
    va_end(args);
}

/* The names of a table, with one free place before its end: enough to find the nearest. */
static const char *nearest_field(const struct field *fields, const char *word) {
    enum { MOST = 64 };
    const char *names[MOST + 1];
    size_t count = 0;
    for (; fields->name && count < MOST; fields++)
        names[count++] = fields->name;
    names[count] = NULL;
    return diagnostic_nearest(word, names);
}

/* What to write instead: the name that is near, or all of a short table. */
static void append_known(const struct field *fields, const char *word, struct buffer *out) {
    enum { MOST = 3 };
    const char *near = nearest_field(fields, word);
    size_t count = 0;
    for (const struct field *field = fields; field->name; field++)
        count += !(field->flags & FIELD_REFUSED);
    if (near)
        buffer_printf(out, "; did you mean \"%s\"?", near);
    if (near || count > MOST)
        return;
    const char *separator = "; what can stand there is ";
    for (const struct field *field = fields; field->name; field++) {
        if (field->flags & FIELD_REFUSED)
            continue;
        buffer_printf(out, "%s%s", separator, field->name);
        separator = --count == 1 ? " or " : ", ";
    }
}

void schema_report_unknown(struct schema_walk *walk, const struct field *fields, const struct node *key) {
    const struct place place = {.parent = walk->place, .key = key};
    struct buffer path = {0}, known = {0};
    append_place(&place, &path);
    append_known(fields, key->text, &known);
    bool warning = walk->options->unknown_is_warning && !walk->strict;
    if (path.failed || known.failed)
        walk->diagnostics->failed = true;
    else
        diagnostics_add(walk->diagnostics, warning ? SEVERITY_WARNING : SEVERITY_ERROR, key->mark,
                        "unknown field \"%s\"%s", path.data, known.data ? known.data : "");
    buffer_free(&path);
    buffer_free(&known);
}
