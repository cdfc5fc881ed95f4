#include "yaml/text.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* Walks a text character by character and knows its place, as libyaml counts lines: LF, CR, CRLF, NEL, LS, PS. */
struct walk {
    const unsigned char *p, *end;
    struct mark mark;
};

enum { INVALID = 0x110000 };

/* The code point at p and its length; INVALID, with length 1, if it is not well-formed UTF-8. */
static uint32_t decode(const unsigned char *p, const unsigned char *end, size_t *ret_length) {
    *ret_length = 1;
    if (*p < 0x80)
        return *p;
    size_t length = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (*p < 0xc2 || *p > 0xf4 || (size_t)(end - p) < length)
        return INVALID;
    uint32_t c = *p & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return INVALID;
        c = c << 6 | (p[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[length] || (c >= 0xd800 && c < 0xe000) || c >= INVALID)
        return INVALID;
    *ret_length = length;
    return c;
}

static bool is_break(uint32_t c) {
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_blank(uint32_t c) {
    return c == ' ' || c == '\t';
}

/* What YAML calls printable; a byte order mark only at the beginning. */
static bool is_allowed(uint32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) || c == 0x85 ||
           (c >= 0xa0 && c < 0xfffe && c != 0xfeff) || (c >= 0x10000 && c < INVALID);
}

static void step(struct walk *walk, uint32_t c, size_t length) {
    walk->p += length;
    if (c == '\r' && walk->p < walk->end && *walk->p == '\n')
        return; /* the LF ends the line */
    if (is_break(c))
        walk->mark = (struct mark){walk->mark.line + 1, 1};
    else
        walk->mark.column++;
}

static bool starts_with(const struct walk *walk, const char *prefix) {
    size_t length = strlen(prefix);
    return (size_t)(walk->end - walk->p) >= length && memcmp(walk->p, prefix, length) == 0;
}

static void report_character(struct diagnostics *diagnostics, const struct walk *walk, uint32_t c) {
    if (c == INVALID)
        diagnostics_add(diagnostics, SEVERITY_ERROR, walk->mark, "byte 0x%02x is not UTF-8: save the file as UTF-8",
                        *walk->p);
    else if (c == 0)
        diagnostics_add(diagnostics, SEVERITY_ERROR, walk->mark, "a NUL byte is not allowed in YAML");
    else
        diagnostics_add(diagnostics, SEVERITY_ERROR, walk->mark, "the control character U+%04X is not allowed in YAML",
                        c);
}

/* kubectl separates documents at lines that are just "---" and perhaps a comment; libyaml also takes what follows. */
static bool check_separator(const struct walk *walk, struct diagnostics *diagnostics) {
    const unsigned char *p = walk->p + strlen("---");
    if (!starts_with(walk, "---") || p == walk->end || !is_blank(*p))
        return true;
    while (p < walk->end && is_blank(*p))
        p++;
    size_t length;
    if (p == walk->end || *p == '#' || is_break(decode(p, walk->end, &length)))
        return true;
    struct mark mark = {walk->mark.line, (unsigned)(p - walk->p) + 1};
    diagnostics_add(diagnostics, SEVERITY_ERROR, mark,
                    "a document must begin on the line after its \"---\", as kubectl wants it");
    return false;
}

static bool check_line(const struct walk *walk, unsigned *tag_lines, struct diagnostics *diagnostics) {
    if (!starts_with(walk, "%TAG"))
        return check_separator(walk, diagnostics);
    if (++*tag_lines <= TEXT_TAG_LINES_MAX)
        return true;
    diagnostics_add(diagnostics, SEVERITY_ERROR, walk->mark, "more than %d %%TAG lines", TEXT_TAG_LINES_MAX);
    return false;
}

static bool check_encoding(const char *text, size_t length, struct diagnostics *diagnostics) {
    if (length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 ||
                        (text[0] == '\0') != (text[1] == '\0'))) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, (struct mark){1, 1},
                        "the file is UTF-16 or UTF-32: save it as UTF-8");
        return false;
    }
    return true;
}

bool text_check(const char *text, size_t length, struct diagnostics *diagnostics) {
    struct walk walk = {(const unsigned char *)text, (const unsigned char *)text + length, {1, 1}};
    unsigned tag_lines = 0, blanks = 0;
    if (!check_encoding(text, length, diagnostics))
        return false;
    if (starts_with(&walk, "\xef\xbb\xbf"))
        walk.p += 3;
    while (walk.p < walk.end) {
        size_t n;
        uint32_t c = decode(walk.p, walk.end, &n);
        if (!is_allowed(c)) {
            report_character(diagnostics, &walk, c);
            return false;
        }
        if (walk.mark.column == 1 && !check_line(&walk, &tag_lines, diagnostics))
            return false;
        blanks = is_blank(c) || is_break(c) ? blanks + 1 : 0;
        if (blanks > TEXT_BLANKS_MAX) {
            diagnostics_add(diagnostics, SEVERITY_ERROR, walk.mark, "more than %d blanks and line breaks in a row",
                            TEXT_BLANKS_MAX);
            return false;
        }
        step(&walk, c, n);
    }
    return true;
}

static void skip_blanks(struct walk *walk) {
    while (walk->p < walk->end && (is_blank(*walk->p) || is_break(*walk->p)))
        step(walk, *walk->p, 1);
}

static struct walk walk_from_content(const char *text, size_t length) {
    struct walk walk = {(const unsigned char *)text, (const unsigned char *)text + length, {1, 1}};
    if (starts_with(&walk, "\xef\xbb\xbf"))
        walk.p += 3;
    skip_blanks(&walk);
    return walk;
}

