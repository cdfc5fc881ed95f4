/* What the golden manifests cannot show: bounds, lifetimes, options. */
#include "seldon/manifest.h"

#include "unit/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "apiVersion: mlops.seldon.io/v1alpha1\nkind: "
#define MODEL HEAD "Model\nmetadata: {name: iris}\nspec: {storageUri: gs://bucket/iris}\n"

static const struct manifest_options OPTIONS = {.topic_prefix = "seldon", .default_namespace = "seldon-mesh"};

static struct manifest *read_with(const char *text, const struct manifest_options *options) {
    struct manifest *manifest;
    assert_return_code(manifest_read(text, strlen(text), options, &manifest), 0);
    return manifest;
}

static struct manifest *read_text(const char *text) {
    return read_with(text, &OPTIONS);
}

static void M2_nothing_is_accepted_without_resources(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"", "\n", "# a comment", "---\n---\n", "\xef\xbb\xbf", "---\n...\n"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct manifest *manifest = read_text(TEXTS[i]);
        assert_non_null(manifest->resources);
        assert_int_equal(manifest->resources->count, 0);
        manifest_unref(manifest);
    }
}

static void T1_configured_names_are_used(void **state) {
    (void)state;
    const struct manifest_options options = {.topic_prefix = "my.prefix", .default_namespace = "production"};
    struct manifest *manifest = read_with(MODEL, &options);
    const struct resource *model = &manifest->resources->items[0];
    assert_string_equal(model->namespace, "production");
    assert_string_equal(model->owned[0], "my.prefix.production.model.iris.inputs");
    assert_string_equal(model->owned[1], "my.prefix.production.model.iris.outputs");
    manifest_unref(manifest);
}

static void T4_a_prefix_that_kafka_refuses_rejects_the_file(void **state) {
    (void)state;
    const struct manifest_options options = {.topic_prefix = "bad/prefix", .default_namespace = "seldon-mesh"};
    struct manifest *manifest = read_with(MODEL, &options);
    assert_null(manifest->resources);
    manifest_unref(manifest);
}

/* A pipeline whose own inputs nobody needs owns them all the same (D1). */
static void T2_needs_are_sorted_and_unique_and_both_topics_are_owned(void **state) {
    (void)state;
    struct manifest *manifest = read_text(HEAD "Pipeline\nmetadata: {name: p}\nspec:\n  steps:\n  - name: b\n"
                                               "    inputs: [p.outputs]\n  - name: a\n    inputs: [b, b, b.outputs.T]\n"
                                               "  output: {steps: [b, a]}\n");
    const struct resource *pipeline = &manifest->resources->items[0];
    static const char *const NEEDS[] = {
        "seldon.seldon-mesh.errors.errors",   "seldon.seldon-mesh.model.a.inputs",
        "seldon.seldon-mesh.model.a.outputs", "seldon.seldon-mesh.model.b.inputs",
        "seldon.seldon-mesh.model.b.outputs", "seldon.seldon-mesh.pipeline.p.outputs",
    };
    assert_int_equal(pipeline->n_needs, sizeof NEEDS / sizeof *NEEDS);
    for (size_t i = 0; i < pipeline->n_needs; i++)
        assert_string_equal(pipeline->needs[i], NEEDS[i]);
    assert_string_equal(pipeline->owned[0], "seldon.seldon-mesh.pipeline.p.inputs");
    assert_string_equal(pipeline->owned[1], "seldon.seldon-mesh.pipeline.p.outputs");
    assert_false(pipeline->clean);
    manifest_unref(manifest);
}

/* The strings must not point into the text or the nodes; the sanitizer would see it. */
static void M2_resources_outlive_text_and_manifest(void **state) {
    (void)state;
    char *text = strdup(MODEL);
    struct manifest *manifest = read_text(text);
    memset(text, 'x', strlen(text));
    free(text);
    struct resources *resources = resources_ref(manifest->resources);
    assert_null(manifest_unref(manifest));
    assert_string_equal(resources->items[0].name, "iris");
    assert_string_equal(resources->items[0].needs[1], "seldon.seldon-mesh.model.iris.outputs");
    assert_null(resources_unref(resources));
}

