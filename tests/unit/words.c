/* Pieces of sentences: whatever text is made fit for a terminal, times, spans. */
#include "report/words.h"

#include "base/clock.h"
#include "unit/support/cmocka.h"

#include <string.h>

static struct buffer out;

static const char *take(void) {
    static char text[1024];
    assert_false(out.failed);
    assert_true(out.length < sizeof text);
    memcpy(text, out.data ? out.data : "", out.length);
    text[out.length] = '\0';
    buffer_free(&out);
    return text;
}

static void expect_clean(const char *text, const char *expected) {
    words_clean(text, &out);
    assert_string_equal(take(), expected);
}

static void C_text_that_can_be_shown_stays(void **state) {
    (void)state;
    expect_clean("", "");
    expect_clean("iris.yaml \"x\" \\", "iris.yaml \"x\" \\");
    expect_clean("é € 𝄞 \xc2\xa0 \xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf",
                 "é € 𝄞 \xc2\xa0 \xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf");
}

static void C_controls_are_escaped(void **state) {
    (void)state;
    expect_clean("a\nb\tc\x1b[31m\x7f", "a\\x0ab\\x09c\\x1b[31m\\x7f");
    expect_clean("\xc2\x80 \xc2\x9b \xc2\x9f", "\\xc2\\x80 \\xc2\\x9b \\xc2\\x9f");
}

static void C_bytes_that_are_no_utf8_are_escaped(void **state) {
    (void)state;
    expect_clean("a\xff", "a\\xff");
    assert_false(words_is_utf8("a\xff"));
    assert_true(words_is_utf8("a\né"));
    expect_clean("\x80 \xc3", "\\x80 \\xc3");
    expect_clean("\xe2\x82", "\\xe2\\x82");
    expect_clean("\xe2\x82z", "\\xe2\\x82z");
    expect_clean("\xc0\xaf \xc1\xbf", "\\xc0\\xaf \\xc1\\xbf"); /* overlong */
    expect_clean("\xe0\x9f\xbf \xf0\x8f\xbf\xbf", "\\xe0\\x9f\\xbf \\xf0\\x8f\\xbf\\xbf");
    expect_clean("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
    expect_clean("\xf4\x90\x80\x80 \xf5\x80\x80\x80", "\\xf4\\x90\\x80\\x80 \\xf5\\x80\\x80\\x80");
}

static void C_long_text_is_cut_between_characters(void **state) {
    (void)state;
    words_cut("éééé", 4, &out);
    assert_string_equal(take(), "éééé");
    words_cut("éééé", 3, &out);
    assert_string_equal(take(), "ééé…");
    words_cut("x", 0, &out);
    assert_string_equal(take(), "…");
}

static void expect_span(uint64_t usec, const char *expected) {
    words_span(usec, &out);
    assert_string_equal(take(), expected);
}

static void C_spans_are_rounded_up(void **state) {
    (void)state;
    expect_span(0, "0 s");
    expect_span(1, "1 s");
    expect_span(USEC_PER_SEC, "1 s");
    expect_span(USEC_PER_SEC + 1, "2 s");
    expect_span(119 * USEC_PER_SEC, "119 s");
    expect_span(120 * USEC_PER_SEC, "2 min");
    expect_span(121 * USEC_PER_SEC, "3 min");
    expect_span(2 * 3600 * USEC_PER_SEC, "2 h");
    expect_span((48 * 3600 + 1) * USEC_PER_SEC, "3 d");
    expect_span(UINT64_MAX, "213503983 d");
}

static void expect_time(uint64_t seconds, const char *expected) {
    uint64_t read;
    words_time(seconds * USEC_PER_SEC + 999999, &out);
    assert_string_equal(take(), expected);
    assert_true(words_parse_time(expected, &read));
    assert_int_equal(read, seconds * USEC_PER_SEC);
}

static void C_times_are_rfc_3339(void **state) {
    (void)state;
    expect_time(0, "1970-01-01T00:00:00Z");
    expect_time(951782399, "2000-02-28T23:59:59Z");
    expect_time(1714558830, "2024-05-01T10:20:30Z");
    expect_time(253402300799, "9999-12-31T23:59:59Z");
    words_time(UINT64_MAX, &out);
    assert_string_equal(take(), "9999-12-31T23:59:59Z");
    words_clock(1714558830 * USEC_PER_SEC, &out);
    assert_string_equal(take(), "10:20:30 UTC");
}

static void C_other_texts_are_no_times(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"",
                                        "soon",
                                        "2024-05-01",
                                        "2024-05-01T10:20:30",
                                        "2024-05-01 10:20:30Z",
                                        "2024-05-01T10:20:30Z ",
                                        "2024-05-01T10:20:30.5Z",
                                        "1900-01-01T00:00:00Z"};
    uint64_t usec;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        assert_false(words_parse_time(TEXTS[i], &usec));
}

static void expect_held(size_t count, size_t total, const char *expected) {
    words_unless_held(count, total, "needed by x", &out);
    assert_string_equal(take(), expected);
}

static void D6_what_an_approval_does_not_do_at_once_is_counted(void **state) {
    (void)state;
    expect_held(2, 3, ", 2 of them only when nothing else holds them (needed by x)");
    expect_held(3, 3, ", all of them only when nothing else holds them (needed by x)");
    expect_held(1, 1, ", only when nothing else holds it (needed by x)");
    words_unless_held(0, 3, NULL, &out);
    words_of_them(1, 1, &out);
    assert_string_equal(take(), "it");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_text_that_can_be_shown_stays),
        cmocka_unit_test(C_controls_are_escaped),
        cmocka_unit_test(C_bytes_that_are_no_utf8_are_escaped),
        cmocka_unit_test(C_long_text_is_cut_between_characters),
        cmocka_unit_test(C_spans_are_rounded_up),
        cmocka_unit_test(D6_what_an_approval_does_not_do_at_once_is_counted),
        cmocka_unit_test(C_times_are_rfc_3339),
        cmocka_unit_test(C_other_texts_are_no_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