/* Of the escape \uXXXX that is at p, else 0. */
static uint32_t code_unit(const char *p, const char *end) {
    enum { LENGTH = 6 };
    uint32_t unit = 0;
    if (end - p < LENGTH || p[0] != '\\' || p[1] != 'u')
        return 0;
    for (int i = 2; i < LENGTH; i++) {
        if (!isxdigit((unsigned char)p[i]))
            return 0;
        unit = unit << 4 | (uint32_t)(isdigit((unsigned char)p[i]) ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    }
    return unit;
}

int text_join_surrogates(const char *text, size_t length, struct buffer *ret) {
    enum { PAIR = 12, JOINED = 10 }; /* \uD83D\uDE00, \U0001F600 */
    const char *end = text + length, *copied = text, *p = text;
    int blanks = 0;
    struct walk walk = walk_from_content(text, length);
    if (!starts_with(&walk, "{"))
        return 0;
    while (p < end) {
        uint32_t high = code_unit(p, end), low = high >> 10 == 0xd800 >> 10 ? code_unit(p + PAIR / 2, end) : 0;
        if (low >> 10 == 0xdc00 >> 10) {
            buffer_append(ret, copied, (size_t)(p - copied));
            buffer_printf(ret, "\\U%08X", 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)));
            blanks += PAIR - JOINED;
            copied = p += PAIR;
        } else if (*p == '"' && blanks > 0) { /* the string's end */
            buffer_append(ret, copied, (size_t)(++p - copied));
            buffer_printf(ret, "%*s", blanks, "");
            blanks = 0;
            copied = p;
        } else {
            p += *p == '\\' && end - p > 1 ? 2 : 1;
        }
    }
    if (copied == text)
        return 0;
    buffer_append(ret, copied, (size_t)(end - copied));
    buffer_printf(ret, "%*s", blanks, ""); /* the string has no end */
    return ret->failed ? -ENOMEM : 1;
}

/* Moves behind the string that begins here. False if it has no end. */
static bool skip_string(struct walk *walk) {
    do {
        size_t length;
        bool escape = *walk->p == '\\';
        uint32_t c = decode(walk->p, walk->end, &length);
        step(walk, c, length);
        if (escape && walk->p < walk->end) {
            c = decode(walk->p, walk->end, &length);
            step(walk, c, length);
        }
    } while (walk->p < walk->end && *walk->p != '"');
    if (walk->p == walk->end)
        return false;
    step(walk, '"', 1);
    return true;
}

/* Moves behind the object that begins here. False if it has no end (then to the end of the text), or if this cannot be
 * JSON (then not so far). */
static bool skip_object(struct walk *walk) {
    size_t depth = 0;
    while (walk->p < walk->end) {
        unsigned char c = *walk->p;
        if (c == '"') {
            if (!skip_string(walk))
                return false;
            continue;
        }
        if (c == '\'' || c == '#' || c >= 0x80)
            return false;
        step(walk, c, 1);
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return true;
    }
    return false;
}

static const char separator[] = "\n---\n";
enum { SEPARATOR_LINES = 2 };

static int add_piece(struct text_pieces *pieces, const struct walk *from, const struct walk *to) {
    unsigned line = 1;
    if (pieces->list.count > 0) {
        const struct text_piece *last = &pieces->list.items[pieces->list.count - 1];
        line = last->joined_line + (from->mark.line - last->mark.line);
    }
    line += SEPARATOR_LINES;
    buffer_puts(&pieces->joined, separator);
    buffer_append(&pieces->joined, (const char *)from->p, (size_t)(to->p - from->p));
    return pieces->joined.failed ? -ENOMEM : array_push(&pieces->list, (struct text_piece){line, from->mark});
}

/* Each piece reaches to the beginning of the next. 0 if the text is not made of objects only; the last may lack its
 * end, so that this is what is said about it. */
static int split(struct walk walk, struct text_pieces *pieces) {
    while (walk.p < walk.end) {
        struct walk from = walk;
        if (*walk.p != '{')
            return 0;
        if (!skip_object(&walk) && (walk.p < walk.end || pieces->list.count == 0))
            return 0;
        skip_blanks(&walk);
        if (walk.p == walk.end && pieces->list.count == 0)
            return 0;
        int r = add_piece(pieces, &from, &walk);
        if (r < 0)
            return r;
    }
    return pieces->list.count > 1;
}

int text_split_objects(const char *text, size_t length, struct text_pieces *ret) {
    struct text_pieces pieces = {0};
    int r = split(walk_from_content(text, length), &pieces);
    if (r > 0)
        *ret = pieces;
    else
        text_pieces_free(&pieces);
    return r;
}

void text_pieces_free(struct text_pieces *pieces) {
    buffer_free(&pieces->joined);
    array_free(&pieces->list);
}

static bool is_in_piece(const struct text_pieces *pieces, size_t i, unsigned joined_line) {
    return pieces->list.items[i].joined_line <= joined_line &&
           (i + 1 == pieces->list.count || pieces->list.items[i + 1].joined_line > joined_line);
}

static size_t find_piece(const struct text_pieces *pieces, unsigned joined_line) {
    size_t low = 0, high = pieces->list.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (pieces->list.items[middle].joined_line <= joined_line)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct mark text_pieces_mark(struct text_pieces *pieces, struct mark mark) {
    if (pieces->list.count == 0)
        return mark;
    if (!is_in_piece(pieces, pieces->last, mark.line))
        pieces->last = find_piece(pieces, mark.line);
    const struct text_piece *piece = &pieces->list.items[pieces->last];
    if (mark.line < piece->joined_line)
        return piece->mark;
    if (mark.line == piece->joined_line)
        return (struct mark){piece->mark.line, piece->mark.column + mark.column - 1};
    return (struct mark){mark.line - piece->joined_line + piece->mark.line, mark.column};
}
