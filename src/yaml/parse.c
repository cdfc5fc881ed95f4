#include "yaml/anchors.h"
#include "yaml/map.h"
#include "yaml/node.h"
#include "yaml/scalar.h"
#include "yaml/syntax.h"
#include "yaml/text.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

/* A list or map whose end has not come yet. */
struct frame {
    struct node *node;
    size_t first; /* its first child in reader.children */
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct documents documents;
    struct diagnostics *diagnostics;
    struct text_pieces *pieces;
    struct frame frames[YAML_DEPTH_MAX];
    size_t depth;
    ARRAY(struct node *) children; /* of all open frames */
    struct anchors anchors;
    struct map_maker maker;
    struct node *spare; /* nodes are allocated many at a time */
    size_t n_spare, nodes_max, roots_max;
};

/* No message here shows text of the file: what looks like a tag or an alias may be a password without quotes. */
static const char bad_tag[] = "this tag is not known, or does not fit its value: leave it out, or quote the text";

static_assert(YAML_DEPTH_MAX == 64 && ANCHORS_MAX == 1024, "the messages below say these numbers");

enum { STOP = 1 }; /* what is wrong is in the diagnostics, and there is no going on */

static struct mark reader_mark(const struct reader *reader, yaml_mark_t mark) {
    return text_pieces_mark(reader->pieces, (struct mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1});
}

static int stop_at(const struct reader *reader, struct mark mark, const char *message) {
    diagnostics_add(reader->diagnostics, SEVERITY_ERROR, mark, "%s", message);
    return STOP;
}

static int stop(const struct reader *reader, yaml_mark_t mark, const char *message) {
    return stop_at(reader, reader_mark(reader, mark), message);
}

static int node_new(struct reader *reader, yaml_mark_t mark, struct node **ret) {
    enum { CHUNK = 8, CHUNK_LATER = 256 };
    if (reader->documents.nodes >= reader->nodes_max)
        return stop(reader, mark, "too many values in one file, or for a file of its size");
    if (reader->n_spare == 0) {
        size_t count = reader->documents.nodes < CHUNK_LATER ? CHUNK : CHUNK_LATER;
        reader->spare = arena_array(reader->arena, count, sizeof *reader->spare);
        if (!reader->spare)
            return -ENOMEM;
        reader->n_spare = count;
    }
    reader->n_spare--;
    reader->documents.nodes++;
    *ret = reader->spare++;
    (*ret)->mark = reader_mark(reader, mark);
    return 0;
}

/* Whether what comes next is a key of the map that is open. */
static bool is_key_next(const struct reader *reader) {
    if (reader->depth == 0)
        return false;
    const struct frame *frame = &reader->frames[reader->depth - 1];
    return frame->node->type == NODE_MAP && (reader->children.count - frame->first) % 2 == 0;
}

static int check_key(const struct reader *reader, yaml_mark_t mark, const struct node *node) {
    if (!is_key_next(reader))
        return 0;
    if (node->type == NODE_MAP)
        return stop(reader, mark,
                    "a key must be plain text, not a map (is this a template with {{ … }} that was not rendered?)");
    if (node->type == NODE_LIST)
        return stop(reader, mark, "a key must be plain text, not a list");
    if (node->type == NODE_NULL)
        return stop(reader, mark, "a key must not be empty or null: quote it if it is meant as text");
    return 0;
}

/* Puts a finished node in its place. */
static int add(struct reader *reader, yaml_mark_t mark, struct node *node) {
    if (reader->depth > 0)
        return array_push(&reader->children, node);
    if (node->type == NODE_NULL)
        return 0;
    if (reader->documents.roots.count >= reader->roots_max)
        return stop(reader, mark, "too many documents for a file of this size");
    return array_push(&reader->documents.roots, node);
}

static int set_anchor(struct reader *reader, yaml_mark_t mark, const yaml_char_t *name, struct node *node) {
    int r = name ? anchors_set(&reader->anchors, reader->arena, (const char *)name, node) : 0;
    return r > 0 ? stop(reader, mark, "more than 1024 anchors in one document") : r;
}

static int read_scalar(struct reader *reader, const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct node *node;
    int r = node_new(reader, event->start_mark, &node);
    if (r != 0)
        return r;
    if (memchr(text, '\0', length))
        return stop(reader, event->start_mark, "a text must not contain the NUL character (\\0)");
    node->text = length == 0 ? "" : arena_strndup(reader->arena, text, length);
    if (!node->text)
        return -ENOMEM;
    node->length = (uint32_t)length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->type = NODE_STRING;
    if (event->data.scalar.tag) {
        node->plain = false;
        if (!scalar_resolve_tag(node, (const char *)event->data.scalar.tag))
            return stop(reader, event->start_mark, bad_tag);
    } else if (node->plain) {
        scalar_resolve(node);
    }
    r = check_key(reader, event->start_mark, node);
    if (r == 0)
        r = set_anchor(reader, event->start_mark, event->data.scalar.anchor, node);
    return r == 0 ? add(reader, event->start_mark, node) : r;
}

