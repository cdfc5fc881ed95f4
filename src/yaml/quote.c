#include "yaml/quote.h"

#include <string.h>

enum { SHOWN = 60 };

static size_t character_length(unsigned char c) {
    return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* C1 controls, and the two that end a line. */
static bool is_control(const char *p, size_t length) {
    return (length == 2 && p[0] == '\xc2' && (unsigned char)p[1] < 0xa0) ||
           (length == 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0));
}

void quote_text(struct buffer *out, const char *text, size_t length) {
    size_t at = 0;
    for (int shown = 0; at < length && shown < SHOWN; shown++) {
        unsigned char c = (unsigned char)text[at];
        size_t n = character_length(c);
        if (n > length - at)
            n = length - at;
        if (c == '\n')
            buffer_puts(out, "\\n");
        else if (c == '\t')
            buffer_puts(out, "\\t");
        else if (c < 0x20 || c == 0x7f)
            buffer_printf(out, "\\x%02x", c);
        else if (is_control(text + at, n))
            buffer_puts(out, "?");
        else
            buffer_append(out, text + at, n);
        at += n;
    }
    if (at < length)
        buffer_puts(out, "…");
}
