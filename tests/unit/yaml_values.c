/* yaml_parse(): keys, anchors, merge keys, and what a scalar means. */
#include "unit/support/yaml.h"

#include <math.h>

/* ---- keys ---- */

static void M4_duplicate_key_is_an_error(void **state) {
    (void)state;
    expect_error("a: 1\nb: 2\na: 3\n", "3:1: duplicate key \"a\"; it is on line 1 already");
    expect_error("x:\n- {a: 1, 'a': 2}\n", "2:10: duplicate key \"a\"; it is on line 2 already");
    expect_error("{\"a\": 1, \"\\u0061\": 2}", "1:10: duplicate key \"a\"");
    expect_error("1: x\n'1': x\n", "2:1: duplicate key \"1\"");
    expect_error("\"a\\nb\": 1\n\"a\\nb\": 1\n", "2:1: duplicate key \"a\\nb\"; it is on line 1 already");
    expect_tree("abcdefgh1: x\nabcdefgh: x\nabcdefgh2: x\n", "{abcdefgh1=s:x, abcdefgh=s:x, abcdefgh2=s:x}");
}

static void M4_every_duplicate_key_is_reported(void **state) {
    (void)state;
    const char text[] = "a: 1\nb: {x: 1, x: 2}\na: 2\na: 3\n---\nc: 1\nc: 2\n";
    struct parsed parsed = parse_bytes(text, strlen(text));
    assert_int_equal(parsed.diagnostics.errors, 4);
    assert_string_equal(parsed.diagnostics.list.items[2].message, "duplicate key \"a\"; it is on line 1 already");
    assert_int_equal(parsed.diagnostics.list.items[2].mark.line, 4);
    assert_int_equal(parsed.documents.roots.count, 2);
    release(&parsed);
}

static void M4_a_duplicate_is_found_among_many_keys(void **state) {
    (void)state;
    struct buffer text = {0};
    for (int i = 0; i < 5000; i++)
        buffer_printf(&text, "some-common-prefix-%d: x\n", (i * 7919) % 5000);
    buffer_puts(&text, "some-common-prefix-7919: x\n");
    struct parsed parsed = parse_bytes(text.data, text.length);
    assert_int_equal(parsed.diagnostics.errors, 0);
    assert_int_equal(parsed.documents.roots.items[0]->map.count, 5001);
    release(&parsed);
    buffer_puts(&text, "some-common-prefix-2919: x\n");
    expect_error_of(text.data, text.length,
                    "5002:1: duplicate key \"some-common-prefix-2919\"; it is on line 2 already");
    buffer_free(&text);
}

static void M4_keys_are_scalars_with_a_text(void **state) {
    (void)state;
    expect_error("name: {{ .Values.name }}\n", "1:8: a key must be plain text, not a map (is this a template");
    expect_error("? [a]\n: x\n", "1:3: a key must be plain text, not a list");
    expect_error("a: &a [x]\nb: {*a : x}\n", "2:5: a key must be plain text, not a list");
    expect_error("~: x\n", "1:1: a key must not be empty or null");
    expect_error("{a: x, ? }\n", "1:10: a key must not be empty or null");
    expect_tree("\"\": x\n'null': x\n1: x\ntrue: x\n", "{=s:x, null=s:x, 1=s:x, true=s:x}");
    expect_tree("a: &k x\nb: {*k : 1}\n", "{a=s:x, b={x=i:1}}");
}

/* ---- anchors ---- */

static void M4_aliases_share_nodes(void **state) {
    (void)state;
    const char text[] = "a: &x {k: v}\nb: *x\nc: [*x, *x]\n";
    expect_tree(text, "{a={k=s:v}, b={k=s:v}, c=[{k=s:v}, {k=s:v}]}");
    struct parsed parsed = parse_bytes(text, strlen(text));
    const struct node *root = parsed.documents.roots.items[0];
    assert_ptr_equal(node_get(root, "a"), node_get(root, "b"));
    release(&parsed);
    expect_tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "{a=i:1, b=i:1, c=i:2, d=i:2}");
}

static void M4_an_alias_needs_its_anchor(void **state) {
    (void)state;
    expect_error("a: *x\n", "1:4: there is no anchor of this name before the alias: quote text that begins with \"*\"");
    expect_error("a: *x\nb: &x 1\n", "1:4: there is no anchor");
    expect_error("a: &x 1\n---\nb: *x\n", "3:4: there is no anchor");
}

static void M4_an_alias_inside_of_itself_is_an_error(void **state) {
    (void)state;
    expect_error("&a [*a]\n", "1:5: the alias stands inside of what it refers to");
    expect_error("a: &x {k: [{l: *x}]}\n", "1:16: the alias stands inside");
    expect_error("a: &x 1\nb: &x [*x]\n", "2:8: the alias stands inside");
}

