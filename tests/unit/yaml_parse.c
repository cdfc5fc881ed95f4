/* yaml_parse(): documents, bytes, syntax, bounds, and where mistakes are said to be. */
#include "unit/support/yaml.h"

/* `n` copies of `piece` between two texts. */
static char *repeated(const char *before, const char *piece, size_t n, const char *after) {
    struct buffer out = {0};
    buffer_puts(&out, before);
    for (size_t i = 0; i < n; i++)
        buffer_puts(&out, piece);
    buffer_puts(&out, after);
    assert_false(out.failed);
    return out.data;
}

static void expect_repeated_error(const char *before, const char *piece, size_t n, const char *after,
                                  const char *expected) {
    char *text = repeated(before, piece, n, after);
    expect_error(text, expected);
    free(text);
}

static void expect_repeated_fine(const char *before, const char *piece, size_t n, const char *after) {
    char *text = repeated(before, piece, n, after);
    struct parsed parsed = parse_bytes(text, strlen(text));
    assert_int_equal(parsed.diagnostics.errors, 0);
    release(&parsed);
    free(text);
}

/* ---- documents ---- */

static void M2_jsons_pairs_of_escapes_are_one_character(void **state) {
    (void)state;
    expect_tree("{\"\\ud83d\\ude00\": \"a\\uD83D\\uDE01\\udbff\\udffd\"}", "{\U0001F600=s:a\U0001F601\U0010FFFD}");
    expect_tree(" \n{\"a\":\"\\ud83d\\ude00\"}{\"b\":\"\\ud83d\\ude00\"}", "{a=s:\U0001F600} / {b=s:\U0001F600}");
    expect_tree("{\"a\": \"\\\\ud83d\\\\ude00\\u00e9\"}", "{a=s:\\ud83d\\ude00\u00e9}");
    /* What comes later on the line is where it was, the end of the file too. */
    expect_error("{\"\\ud83d\\ude00\":1,\"\\ud83d\\ude00\":\"\\ud83d\\ude00\",\"b\":[@]}",
                 "1:54: this character cannot begin");
    expect_error("{\"a\":\"\\ud83d\\ude00", "1:19: there is no end of the quoted text");
    static const char *const alone[] = {"\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d\\u0041", "\\ud83d\\ude0"};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"a\": \"%s\"}", alone[i]);
        expect_error(text, "");
    }
    expect_error("a: \"\\ud83d\\ude00\"", "1:7: this escape is not a character"); /* kubectl does not take it in YAML */
}

static void M2_documents_are_separated(void **state) {
    (void)state;
    expect_tree("a: x\n---\nb: x\n", "{a=s:x} / {b=s:x}");
    expect_tree("--- # one\na: x\n...\n---\t# two\nb: x\n", "{a=s:x} / {b=s:x}");
    expect_tree("%YAML 1.1\n---\na: x\n", "{a=s:x}");
    expect_tree("\xef\xbb\xbf{\"a\": \"x\"}", "{a=s:x}");
    expect_tree("a: x\r---\rb: x\r", "{a=s:x} / {b=s:x}");
    expect_tree("[x]\n--- \nx\n", "[s:x] / s:x");
}

static void M2_empty_documents_are_left_out(void **state) {
    (void)state;
    expect_tree("", "");
    expect_tree(" \n", "");
    expect_tree("# only a comment\n", "");
    expect_tree("---\n---\n# nothing\n---\na: x\n---\n~\n---\n", "{a=s:x}");
    expect_tree("{}", "{}");
}

static void M2_objects_may_follow_each_other(void **state) {
    (void)state;
    expect_tree("{\"a\":1}{\"b\":[\"}{\"]}\n\n {\"c\":\"\\\"{\"}", "{a=i:1} / {b=[s:}{]} / {c=s:\"{}");
    expect_tree("{a: x}\n---\n{b: x}\n", "{a=s:x} / {b=s:x}");
    expect_tree("{a: 'x} {y'}", "{a=s:x} {y}");
    expect_tree("{a: x # }{\n}", "{a=s:x}");
    expect_error("{\"a\":1} xyz", "1:9: this is left over behind the end of the document");
    expect_error("{\"a\":1} {\"b\":2} xyz", "1:9: this is left over");
    expect_error("[1]\n[2]", "2:1: this is left over");
}

