/* A snapshot's bytes, as they are and with the right checksum: no crash, no leak; what is loaded is written again as it
 * was (S4). */
#include "base/hash.h"
#include "fuzz/fuzz.h"
#include "store/snapshot_file.h"

#include <inttypes.h>

static void parse(const char *text, size_t length) {
    struct snapshot *snapshot;
    struct buffer why = {0}, again = {0};
    int r = snapshot_parse(text, length, &snapshot, &why);
    FUZZ_ASSERT(r == SNAPSHOT_LOADED || r == SNAPSHOT_DAMAGED || r == SNAPSHOT_NEWER);
    FUZZ_ASSERT((r == SNAPSHOT_LOADED) == (why.length == 0));
    if (r == SNAPSHOT_LOADED) {
        FUZZ_ASSERT(snapshot_format(snapshot, &again) == 0);
        FUZZ_ASSERT(again.length == length && memcmp(again.data, text, length) == 0);
        snapshot_free(snapshot);
    }
    buffer_free(&again);
    buffer_free(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = fuzz_text(bytes, size);
    parse(text, size);
    char *checksum = strstr(text, "checksum\t");
    struct buffer whole = {0};
    buffer_append(&whole, text, checksum ? (size_t)(checksum - text) : size);
    buffer_printf(&whole, "checksum\t%016" PRIx64 "\n", hash_bytes(HASH_START, whole.data, whole.length));
    parse(whole.data, whole.length);
    buffer_free(&whole);
    free(text);
    return 0;
}
