#include "base/name.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct name {
    unsigned refs;
    char text[];
};

static struct name *name_of(const char *text) {
    return (struct name *)((uintptr_t)text - offsetof(struct name, text));
}

const char *name_new(const char *text) {
    size_t size = strlen(text) + 1;
    struct name *name = malloc(sizeof *name + size);
    if (!name)
        return NULL;
    name->refs = 1;
    memcpy(name->text, text, size);
    return name->text;
}

const char *name_ref(const char *name) {
    name_of(name)->refs++;
    return name;
}

void name_unref(const char *name) {
    if (name && --name_of(name)->refs == 0)
        free(name_of(name));
}

int name_compare(const char *a, const char *b) {
    return a == b ? 0 : strcmp(a, b);
}
