#include "store/snapshot_fields.h"

#include "store/snapshot_text.h"

#include <errno.h>
#include <string.h>

int fields_damaged(const struct fields *fields, const char *what) {
    buffer_printf(fields->why, "line %u %s", fields->line, what);
    return SNAPSHOT_DAMAGED;
}

bool fields_next(struct fields *fields, const char **ret, size_t *ret_length) {
    if (fields->over)
        return false;
    const char *tab = memchr(fields->at, '\t', (size_t)(fields->end - fields->at));
    *ret = fields->at;
    *ret_length = (size_t)((tab ? tab : fields->end) - fields->at);
    fields->over = !tab;
    fields->at = tab ? tab + 1 : fields->end;
    return true;
}

bool fields_is(const char *field, size_t length, const char *word) {
    return strlen(word) == length && memcmp(field, word, length) == 0;
}

/* The next field is this word. */
bool fields_word(struct fields *fields, const char *word) {
    const char *field;
    size_t length;
    return fields_next(fields, &field, &length) && fields_is(field, length, word);
}

/* The next field is one of two words. */
bool fields_either(struct fields *fields, const char *yes, const char *no, bool *ret) {
    const char *field;
    size_t length;
    if (!fields_next(fields, &field, &length))
        return false;
    *ret = fields_is(field, length, yes);
    return *ret || fields_is(field, length, no);
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes put_escaped() in place. */
static bool unescape(char *text) {
    char *to = text;
    for (const char *p = text; *p; p++) {
        if (*p != '%') {
            *to++ = *p;
            continue;
        }
        int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *to++ = (char)(high * 16 + low);
        p += 2;
    }
    *to = '\0';
    return true;
}

/* A text that may be NULL. */
int fields_optional(struct fields *fields, struct arena *arena, const char **ret) {
    const char *field;
    size_t length;
    if (!fields_next(fields, &field, &length))
        return fields_damaged(fields, "has too few fields");
    *ret = NULL;
    if (fields_is(field, length, "-"))
        return 0;
    char *text = arena_strndup(arena, field, length);
    if (!text)
        return -ENOMEM;
    if (!unescape(text))
        return fields_damaged(fields, "has a wrong % sequence");
    *ret = text;
    return 0;
}

int fields_text(struct fields *fields, struct arena *arena, const char **ret) {
    int r = fields_optional(fields, arena, ret);
    return r == 0 && !*ret ? fields_damaged(fields, "lacks a value") : r;
}

/* A text that is neither NULL nor empty. */
int fields_name(struct fields *fields, struct arena *arena, const char **ret) {
    int r = fields_text(fields, arena, ret);
    return r == 0 && **ret == '\0' ? fields_damaged(fields, "has an empty name") : r;
}

int fields_topic(struct fields *fields, struct arena *arena, const char **ret) {
    int r = fields_text(fields, arena, ret);
    if (r != 0)
        return r;
    size_t length = strlen(*ret);
    size_t legal = strspn(*ret, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (length == 0 || length > 249 || legal != length || strcmp(*ret, ".") == 0 || strcmp(*ret, "..") == 0)
        return fields_damaged(fields, "names a topic that Kafka does not allow");
    return 0;
}

/* A number from 0 to `max`, after "KEY=" if there is a key. */
int fields_number(struct fields *fields, const char *key, uint64_t max, uint64_t *ret) {
    const char *field;
    size_t length, prefix = key ? strlen(key) + 1 : 0;
    if (!fields_next(fields, &field, &length))
        return fields_damaged(fields, "has too few fields");
    if (length <= prefix || (key && (memcmp(field, key, prefix - 1) != 0 || field[prefix - 1] != '=')))
        return fields_damaged(fields, "lacks a number");
    uint64_t number = 0;
    for (size_t i = prefix; i < length; i++)
        if (field[i] < '0' || field[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (unsigned)(field[i] - '0'), &number) || number > max)
            return fields_damaged(fields, "has a wrong number");
    *ret = number;
    return 0;
}

/* KEY=WORD,WORD,… */
int fields_holds(struct fields *fields, const char *key, unsigned *ret) {
    const char *field;
    size_t length, prefix = strlen(key) + 1;
    if (!fields_next(fields, &field, &length) || length < prefix || memcmp(field, key, prefix - 1) != 0)
        return fields_damaged(fields, "lacks the reasons of a hold");
    unsigned holds = 0;
    const char *p = field + prefix, *end = field + length;
    while (p < end) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        size_t i = 0, word = (size_t)((comma ? comma : end) - p);
        while (i < N_HOLD_WORDS && !fields_is(p, word, HOLD_WORDS[i].word))
            i++;
        if (i == N_HOLD_WORDS)
            return fields_damaged(fields, "has an unknown reason of a hold");
        holds |= HOLD_WORDS[i].hold;
        p += word + (comma != NULL);
    }
    *ret = holds;
    return 0;
}
