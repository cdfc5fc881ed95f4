#include "base/diagnostic.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EXCERPT_WIDTH = 110, EXCERPT_BEFORE = 60 };

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, struct mark mark, const char *format,
                     ...) {
    size_t *count = severity == SEVERITY_ERROR ? &diagnostics->errors : &diagnostics->warnings;
    if (*count >= DIAGNOSTICS_MAX) {
        diagnostics->truncated = true;
        return;
    }
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(&diagnostics->arena, format, args);
    va_end(args);
    struct diagnostic diagnostic = {.severity = severity, .mark = mark, .message = message};
    if (!message || array_push(&diagnostics->list, diagnostic) < 0)
        diagnostics->failed = true;
    else
        ++*count;
}

static int compare_places(const void *a, const void *b) {
    const struct diagnostic *x = a, *y = b;
    if (x->mark.line != y->mark.line)
        return x->mark.line < y->mark.line ? -1 : 1;
    if (x->mark.column != y->mark.column)
        return x->mark.column < y->mark.column ? -1 : 1;
    return strcmp(x->message, y->message);
}

/* The bytes of the character at `text`; 0 if what stands there is not UTF-8. */
static size_t character_length(const char *text, const char *end) {
    unsigned char c = (unsigned char)*text;
    size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if ((size_t)(end - text) < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
    bool surrogate = c == 0xed && length == 3 && (unsigned char)text[1] >= 0xa0;
    bool overlong = (c == 0xe0 && (unsigned char)text[1] < 0xa0) || (c == 0xf0 && (unsigned char)text[1] < 0x90);
    bool too_large = c == 0xf4 && (unsigned char)text[1] >= 0x90;
    return surrogate || overlong || too_large ? 0 : length;
}

/* The end of the line as libyaml counts lines: LF, CR, CRLF, NEL, LS and PS end one. */
static const char *line_end(const char *text, const char *end, const char **next) {
    for (const char *p = text; p < end; p++) {
        size_t left = (size_t)(end - p);
        size_t breaks = *p == '\r' && left > 1 && p[1] == '\n'                                                 ? 2
                        : *p == '\n' || *p == '\r'                                                             ? 1
                        : left > 1 && memcmp(p, "\xc2\x85", 2) == 0                                            ? 2
                        : left > 2 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0) ? 3
                                                                                                               : 0;
        if (breaks > 0) {
            *next = p + breaks;
            return p;
        }
    }
    *next = end;
    return end;
}

/* The line around the column, one character for each of the source's, so that a caret can stand below it. The
 * diagnostic's column is moved when the beginning is cut. */
static const char *excerpt(struct arena *arena, const char *line, const char *end, unsigned column) {
    struct buffer out = {0};
    unsigned from = column > EXCERPT_BEFORE + 20 ? column - EXCERPT_BEFORE : 1, at = 1;
    for (const char *p = line; p < end && at < from + EXCERPT_WIDTH; at++) {
        size_t length = character_length(p, end);
        if (at >= from) {
            unsigned char c = (unsigned char)*p;
            if (c == '\t')
                buffer_puts(&out, " ");
            else if (c < 0x20 || c == 0x7f || length == 0)
                buffer_puts(&out, "?");
            else
                buffer_append(&out, p, length);
        }
        p += length ? length : 1;
    }
    const char *copy = out.failed ? NULL : arena_strndup(arena, out.data ? out.data : "", out.length);
    buffer_free(&out);
    return copy;
}

void diagnostics_finish(struct diagnostics *diagnostics, const char *text, size_t length) {
    if (diagnostics->list.count > 1)
        qsort(diagnostics->list.items, diagnostics->list.count, sizeof *diagnostics->list.items, compare_places);
    const char *line = text, *end = text + length, *next = text;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        line += 3;
    const char *stop = line_end(line, end, &next);
    unsigned number = 1;
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        struct diagnostic *d = &diagnostics->list.items[i];
        if (d->mark.line == 0)
            continue;
        while (number < d->mark.line && next < end) {
            line = next;
            stop = line_end(line, end, &next);
            number++;
        }
        if (number == d->mark.line && !(d->excerpt = excerpt(&diagnostics->arena, line, stop, d->mark.column)))
            diagnostics->failed = true;
    }
}

void diagnostics_format(const struct diagnostics *diagnostics, const char *file, struct buffer *out) {
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        const struct diagnostic *d = &diagnostics->list.items[i];
        const char *severity = d->severity == SEVERITY_ERROR ? "error" : "warning";
        if (d->mark.line == 0) {
            buffer_printf(out, "%s: %s: %s\n", file, severity, d->message);
            continue;
        }
        buffer_printf(out, "%s:%u:%u: %s: %s\n", file, d->mark.line, d->mark.column, severity, d->message);
        if (!d->excerpt)
            continue;
        unsigned column = d->mark.column > EXCERPT_BEFORE + 20 ? EXCERPT_BEFORE + 1 : d->mark.column;
        buffer_printf(out, "%5u | %s\n      | %*s\n", d->mark.line, d->excerpt, (int)column, "^");
    }
    if (diagnostics->truncated)
        buffer_printf(out, "%s: more than %d problems; the rest is not shown\n", file, DIAGNOSTICS_MAX);
}

/* Edits between two words: insertions, deletions, replacements, and exchanges of neighbours. */
static size_t distance(const char *a, const char *b) {
    enum { MAX = 48 };
    size_t la = strlen(a), lb = strlen(b);
    if (la >= MAX || lb >= MAX)
        return SIZE_MAX;
    size_t rows[3][MAX];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        last[j] = j;
    for (size_t i = 1; i <= la; i++) {
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[lb];
}

const char *diagnostic_nearest(const char *word, const char *const *candidates) {
    const char *best = NULL;
    size_t best_distance = SIZE_MAX, limit = strlen(word) / 3 + 1;
    for (; *candidates; candidates++) {
        size_t d = strcasecmp(word, *candidates) == 0 ? 0 : distance(word, *candidates);
        if (d < best_distance && d <= limit && d < strlen(*candidates)) {
            best_distance = d;
            best = *candidates;
        }
    }
    return best;
}

void diagnostics_free(struct diagnostics *diagnostics) {
    array_free(&diagnostics->list);
    arena_free(&diagnostics->arena);
    *diagnostics = (struct diagnostics){0};
}
