/* Reads a snapshot's text as a whole: the snapshot as it once was written, and the batches of changes after it. See
 * snapshot_text.h. Functions return 0, SNAPSHOT_DAMAGED with the reason said, or -ENOMEM. */
#include "base/hash.h"
#include "store/snapshot_changes.h"
#include "store/snapshot_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WRONG_SUM "its checksum is wrong or missing: it was cut off or changed"

/* The last batch was cut off while it was being written. */
enum { CUT_OFF = 100 };

struct reader {
    const char *text;
    size_t length;
    unsigned line;             /* number of the last line that was read */
    struct snapshot *snapshot; /* as of there */
    struct snapshot_mark mark; /* that place */
    struct buffer *why;
};

static int compare_pointers(const void *a, const void *b) {
    return resource_compare(*(const struct resource *const *)a, *(const struct resource *const *)b);
}

/* A resource stands in one file (M7). */
static int check_unique(const struct snapshot *snapshot, struct buffer *why) {
    ARRAY(const struct resource *) all = {0};
    int r = 0;
    for (size_t i = 0; i < snapshot->files.count && r == 0; i++) {
        const struct resources *resources = snapshot->files.items[i].resources;
        for (size_t j = 0; j < resources->count && r == 0; j++)
            r = array_push(&all, &resources->items[j]);
    }
    if (r == 0 && all.count > 1)
        qsort(all.items, all.count, sizeof(const struct resource *), compare_pointers);
    for (size_t i = 1; i < all.count && r == 0; i++)
        if (resource_compare(all.items[i - 1], all.items[i]) == 0) {
            buffer_puts(why, "a resource stands in it twice");
            r = SNAPSHOT_DAMAGED;
        }
    array_free(&all);
    return r;
}

/* The first line: the only one that all formats share. */
static int check_version(const char *text, size_t length, struct buffer *why) {
    static const char first[] = SNAPSHOT_MAGIC SNAPSHOT_VERSION "\n", magic[] = SNAPSHOT_MAGIC;
    if (length >= sizeof first - 1 && memcmp(text, first, sizeof first - 1) == 0)
        return 0;
    const char *digits = text + sizeof magic - 1;
    const char *newline = length > sizeof magic - 1 && memcmp(text, magic, sizeof magic - 1) == 0
                              ? memchr(digits, '\n', length - (sizeof magic - 1))
                              : NULL;
    size_t count = newline ? (size_t)(newline - digits) : 0, i = 0;
    while (i < count && digits[i] >= '0' && digits[i] <= '9')
        i++;
    if (count == 0 || i < count || digits[0] == '0') {
        buffer_puts(why, "it does not begin as a snapshot of topicd does");
        return SNAPSHOT_DAMAGED;
    }
    buffer_printf(why, "its format is %.*s, of a newer topicd than this one, which knows format " SNAPSHOT_VERSION,
                  count > 20 ? 20 : (int)count, digits);
    return SNAPSHOT_NEWER;
}

static int damaged(struct reader *reader, const char *what) {
    buffer_puts(reader->why, what);
    return SNAPSHOT_DAMAGED;
}

/* Whether the last of these lines vouches for the others. */
static int check_sum(struct reader *reader, const char *lines, size_t length, uint64_t begin) {
    size_t body = length > SNAPSHOT_LAST_LENGTH ? length - SNAPSHOT_LAST_LENGTH : 0;
    char last[SNAPSHOT_LAST_LENGTH + 1];
    snprintf(last, sizeof last, SNAPSHOT_CHECKSUM "%016" PRIx64 "\n", hash_bytes(begin, lines, body));
    if (body == 0 || lines[body - 1] != '\n' || memcmp(lines + body, last, SNAPSHOT_LAST_LENGTH) != 0)
        return damaged(reader, WRONG_SUM);
    return 0;
}

/* Takes a part of the text that was understood as what is written in `again`, if it is just that: so each line stands
 * in its place, once, and says nothing more. */
static int take_part(struct reader *reader, const struct buffer *again, const struct snapshot_mark *end) {
    const char *text = reader->text + reader->mark.length;
    size_t left = reader->length - reader->mark.length, i = 0;
    for (; i < again->length && i < left && text[i] == again->data[i]; i++)
        reader->line += text[i] == '\n';
    if (i == again->length) {
        reader->mark = *end;
        return 0;
    }
    buffer_printf(reader->why, "line %u is not as topicd would have written it", reader->line + 1);
    return SNAPSHOT_DAMAGED;
}

