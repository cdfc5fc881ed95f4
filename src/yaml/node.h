/* A YAML or JSON stream as bounded trees with marks (M2, M4). One file of text in, a list of documents out.
 *
 * libyaml's event API is read into nodes that live in one arena. Aliases share nodes (so the tree is a graph without
 * cycles): whoever walks it counts what it visits, see schema.h. Scalars are resolved as kubectl does (YAML 1.1: a
 * plain yes, on, y is a boolean; a quoted one is a string). Merge keys (<<) are carried out.
 *
 * May use: base, libyaml. */
#pragma once

#include "base/arena.h"
#include "base/diagnostic.h"

#include <stdint.h>

#define YAML_DEPTH_MAX 64

/* More values than this in one file, or more than one for two bytes, are an error, so that memory has a bound. */
#define YAML_NODES_MAX (2u << 20)

enum node_type {
    NODE_NULL,
    NODE_BOOLEAN,
    NODE_INTEGER,
    NODE_FLOAT,
    NODE_STRING,
    NODE_LIST,
    NODE_MAP,
};

/* Kept small (40 bytes): two bytes of text can make a node. */
struct node {
    enum node_type type : 8;
    bool plain;     /* scalars: written without quotes or block indicator, so its type was guessed from its text */
    uint8_t height; /* levels below it, aliases followed: at most YAML_DEPTH_MAX */
    uint32_t length;
    const char *text; /* scalars: the text as written after unquoting; zero-terminated and free of zero bytes */
    struct mark mark;
    union {
        struct {
            union {
                bool boolean;
                int64_t integer; /* saturates; `number` has the magnitude */
            };
            double number; /* integers and floats */
        };
        struct {
            struct node **items;
            size_t count;
        } list;
        struct {
            struct pair *pairs; /* in the file's order; keys are unique scalars, never null */
            size_t count;
        } map;
    };
};

struct pair {
    struct node *key, *value;
};

struct documents {
    ARRAY(struct node *) roots; /* empty documents are left out */
    size_t nodes;               /* how many nodes were parsed */
    bool concatenated;          /* roots that follow each other as JSON objects do */
};

/* Parses `text`. Duplicate keys, keys that are not scalars, self-aliases, depth over YAML_DEPTH_MAX, syntax errors,
 * bytes that are not UTF-8, NUL: errors in `diagnostics`. Returns 0, or -ENOMEM. The nodes live in `arena`; the roots'
 * array is freed by the caller (also after -ENOMEM it is empty and needs no freeing). When `diagnostics` has errors
 * afterwards, the documents are not whole: the roots are those that were complete before the parser gave up, and may
 * be checked for more messages. */
int yaml_parse(const char *text, size_t length, struct arena *arena, struct documents *ret,
               struct diagnostics *diagnostics);

/* The value of `key` in a map; NULL if absent, if the value is null, or if `map` is NULL or not a map. */
const struct node *node_get(const struct node *map, const char *key);
/* What a person calls this type: "a string", "a list", … */
const char *node_type_name(const struct node *node);
