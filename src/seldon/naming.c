#include "seldon/naming.h"

#include <errno.h>
#include <string.h>

enum { NAMESPACE_LENGTH_MAX = 63 };

static const char *const DIRECTIONS[DIRECTION_MAX_] = {
    [DIRECTION_INPUTS] = "inputs",
    [DIRECTION_OUTPUTS] = "outputs",
};

static const char *const KIND_SECTIONS[KIND_MAX_] = {
    [KIND_MODEL] = "model",
    [KIND_PIPELINE] = "pipeline",
};

#define ERRORS_SECTIONS "errors.errors"

const char *direction_name(enum direction direction) {
    return DIRECTIONS[direction];
}

enum direction direction_parse(const char *text) {
    enum direction direction = 0;
    while (direction < DIRECTION_MAX_ && strcmp(text, DIRECTIONS[direction]) != 0)
        direction++;
    return direction;
}

char *naming_topic(struct arena *arena, const struct naming *naming, enum resource_kind kind, const char *name,
                   enum direction direction) {
    return arena_printf(arena, "%s.%s.%s.%s.%s", naming->prefix, naming->namespace, KIND_SECTIONS[kind], name,
                        DIRECTIONS[direction]);
}

char *naming_errors_topic(struct arena *arena, const struct naming *naming) {
    return arena_printf(arena, "%s.%s." ERRORS_SECTIONS, naming->prefix, naming->namespace);
}

static bool is_section_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static size_t section_length(const char *text) {
    size_t length = 0;
    while (is_section_character(text[length]))
        length++;
    return length;
}

bool naming_is_section(const char *name) {
    size_t length = section_length(name);
    return length > 0 && name[length] == '\0';
}

/* Steps over `section` and what follows it (a dot, or the end): NULL if something else is there. */
static const char *skip(const char *text, const char *section, char after) {
    size_t length = strlen(section);
    return strncmp(text, section, length) == 0 && text[length] == after ? text + length + (after ? 1 : 0) : NULL;
}

/* KIND.NAME.DIRECTION, where NAME is one section: NAME, and the kind; NULL if it is something else. */
static const char *find_name(const char *tail, enum resource_kind *ret_kind) {
    for (enum resource_kind kind = 0; kind < KIND_MAX_; kind++) {
        const char *name = skip(tail, KIND_SECTIONS[kind], '.');
        size_t length = name ? section_length(name) : 0;
        if (length > 0 && name[length] == '.' && direction_parse(name + length + 1) != DIRECTION_MAX_) {
            *ret_kind = kind;
            return name;
        }
    }
    return NULL;
}

bool naming_parse(const char *topic, const char *prefix, const char **ret_namespace, size_t *ret_length) {
    const char *namespace = skip(topic, prefix, '.');
    size_t length = namespace ? section_length(namespace) : 0;
    if (length == 0 || namespace[length] != '.')
        return false;
    const char *tail = namespace + length + 1;
    enum resource_kind kind;
    if (strcmp(tail, ERRORS_SECTIONS) != 0 && !find_name(tail, &kind))
        return false;
    *ret_namespace = namespace;
    *ret_length = length;
    return true;
}

int naming_owner(struct arena *arena, const char *topic, const char *prefix, struct resource *ret) {
    const char *namespace;
    size_t length;
    struct resource owner = {0};
    const char *name =
        naming_parse(topic, prefix, &namespace, &length) ? find_name(namespace + length + 1, &owner.kind) : NULL;
    if (!name)
        return 1;
    owner.namespace = arena_strndup(arena, namespace, length);
    owner.name = arena_strndup(arena, name, section_length(name));
    if (!owner.namespace || !owner.name)
        return -ENOMEM;
    *ret = owner;
    return 0;
}

bool naming_is_legal_topic(const char *topic) {
    size_t length = 0;
    while (is_section_character(topic[length]) || topic[length] == '.')
        length++;
    return topic[length] == '\0' && length > 0 && length <= TOPIC_LENGTH_MAX && strcmp(topic, ".") != 0 &&
           strcmp(topic, "..") != 0;
}

size_t naming_longest(const struct naming *naming, enum resource_kind kind) {
    size_t others = strlen(naming->prefix) + strlen(naming->namespace) + strlen(KIND_SECTIONS[kind]) +
                    strlen(DIRECTIONS[DIRECTION_OUTPUTS]) + strlen("....");
    return others < TOPIC_LENGTH_MAX ? TOPIC_LENGTH_MAX - others : 0;
}

static bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool naming_is_resource_name(const char *name) {
    size_t length = 0;
    while (is_lower_or_digit(name[length]) || name[length] == '-')
        length++;
    return length > 0 && name[length] == '\0' && name[0] != '-' && name[length - 1] != '-';
}

bool naming_is_namespace(const char *name) {
    return naming_is_resource_name(name) && strlen(name) <= NAMESPACE_LENGTH_MAX;
}
