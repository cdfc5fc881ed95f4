#include "yaml/node.h"

#include <string.h>

const struct node *node_get(const struct node *map, const char *key) {
    if (!map || map->type != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->map.count; i++) {
        const struct pair *pair = &map->map.pairs[i];
        if (strcmp(pair->key->text, key) == 0)
            return pair->value->type == NODE_NULL ? NULL : pair->value;
    }
    return NULL;
}

const char *node_type_name(const struct node *node) {
    static const char *const names[] = {
        [NODE_NULL] = "null",      [NODE_BOOLEAN] = "a boolean", [NODE_INTEGER] = "an integer",
        [NODE_FLOAT] = "a number", [NODE_STRING] = "a string",   [NODE_LIST] = "a list",
        [NODE_MAP] = "a map",
    };
    return names[node->type];
}
