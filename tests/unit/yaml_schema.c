/* schema_check(): what is said about a tree that does not fit its table. */
#include "unit/support/yaml.h"
#include "yaml/schema.h"

static void check_odd(struct schema_walk *walk, const struct field *field, const struct node *node) {
    (void)field;
    if (node->length % 2 == 0)
        schema_error(walk, node, "must have an odd length, not %u", node->length);
    else if (node->length > 4)
        schema_warning(walk, node, "is long");
}

static const char *const joins[] = {"inner", "outer", "any", NULL};
static const struct field string = {.type = FIELD_STRING};
static const struct field step_fields[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED},
    {.name = "inputs", .type = FIELD_LIST, .item = &string},
    {.name = "join", .type = FIELD_STRING, .values = joins},
    {.name = "tensorMap", .type = FIELD_MAP, .item = &string},
    {0},
};
static const struct field step = {.type = FIELD_OBJECT, .fields = step_fields};
static const struct field dataflow_fields[] = {
    {.name = "clean", .type = FIELD_BOOLEAN},
    {.name = "deep", .type = FIELD_OBJECT, .fields = step_fields},
    {0},
};
static const struct field spec_fields[] = {
    {.name = "replicas", .type = FIELD_INTEGER, .min = 1, .max = 9},
    {.name = "least", .type = FIELD_INTEGER, .min = 0, .max = INT64_MAX},
    {.name = "most", .type = FIELD_INTEGER, .min = INT64_MIN, .max = -1},
    {.name = "free", .type = FIELD_INTEGER},
    {.name = "memory", .type = FIELD_INTEGER_OR_STRING},
    {.name = "steps", .type = FIELD_LIST, .item = &step},
    {.name = "dataflow", .type = FIELD_OBJECT, .fields = dataflow_fields, .flags = FIELD_STRICT},
    {.name = "odd", .type = FIELD_STRING, .check = check_odd},
    {0},
};
static const struct field fields[] = {
    {.name = "kind", .type = FIELD_STRING, .flags = FIELD_REQUIRED},
    {.name = "spec", .type = FIELD_OBJECT, .fields = spec_fields},
    {.name = "labels", .type = FIELD_MAP, .item = &string},
    {.name = "anything", .type = FIELD_ANY},
    {0},
};

/* The diagnostics of all documents of `text`, a line each: "LINE:COLUMN: MESSAGE", warnings with "warning: ". */
static char *check(const char *text, bool unknown_is_warning) {
    const struct schema_options options = {.unknown_is_warning = unknown_is_warning};
    struct parsed parsed = parse_bytes(text, strlen(text));
    size_t budget = schema_budget(parsed.documents.nodes);
    struct buffer out = {0};
    assert_int_equal(parsed.diagnostics.errors, 0);
    for (size_t i = 0; i < parsed.documents.roots.count; i++)
        assert_int_equal(
            schema_check(parsed.documents.roots.items[i], fields, "", &options, &budget, &parsed.diagnostics), 0);
    diagnostics_finish(&parsed.diagnostics, text, strlen(text));
    buffer_puts(&out, "");
    for (size_t i = 0; i < parsed.diagnostics.list.count; i++) {
        const struct diagnostic *d = &parsed.diagnostics.list.items[i];
        buffer_printf(&out, "%s%u:%u: %s%s", i > 0 ? "\n" : "", d->mark.line, d->mark.column,
                      d->severity == SEVERITY_WARNING ? "warning: " : "", d->message);
    }
    release(&parsed);
    return out.data;
}

static void expect(const char *text, const char *expected) {
    char *said = check(text, false);
    assert_string_equal(said, expected);
    free(said);
}

/* For one line below "kind: x" and "spec:", indented by two. */
static void expect_spec(const char *line, const char *expected) {
    char text[512];
    snprintf(text, sizeof text, "kind: x\nspec:\n  %s\n", line);
    expect(text, expected);
}

