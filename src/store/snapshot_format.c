/* Writes a snapshot as text: see snapshot_text.h. */
#include "base/hash.h"
#include "store/snapshot_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Length of the printable UTF-8 character at `text` (ended by a zero byte), or 0 if there is none. */
static size_t printable_length(const unsigned char *text) {
    unsigned char c = text[0];
    if (c < 0x80)
        return c >= 0x20 && c != 0x7f && c != '%';
    size_t length = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (c == 0xe0 && text[1] < 0xa0) || (c == 0xf0 && text[1] < 0x90);
    bool surrogate = c == 0xed && text[1] > 0x9f, beyond = c == 0xf4 && text[1] > 0x8f;
    bool control = c == 0xc2 && text[1] < 0xa0;
    return overlong || surrogate || beyond || control ? 0 : length;
}

static void put_escaped(struct buffer *out, const char *text) {
    const unsigned char *from = (const unsigned char *)text, *p = from;
    while (*p) {
        size_t length = printable_length(p);
        if (length > 0) {
            p += length;
            continue;
        }
        buffer_append(out, (const char *)from, (size_t)(p - from));
        buffer_printf(out, "%%%02x", *p++);
        from = p;
    }
    buffer_append(out, (const char *)from, (size_t)(p - from));
}

static void put_text(struct buffer *out, const char *text) {
    buffer_append(out, "\t", 1);
    if (!text)
        buffer_append(out, "-", 1);
    else if (strcmp(text, "-") == 0)
        buffer_puts(out, "%2d");
    else
        put_escaped(out, text);
}

static void put_identity(struct buffer *out, const char *word, enum resource_kind kind, const char *namespace,
                         const char *name) {
    buffer_puts(out, word);
    buffer_append(out, "\t", 1);
    buffer_puts(out, resource_kind_name(kind));
    put_text(out, namespace);
    put_text(out, name);
}

static void resource_line(struct buffer *out, const struct resource *resource) {
    put_identity(out, "resource", resource->kind, resource->namespace, resource->name);
    buffer_puts(out, resource->clean ? "\tclean" : "\tkeep");
    put_text(out, resource->owned[0]);
    put_text(out, resource->owned[1]);
    for (size_t i = 0; i < resource->n_needs; i++)
        put_text(out, resource->needs[i]);
    buffer_append(out, "\n", 1);
}

static void file_lines(struct buffer *out, const struct accepted_file *file) {
    if (!file->resources) {
        buffer_puts(out, "gone");
        put_text(out, file->name);
        buffer_append(out, "\n", 1);
        return;
    }
    buffer_puts(out, "file");
    put_text(out, file->name);
    buffer_printf(out, "\t%" PRIu64 "\n", file->rejected_since_usec);
    for (size_t i = 0; i < file->resources->count; i++)
        resource_line(out, &file->resources->items[i]);
}

static void put_holds(struct buffer *out, const char *key, unsigned holds) {
    buffer_printf(out, "\t%s=", key);
    const char *separator = "";
    for (size_t i = 0; i < N_HOLD_WORDS; i++)
        if (holds & HOLD_WORDS[i].hold) {
            buffer_printf(out, "%s%s", separator, HOLD_WORDS[i].word);
            separator = ",";
        }
}

/* In this one line, which people look for when they wonder what will be deleted, the fields have names. */
static void owed_line(struct buffer *out, const struct owed *owed) {
    put_identity(out, "owed", owed->kind, owed->namespace, owed->name);
    for (size_t i = 0; i < 2; i++) {
        put_text(out, owed->topics[i]);
        buffer_puts(out, owed->done[i] ? "\tdone" : "\tthere");
    }
    put_text(out, owed->file);
    buffer_printf(out, "\tsince=%" PRIu64 "\tgeneration=%" PRIu64 "\tpopulation=%u", owed->since_usec, owed->generation,
                  owed->population);
    put_holds(out, "circumstances", owed->circumstances);
    put_holds(out, "held", owed->held);
    buffer_printf(out, "\tapproved=%s\trefused-since=%" PRIu64, owed->approved ? "yes" : "no",
                  owed->refused_since_usec);
    if (owed->let_go_by)
        put_text(out, owed->let_go_by);
    buffer_append(out, "\n", 1);
}

static void head_lines(struct buffer *out, const struct snapshot *snapshot) {
    buffer_puts(out, "scope");
    put_text(out, snapshot->scope.cluster_id);
    put_text(out, snapshot->scope.prefix);
    put_text(out, snapshot->scope.namespace);
    put_text(out, snapshot->scope.manifests);
    buffer_puts(out, "\ndirectory");
    put_text(out, snapshot->directory);
    buffer_printf(out, "\nscanned\t%" PRIu64 "\ngeneration\t%" PRIu64 "\n", snapshot->scanned_usec,
                  snapshot->generation);
}

static void all_lines(struct buffer *out, const struct snapshot *snapshot) {
    head_lines(out, snapshot);
    for (size_t i = 0; i < snapshot->files.count; i++)
        file_lines(out, &snapshot->files.items[i]);
    for (size_t i = 0; i < snapshot->owed.count; i++)
        owed_line(out, &snapshot->owed.items[i]);
    for (size_t i = 0; i < snapshot->sent.count; i++) {
        buffer_printf(out, "sent\t%" PRIu64, snapshot->sent.items[i].wall_usec);
        put_text(out, snapshot->sent.items[i].topic);
        buffer_append(out, "\n", 1);
    }
}

/* The last line, which vouches for what stands since `start`. Returns its sum. */
static uint64_t last_line(struct buffer *out, size_t start, uint64_t sum_before) {
    if (out->failed)
        return 0;
    uint64_t sum = hash_bytes(sum_before, out->data + start, out->length - start);
    buffer_printf(out, SNAPSHOT_CHECKSUM "%016" PRIx64 "\n", sum);
    return sum;
}

int snapshot_format_whole(const struct snapshot *snapshot, struct buffer *out, struct snapshot_mark *mark) {
    size_t start = out->length;
    buffer_puts(out, SNAPSHOT_MAGIC SNAPSHOT_VERSION "\n");
    all_lines(out, snapshot);
    uint64_t sum = last_line(out, start, HASH_START);
    if (out->failed)
        return -ENOMEM;
    *mark = (struct snapshot_mark){.sum = sum, .whole = out->length - start, .length = out->length - start};
    return 0;
}

uint64_t snapshot_format_head(struct buffer *out, size_t bytes, uint64_t sum_before) {
    char line[64];
    int length = snprintf(line, sizeof line, SNAPSHOT_CHANGES "%zu", bytes);
    uint64_t sum = hash_bytes(sum_before, line, (size_t)length);
    buffer_printf(out, "%s\t%016" PRIx64 "\n", line, sum);
    return sum;
}

int snapshot_format_batch(const struct snapshot *changes, struct buffer *out, struct snapshot_mark *mark) {
    struct buffer lines = {0};
    size_t start = out->length;
    all_lines(&lines, changes);
    uint64_t sum = snapshot_format_head(out, lines.length + SNAPSHOT_LAST_LENGTH, mark->sum);
    sum = last_line(&lines, 0, sum);
    if (!lines.failed)
        buffer_append(out, lines.data, lines.length);
    bool failed = lines.failed || out->failed;
    buffer_free(&lines);
    if (failed)
        return -ENOMEM;
    mark->sum = sum;
    mark->length += out->length - start;
    return 0;
}

int snapshot_format(const struct snapshot *snapshot, struct buffer *out) {
    struct snapshot_mark mark;
    return snapshot_format_whole(snapshot, out, &mark);
}
