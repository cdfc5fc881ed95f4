/* A manifest's bytes: no crash, no leak, and what is accepted makes legal topics only (T4). */
#include "seldon/manifest.h"

#include "fuzz/fuzz.h"

static void check_topic(const char *topic) {
    size_t length = strlen(topic);
    FUZZ_ASSERT(length > 0 && length <= 249);
    FUZZ_ASSERT(strspn(topic, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == length);
}

static void check_resource(const struct resource *resource) {
    FUZZ_ASSERT(resource->namespace[0] && resource->name[0] && resource->n_needs > 0);
    check_topic(resource->owned[0]);
    check_topic(resource->owned[1]);
    for (size_t i = 0; i < resource->n_needs; i++) {
        check_topic(resource->needs[i]);
        FUZZ_ASSERT(i == 0 || strcmp(resource->needs[i - 1], resource->needs[i]) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = fuzz_text(bytes, size);
    for (int warn = 0; warn < 2; warn++) {
        const struct manifest_options options = {
            .topic_prefix = "seldon", .default_namespace = "seldon-mesh", .unknown_is_warning = warn};
        struct manifest *manifest;
        FUZZ_ASSERT(manifest_read(text, size, &options, &manifest) == 0);
        FUZZ_ASSERT(!manifest->resources == (manifest->diagnostics.errors > 0));
        for (size_t i = 0; manifest->resources && i < manifest->resources->count; i++)
            check_resource(&manifest->resources->items[i]);
        fuzz_format(&manifest->diagnostics);
        manifest_unref(manifest);
    }
    free(text);
    return 0;
}