static void M4_what_fits_is_accepted(void **state) {
    (void)state;
    expect("kind: x\nspec:\n  replicas: 9\n  memory: 1Gi\n  least: 0\n  most: -1\n  free: -5\n"
           "  steps:\n  - {name: a, inputs: [x, z], join: any, tensorMap: {1: x, y: 'n'}}\n"
           "  dataflow: {clean: on}\n  odd: abc\nlabels: {1: x}\nanything: [{a: [1]}, ~]\n",
           "");
}

static void M4_unknown_field_is_an_error(void **state) {
    (void)state;
    expect_spec("steps: [{name: a, input: [b]}]",
                "3:21: unknown field \"spec.steps[0].input\"; did you mean \"inputs\"?");
    expect_spec("zzz: 1", "3:3: unknown field \"spec.zzz\"");
    expect("kind: x\nKind: y\n", "2:1: unknown field \"Kind\"; did you mean \"kind\"?");
    expect("kind: x\n1: y\n", "2:1: unknown field \"1\"");
    expect("kind: x\nnot there: y\n\"a\\nb\": z\n", "2:1: unknown field \"not there\"\n3:1: unknown field \"a\\nb\"");
}

static void M4_unknown_field_can_be_a_warning_but_not_below_a_strict_one(void **state) {
    (void)state;
    char *said = check(
        "kind: x\nzzz: 1\nspec:\n  yyy: 2\n  dataflow:\n    xxx: 3\n    deep: {name: a, www: 4}\n  uuu: 5\n", true);
    assert_string_equal(said, "2:1: warning: unknown field \"zzz\"\n4:3: warning: unknown field \"spec.yyy\"\n"
                              "6:5: unknown field \"spec.dataflow.xxx\"; what can stand there is clean or deep\n"
                              "7:21: unknown field \"spec.dataflow.deep.www\"\n"
                              "8:3: warning: unknown field \"spec.uuu\"");
    free(said);
}

static void M4_wrong_type_is_an_error(void **state) {
    (void)state;
    expect_spec("replicas: many", "3:13: spec.replicas must be an integer, not a string");
    expect_spec("replicas: 2.5", "3:13: spec.replicas must be an integer, not 2.5");
    expect_spec("replicas: .nan", "3:13: spec.replicas must be an integer, not .nan");
    expect_spec("replicas: [2]", "3:13: spec.replicas must be an integer, not a list");
    expect_spec("replicas: true", "3:13: spec.replicas must be an integer, not a boolean");
    expect_spec("memory: [1]", "3:11: spec.memory must be an integer or a string, not a list");
    expect_spec("memory: 1.5", "3:11: spec.memory must be an integer or a string, not 1.5");
    expect_spec("steps: {}", "3:10: spec.steps must be a list, not a map");
    expect_spec("steps: a", "3:10: spec.steps must be a list, not a string: put \"- \" before each item");
    expect_spec("steps: [a]", "3:11: spec.steps[0] must be a map, not a string");
    expect_spec("dataflow: true", "3:13: spec.dataflow must be a map, not a boolean");
    expect("kind: x\nlabels: [a]\n", "2:9: labels must be a map, not a list");
    expect("[kind]\n", "1:1: the document must be a map, not a list");
    expect("kind\n", "1:1: the document must be a map, not a string");
}

static void M4_whole_floats_are_integers(void **state) {
    (void)state;
    expect_spec("replicas: 2.0", "");
    expect_spec("replicas: 08", "");
    expect_spec("free: 1e300", "");
    expect_spec("replicas: 1e300", "3:13: spec.replicas must be between 1 and 9, not 1e300");
    expect_spec("replicas: -1e300", "3:13: spec.replicas must be between 1 and 9, not -1e300");
}

static void M4_traps_of_yaml_1_1_are_explained(void **state) {
    (void)state;
    expect_spec(
        "steps: [{name: a, tensorMap: {x: y}}]",
        "3:36: spec.steps[0].tensorMap.x must be a string, but a plain y is a boolean in YAML 1.1: write \"y\"");
    expect_spec("steps: [{name: 3}]",
                "3:18: spec.steps[0].name must be a string, but a plain 3 is an integer: write \"3\"");
    expect_spec("steps: [{name: 1e3}]",
                "3:18: spec.steps[0].name must be a string, but a plain 1e3 is a number: write \"1e3\"");
    expect_spec("steps: [{name: !!int '3'}]", "3:18: spec.steps[0].name must be a string, not an integer");
}