/* What was written as a whole: up to the first checksum. */
static int read_whole(struct reader *reader) {
    static const char first[] = SNAPSHOT_MAGIC SNAPSHOT_VERSION "\n", last[] = "\n" SNAPSHOT_CHECKSUM;
    const char *end = memmem(reader->text, reader->length, last, sizeof last - 1);
    size_t body = end ? (size_t)(end + 1 - reader->text) : 0, head = sizeof first - 1;
    if (body < head || reader->length - body < SNAPSHOT_LAST_LENGTH)
        return damaged(reader, WRONG_SUM);
    int r = check_sum(reader, reader->text, body + SNAPSHOT_LAST_LENGTH, HASH_START);
    if (r == 0)
        r = snapshot_parse_lines(reader->text + head, body - head, 1, false, &reader->snapshot, reader->why);
    if (r != 0)
        return r;
    struct buffer again = {0};
    struct snapshot_mark mark;
    r = snapshot_format_whole(reader->snapshot, &again, &mark);
    if (r == 0)
        r = take_part(reader, &again, &mark);
    buffer_free(&again);
    return r;
}

/* A file system may know a file's new length and not have written its new bytes when the power goes: they read as
 * zeros, of which a snapshot has none. */
static bool never_written(const char *bytes, size_t length) {
    return memchr(bytes, '\0', length) != NULL;
}

/* The first line of a batch: the length of itself, how much follows, and with which sum that begins. */
static int read_head(struct reader *reader, size_t *ret_head, size_t *ret_bytes, uint64_t *ret_sum) {
    static const char word[] = SNAPSHOT_CHANGES;
    const char *text = reader->text + reader->mark.length;
    size_t left = reader->length - reader->mark.length, length = sizeof word - 1, bytes = 0;
    const char *newline = memchr(text, '\n', left);
    if (never_written(text, newline ? (size_t)(newline - text) : left))
        return CUT_OFF;
    if (memcmp(text, word, left < length ? left : length) != 0 || (newline && (size_t)(newline - text) < length))
        return damaged(reader, "what follows its end is no change");
    if (!newline)
        return CUT_OFF;
    for (const char *p = text + length; *p >= '0' && *p <= '9' && bytes <= SNAPSHOT_SIZE_MAX; p++)
        bytes = bytes * 10 + (size_t)(*p - '0');
    struct buffer again = {0};
    *ret_sum = snapshot_format_head(&again, bytes, reader->mark.sum);
    bool same = again.length == (size_t)(newline + 1 - text) && memcmp(again.data, text, again.length) == 0;
    *ret_head = again.length;
    *ret_bytes = bytes;
    int r = again.failed ? -ENOMEM : same ? 0 : damaged(reader, "the beginning of a change in it was changed");
    buffer_free(&again);
    return r;
}

/* Of a batch, what it says was changed. */
static int take_batch(struct reader *reader, struct snapshot *changes) {
    struct buffer again = {0};
    struct snapshot_mark mark = reader->mark;
    int r = snapshot_format_batch(changes, &again, &mark);
    if (r == 0)
        r = take_part(reader, &again, &mark);
    buffer_free(&again);
    if (r == 0)
        r = snapshot_patch(reader->snapshot, changes);
    return r > 0 && r != SNAPSHOT_DAMAGED ? damaged(reader, "a file is gone in it that was not there") : r;
}

static int read_batch(struct reader *reader) {
    size_t head, bytes;
    uint64_t sum;
    int r = read_head(reader, &head, &bytes, &sum);
    if (r != 0)
        return r;
    const char *lines = reader->text + reader->mark.length + head;
    size_t left = reader->length - reader->mark.length - head;
    if (bytes > left || (bytes == left && never_written(lines, bytes)))
        return CUT_OFF;
    struct snapshot *changes = NULL;
    r = check_sum(reader, lines, bytes, sum);
    if (r == 0)
        r = snapshot_parse_lines(lines, bytes - SNAPSHOT_LAST_LENGTH, reader->line + 1, true, &changes, reader->why);
    if (r == 0)
        r = take_batch(reader, changes);
    snapshot_free(changes);
    return r;
}

static int read_all(struct reader *reader) {
    int r = check_version(reader->text, reader->length, reader->why);
    if (r == 0)
        r = read_whole(reader);
    while (r == 0 && reader->mark.length < reader->length)
        r = read_batch(reader);
    if (r == CUT_OFF) {
        reader->mark = (struct snapshot_mark){0};
        r = 0;
    }
    return r == 0 ? check_unique(reader->snapshot, reader->why) : r;
}

int snapshot_read(const char *text, size_t length, struct snapshot **ret, struct snapshot_mark *mark,
                  struct buffer *why) {
    struct reader reader = {.text = text, .length = length, .why = why};
    int r = read_all(&reader);
    if (r != 0) {
        snapshot_free(reader.snapshot);
        return r;
    }
    *ret = reader.snapshot;
    *mark = reader.mark;
    return SNAPSHOT_LOADED;
}

int snapshot_parse(const char *text, size_t length, struct snapshot **ret, struct buffer *why) {
    struct snapshot_mark mark;
    return snapshot_read(text, length, ret, &mark, why);
}
