#include "config/hide.h"

#include <string.h>
#include <strings.h>

bool hide_is_secret(const char *property, size_t length) {
    static const char *const words[] = {"password", "secret", "ssl.key.pem", "oauthbearer.config"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        for (size_t at = 0; at + n <= length; at++)
            if (strncasecmp(property + at, words[i], n) == 0)
                return true;
    }
    return false;
}

/* The lines of a text one after the other, and whether a secret may stand in the one at hand. */
struct lines {
    const char *line, *end;
    size_t length;
    unsigned number;
    bool named;    /* this line names a secret */
    bool hidden;   /* it may show one */
    bool inside;   /* it may go on with a value that an earlier line began … */
    size_t indent; /* … which was indented that much */
};

static size_t line_length(const char *line, const char *end) {
    size_t length = 0;
    while (line + length < end && line[length] != '\n' && line[length] != '\r')
        length++;
    return length;
}

static void look(struct lines *lines) {
    size_t indent = 0;
    lines->length = line_length(lines->line, lines->end);
    while (indent < lines->length && lines->line[indent] == ' ')
        indent++;
    bool before = lines->named;
    if (indent < lines->length && indent <= lines->indent)
        lines->inside = false;
    lines->named = hide_is_secret(lines->line, lines->length);
    if (lines->named && !lines->inside) {
        lines->inside = true;
        lines->indent = indent;
    }
    lines->hidden = before || lines->named || lines->inside;
}

static void next(struct lines *lines) {
    lines->line += lines->length;
    if (lines->line + 1 < lines->end && lines->line[0] == '\r' && lines->line[1] == '\n')
        lines->line++;
    if (lines->line < lines->end)
        lines->line++;
    lines->number++;
    look(lines);
}

/* YAML 1.1 has more line ends than those above; then lines cannot be told apart here. */
static bool has_other_breaks(const char *text, size_t length) {
    return memmem(text, length, "\xc2\x85", 2) || memmem(text, length, "\xe2\x80\xa8", 3) ||
           memmem(text, length, "\xe2\x80\xa9", 3);
}

void hide_secrets(struct diagnostics *diagnostics, const char *text, size_t length) {
    bool all = has_other_breaks(text, length);
    struct lines lines = {.line = text, .end = text + length, .number = 1};
    look(&lines);
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        struct diagnostic *d = &diagnostics->list.items[i];
        while (lines.number < d->mark.line)
            next(&lines);
        if (all || lines.hidden)
            d->excerpt = NULL;
    }
}