static void M4_quotes_that_must_go_are_named(void **state) {
    (void)state;
    expect_spec("dataflow: {clean: \"true\"}",
                "3:21: spec.dataflow.clean must be a boolean, not a string: write true without quotes");
    expect_spec("dataflow: {clean: 'yes'}",
                "3:21: spec.dataflow.clean must be a boolean, not a string: write true without quotes");
    expect_spec("dataflow: {clean: !!str true}",
                "3:21: spec.dataflow.clean must be a boolean, not a string: write true without quotes");
    expect_spec("dataflow: {clean: tRuE}",
                "3:21: spec.dataflow.clean must be a boolean, not a string: write true or false");
    expect_spec("dataflow: {clean: 1}",
                "3:21: spec.dataflow.clean must be a boolean, not an integer: write true or false");
    expect_spec("replicas: \"3\"", "3:13: spec.replicas must be an integer, not a string: write 3 without quotes");
    expect_spec("replicas: \"3.5\"", "3:13: spec.replicas must be an integer, not a string");
}

static void M4_bad_enum_is_an_error(void **state) {
    (void)state;
    expect_spec("steps: [{name: a, join: iner}]",
                "3:27: spec.steps[0].join must be inner, outer or any, not \"iner\"; did you mean \"inner\"?");
    expect_spec("steps: [{name: a, join: \"\"}]", "3:27: spec.steps[0].join must be inner, outer or any, not \"\"");
}

static void M4_out_of_bounds_is_an_error(void **state) {
    (void)state;
    expect_spec("replicas: 0", "3:13: spec.replicas must be between 1 and 9, not 0");
    expect_spec("replicas: 10", "3:13: spec.replicas must be between 1 and 9, not 10");
    expect_spec("replicas: 99999999999999999999",
                "3:13: spec.replicas must be between 1 and 9, not 99999999999999999999");
    expect_spec("least: -1", "3:10: spec.least must be at least 0, not -1");
    expect_spec("most: 0", "3:9: spec.most must be at most -1, not 0");
}

static void M4_missing_required_field_is_an_error(void **state) {
    (void)state;
    expect("spec: {}\n", "1:1: kind is required");
    expect("kind: ~\n", "1:7: kind is required, and null does not count as a value");
    expect_spec("steps: [{name: a}, {inputs: []}]", "3:22: spec.steps[1].name is required");
}

static void M4_null_counts_as_absent_except_in_lists(void **state) {
    (void)state;
    expect("kind: x\nspec: ~\nlabels: {a: ~}\n", "");
    expect_spec("dataflow: {clean: }", "");
    expect_spec("steps: [~]", "3:11: spec.steps[0] must not be null: give the item a value, or take it out");
    expect_spec("steps: [{name: a, inputs: [x, null]}]",
                "3:33: spec.steps[0].inputs[1] must not be null: give the item a value, or take it out");
}

static void M4_checks_speak_for_their_place(void **state) {
    (void)state;
    expect_spec("odd: ab", "3:8: spec.odd must have an odd length, not 2");
    expect_spec("odd: abcde", "3:8: warning: spec.odd is long");
    expect_spec("odd: 12", "3:8: spec.odd must be a string, but a plain 12 is an integer: write \"12\"");
    expect_spec("odd: ~", "");
}

static void M4_all_errors_are_reported(void **state) {
    (void)state;
    expect("spec: {replicas: x, steps: [{}, 1], zzz: 1}\n---\nkind: 1\n",
           "1:1: kind is required\n1:18: spec.replicas must be an integer, not a string\n"
           "1:29: spec.steps[0].name is required\n1:33: spec.steps[1] must be a map, not an integer\n"
           "1:37: unknown field \"spec.zzz\"\n3:7: kind must be a string, but a plain 1 is an integer: write \"1\"");
}

