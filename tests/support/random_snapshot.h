/* Snapshots made of anything that their types allow, the same ones for the same seed. */
#pragma once

#include "base/name.h"
#include "reconcile/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers from 0 to limit - 1 (xorshift). */
static inline unsigned roll(uint64_t *seed, unsigned limit) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)(*seed >> 33) % limit;
}

static inline uint64_t roll_time(uint64_t *seed) {
    static const uint64_t edges[] = {0, 1, UINT64_MAX, INT64_MAX};
    return roll(seed, 8) == 0 ? edges[roll(seed, 4)] : UINT64_C(1700000000000000) + roll(seed, 1u << 30);
}

/* Any bytes but '/', after something that sorts and makes it unlike others. */
static inline const char *roll_text(uint64_t *seed, struct arena *arena, unsigned number) {
    static const char *const samples[] = {"-",
                                          "%",
                                          "%2d",
                                          "\t",
                                          "\n",
                                          "\xc3\xa4",
                                          "\xff",
                                          "\xc0\x80",
                                          "\xed\xa0\x80",
                                          "\xe2\x82",
                                          "\xf0\x9f\x98\x80",
                                          "\xc2\x85",
                                          "\x7f",
                                          " ",
                                          "=",
                                          ","};
    char text[64];
    int length = snprintf(text, sizeof text, "%05u", number);
    for (unsigned i = roll(seed, 5); i > 0; i--)
        if (roll(seed, 2) == 0)
            length += snprintf(text + length, 8, "%s", samples[roll(seed, sizeof samples / sizeof *samples)]);
        else if ((text[length] = (char)(1 + roll(seed, 255))) != '/')
            text[++length] = '\0';
    return arena_strndup(arena, text, (size_t)length);
}

static inline const char *roll_topic(uint64_t *seed, struct arena *arena, unsigned number) {
    char text[250];
    int length = snprintf(text, sizeof text, "seldon.ns.model.%05u", number);
    if (roll(seed, 10) == 0)
        for (; length < 249; length++)
            text[length] = "abcXYZ019._-"[roll(seed, 12)];
    return arena_strndup(arena, text, (size_t)length);
}

static inline void roll_resource(uint64_t *seed, struct arena *arena, unsigned number, struct resource *resource) {
    *resource = (struct resource){.kind = roll(seed, 2), .clean = roll(seed, 2)};
    resource->namespace = roll_text(seed, arena, roll(seed, 3));
    resource->name = roll_text(seed, arena, number);
    for (unsigned i = 0; i < 2; i++)
        resource->owned[i] = roll_topic(seed, arena, 2 * number + i);
    unsigned count = roll(seed, 6);
    const char **needs = arena_array(arena, count + 1, sizeof *needs);
    for (unsigned i = 0; i < count; i++)
        needs[i] = roll_topic(seed, arena, 10 * i + roll(seed, 10));
    resource->needs = needs;
    resource->n_needs = count;
}

static inline struct resources *roll_resources(uint64_t *seed, unsigned *number) {
    struct resources *resources = resources_new();
    size_t count = roll(seed, 4);
    resources->items = arena_array(&resources->arena, count + 1, sizeof *resources->items);
    for (; resources->count < count; resources->count++)
        roll_resource(seed, &resources->arena, (*number)++, &resources->items[resources->count]);
    return resources;
}

static inline struct owed roll_owed(uint64_t *seed, struct arena *arena, unsigned number, unsigned all) {
    struct owed owed = {.kind = number * 2 < all ? KIND_MODEL : KIND_PIPELINE};
    owed.namespace = arena_printf(arena, "ns%05u", number / 3);
    owed.name = roll_text(seed, arena, number);
    for (unsigned i = 0; i < 2; i++) {
        owed.topics[i] = roll_topic(seed, arena, 50000 + 2 * number + i);
        owed.done[i] = roll(seed, 2);
    }
    owed.file = roll_text(seed, arena, number);
    owed.let_go_by = roll(seed, 2) ? roll_text(seed, arena, number) : NULL;
    owed.since_usec = roll_time(seed);
    owed.generation = roll_time(seed);
    owed.population = roll(seed, 2) ? roll(seed, 10) : UINT32_MAX;
    owed.circumstances = roll(seed, 1 << 7);
    owed.held = roll(seed, 1 << 7);
    owed.approved = roll(seed, 2);
    owed.refused_since_usec = roll_time(seed);
    return owed;
}

static inline struct snapshot *roll_snapshot(uint64_t seed, unsigned size) {
    seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    struct scope scope = {.cluster_id = roll(&seed, 2) ? "MkU3OEVBNTcwNTJENDM2Qg" : NULL,
                          .prefix = roll(&seed, 4) ? "seldon" : "-",
                          .namespace = roll(&seed, 4) ? "seldon-mesh" : "",
                          .manifests = roll(&seed, 4) ? "/etc/topicd/manifests.d" : "/\xff\t%/-"};
    struct snapshot *snapshot = snapshot_new(&scope);
    struct arena *arena = &snapshot->arena;
    unsigned resource_number = 0;
    snapshot->directory = roll(&seed, 3) ? "131073@f1e2d3c4b5a69788" : NULL;
    snapshot->scanned_usec = roll_time(&seed);
    snapshot->generation = roll_time(&seed);
    int r = 0;
    for (unsigned i = 0, count = roll(&seed, size); i < count; i++) {
        struct accepted_file file = {.name = name_new(roll_text(&seed, arena, i)),
                                     .resources = roll_resources(&seed, &resource_number),
                                     .rejected_since_usec = roll(&seed, 2) ? 0 : roll_time(&seed)};
        r |= array_push(&snapshot->files, file);
    }
    for (unsigned i = 0, count = roll(&seed, size); i < count; i++)
        r |= array_push(&snapshot->owed, roll_owed(&seed, arena, i, count));
    for (unsigned i = 0, count = roll(&seed, size); i < count; i++) {
        struct sent sent = {.wall_usec = roll_time(&seed), .topic = roll_topic(&seed, arena, 2 * i)};
        r |= array_push(&snapshot->sent, sent);
    }
    if (r != 0)
        abort();
    return snapshot;
}

static inline void drop_last_file(struct snapshot *snapshot) {
    accepted_file_release(&snapshot->files.items[--snapshot->files.count]);
}