static int read_start(struct reader *reader, const yaml_event_t *event, enum node_type type, const yaml_char_t *anchor,
                      const yaml_char_t *tag) {
    static const char *const core_tags[] = {
        [NODE_LIST] = "tag:yaml.org,2002:seq", [NODE_MAP] = "tag:yaml.org,2002:map"};
    struct node *node;
    int r = node_new(reader, event->start_mark, &node);
    if (r != 0)
        return r;
    node->type = type;
    if (tag && strcmp((const char *)tag, core_tags[type]) != 0 && strcmp((const char *)tag, "!") != 0)
        return stop(reader, event->start_mark, bad_tag);
    if (reader->depth == YAML_DEPTH_MAX)
        return stop(reader, event->start_mark, "lists and maps are nested too deeply (over 64 levels)");
    r = check_key(reader, event->start_mark, node);
    if (r == 0)
        r = set_anchor(reader, event->start_mark, anchor, node);
    if (r == 0)
        reader->frames[reader->depth++] = (struct frame){node, reader->children.count};
    return r;
}

static int finish_list(struct reader *reader, struct node *node, struct node *const *items, size_t count) {
    node->list.items = arena_array(reader->arena, count, sizeof *node->list.items);
    if (!node->list.items)
        return -ENOMEM;
    if (count > 0)
        memcpy(node->list.items, items, count * sizeof *items);
    node->list.count = count;
    return 0;
}

static int read_end(struct reader *reader, const yaml_event_t *event) {
    struct frame frame = reader->frames[--reader->depth];
    size_t count = reader->children.count - frame.first, height = 0;
    struct node **items = count > 0 ? reader->children.items + frame.first : NULL;
    for (size_t i = 0; i < count; i++)
        if (items[i]->height > height)
            height = items[i]->height;
    if (reader->depth + 1 + height > YAML_DEPTH_MAX)
        return stop_at(reader, frame.node->mark, "aliases nest lists and maps too deeply (over 64 levels)");
    frame.node->height = (uint8_t)(height + 1);
    int r = frame.node->type == NODE_LIST ? finish_list(reader, frame.node, items, count)
                                          : map_make(&reader->maker, frame.node, items, count);
    reader->children.count = frame.first;
    return r == 0 ? add(reader, event->start_mark, frame.node) : r;
}

static int read_alias(struct reader *reader, const yaml_event_t *event) {
    struct node *node = anchors_get(&reader->anchors, (const char *)event->data.alias.anchor);
    if (!node)
        return stop(reader, event->start_mark,
                    "there is no anchor of this name before the alias: quote text that begins with \"*\"");
    for (size_t i = 0; i < reader->depth; i++)
        if (reader->frames[i].node == node)
            return stop(reader, event->start_mark, "the alias stands inside of what it refers to");
    int r = check_key(reader, event->start_mark, node);
    return r == 0 ? add(reader, event->start_mark, node) : r;
}

static int read_event(struct reader *reader, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return read_start(reader, event, NODE_LIST, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return read_start(reader, event, NODE_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return read_end(reader, event);
    case YAML_ALIAS_EVENT:
        return read_alias(reader, event);
    case YAML_DOCUMENT_END_EVENT:
        anchors_clear(&reader->anchors);
        return 0;
    default:
        return 0;
    }
}

static int read_stream(struct reader *reader) {
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            if (reader->parser.error == YAML_MEMORY_ERROR)
                return -ENOMEM;
            syntax_report(&reader->parser, reader->pieces, reader->diagnostics);
            return STOP;
        }
        bool end = event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
        int r = read_event(reader, &event);
        yaml_event_delete(&event);
        if (r != 0 || end)
            return r;
        if (reader->diagnostics->errors >= DIAGNOSTICS_MAX) {
            reader->diagnostics->truncated = true; /* nobody looked at the rest */
            return STOP;
        }
    }
}

static int parse(struct reader *reader, const char *text, size_t length) {
    if (!yaml_parser_initialize(&reader->parser))
        return -ENOMEM;
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text, length);
    int r = read_stream(reader);
    yaml_parser_delete(&reader->parser);
    anchors_free(&reader->anchors);
    array_free(&reader->children);
    array_free(&reader->maker.entries);
    return r;
}

/* Two bytes of an honest text make one value at most, as in [1,2,3]; {a,b,c} makes two. */
static size_t nodes_max(size_t length) {
    size_t count = length / 2 + 4096;
    return count < YAML_NODES_MAX ? count : YAML_NODES_MAX;
}

static int parse_documents(const char *text, size_t length, struct arena *arena, struct documents *ret,
                           struct diagnostics *diagnostics) {
    struct text_pieces pieces = {0};
    int r = text_split_objects(text, length, &pieces);
    if (r < 0)
        return r;
    bool concatenated = r > 0;
    struct reader reader = {
        .arena = arena,
        .diagnostics = diagnostics,
        .pieces = &pieces,
        .nodes_max = nodes_max(length),
        .roots_max = length / 8 + 64,
        .maker = {.arena = arena, .diagnostics = diagnostics, .merge_left = length / 4 + 4096},
    };
    r = concatenated ? parse(&reader, pieces.joined.data, pieces.joined.length) : parse(&reader, text, length);
    text_pieces_free(&pieces);
    if (r < 0 || diagnostics->failed) {
        array_free(&reader.documents.roots);
        return -ENOMEM;
    }
    reader.documents.concatenated = concatenated;
    *ret = reader.documents;
    return 0;
}

int yaml_parse(const char *text, size_t length, struct arena *arena, struct documents *ret,
               struct diagnostics *diagnostics) {
    *ret = (struct documents){0};
    if (!text_check(text, length, diagnostics))
        return diagnostics->failed ? -ENOMEM : 0;
    struct buffer joined = {0};
    int r = text_join_surrogates(text, length, &joined);
    if (r >= 0)
        r = parse_documents(r > 0 ? joined.data : text, length, arena, ret, diagnostics);
    buffer_free(&joined);
    return r;
}
