/* What topicd makes of each manifest in tests/golden/manifests, byte for byte: NAME.topics if it is accepted, NAME.diag
 * if there is anything to say of it. Manifests whose name begins with warn- are read with `validation: warn`.
 * With --write it makes the expected results anew. Runs at the top of the source tree. */
#include "base/file.h"
#include "seldon/manifest.h"
#include "unit/support/cmocka.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/golden/manifests"

enum result { TOPICS, DIAG, RESULTS_MAX };

static const char *const SUFFIXES[RESULTS_MAX] = {".topics", ".diag"};

static bool ends_with(const char *name, const char *suffix) {
    size_t length = strlen(name), end = strlen(suffix);
    return length > end && strcmp(name + length - end, suffix) == 0;
}

static int is_manifest(const struct dirent *entry) {
    return ends_with(entry->d_name, ".yaml") || ends_with(entry->d_name, ".json");
}

static int is_result(const struct dirent *entry) {
    return ends_with(entry->d_name, SUFFIXES[TOPICS]) || ends_with(entry->d_name, SUFFIXES[DIAG]);
}

/* FOLDER/NAME.SUFFIX for FOLDER/NAME.yaml */
static void result_path(const char *manifest, enum result result, char path[static 512]) {
    snprintf(path, 512, FOLDER "/%.*s%s", (int)strcspn(manifest, "."), manifest, SUFFIXES[result]);
}

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

/* A result that is not to be there has no data. */
static bool judge(const char *name, struct buffer results[static RESULTS_MAX]) {
    const struct manifest_options options = {
        .topic_prefix = "seldon",
        .default_namespace = "seldon-mesh",
        .unknown_is_warning = strncmp(name, "warn-", strlen("warn-")) == 0,
    };
    char path[512], *text;
    size_t length;
    snprintf(path, sizeof path, FOLDER "/%s", name);
    if (file_read(AT_FDCWD, path, MANIFEST_SIZE_MAX, &text, &length) < 0)
        return false;
    struct manifest *manifest;
    int r = manifest_read(text, length, &options, &manifest);
    free(text);
    if (r < 0)
        return false;
    if (manifest->resources)
        write_topics(manifest->resources, &results[TOPICS]);
    if (manifest->diagnostics.list.count > 0)
        diagnostics_format(&manifest->diagnostics, name, &results[DIAG]);
    manifest_unref(manifest);
    return !results[TOPICS].failed && !results[DIAG].failed;
}

static void compare(const char *name, enum result result, const struct buffer *actual) {
    char path[512], *expected;
    size_t length;
    result_path(name, result, path);
    if (file_read(AT_FDCWD, path, MANIFEST_SIZE_MAX, &expected, &length) < 0) {
        if (actual->data)
            fail_msg("%s is missing; it would be:\n%s", path, actual->data);
        return;
    }
    if (!actual->data)
        fail_msg("%s is there, but there is nothing to say", path);
    assert_string_equal(actual->data, expected);
    free(expected);
}

static void test_manifest(void **state) {
    const char *name = *state;
    struct buffer results[RESULTS_MAX] = {0};
    assert_true(judge(name, results));
    for (enum result result = 0; result < RESULTS_MAX; result++) {
        compare(name, result, &results[result]);
        buffer_free(&results[result]);
    }
}

static bool has_manifest(const char *result, struct dirent **manifests, int count) {
    size_t length = strcspn(result, ".");
    for (int i = 0; i < count; i++)
        if (strcspn(manifests[i]->d_name, ".") == length && strncmp(manifests[i]->d_name, result, length) == 0)
            return true;
    return false;
}

static void M5_no_result_is_left_over(void **state) {
    (void)state;
    struct dirent **manifests, **results;
    int n_manifests = scandir(FOLDER, &manifests, is_manifest, alphasort);
    int n_results = scandir(FOLDER, &results, is_result, alphasort);
    assert_true(n_manifests > 0 && n_results > 0);
    for (int i = 0; i < n_results; i++) {
        if (!has_manifest(results[i]->d_name, manifests, n_manifests))
            fail_msg("%s belongs to no manifest", results[i]->d_name);
        free(results[i]);
    }
    for (int i = 0; i < n_manifests; i++)
        free(manifests[i]);
    free(results);
    free(manifests);
}

static int write_results(struct dirent **manifests, int count) {
    for (int i = 0; i < count; i++) {
        struct buffer results[RESULTS_MAX] = {0};
        if (!judge(manifests[i]->d_name, results))
            return 1;
        for (enum result result = 0; result < RESULTS_MAX; result++) {
            char path[512];
            result_path(manifests[i]->d_name, result, path);
            unlink(path);
            const struct buffer *content = &results[result];
            if (content->data && file_replace(FOLDER, strrchr(path, '/') + 1, content->data, content->length, 0644, 0))
                return 1;
            buffer_free(&results[result]);
        }
    }
    return 0;
}

static int run(struct dirent **manifests, int count) {
    struct CMUnitTest *tests = calloc((size_t)count + 1, sizeof *tests);
    if (!tests)
        return 1;
    for (int i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){
            .name = manifests[i]->d_name, .test_func = test_manifest, .initial_state = manifests[i]->d_name};
    tests[count] = (struct CMUnitTest)cmocka_unit_test(M5_no_result_is_left_over);
    int failed = _cmocka_run_group_tests("golden_manifests", tests, (size_t)count + 1, NULL, NULL);
    free(tests);
    return failed;
}

int main(int argc, char **argv) {
    struct dirent **manifests;
    int count = scandir(FOLDER, &manifests, is_manifest, alphasort);
    if (count < 0)
        return 1;
    bool write = argc > 1 && strcmp(argv[1], "--write") == 0;
    int failed = write ? write_results(manifests, count) : run(manifests, count);
    for (int i = 0; i < count; i++)
        free(manifests[i]);
    free(manifests);
    return failed;
}
