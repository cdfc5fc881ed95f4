/* Who is behind a command: cmd/person.h. */
#include "cmd/person.h"

#include "unit/support/cmocka.h"

#include <string.h>

static void N4_who_logged_in_comes_before_who_ran_sudo(void **state) {
    (void)state;
    assert_int_equal(person_uid("1000", "1001", 0), 1000);
    assert_int_equal(person_uid("0\n", "1001", 0), 0);
    assert_int_equal(person_uid("1000\n", NULL, 5), 1000);
}

static void N4_without_a_login_it_is_who_ran_sudo(void **state) {
    (void)state;
    static const char *const none[] = {"4294967295", "4294967295\n",         "",  "x", "-1",
                                       "1000x",      "99999999999999999999", NULL};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(person_uid(none[i], "1001", 0), 1001);
        assert_int_equal(person_uid(none[i], none[i], 0), 0);
        assert_int_equal(person_uid(none[i], NULL, 7), 7);
    }
}

/* Who is not root has not come by sudo: the variable is their own. */
static void N4_sudo_counts_for_root_only(void **state) {
    (void)state;
    assert_int_equal(person_uid(NULL, "0", 1000), 1000);
}

static void N4_a_person_is_one_line(void **state) {
    (void)state;
    struct buffer out = {0};
    person_format(&out);
    assert_non_null(strstr(out.data, "uid "));
    assert_null(strpbrk(out.data, "\n\r\t"));
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(N4_who_logged_in_comes_before_who_ran_sudo),
        cmocka_unit_test(N4_without_a_login_it_is_who_ran_sudo),
        cmocka_unit_test(N4_sudo_counts_for_root_only),
        cmocka_unit_test(N4_a_person_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
