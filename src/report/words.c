#include "report/words.h"

#include "base/clock.h"

#include <string.h>
#include <time.h>

/* Bytes of the UTF-8 character at `p` (RFC 3629: no overlong form, no surrogate, nothing over U+10FFFF), 0 if there
 * is none. The text is terminated, so looking at the next byte is safe as long as this one is not the end. */
static size_t character_length(const unsigned char *p) {
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] >= 0x90))
        return 0;
    return length;
}

bool words_is_utf8(const char *text) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t length; *p; p += length)
        if ((length = character_length(p)) == 0)
            return false;
    return true;
}

/* C0, DEL and C1: a terminal may obey them. */
static bool is_control(const unsigned char *p) {
    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

void words_cut(const char *text, size_t width, struct buffer *out) {
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        if (width-- == 0) {
            buffer_puts(out, "…");
            return;
        }
        size_t length = character_length(p);
        if (length > 0 && !is_control(p)) {
            buffer_append(out, (const char *)p, length);
            p += length;
        } else {
            for (size_t i = 0; i < (length ? length : 1); i++)
                buffer_printf(out, "\\x%02x", *p++);
        }
    }
}

void words_clean(const char *text, struct buffer *out) {
    words_cut(text, SIZE_MAX, out);
}

void words_count(size_t count, const char *noun, struct buffer *out) {
    buffer_printf(out, "%zu %s%s", count, noun, count == 1 ? "" : "s");
}

void words_of_them(size_t count, size_t total, struct buffer *out) {
    if (count < total)
        buffer_printf(out, "%zu of them", count);
    else
        buffer_puts(out, total == 1 ? "it" : "all of them");
}

void words_unless_held(size_t count, size_t total, const char *also, struct buffer *out) {
    if (count == 0)
        return;
    buffer_puts(out, ", ");
    if (total > 1) {
        words_of_them(count, total, out);
        buffer_puts(out, " ");
    }
    buffer_printf(out, "only when nothing else holds %s (", total == 1 ? "it" : "them");
    words_clean(also, out);
    buffer_puts(out, ")");
}

void words_part(struct buffer *out, size_t start, const char *separator) {
    if (out->length > start)
        buffer_puts(out, separator);
}

/* False for a time that no calendar reaches. */
static bool in_utc(uint64_t wall_usec, struct tm *ret) {
    time_t seconds = (time_t)(wall_usec / USEC_PER_SEC);
    return gmtime_r(&seconds, ret) != NULL && ret->tm_year <= 9999 - 1900;
}

void words_time(uint64_t wall_usec, struct buffer *out) {
    struct tm tm;
    if (in_utc(wall_usec, &tm))
        buffer_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                      tm.tm_min, tm.tm_sec);
    else
        buffer_puts(out, "9999-12-31T23:59:59Z");
}

bool words_parse_time(const char *text, uint64_t *ret_wall_usec) {
    static const char pattern[] = "0000-00-00T00:00:00Z";
    int numbers[6] = {0};
    size_t at = 0;
    for (size_t i = 0; i < sizeof pattern; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] == '0' ? !digit : text[i] != pattern[i])
            return false;
        if (digit)
            numbers[at] = 10 * numbers[at] + (text[i] - '0');
        else
            at += at < 5;
    }
    struct tm tm = {.tm_year = numbers[0] - 1900,
                    .tm_mon = numbers[1] - 1,
                    .tm_mday = numbers[2],
                    .tm_hour = numbers[3],
                    .tm_min = numbers[4],
                    .tm_sec = numbers[5]};
    time_t seconds = timegm(&tm);
    if (seconds < 0)
        return false;
    *ret_wall_usec = (uint64_t)seconds * USEC_PER_SEC;
    return true;
}

void words_clock(uint64_t wall_usec, struct buffer *out) {
    struct tm tm;
    if (in_utc(wall_usec, &tm))
        buffer_printf(out, "%02d:%02d:%02d UTC", tm.tm_hour, tm.tm_min, tm.tm_sec);
    else
        buffer_puts(out, "the end of time");
}

void words_span(uint64_t usec, struct buffer *out) {
    uint64_t seconds = usec / USEC_PER_SEC + (usec % USEC_PER_SEC != 0);
    if (seconds < 120)
        buffer_printf(out, "%llu s", (unsigned long long)seconds);
    else if (seconds < 2 * 3600)
        buffer_printf(out, "%llu min", (unsigned long long)((seconds + 59) / 60));
    else if (seconds < 48 * 3600)
        buffer_printf(out, "%llu h", (unsigned long long)((seconds + 3599) / 3600));
    else
        buffer_printf(out, "%llu d", (unsigned long long)((seconds + 86399) / 86400));
}