static void M1_rejection_for_another_reason(void **state) {
    (void)state;
    struct manifest *manifest;
    assert_return_code(manifest_reject(&manifest, "it is %s", "a directory"), 0);
    assert_null(manifest->resources);
    assert_int_equal(manifest->diagnostics.errors, 1);
    assert_string_equal(manifest->diagnostics.list.items[0].message, "it is a directory");
    assert_ptr_equal(manifest_ref(manifest), manifest);
    manifest_unref(manifest);
    assert_null(manifest_unref(manifest));
    assert_null(manifest_unref(NULL));
}

static void M4_warn_spares_all_but_dataflow(void **state) {
    (void)state;
    struct manifest_options options = OPTIONS;
    options.unknown_is_warning = true;
    struct manifest *manifest = read_with(MODEL "colour: blue\n", &options);
    assert_non_null(manifest->resources);
    assert_int_equal(manifest->diagnostics.warnings, 1);
    manifest_unref(manifest);
    manifest =
        read_with(HEAD "Model\nmetadata: {name: iris}\nspec: {storageUri: x, dataflow: {clean: true}}\n", &options);
    assert_null(manifest->resources);
    manifest_unref(manifest);
}

/* An error of syntax far down does not hide those above. */
static void M4_errors_before_a_syntax_error_are_reported_too(void **state) {
    (void)state;
    struct manifest *manifest = read_text(HEAD "Model\nmetadata: {name: Iris}\n---\nkind: [\n");
    assert_null(manifest->resources);
    assert_true(manifest->diagnostics.errors >= 2);
    assert_int_equal(manifest->diagnostics.list.items[0].mark.line, 3);
    manifest_unref(manifest);
}

static void M4_messages_are_one_line_whatever_the_names(void **state) {
    (void)state;
    struct manifest *manifest = read_text(HEAD "\"Mo\\ndel\"\n---\n" HEAD "Pipeline\nmetadata: {name: \"p\\n\\e[2J\"}\n"
                                               "spec: {steps: [{name: \"a\\n\", inputs: [\"\\x07b\"]}]}\n");
    assert_true(manifest->diagnostics.errors >= 4);
    for (size_t i = 0; i < manifest->diagnostics.list.count; i++)
        for (const char *p = manifest->diagnostics.list.items[i].message; *p; p++)
            assert_true((unsigned char)*p >= 0x20);
    manifest_unref(manifest);
}

static void M4_at_most_100_errors(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_puts(&text, HEAD "Pipeline\nmetadata: {name: p}\nspec:\n  steps:\n");
    for (int i = 0; i < 1000; i++)
        buffer_puts(&text, "  - name: a.b\n");
    struct manifest *manifest = read_text(text.data);
    assert_null(manifest->resources);
    assert_int_equal(manifest->diagnostics.errors, DIAGNOSTICS_MAX);
    assert_true(manifest->diagnostics.truncated);
    manifest_unref(manifest);
    buffer_free(&text);
}

/* Steps that share one long list of inputs by aliases: a small file, a square of work. */
static void M4_aliases_cannot_multiply_the_work(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    struct buffer text = {0};
    buffer_puts(&text, HEAD "Pipeline\nmetadata: {name: p}\nspec:\n  steps:\n  - name: a\n    inputs: &i [p");
    for (int i = 0; i < COUNT; i++)
        buffer_puts(&text, ",p");
    buffer_puts(&text, "]\n");
    for (int i = 0; i < COUNT; i++)
        buffer_printf(&text, "  - {name: s%d, inputs: *i}\n", i);
    struct manifest *manifest = read_text(text.data);
    assert_null(manifest->resources);
    assert_int_equal(manifest->diagnostics.errors, 1);
    manifest_unref(manifest);
    buffer_free(&text);
}

