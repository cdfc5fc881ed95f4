#include "report/plan_graph.h"

#include "report/words.h"

#include <string.h>

enum state {
    STATE_EXISTS,
    STATE_CREATE,
    STATE_DELETE,
    STATE_HELD,
    STATE_DRIFT,
    STATE_ORPHAN,
    STATE_MAX_,
};

/* The signs of plan's text: nobody has to tell colours apart. */
static const struct {
    const char *sign, *colour, *style, *meaning;
} STATES[STATE_MAX_] = {
    [STATE_EXISTS] = {"", "#d9f2d9", "rounded,filled", "exists"},
    [STATE_CREATE] = {"+ ", "#cfe3ff", "rounded,filled,dashed", "to create"},
    [STATE_DELETE] = {"- ", "#f7c6c5", "rounded,filled", "to delete"},
    [STATE_HELD] = {"! ", "#ffe3b3", "rounded,filled", "deletion held"},
    [STATE_DRIFT] = {"~ ", "#fff7b0", "rounded,filled", "drift"},
    [STATE_ORPHAN] = {"? ", "#e6d9f2", "rounded,filled,dashed", "orphan"},
};

/* One topic; `note` says why, and is NULL if that needs no words. */
struct shown {
    const char *topic;
    enum state state;
    const char *note;
};

struct owned {
    const char *topic;
    const struct resource *owner;
};

struct graph {
    const struct preview *preview;
    struct arena arena;
    struct buffer *out;
    ARRAY(struct shown) topics; /* sorted, unique */
    ARRAY(struct owned) owned;  /* by accepted resources; sorted by topic */
};

/* ---- collecting ---- */

/* Of one topic's states the most telling first: those of enum state after "exists", in their order. */
static int compare_shown(const void *a, const void *b) {
    const struct shown *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);
    if (order == 0)
        order = (x->state == STATE_EXISTS) - (y->state == STATE_EXISTS);
    if (order == 0)
        order = (int)x->state - (int)y->state;
    return order || !x->note || !y->note ? order : strcmp(x->note, y->note);
}

static int compare_owned(const void *a, const void *b) {
    const struct owned *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);
    return order ? order : resource_compare(x->owner, y->owner);
}

static int show(struct graph *graph, const char *topic, enum state state, const char *note) {
    struct shown shown = {.topic = topic, .state = state, .note = note};
    return array_push(&graph->topics, shown);
}

static int show_all(struct graph *graph) {
    const struct preview *preview = graph->preview;
    int r = 0;
    for (size_t i = 0; r == 0 && i < preview->desired->topics.count; i++)
        r = show(graph, desired_topic(preview->desired, i), STATE_EXISTS, NULL);
    for (size_t i = 0; r == 0 && i < preview->create.count; i++)
        r = show(graph, desired_topic(preview->desired, preview->create.items[i]), STATE_CREATE, NULL);
    for (size_t i = 0; r == 0 && i < preview->delete.count; i++)
        r = show(graph, preview->delete.items[i].topic, STATE_DELETE, preview->delete.items[i].reason);
    for (size_t i = 0; r == 0 && i < preview->held.count; i++)
        r = show(graph, preview->held.items[i].topic, STATE_HELD, preview->held.items[i].reason);
    for (size_t i = 0; r == 0 && i < preview->orphans.count; i++)
        r = show(graph, preview->orphans.items[i], STATE_ORPHAN, NULL);
    for (size_t i = 0; r == 0 && i < preview->drift.count; i++) {
        const struct drift *drift = &preview->drift.items[i];
        const char *note =
            arena_printf(&graph->arena, "%s: %s, wanted: %s", drift->field, drift->actual ? drift->actual : "not set",
                         drift->wanted ? drift->wanted : "not set");
        r = note ? show(graph, drift->topic, STATE_DRIFT, note) : -ENOMEM;
    }
    return r;
}

static int collect(struct graph *graph) {
    const struct snapshot *snapshot = graph->preview->snapshot;
    if (show_all(graph) < 0)
        return -ENOMEM;
    if (graph->topics.count > 1)
        qsort(graph->topics.items, graph->topics.count, sizeof *graph->topics.items, compare_shown);
    size_t kept = 0;
    for (size_t i = 0; i < graph->topics.count; i++)
        if (kept == 0 || strcmp(graph->topics.items[kept - 1].topic, graph->topics.items[i].topic) != 0)
            graph->topics.items[kept++] = graph->topics.items[i];
    graph->topics.count = kept;
    for (size_t i = 0; i < snapshot->files.count; i++) {
        const struct resources *resources = snapshot->files.items[i].resources;
        for (size_t k = 0; k < 2 * resources->count; k++) {
            struct owned owned = {.topic = resources->items[k / 2].owned[k % 2], .owner = &resources->items[k / 2]};
            if (array_push(&graph->owned, owned) < 0)
                return -ENOMEM;
        }
    }
    if (graph->owned.count > 1)
        qsort(graph->owned.items, graph->owned.count, sizeof *graph->owned.items, compare_owned);
    return 0;
}

