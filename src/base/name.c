#include "base/name.h"

#include <stdlib.h>
#include <string.h>

/* What stands before the text. */
struct head {
    unsigned refs;
};

static struct head *head_of(char *name) {
    return (struct head *)(void *)name - 1;
}

char *name_new(const char *text) {
    size_t size = strlen(text) + 1;
    struct head *head = malloc(sizeof *head + size);
    if (!head)
        return NULL;
    head->refs = 1;
    return memcpy(head + 1, text, size);
}

char *name_ref(char *name) {
    head_of(name)->refs++;
    return name;
}

void name_unref(char *name) {
    if (name && --head_of(name)->refs == 0)
        free(head_of(name));
}

int name_compare(const char *a, const char *b) {
    return a == b ? 0 : strcmp(a, b);
}
