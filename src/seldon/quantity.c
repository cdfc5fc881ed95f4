#include "seldon/quantity.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 18,        /* of a decimal quantity on Kubernetes' fast path */
    BINARY_DIGITS_MAX = 14, /* likewise with a binary suffix, less three for every factor of 1024 */
    DIGITS_READ_MAX = 36,   /* what 128 bits hold; more digits are not taken apart */
};

/* The first number that has more than DIGITS_MAX digits: it cannot be written for Seldon at all. */
#define POWER_OF_DIGITS_MAX UINT64_C(1000000000000000000)

struct suffix {
    const char *text;
    bool binary;
    int exponent; /* of 2 or of 10 */
};

static const struct suffix SUFFIXES[] = {
    {"", false, 0},   {"n", false, -9}, {"u", false, -6}, {"m", false, -3}, {"k", false, 3},  {"M", false, 6},
    {"G", false, 9},  {"T", false, 12}, {"P", false, 15}, {"E", false, 18}, {"Ki", true, 10}, {"Mi", true, 20},
    {"Gi", true, 30}, {"Ti", true, 40}, {"Pi", true, 50}, {"Ei", true, 60},
};

struct amount {
    unsigned __int128 digits; /* those before and after the point as one number */
    size_t whole, fraction;   /* how many there are of each, leading zeros left out; `whole` is at least 1 */
    struct suffix suffix;
};

static bool parse_suffix(const char *text, struct suffix *ret) {
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++)
        if (strcmp(text, SUFFIXES[i].text) == 0) {
            *ret = SUFFIXES[i];
            return true;
        }
    if (*text != 'e' && *text != 'E')
        return false;
    const char *number = text + 1 + (text[1] == '+' || text[1] == '-');
    size_t digits = strspn(number, "0123456789");
    if (digits == 0 || number[digits] != '\0')
        return false;
    long exponent = strtol(text + 1, NULL, 10);
    exponent = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : exponent;
    *ret = (struct suffix){text, false, (int)exponent};
    return true;
}

static unsigned __int128 append_digits(unsigned __int128 number, const char *digits, size_t count) {
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (unsigned)(digits[i] - '0');
    return number;
}

static bool parse(const char *text, struct amount *ret) {
    if (*text == '+' || *text == '-')
        text++;
    const char *whole = text + strspn(text, "0");
    size_t n_whole = strspn(whole, "0123456789"), n_fraction = 0;
    const char *rest = whole + n_whole, *fraction = rest;
    if (*rest == '.') {
        fraction = rest + 1;
        n_fraction = strspn(fraction, "0123456789");
        rest = fraction + n_fraction;
    }
    struct amount amount = {.whole = n_whole > 0 ? n_whole : 1, .fraction = n_fraction};
    if ((whole == text && n_whole == 0 && n_fraction == 0) || !parse_suffix(rest, &amount.suffix))
        return false;
    if (n_whole + n_fraction <= DIGITS_READ_MAX)
        amount.digits = append_digits(append_digits(0, whole, n_whole), fraction, n_fraction);
    *ret = amount;
    return true;
}

/* The amount in bytes, exactly. `fault` says why not. */
static enum quantity_fault to_bytes(const struct amount *amount, uint64_t *ret) {
    if (amount->whole + amount->fraction > DIGITS_READ_MAX)
        return amount->fraction > 0 ? QUANTITY_FRACTION : QUANTITY_TOO_LARGE;
    int decimals = -(int)amount->fraction + (amount->suffix.binary ? 0 : amount->suffix.exponent);
    unsigned __int128 value = amount->digits;
    if (value != 0 && amount->suffix.binary &&
        __builtin_mul_overflow(value, (unsigned __int128)1 << amount->suffix.exponent, &value))
        return QUANTITY_TOO_LARGE;
    for (; decimals > 0 && value != 0; decimals--)
        if (__builtin_mul_overflow(value, 10, &value))
            return QUANTITY_TOO_LARGE;
    for (; decimals < 0 && value != 0; decimals++) {
        if (value % 10 != 0)
            return QUANTITY_FRACTION;
        value /= 10;
    }
    if (value > INT64_MAX)
        return QUANTITY_TOO_LARGE;
    *ret = (uint64_t)value;
    return QUANTITY_FINE;
}

/* What Kubernetes' fast path can tell; beyond it Seldon gives up. */
static bool is_plain(const struct amount *amount) {
    if (amount->suffix.binary)
        return amount->fraction == 0 &&
               amount->whole + (size_t)(amount->suffix.exponent * 3 / 10) <= (size_t)BINARY_DIGITS_MAX;
    return amount->whole + amount->fraction <= DIGITS_MAX && amount->suffix.exponent >= (int)amount->fraction;
}

/* With the largest binary suffix that divides it and that is_plain() lets pass. */
static void write_plainly(uint64_t bytes, char out[static QUANTITY_LENGTH_MAX]) {
    struct amount amount = {0};
    for (size_t i = sizeof SUFFIXES / sizeof *SUFFIXES; i-- > 0 && SUFFIXES[i].binary;) {
        uint64_t unit = UINT64_C(1) << SUFFIXES[i].exponent;
        if (bytes == 0 || bytes % unit != 0)
            continue;
        snprintf(out, QUANTITY_LENGTH_MAX, "%" PRIu64 "%s", bytes / unit, SUFFIXES[i].text);
        if (parse(out, &amount) && is_plain(&amount))
            return;
    }
    snprintf(out, QUANTITY_LENGTH_MAX, "%" PRIu64, bytes);
}

enum quantity_fault quantity_check(const char *text, char ret_better[static QUANTITY_LENGTH_MAX]) {
    struct amount amount;
    uint64_t bytes;
    if (!parse(text, &amount))
        return QUANTITY_SYNTAX;
    enum quantity_fault fault = to_bytes(&amount, &bytes);
    if (fault != QUANTITY_FINE || is_plain(&amount))
        return fault;
    if (bytes >= POWER_OF_DIGITS_MAX)
        return QUANTITY_TOO_LARGE;
    write_plainly(bytes, ret_better);
    return QUANTITY_WRITTEN;
}