static int compare_topic(const void *topic, const void *item) {
    return strcmp(topic, *(const char *const *)item); /* the first member of both */
}

static const struct resource *find_owner(const struct graph *graph, const char *topic) {
    const struct owned *owned = graph->owned.count > 0 ? bsearch(topic, graph->owned.items, graph->owned.count,
                                                                 sizeof *graph->owned.items, compare_topic)
                                                       : NULL;
    return owned ? owned->owner : NULL;
}

static bool is_shown(const struct graph *graph, const char *topic) {
    return graph->topics.count > 0 &&
           bsearch(topic, graph->topics.items, graph->topics.count, sizeof *graph->topics.items, compare_topic) != NULL;
}

/* ---- writing ---- */

/* The inside of a quoted string, in which Graphviz knows escapes and entities. */
static void escape(struct graph *graph, const char *text) {
    struct buffer clean = {0};
    words_clean(text, &clean);
    for (const char *p = clean.data ? clean.data : ""; *p; p++) {
        if (*p == '&')
            buffer_puts(graph->out, "&amp;");
        else
            buffer_printf(graph->out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    }
    graph->out->failed = graph->out->failed || clean.failed;
    buffer_free(&clean);
}

/* "file:NAME" and the like */
static void id(struct graph *graph, const char *what, const char *name) {
    buffer_printf(graph->out, "\"%s:", what);
    escape(graph, name);
    buffer_puts(graph->out, "\"");
}

static void resource_id(struct graph *graph, enum resource_kind kind, const char *namespace, const char *name) {
    struct buffer owner = {0};
    owner_format(kind, namespace, name, &owner);
    id(graph, "resource", owner.data ? owner.data : "");
    graph->out->failed = graph->out->failed || owner.failed;
    buffer_free(&owner);
}

static void resource_node(struct graph *graph, enum resource_kind kind, const char *namespace, const char *name,
                          const char *attributes) {
    buffer_puts(graph->out, "  ");
    resource_id(graph, kind, namespace, name);
    buffer_printf(graph->out, " [shape=%s, label=\"%s\\n", kind == KIND_MODEL ? "box" : "hexagon",
                  resource_kind_name(kind));
    escape(graph, namespace);
    buffer_puts(graph->out, "/");
    escape(graph, name);
    buffer_printf(graph->out, "\"%s];\n", attributes);
}

static void file_node(struct graph *graph, const char *name, const char *attributes) {
    buffer_puts(graph->out, "  ");
    id(graph, "file", name);
    buffer_puts(graph->out, " [shape=note, label=\"");
    escape(graph, name);
    buffer_printf(graph->out, "\"%s];\n", attributes);
}

static void file_edge(struct graph *graph, const char *file, enum resource_kind kind, const char *namespace,
                      const char *name) {
    buffer_puts(graph->out, "  ");
    id(graph, "file", file);
    buffer_puts(graph->out, " -> ");
    resource_id(graph, kind, namespace, name);
    buffer_puts(graph->out, ";\n");
}

static void topic_edge(struct graph *graph, enum resource_kind kind, const char *namespace, const char *name,
                       const char *topic) {
    buffer_puts(graph->out, "  ");
    resource_id(graph, kind, namespace, name);
    buffer_puts(graph->out, " -> ");
    id(graph, "topic", topic);
    buffer_puts(graph->out, ";\n");
}

/* To its own topics, to the resources whose topics it needs (a Pipeline's steps), and to topics that nobody owns. */
static void resource_edges(struct graph *graph, const struct resource *resource) {
    const struct resource *last = NULL; /* an owner's topics stand side by side */
    for (size_t i = 0; i < resource->n_needs; i++) {
        const struct resource *owner = find_owner(graph, resource->needs[i]);
        if (!owner || resource_compare(owner, resource) == 0) {
            topic_edge(graph, resource->kind, resource->namespace, resource->name, resource->needs[i]);
        } else if (owner != last) {
            buffer_puts(graph->out, "  ");
            resource_id(graph, resource->kind, resource->namespace, resource->name);
            buffer_puts(graph->out, " -> ");
            resource_id(graph, owner->kind, owner->namespace, owner->name);
            buffer_puts(graph->out, " [style=dashed, label=\"uses\"];\n");
            last = owner;
        }
    }
}

static void write_accepted(struct graph *graph) {
    const struct snapshot *snapshot = graph->preview->snapshot;
    for (size_t i = 0; i < snapshot->files.count; i++) {
        const struct accepted_file *file = &snapshot->files.items[i];
        bool rejected = catalog_rejected(graph->preview->catalog, file->name) != NULL;
        file_node(graph, file->name, rejected ? ", color=red, xlabel=\"rejected\"" : "");
        for (size_t k = 0; k < file->resources->count; k++) {
            const struct resource *resource = &file->resources->items[k];
            resource_node(graph, resource->kind, resource->namespace, resource->name, "");
            file_edge(graph, file->name, resource->kind, resource->namespace, resource->name);
            resource_edges(graph, resource);
        }
    }
    for (size_t i = 0; i < graph->preview->catalog->rejected.count; i++) {
        const char *name = graph->preview->catalog->rejected.items[i].name;
        if (!snapshot_file(snapshot, name))
            file_node(graph, name, ", color=red, xlabel=\"rejected\"");
    }
}

/* What went and owes a deletion. */
static void write_owed(struct graph *graph) {
    const struct preview *preview = graph->preview;
    for (size_t i = 0; i < preview->snapshot->owed.count; i++) {
        const struct owed *owed = &preview->snapshot->owed.items[i];
        bool first = i == 0 || strcmp(owed[-1].file, owed->file) != 0;
        if (first && !snapshot_file(preview->snapshot, owed->file) && !catalog_rejected(preview->catalog, owed->file))
            file_node(graph, owed->file, ", style=dotted, fontcolor=gray40");
        resource_node(graph, owed->kind, owed->namespace, owed->name, ", style=dotted, fontcolor=gray40");
        file_edge(graph, owed->file, owed->kind, owed->namespace, owed->name);
        for (int k = 0; k < 2; k++)
            if (!owed->done[k] && is_shown(graph, owed->topics[k]))
                topic_edge(graph, owed->kind, owed->namespace, owed->name, owed->topics[k]);
    }
}

static void write_topics(struct graph *graph) {
    for (size_t i = 0; i < graph->topics.count; i++) {
        const struct shown *shown = &graph->topics.items[i];
        buffer_puts(graph->out, "  ");
        id(graph, "topic", shown->topic);
        buffer_printf(graph->out, " [shape=box, style=\"%s\", fillcolor=\"%s\", label=\"%s", STATES[shown->state].style,
                      STATES[shown->state].colour, STATES[shown->state].sign);
        escape(graph, shown->topic);
        if (shown->note) {
            buffer_puts(graph->out, "\\n");
            escape(graph, shown->note);
        }
        buffer_printf(graph->out, "\", tooltip=\"%s\"];\n", STATES[shown->state].meaning);
    }
}

static void write_caption(struct graph *graph) {
    bool used[STATE_MAX_] = {false};
    for (size_t i = 0; i < graph->topics.count; i++)
        used[graph->topics.items[i].state] = true;
    buffer_puts(graph->out, "  label=\"");
    const char *separator = "";
    for (enum state state = STATE_CREATE; state < STATE_MAX_; state++) {
        if (!used[state])
            continue;
        buffer_printf(graph->out, "%s%s%s", separator, STATES[state].sign, STATES[state].meaning);
        separator = "     ";
    }
    buffer_puts(graph->out, "\";\n");
}

int plan_graph_format(const struct preview *preview, struct buffer *out) {
    struct graph graph = {.preview = preview, .out = out};
    int r = collect(&graph);
    if (r == 0) {
        buffer_puts(out, "digraph topicd {\n"
                         "  rankdir=LR;\n"
                         "  node [fontname=\"sans-serif\", fontsize=11];\n"
                         "  edge [fontname=\"sans-serif\", fontsize=9];\n"
                         "  graph [fontname=\"sans-serif\", fontsize=11];\n");
        write_accepted(&graph);
        write_owed(&graph);
        write_topics(&graph);
        write_caption(&graph);
        buffer_puts(out, "}\n");
    }
    array_free(&graph.topics);
    array_free(&graph.owned);
    arena_free(&graph.arena);
    return r == 0 && out->failed ? -ENOMEM : r;
}