static void M4_a_given_path_stands_in_front(void **state) {
    (void)state;
    struct parsed parsed = parse_bytes("{spec: 1}", 9);
    const struct schema_options options = {0};
    size_t budget = 100;
    schema_check(parsed.documents.roots.items[0], fields, "items[2]", &options, &budget, &parsed.diagnostics);
    assert_string_equal(parsed.diagnostics.list.items[0].message, "items[2].spec must be a map, not an integer");
    assert_string_equal(parsed.diagnostics.list.items[1].message, "items[2].kind is required");
    assert_true(budget < 100);
    release(&parsed);
}

static void M4_long_names_are_cut_in_messages(void **state) {
    (void)state;
    char text[3000] = "kind: x\n", *said;
    memset(text + 8, 'k', 900);
    memcpy(text + 908, ": 1\n", sizeof ": 1\n");
    said = check(text, false);
    assert_true(strlen(said) < 120);
    free(said);
}

static void M4_aliases_do_not_multiply_the_work(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_puts(&text, "kind: x\nspec:\n  steps:\n  - &s\n    name: a\n    inputs:\n");
    for (int i = 0; i < 2000; i++)
        buffer_puts(&text, "    - a\n");
    for (int i = 0; i < 2000; i++)
        buffer_puts(&text, "  - *s\n");
    char *said = check(text.data, false);
    assert_non_null(strstr(said, "stands for too many values: the aliases of this file expand to many times its size"));
    assert_null(strchr(said, '\n'));
    free(said);
    buffer_free(&text);
}

static void M4_honest_aliases_are_within_the_budget(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_puts(&text, "kind: x\nspec:\n  steps:\n  - &s {name: a, inputs: [a, b, c], tensorMap: {x: z}}\n");
    for (int i = 0; i < 500; i++)
        buffer_puts(&text, "  - *s\n");
    char *said = check(text.data, false);
    assert_string_equal(said, "");
    free(said);
    buffer_free(&text);
}

static void M4_the_walk_ends_at_a_hundred_errors(void **state) {
    (void)state;
    char *text = malloc(100000);
    size_t length = 0;
    for (int i = 0; i < 3000; i++)
        length += (size_t)sprintf(text + length, "unknown%d: 1\n", i);
    struct parsed parsed = parse_bytes(text, length);
    const struct schema_options options = {0};
    size_t budget = schema_budget(parsed.documents.nodes), before = budget;
    schema_check(parsed.documents.roots.items[0], fields, "", &options, &budget, &parsed.diagnostics);
    assert_int_equal(parsed.diagnostics.errors, DIAGNOSTICS_MAX);
    assert_true(parsed.diagnostics.truncated);
    assert_true(before - budget < 200);
    release(&parsed);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M4_what_fits_is_accepted),
        cmocka_unit_test(M4_unknown_field_is_an_error),
        cmocka_unit_test(M4_unknown_field_can_be_a_warning_but_not_below_a_strict_one),
        cmocka_unit_test(M4_wrong_type_is_an_error),
        cmocka_unit_test(M4_whole_floats_are_integers),
        cmocka_unit_test(M4_traps_of_yaml_1_1_are_explained),
        cmocka_unit_test(M4_quotes_that_must_go_are_named),
        cmocka_unit_test(M4_bad_enum_is_an_error),
        cmocka_unit_test(M4_out_of_bounds_is_an_error),
        cmocka_unit_test(M4_missing_required_field_is_an_error),
        cmocka_unit_test(M4_null_counts_as_absent_except_in_lists),
        cmocka_unit_test(M4_checks_speak_for_their_place),
        cmocka_unit_test(M4_all_errors_are_reported),
        cmocka_unit_test(M4_a_given_path_stands_in_front),
        cmocka_unit_test(M4_long_names_are_cut_in_messages),
        cmocka_unit_test(M4_aliases_do_not_multiply_the_work),
        cmocka_unit_test(M4_honest_aliases_are_within_the_budget),
        cmocka_unit_test(M4_the_walk_ends_at_a_hundred_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
