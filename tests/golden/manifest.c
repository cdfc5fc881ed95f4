/* What topicd makes of each manifest: FOLDER/NAME.topics if it is accepted, FOLDER/NAME.diag if there is anything to
 * say of it. Manifests whose name begins with warn- are read with `validation: warn`.
 *
 *     manifest FOLDER FILE... */
#include "seldon/manifest.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_topics(const struct resources *resources, struct buffer *out) {
    buffer_puts(out, "");
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource *resource = &resources->items[i];
        buffer_printf(out, "%s %s/%s at line %u\n", resource_kind_name(resource->kind), resource->namespace,
                      resource->name, resource->line);
        for (size_t j = 0; j < resource->n_needs; j++)
            buffer_printf(out, "  %s\n", resource->needs[j]);
        for (size_t j = 0; resource->clean && j < 2; j++)
            buffer_printf(out, "  owed %s\n", resource->owned[j]);
    }
}

static int save(const char *folder, const char *name, const char *suffix, const struct buffer *content) {
    char path[512];
    snprintf(path, sizeof path, "%.*s%s", (int)strcspn(name, "."), name, suffix);
    return content->failed ? -ENOMEM : file_replace(folder, path, content->data, content->length, 0644, false);
}

static int describe(const char *folder, const char *name, const struct manifest *manifest) {
    struct buffer topics = {0}, diagnostics = {0};
    int r = 0;
    if (manifest->resources) {
        write_topics(manifest->resources, &topics);
        r = save(folder, name, ".topics", &topics);
    }
    if (r == 0 && manifest->diagnostics.list.count > 0) {
        diagnostics_format(&manifest->diagnostics, name, &diagnostics);
        r = save(folder, name, ".diag", &diagnostics);
    }
    buffer_free(&topics);
    buffer_free(&diagnostics);
    return r;
}

static int golden(const char *folder, const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct manifest_options options = {
        .topic_prefix = "seldon",
        .default_namespace = "seldon-mesh",
        .unknown_is_warning = strncmp(name, "warn-", 5) == 0,
    };
    char *text;
    size_t length;
    int r = file_read(AT_FDCWD, path, MANIFEST_SIZE_MAX, &text, &length);
    if (r < 0)
        return r;
    struct manifest *manifest;
    r = manifest_read(text, length, &options, &manifest);
    free(text);
    if (r < 0)
        return r;
    r = describe(folder, name, manifest);
    manifest_unref(manifest);
    return r;
}

int main(int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        int r = golden(argv[1], argv[i]);
        if (r < 0) {
            fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
            return 1;
        }
    }
    return 0;
}
