/* The texts of the YAML test suite (tests/fuzz/yaml-test-suite.json: id and text; github.com/yaml/yaml-test-suite, MIT
 * license) through the readers of manifests and of the configuration: an answer for each, no crash, no hang. */
#include "config/config.h"
#include "seldon/manifest.h"
#include "unit/support/cmocka.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_SEC = 120 }; /* a hang, on any machine */

static void check_manifest(const char *text, size_t length, bool warn) {
    const struct manifest_options options = {
        .topic_prefix = "seldon", .default_namespace = "seldon-mesh", .unknown_is_warning = warn};
    struct manifest *manifest;
    assert_int_equal(manifest_read(text, length, &options, &manifest), 0);
    assert_int_equal(!manifest->resources, manifest->diagnostics.errors > 0);
    if (manifest->resources) /* nothing in there is Seldon's */
        assert_int_equal(manifest->resources->count, 0);
    manifest_unref(manifest);
}

static void check_config(const char *text, size_t length) {
    struct diagnostics diagnostics = {0};
    struct config *config;
    int r = config_parse(text, length, &config, &diagnostics);
    assert_true(r == 0 || (r == 1 && diagnostics.errors > 0));
    if (r == 0)
        config_free(config);
    diagnostics_free(&diagnostics);
}

static void M4_every_text_of_the_yaml_test_suite_gets_an_answer(void **state) {
    (void)state;
    size_t i;
    json_t *entry, *suite = json_load_file("tests/fuzz/yaml-test-suite.json", 0, NULL);
    assert_true(json_array_size(suite) > 300);
    alarm(PATIENCE_SEC);
    json_array_foreach(suite, i, entry) {
        const char *text = json_string_value(json_array_get(entry, 1));
        size_t length = json_string_length(json_array_get(entry, 1));
        check_manifest(text, length, false);
        check_manifest(text, length, true);
        check_config(text, length);
    }
    alarm(0);
    json_decref(suite);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(M4_every_text_of_the_yaml_test_suite_gets_an_answer)};
    return cmocka_run_group_tests_name("yaml_suite", tests, NULL, NULL);
}