static void M4_anchors_have_a_limit(void **state) {
    (void)state;
    struct buffer text = {0};
    for (int i = 0; i < 1024; i++)
        buffer_printf(&text, "- &n%d x\n", (i * 389) % 1024);
    buffer_puts(&text, "- *n0\n- *n1023\n- &n7 y\n- *n7\n");
    struct parsed parsed = parse_bytes(text.data, text.length);
    assert_int_equal(parsed.diagnostics.errors, 0);
    const struct node *root = parsed.documents.roots.items[0];
    assert_string_equal(root->list.items[1027]->text, "y");
    release(&parsed);
    buffer_puts(&text, "- &more x\n");
    expect_error_of(text.data, text.length, "1029:3: more than 1024 anchors in one document");
    buffer_free(&text);
}

static void M4_messages_show_no_text_that_may_be_a_password(void **state) {
    (void)state;
    static const char *const texts[] = {"p: *hunter2\n", "p: !hunter2\n", "p: !hunter2 x\n", "p: &a !hunter2 [x]\n",
                                        "p: %hunter2\n", "p: @hunter2\n", "p: |hunter2\n",   "p: {hunter2: {}: x}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct parsed parsed = parse_bytes(texts[i], strlen(texts[i]));
        assert_int_equal(parsed.diagnostics.errors, 1);
        assert_null(strstr(parsed.diagnostics.list.items[0].message, "hunter2"));
        release(&parsed);
    }
}

/* ---- merge keys ---- */

static void M4_merge_keys_are_carried_out(void **state) {
    (void)state;
    expect_tree("b: &b {x: 1, z: 2}\na: {<<: *b, x: 3}\n", "{b={x=i:1, z=i:2}, a={x=i:3, z=i:2}}");
    expect_tree("b: &b {x: 1}\nc: &c {x: 2, z: 3}\na: {<<: [*b, *c]}\n",
                "{b={x=i:1}, c={x=i:2, z=i:3}, a={x=i:1, z=i:3}}");
    expect_tree("a: {<<: {x: 1}}\n", "{a={x=i:1}}");
    expect_tree("b: &b {<<: {x: 1}, z: 2}\na: {<<: *b}\n", "{b={z=i:2, x=i:1}, a={z=i:2, x=i:1}}");
    expect_tree("a: {\"<<\": {x: 1}}\n", "{a={<<={x=i:1}}}");
    expect_tree("a: {<<: []}\n", "{a={}}");
}

static void M4_merge_keys_that_are_unclear_are_errors(void **state) {
    (void)state;
    expect_error("a:\n  x: 1\n  <<: {x: 2}\n", "3:3: the merge key << brings a key that line 2 has already");
    expect_error("a: {<<: {x: 1}, <<: {z: 1}}\n", "1:17: duplicate key \"<<\"");
    expect_error("a: {<<: x}\n", "1:5: the merge key << needs a map or a list of maps, not a string");
    expect_error("a: {<<: [x]}\n", "1:5: the merge key << needs a map or a list of maps, not a string");
    expect_error("a: {<<: {x: 1}, x: 2, x: 3}\n", "1:23: duplicate key \"x\"");
}

/* The merge key that comes too late is dropped as a duplicate before it is named. */
static void M4_a_merge_key_may_be_a_duplicate_and_late(void **state) {
    (void)state;
    const char text[] = "a: {x: 1, <<: {z: 1}, <<: {x: 2}}\n";
    struct parsed parsed = parse_bytes(text, strlen(text));
    assert_int_equal(parsed.diagnostics.errors, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(parsed.diagnostics.list.items[i].mark.column, 23);
    release(&parsed);
}

static void M4_merge_keys_do_not_multiply(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_puts(&text, "a: &a {");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&text, "k%d: 1, ", i);
    buffer_puts(&text, "}\n");
    for (int i = 0; i < 100; i++)
        buffer_printf(&text, "m%d: {<<: *a}\n", i);
    expect_error_of(text.data, text.length, "8:6: the merge keys << of this file add too many fields");
    buffer_free(&text);
}

/* ---- scalars ---- */

static void M4_words_mean_what_yaml_1_1_says(void **state) {
    (void)state;
    static const char *const truths[] = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
    static const char *const lies[] = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
    for (size_t i = 0; i < 11; i++) {
        struct parsed yes = parse_bytes(truths[i], strlen(truths[i])), no = parse_bytes(lies[i], strlen(lies[i]));
        assert_int_equal(yes.documents.roots.items[0]->type, NODE_BOOLEAN);
        assert_int_equal(no.documents.roots.items[0]->type, NODE_BOOLEAN);
        assert_true(yes.documents.roots.items[0]->boolean);
        assert_false(no.documents.roots.items[0]->boolean);
        release(&yes);
        release(&no);
    }
}

static void M4_texts_that_look_like_something_else_are_strings(void **state) {
    (void)state;
    expect_tree("[tRuE, yES, oN, nULL, 'yes', \"true\", \"~\", '']",
                "[s:tRuE, s:yES, s:oN, s:nULL, s:yes, s:true, s:~, s:]");
    expect_tree("- |\n  yes\n- >-\n  12\n", "[s:yes\n, s:12]");
    expect_tree("[~, null, Null, NULL, ]\n", "[null, null, null, null]");
    expect_tree("a:\nb: ~\n", "{a=null, b=null}");
    expect_tree("[2024-01-01, 12:30:45, 1.2.3, 0x, 0xg, 0b12, _1, +, ., 1e400, nan, 0x1p3]",
                "[s:2024-01-01, s:12:30:45, s:1.2.3, s:0x, s:0xg, s:0b12, s:_1, s:+, s:., s:1e400, s:nan, s:0x1p3]");
}