static void M2_objects_that_follow_each_other_are_told(void **state) {
    (void)state;
    struct parsed parsed = parse_bytes("{}\n{}", 5);
    assert_true(parsed.documents.concatenated);
    release(&parsed);
    parsed = parse_bytes("{}\n---\n{}", 9);
    assert_false(parsed.documents.concatenated);
    assert_int_equal(parsed.documents.roots.count, 2);
    release(&parsed);
}

static void M4_places_are_right_in_objects_that_follow_each_other(void **state) {
    (void)state;
    expect_error(" {\"a\":1}\n\n  {\"a\":1,\n \"b\":2}{\"b\":2} {\"x\":1, \"x\":2}", "4:24: duplicate key \"x\"");
    expect_error("{\"a\":1}\n{\n\"a\":1,\n  \"a\":2}", "4:3: duplicate key \"a\"; it is on line 3 already");
    expect_error("{}{}\n{}{\"é\": [1,}", "2:12: a value is missing here");
    char *text = repeated("", "{\"some\": \"thing\"} ", 300, "\n{\"a\":1,\n\"a\":1}");
    expect_error(text, "3:1: duplicate key \"a\"; it is on line 2 already");
    free(text);
}

static void M2_content_behind_the_separator_is_an_error(void **state) {
    (void)state;
    expect_error("--- {a: x}\n", "1:5: a document must begin on the line after its \"---\"");
    expect_error("a: x\n---   |\n  x\n", "2:7: a document must begin");
    expect_tree("a: |\n  --- x\n", "{a=s:--- x\n}");
    expect_tree("a: \"x\n  --- x\"\n", "{a=s:x --- x}");
}

/* ---- bytes ---- */

static void M4_bytes_that_are_not_text_are_errors(void **state) {
    (void)state;
    expect_error("a: x\nb: caf\xe9\n", "2:7: byte 0xe9 is not UTF-8");
    expect_error("é: \xc0\xaf", "1:4: byte 0xc0 is not UTF-8");
    expect_error("\xe0\x80\xaf", "1:1: byte 0xe0 is not UTF-8");
    expect_error("\xed\xa0\x80", "1:1: byte 0xed is not UTF-8");
    expect_error("\xf4\x90\x80\x80", "1:1: byte 0xf4 is not UTF-8");
    expect_error("a: \xe2\x82", "1:4: byte 0xe2 is not UTF-8");
    expect_error_of("a: x\0y", 6, "1:5: a NUL byte");
    expect_error("a: \x1b[0m", "1:4: the control character U+001B");
    expect_error("a: \xc2\x80", "1:4: the control character U+0080");
    expect_error("a: x\n\xef\xbb\xbf", "2:1: the control character U+FEFF");
    expect_tree("a: \"\xf0\x9f\x98\x80\"", "{a=s:\xf0\x9f\x98\x80}");
}

static void M4_utf16_is_named(void **state) {
    (void)state;
    static const char message[] = "1:1: the file is UTF-16 or UTF-32: save it as UTF-8";
    expect_error_of("\xff\xfe\x61\0", 4, message);
    expect_error_of("\xfe\xff\0\x61", 4, message);
    expect_error_of("a\0:\0", 4, message);
    expect_error_of("\0a\0:", 4, message);
}

static void M4_columns_count_characters_and_lines_all_line_ends(void **state) {
    (void)state;
    expect_error("é: x\r\nä: [é, ]x", "2:9: ");
    expect_error("a: x\xc2\x85"
                 "b: x\xe2\x80\xa8"
                 "c: x\xe2\x80\xa9 x\xff",
                 "4:3: byte 0xff");
    struct parsed parsed = parse_bytes("# ä\na:\n  ü: x\n", strlen("# ä\na:\n  ü: x\n"));
    const struct node *value = node_get(node_get(parsed.documents.roots.items[0], "a"), "ü");
    assert_int_equal(value->mark.line, 3);
    assert_int_equal(value->mark.column, 6);
    release(&parsed);
}

static void M4_a_text_may_not_contain_nul(void **state) {
    (void)state;
    expect_error("a: \"x\\0y\"", "1:4: a text must not contain the NUL character");
    expect_error("\"\\0\": x", "1:1: a text must not contain the NUL character");
}

/* ---- syntax ---- */

