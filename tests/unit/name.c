/* Names that are shared. */
#include "base/name.h"

#include "unit/support/cmocka.h"

#include <string.h>

static void a_name_is_a_copy_that_lives_as_long_as_somebody_refers_to_it(void **state) {
    (void)state;
    char text[] = "iris.yaml";
    char *name = name_new(text), *again = name_ref(name);
    memset(text, 'x', sizeof text - 1);
    assert_ptr_equal(again, name);
    name_unref(name);
    assert_string_equal(again, "iris.yaml"); /* freed now, it would be the sanitizer's */
    name_unref(again);
    name_unref(NULL);
}

static void names_are_in_the_order_of_their_bytes(void **state) {
    (void)state;
    char *name = name_new("iris.yaml");
    assert_int_equal(name_compare(name, name), 0);
    assert_int_equal(name_compare(name, "iris.yaml"), 0);
    assert_true(name_compare(name, "iris.yml") < 0);
    assert_true(name_compare("\xff", name) > 0);
    name_unref(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_a_copy_that_lives_as_long_as_somebody_refers_to_it),
        cmocka_unit_test(names_are_in_the_order_of_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
