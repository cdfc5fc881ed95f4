#include "seldon/reference.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { PARTS_MAX = 5 };

struct parts {
    const char *items[PARTS_MAX]; /* the first of them */
    size_t count;                 /* all of them */
};

static bool split(struct arena *arena, const char *text, struct parts *ret) {
    char *rest = arena_strdup(arena, text);
    if (!rest)
        return false;
    struct parts parts = {0};
    for (char *part = rest; part; part = rest, parts.count++) {
        rest = strchr(part, '.');
        if (rest)
            *rest++ = '\0';
        if (parts.count < PARTS_MAX)
            parts.items[parts.count] = part;
    }
    *ret = parts;
    return true;
}

static bool is_blank(const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

static bool has_blank(const char *text) {
    while (*text != '\0' && !isspace((unsigned char)*text))
        text++;
    return *text != '\0';
}

/* NAME.DIRECTION.TENSOR, the last two of which may be missing: from `parts[0]` on. */
static enum reference_fault parse_direction(const char *const *parts, size_t count, enum direction bare,
                                            struct reference *ret) {
    ret->name = parts[0];
    ret->direction = count == 1 ? bare : direction_parse(parts[1]);
    if (ret->direction == DIRECTION_MAX_)
        return REFERENCE_DIRECTION;
    return count == 3 && has_blank(parts[2]) ? REFERENCE_BLANK : REFERENCE_FINE;
}

int reference_parse_internal(struct arena *arena, const char *text, const char *pipeline, struct reference *ret) {
    struct parts parts;
    if (!split(arena, text, &parts))
        return -ENOMEM;
    if (is_blank(parts.items[0]))
        return REFERENCE_EMPTY;
    if (parts.count > 3)
        return REFERENCE_PARTS;
    bool own = strcmp(parts.items[0], pipeline) == 0;
    ret->kind = own ? KIND_PIPELINE : KIND_MODEL;
    return (int)parse_direction(parts.items, parts.count, own ? DIRECTION_INPUTS : DIRECTION_OUTPUTS, ret);
}

static enum reference_fault parse_step(const struct parts *parts, struct reference *ret) {
    const char *pipeline = parts->items[0], *step = parts->items[2];
    if (parts->count < 3 || is_blank(step))
        return REFERENCE_STEP_EMPTY;
    if (strcmp(step, pipeline) == 0)
        return REFERENCE_STEP_IS_SELF;
    if (!naming_is_section(step))
        return REFERENCE_CHARACTER;
    ret->kind = KIND_MODEL;
    return parse_direction(parts->items + 2, parts->count - 2, DIRECTION_OUTPUTS, ret);
}

int reference_parse_external(struct arena *arena, const char *text, struct reference *ret) {
    struct parts parts;
    if (!split(arena, text, &parts))
        return -ENOMEM;
    if (is_blank(parts.items[0]))
        return REFERENCE_EMPTY;
    if (!naming_is_section(parts.items[0]))
        return REFERENCE_CHARACTER;
    if (parts.count > PARTS_MAX)
        return REFERENCE_PARTS;
    ret->pipeline = parts.items[0];
    if (parts.count > 1 && strcmp(parts.items[1], "step") == 0)
        return (int)parse_step(&parts, ret);
    ret->kind = KIND_PIPELINE;
    enum reference_fault fault = parse_direction(parts.items, parts.count, DIRECTION_OUTPUTS, ret);
    if (fault == REFERENCE_DIRECTION)
        return REFERENCE_SECOND;
    return (int)(parts.count > 3 ? REFERENCE_PARTS : fault);
}