static void expect_number(const char *text, enum node_type type, int64_t integer, double number) {
    struct parsed parsed = parse_bytes(text, strlen(text));
    assert_int_equal(parsed.diagnostics.errors, 0);
    const struct node *node = parsed.documents.roots.items[0];
    assert_int_equal(node->type, type);
    assert_true(node->number == number || (isnan(number) && isnan(node->number)));
    if (type == NODE_INTEGER)
        assert_true(node->integer == integer);
    assert_string_equal(node->text, text);
    assert_true(node->plain);
    release(&parsed);
}

static void M4_numbers_are_those_of_kubectl(void **state) {
    (void)state;
    expect_number("12", NODE_INTEGER, 12, 12);
    expect_number("-12", NODE_INTEGER, -12, -12);
    expect_number("+1_000", NODE_INTEGER, 1000, 1000);
    expect_number("0x1F", NODE_INTEGER, 31, 31);
    expect_number("-0x10", NODE_INTEGER, -16, -16);
    expect_number("017", NODE_INTEGER, 15, 15);
    expect_number("0o17", NODE_INTEGER, 15, 15);
    expect_number("0b101", NODE_INTEGER, 5, 5);
    expect_number("9223372036854775807", NODE_INTEGER, INT64_MAX, 0x1p63);
    expect_number("18446744073709551615", NODE_INTEGER, INT64_MAX, 0x1p64);
    expect_number("-9223372036854775808", NODE_INTEGER, INT64_MIN, -0x1p63);
    expect_number("18446744073709551616", NODE_FLOAT, 0, 0x1p64);
    expect_number("08", NODE_FLOAT, 0, 8);
    expect_number("1e3", NODE_FLOAT, 0, 1000);
    expect_number("-.5", NODE_FLOAT, 0, -0.5);
    expect_number("1.", NODE_FLOAT, 0, 1);
    expect_number("-.inf", NODE_FLOAT, 0, -INFINITY);
    expect_number("+.Inf", NODE_FLOAT, 0, INFINITY);
    expect_number(".NaN", NODE_FLOAT, 0, NAN);
}

static void M4_tags_decide(void **state) {
    (void)state;
    expect_tree("[!!str true, !!str 1, ! 1, !!int '3', !!float 3, !!bool 'yes', !!null '']",
                "[s:true, s:1, s:1, i:3, f:3, b:yes, null]");
    expect_tree("a: !!map {b: !!seq [x]}\n", "{a={b=[s:x]}}");
    expect_error("a: !!binary aGk=\n", "1:4: this tag is not known, or does not fit its value");
    expect_error("a: !mine x\n", "1:4: this tag is not known");
    expect_error("a: !!int x\n", "1:4: this tag is not known, or does not fit");
    expect_error("a: !!set {x}\n", "1:4: this tag is not known");
    expect_error("a: !e!x y\n", "1:4: the tag here has an unknown prefix");
}

static void M4_node_get_takes_anything(void **state) {
    (void)state;
    struct parsed parsed = parse_bytes("a: ~\nb: [x]\n", 12);
    const struct node *root = parsed.documents.roots.items[0];
    assert_null(node_get(NULL, "a"));
    assert_null(node_get(root, "a"));
    assert_null(node_get(root, "c"));
    assert_null(node_get(node_get(root, "b"), "x"));
    assert_string_equal(node_type_name(node_get(root, "b")), "a list");
    release(&parsed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M4_duplicate_key_is_an_error),
        cmocka_unit_test(M4_every_duplicate_key_is_reported),
        cmocka_unit_test(M4_a_duplicate_is_found_among_many_keys),
        cmocka_unit_test(M4_keys_are_scalars_with_a_text),
        cmocka_unit_test(M4_aliases_share_nodes),
        cmocka_unit_test(M4_an_alias_needs_its_anchor),
        cmocka_unit_test(M4_an_alias_inside_of_itself_is_an_error),
        cmocka_unit_test(M4_anchors_have_a_limit),
        cmocka_unit_test(M4_messages_show_no_text_that_may_be_a_password),
        cmocka_unit_test(M4_merge_keys_are_carried_out),
        cmocka_unit_test(M4_merge_keys_that_are_unclear_are_errors),
        cmocka_unit_test(M4_a_merge_key_may_be_a_duplicate_and_late),
        cmocka_unit_test(M4_merge_keys_do_not_multiply),
        cmocka_unit_test(M4_words_mean_what_yaml_1_1_says),
        cmocka_unit_test(M4_texts_that_look_like_something_else_are_strings),
        cmocka_unit_test(M4_numbers_are_those_of_kubectl),
        cmocka_unit_test(M4_tags_decide),
        cmocka_unit_test(M4_node_get_takes_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
