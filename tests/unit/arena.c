/* Texts in an arena. */
#include "base/arena.h"

#include "unit/support/cmocka.h"

#include <string.h>

static void what_is_formatted_is_whole_whatever_its_length(void **state) {
    (void)state;
    struct arena arena = {0};
    char text[1000];
    for (size_t length = 0; length < sizeof text; length++) {
        memset(text, 'a' + (int)(length % 26), length);
        text[length] = '\0';
        const char *formatted = arena_printf(&arena, "%s|%d", text, 7);
        assert_memory_equal(formatted, text, length);
        assert_string_equal(formatted + length, "|7");
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_formatted_is_whole_whatever_its_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