/* A long chain of steps, each of which reads the one before. */
static void M5_large_pipelines_take_no_time(void **state) {
    (void)state;
    enum { COUNT = 50000 };
    struct buffer text = {0};
    buffer_puts(&text, HEAD "Pipeline\nmetadata: {name: p}\nspec:\n  steps:\n  - {name: s0}\n");
    for (int i = 1; i < COUNT; i++)
        buffer_printf(&text, "  - {name: s%d, inputs: [s%d]}\n", i, i - 1);
    struct manifest *manifest = read_text(text.data);
    assert_non_null(manifest->resources);
    assert_int_equal(manifest->resources->items[0].n_needs, COUNT + (COUNT - 1) + 3);
    manifest_unref(manifest);
    buffer_free(&text);
}

static void M2_ten_thousand_documents(void **state) {
    (void)state;
    enum { COUNT = 10000 };
    struct buffer text = {0};
    for (int i = 0; i < COUNT; i++)
        buffer_printf(&text, "---\n" HEAD "Model\nmetadata: {name: m%d}\nspec: {storageUri: x}\n", i);
    struct manifest *manifest = read_text(text.data);
    assert_non_null(manifest->resources);
    assert_int_equal(manifest->resources->count, COUNT);
    assert_string_equal(manifest->resources->items[COUNT - 1].name, "m9999");
    assert_int_equal(manifest->resources->items[1].line, 7);
    manifest_unref(manifest);
    buffer_free(&text);
}

static void M6_resources_are_compared_without_their_lines(void **state) {
    (void)state;
    struct manifest *a = read_text(MODEL), *b = read_text("# moved down\n" MODEL);
    struct manifest *c = read_text(HEAD "Model\nmetadata: {name: iris}\nspec: {storageUri: x, dataflow: "
                                        "{cleanTopicsOnDelete: true}}\n");
    assert_true(a->resources->items[0].line != b->resources->items[0].line);
    assert_true(resources_equal(a->resources, b->resources));
    assert_false(resources_equal(a->resources, c->resources));
    assert_int_equal(resource_compare(&a->resources->items[0], &c->resources->items[0]), 0);
    manifest_unref(a);
    manifest_unref(b);
    manifest_unref(c);
}

static void M3_kinds_have_names(void **state) {
    (void)state;
    for (enum resource_kind kind = 0; kind < KIND_MAX_; kind++)
        assert_int_equal(resource_kind_parse(resource_kind_name(kind)), kind);
    assert_int_equal(resource_kind_parse("model"), KIND_MAX_);
    assert_int_equal(resource_kind_parse("Server"), KIND_MAX_);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M2_nothing_is_accepted_without_resources),
        cmocka_unit_test(T1_configured_names_are_used),
        cmocka_unit_test(T4_a_prefix_that_kafka_refuses_rejects_the_file),
        cmocka_unit_test(T2_needs_are_sorted_and_unique_and_both_topics_are_owned),
        cmocka_unit_test(M2_resources_outlive_text_and_manifest),
        cmocka_unit_test(M1_rejection_for_another_reason),
        cmocka_unit_test(M4_warn_spares_all_but_dataflow),
        cmocka_unit_test(M4_errors_before_a_syntax_error_are_reported_too),
        cmocka_unit_test(M4_messages_are_one_line_whatever_the_names),
        cmocka_unit_test(M4_at_most_100_errors),
        cmocka_unit_test(M4_aliases_cannot_multiply_the_work),
        cmocka_unit_test(M5_large_pipelines_take_no_time),
        cmocka_unit_test(M2_ten_thousand_documents),
        cmocka_unit_test(M6_resources_are_compared_without_their_lines),
        cmocka_unit_test(M3_kinds_have_names),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