static void M4_syntax_errors_say_what_to_do(void **state) {
    (void)state;
    expect_error("a:\n\tb: x\n", "2:1: this character cannot begin a value: indent with blanks, not tabs");
    expect_error("a: b: c\n", "1:5: a \":\" is not allowed here: check the indentation");
    expect_error("a:\n  b: x\n c: x\n", "3:2: the indentation does not fit the map that begins on line 1");
    expect_error("a: [x, y\nb: x\n", "2:2: a \",\" or \"]\" is missing in the list that begins on line 1");
    expect_error("a: \"x\nb: x\n", "3:1: there is no end of the quoted text that begins on line 1");
    expect_error("a: x\nb\nc: x\n", "3:1: a \":\" is missing after the key that begins on line 2");
    expect_error("a: \"\\d\"\n", "1:5: unknown escape in double quotes");
    expect_error("a: - x\n", "1:4: a list item (\"- \") is not allowed here");
}

static void M4_what_was_complete_before_a_syntax_error_is_there(void **state) {
    (void)state;
    const char text[] = "a: 1\na: 2\n---\nb: 1\n---\nc: [\n";
    struct parsed parsed = parse_bytes(text, strlen(text));
    assert_int_equal(parsed.diagnostics.errors, 2);
    assert_int_equal(parsed.documents.roots.count, 2);
    release(&parsed);
}

/* ---- bounds ---- */

static void M4_depth_is_bounded(void **state) {
    (void)state;
    char *close = repeated("", "]", 64, "");
    expect_repeated_fine("", "[", 64, close);
    free(close);
    expect_repeated_error("", "[", 65, "", "1:65: lists and maps are nested too deeply");
    expect_repeated_error("", "[\n", 100000, "", "65:1: lists and maps are nested too deeply");
    expect_repeated_error("", "- ", 100000, "x", "1:129: lists and maps are nested too deeply");
    expect_repeated_error("", "{a: ", 100000, "x", "1:257: lists and maps are nested too deeply");
}

static void M4_aliases_count_for_depth(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_puts(&text, "- &n0 [x]\n");
    for (int i = 1; i < 63; i++)
        buffer_printf(&text, "- &n%d [*n%d]\n", i, i - 1);
    struct parsed parsed = parse_bytes(text.data, text.length);
    assert_int_equal(parsed.diagnostics.errors, 0);
    assert_int_equal(parsed.documents.roots.items[0]->height, 64);
    release(&parsed);
    buffer_puts(&text, "- [*n62]\n");
    expect_error_of(text.data, text.length, "64:3: aliases nest lists and maps too deeply");
    buffer_free(&text);
}

static void M4_values_are_bounded_by_the_size_of_the_file(void **state) {
    (void)state;
    expect_repeated_fine("[", "1,", 20000, "]");
    expect_repeated_error("{", "a,", 20000, "}", "1:");
    expect_repeated_error("", "{}", 20000, "", "1:");
    expect_repeated_error("a: \"", " ", 5000, "\"", "1:4101: more than 4096 blanks and line breaks in a row");
    expect_repeated_fine("a: \"", "\n", 4096, "\"");
    expect_repeated_error("", "%TAG !a! x\n", 65, "---\nx\n", "65:1: more than 64 %TAG lines");
}

static void M4_at_most_a_hundred_errors_are_kept(void **state) {
    (void)state;
    char *text = repeated("", "{a: 1, a: 2}\n---\n", 200, "");
    struct parsed parsed = parse_bytes(text, strlen(text));
    assert_int_equal(parsed.diagnostics.errors, 100);
    assert_true(parsed.diagnostics.truncated);
    release(&parsed);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M2_documents_are_separated),
        cmocka_unit_test(M2_empty_documents_are_left_out),
        cmocka_unit_test(M2_objects_may_follow_each_other),
        cmocka_unit_test(M2_jsons_pairs_of_escapes_are_one_character),
        cmocka_unit_test(M2_objects_that_follow_each_other_are_told),
        cmocka_unit_test(M4_places_are_right_in_objects_that_follow_each_other),
        cmocka_unit_test(M2_content_behind_the_separator_is_an_error),
        cmocka_unit_test(M4_bytes_that_are_not_text_are_errors),
        cmocka_unit_test(M4_utf16_is_named),
        cmocka_unit_test(M4_columns_count_characters_and_lines_all_line_ends),
        cmocka_unit_test(M4_a_text_may_not_contain_nul),
        cmocka_unit_test(M4_syntax_errors_say_what_to_do),
        cmocka_unit_test(M4_what_was_complete_before_a_syntax_error_is_there),
        cmocka_unit_test(M4_depth_is_bounded),
        cmocka_unit_test(M4_aliases_count_for_depth),
        cmocka_unit_test(M4_values_are_bounded_by_the_size_of_the_file),
        cmocka_unit_test(M4_at_most_a_hundred_errors_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
