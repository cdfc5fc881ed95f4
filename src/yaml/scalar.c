#include "yaml/scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEX "0123456789abcdefABCDEF"

static bool is_one_of(const char *text, const char *const *words) {
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool resolve_word(struct node *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yes[] = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", NULL};
    static const char *const no[] = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", NULL};
    if (node->length > strlen("false") || (node->length > 0 && !strchr("~nNyYtTfFoO", *node->text)))
        return false;
    if (is_one_of(node->text, nulls)) {
        node->type = NODE_NULL;
        return true;
    }
    bool truth = is_one_of(node->text, yes);
    if (!truth && !is_one_of(node->text, no))
        return false;
    node->type = NODE_BOOLEAN;
    node->boolean = truth;
    return true;
}

static bool resolve_special_float(struct node *node) {
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    const char *text = node->text;
    if (is_one_of(text, nans))
        node->number = NAN;
    else if (is_one_of(text + (*text == '+' || *text == '-'), infinities))
        node->number = *text == '-' ? -INFINITY : INFINITY;
    else
        return false;
    node->type = NODE_FLOAT;
    return true;
}

/* Base and digits behind the sign, as Go's ParseInt(…, 0, …): a leading 0 alone is octal. */
static int number_base(const char **digits) {
    const char *p = *digits;
    if (p[0] != '0' || p[1] == '\0')
        return 10;
    char kind = (char)(p[1] | 0x20); /* in lower case */
    int base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    *digits += kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1;
    return base;
}

static bool resolve_integer(struct node *node, const char *text) {
    bool negative = *text == '-';
    const char *digits = text + (*text == '-' || *text == '+');
    int base = number_base(&digits);
    const char *allowed = base == 2 ? "01" : base == 8 ? "01234567" : base == 10 ? "0123456789" : HEX;
    if (*digits == '\0' || digits[strspn(digits, allowed)] != '\0')
        return false;
    errno = 0;
    unsigned long long magnitude = strtoull(digits, NULL, base);
    if (errno == ERANGE || (negative && magnitude > (unsigned long long)INT64_MAX + 1))
        return false;
    node->type = NODE_INTEGER;
    node->number = negative ? -(double)magnitude : (double)magnitude;
    if (magnitude > INT64_MAX)
        node->integer = negative ? INT64_MIN : INT64_MAX;
    else
        node->integer = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

static const char *skip_digits(const char *p) {
    while (isdigit((unsigned char)*p))
        p++;
    return p;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool looks_like_float(const char *p) {
    p += *p == '-' || *p == '+';
    const char *whole = p;
    p = skip_digits(p);
    bool digits = p > whole;
    if (*p == '.') {
        const char *fraction = ++p;
        p = skip_digits(p);
        digits = digits || p > fraction;
    }
    if (!digits)
        return false;
    if (*p != 'e' && *p != 'E')
        return *p == '\0';
    p++;
    p += *p == '-' || *p == '+';
    return isdigit((unsigned char)*p) && *skip_digits(p) == '\0';
}

static bool resolve_float(struct node *node, const char *text) {
    if (!looks_like_float(text))
        return false;
    double number = strtod(text, NULL);
    if (isinf(number))
        return false;
    node->type = NODE_FLOAT;
    node->number = number;
    return true;
}

static bool resolve_number(struct node *node) {
    enum { LONGEST = 512 }; /* who writes more digits means text */
    const char *text = node->text;
    if (!strchr("0123456789+-.", *text) || node->length >= LONGEST)
        return false;
    if (resolve_special_float(node))
        return true;
    char plain[LONGEST], *out = plain;
    for (; *text; text++)
        if (*text != '_')
            *out++ = *text;
    *out = '\0';
    return resolve_integer(node, plain) || resolve_float(node, plain);
}

void scalar_resolve(struct node *node) {
    if (!resolve_word(node) && !resolve_number(node))
        node->type = NODE_STRING;
}

bool scalar_resolve_tag(struct node *node, const char *tag) {
    static const struct {
        const char *name;
        enum node_type type;
    } tags[] = {
        {"!", NODE_STRING},
        {"tag:yaml.org,2002:str", NODE_STRING},
        {"tag:yaml.org,2002:bool", NODE_BOOLEAN},
        {"tag:yaml.org,2002:int", NODE_INTEGER},
        {"tag:yaml.org,2002:float", NODE_FLOAT},
        {"tag:yaml.org,2002:null", NODE_NULL},
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(tag, tags[i].name) != 0)
            continue;
        if (tags[i].type == NODE_STRING) {
            node->type = NODE_STRING;
            return true;
        }
        scalar_resolve(node);
        if (tags[i].type == NODE_FLOAT && node->type == NODE_INTEGER)
            node->type = NODE_FLOAT;
        return node->type == tags[i].type;
    }
    return false;
}
