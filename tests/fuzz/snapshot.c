/* A snapshot's bytes, as they are and with the right checksums: no crash, no leak; what is loaded and written as a
 * whole is the same when it is loaded again (S4). */
#include "base/hash.h"
#include "fuzz/fuzz.h"
#include "store/snapshot_file.h"
#include "store/snapshot_text.h"

#include <inttypes.h>

static void check_again(const struct snapshot *snapshot) {
    struct snapshot *again;
    struct buffer text = {0}, why = {0};
    FUZZ_ASSERT(snapshot_format(snapshot, &text) == 0);
    FUZZ_ASSERT(snapshot_parse(text.data, text.length, &again, &why) == SNAPSHOT_LOADED);
    FUZZ_ASSERT(snapshot_equal(snapshot, again) && snapshot->scanned_usec == again->scanned_usec);
    snapshot_free(again);
    buffer_free(&text);
    buffer_free(&why);
}

static void parse(const char *text, size_t length) {
    struct snapshot *snapshot;
    struct buffer why = {0};
    int r = snapshot_parse(text, length, &snapshot, &why);
    FUZZ_ASSERT(r == SNAPSHOT_LOADED || r == SNAPSHOT_DAMAGED || r == SNAPSHOT_NEWER);
    FUZZ_ASSERT((r == SNAPSHOT_LOADED) == (why.length == 0));
    if (r == SNAPSHOT_LOADED) {
        check_again(snapshot);
        snapshot_free(snapshot);
    }
    buffer_free(&why);
}

/* Appends the lines up to the next checksum, and the right one; returns what is behind it. */
static const char *mend_part(const char *text, uint64_t *sum, struct buffer *out) {
    const char *end = strstr(text, SNAPSHOT_CHECKSUM), *newline = end ? strchr(end, '\n') : NULL;
    size_t length = end ? (size_t)(end - text) : strlen(text);
    *sum = hash_bytes(*sum, text, length);
    buffer_append(out, text, length);
    buffer_printf(out, SNAPSHOT_CHECKSUM "%016" PRIx64 "\n", *sum);
    return newline ? newline + 1 : text + strlen(text);
}

/* Gives what was written as a whole, and each batch behind it, the sums that its lines ask for. */
static void mend(const char *text, struct buffer *out) {
    uint64_t sum = HASH_START;
    text = mend_part(text, &sum, out);
    while (*text) {
        struct buffer lines = {0};
        const char *newline = strchr(text, '\n'), *end = newline ? strstr(newline, SNAPSHOT_CHECKSUM) : NULL;
        size_t length = end ? (size_t)(end - newline - 1) : newline ? strlen(newline + 1) : 0;
        sum = snapshot_format_head(out, length + SNAPSHOT_LAST_LENGTH, sum);
        text = mend_part(newline ? newline + 1 : text + strlen(text), &sum, &lines);
        if (lines.length > 0)
            buffer_append(out, lines.data, lines.length);
        buffer_free(&lines);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = fuzz_text(bytes, size);
    struct buffer whole = {0};
    parse(text, size);
    mend(text, &whole);
    parse(whole.data, whole.length);
    buffer_free(&whole);
    free(text);
    return 0;
}
