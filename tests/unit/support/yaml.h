/* Helpers for tests of yaml_parse(): a text and what becomes of it. */
#pragma once

#include "unit/support/cmocka.h"
#include "yaml/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parsed {
    struct arena arena;
    struct documents documents;
    struct diagnostics diagnostics;
};

static inline struct parsed parse_bytes(const char *text, size_t length) {
    struct parsed parsed = {0};
    assert_int_equal(yaml_parse(text, length, &parsed.arena, &parsed.documents, &parsed.diagnostics), 0);
    diagnostics_finish(&parsed.diagnostics, text, length);
    assert_false(parsed.diagnostics.failed);
    return parsed;
}

static inline void release(struct parsed *parsed) {
    array_free(&parsed->documents.roots);
    arena_free(&parsed->arena);
    diagnostics_free(&parsed->diagnostics);
}

/* The tree as text: lists and maps as in JSON, scalars as t(ype):text. */
static inline void show(struct buffer *out, const struct node *node) {
    static const char *const letters[] = {"null", "b", "i", "f", "s"};
    if (node->type == NODE_LIST) {
        buffer_puts(out, "[");
        for (size_t i = 0; i < node->list.count; i++) {
            buffer_puts(out, i > 0 ? ", " : "");
            show(out, node->list.items[i]);
        }
        buffer_puts(out, "]");
    } else if (node->type == NODE_MAP) {
        buffer_puts(out, "{");
        for (size_t i = 0; i < node->map.count; i++) {
            buffer_printf(out, "%s%s=", i > 0 ? ", " : "", node->map.pairs[i].key->text);
            show(out, node->map.pairs[i].value);
        }
        buffer_puts(out, "}");
    } else {
        buffer_printf(out, "%s%s%s", letters[node->type], node->type == NODE_NULL ? "" : ":",
                      node->type == NODE_NULL ? "" : node->text);
    }
}

/* `text` has these documents, separated by " / ", and no mistakes. */
static inline void expect_tree_of(const char *text, size_t length, const char *expected) {
    struct parsed parsed = parse_bytes(text, length);
    struct buffer out = {0};
    buffer_puts(&out, "");
    if (parsed.diagnostics.list.count > 0)
        fail_msg("%s", parsed.diagnostics.list.items[0].message);
    for (size_t i = 0; i < parsed.documents.roots.count; i++) {
        buffer_puts(&out, i > 0 ? " / " : "");
        show(&out, parsed.documents.roots.items[i]);
    }
    assert_string_equal(out.data, expected);
    buffer_free(&out);
    release(&parsed);
}

static inline void expect_tree(const char *text, const char *expected) {
    expect_tree_of(text, strlen(text), expected);
}

/* `text` has exactly one mistake, "LINE:COLUMN: MESSAGE" up to where `expected` ends. */
static inline void expect_error_of(const char *text, size_t length, const char *expected) {
    struct parsed parsed = parse_bytes(text, length);
    assert_int_equal(parsed.diagnostics.errors, 1);
    const struct diagnostic *d = &parsed.diagnostics.list.items[0];
    char said[1024];
    snprintf(said, sizeof said, "%u:%u: %s", d->mark.line, d->mark.column, d->message);
    assert_null(strchr(said, '\n'));
    if (strncmp(said, expected, strlen(expected)) != 0)
        assert_string_equal(said, expected);
    release(&parsed);
}

static inline void expect_error(const char *text, const char *expected) {
    expect_error_of(text, strlen(text), expected);
}
