/* Finding a cycle among steps (R-P10). */
#include "seldon/cycle.h"

#include "unit/support/cmocka.h"

#include <stdlib.h>

static void assert_cycle(size_t count, const struct edge *edges, size_t n_edges, const size_t *expected,
                         size_t n_expected) {
    struct arena arena = {0};
    const size_t *cycle;
    size_t length;
    assert_return_code(cycle_find(&arena, count, edges, n_edges, &cycle, &length), 0);
    assert_int_equal(length, n_expected);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(cycle[i], expected[i]);
    arena_free(&arena);
}

static void M5_no_steps_have_no_cycle(void **state) {
    (void)state;
    assert_cycle(0, NULL, 0, NULL, 0);
    assert_cycle(3, NULL, 0, NULL, 0);
}

static void M5_a_diamond_is_no_cycle(void **state) {
    (void)state;
    static const struct edge EDGES[] = {{1, 0}, {2, 0}, {3, 1}, {3, 2}, {3, 1}};
    assert_cycle(4, EDGES, 5, NULL, 0);
}

static void M5_a_step_that_needs_itself(void **state) {
    (void)state;
    static const struct edge EDGES[] = {{1, 0}, {1, 1}};
    assert_cycle(2, EDGES, 2, (size_t[]){1}, 1);
}

/* Step 0 only leads to it, and step 4 only comes from it. */
static void M5_a_cycle_is_given_from_its_first_step_on(void **state) {
    (void)state;
    static const struct edge EDGES[] = {{0, 2}, {3, 1}, {2, 3}, {1, 2}, {3, 4}};
    assert_cycle(5, EDGES, 5, (size_t[]){1, 2, 3}, 3);
}

/* As long as a file can make it: nothing may recurse. */
static void M5_a_very_long_cycle(void **state) {
    (void)state;
    enum { COUNT = 1000000 };
    struct edge *edges = calloc(COUNT, sizeof *edges);
    size_t *expected = calloc(COUNT, sizeof *expected);
    assert_non_null(edges);
    assert_non_null(expected);
    for (size_t i = 0; i < COUNT; i++) {
        edges[i] = (struct edge){i, (i + 1) % COUNT};
        expected[i] = i;
    }
    assert_cycle(COUNT, edges, COUNT - 1, NULL, 0);
    assert_cycle(COUNT, edges, COUNT, expected, COUNT);
    free(edges);
    free(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M5_no_steps_have_no_cycle),   cmocka_unit_test(M5_a_diamond_is_no_cycle),
        cmocka_unit_test(M5_a_step_that_needs_itself), cmocka_unit_test(M5_a_cycle_is_given_from_its_first_step_on),
        cmocka_unit_test(M5_a_very_long_cycle),
    };
    return cmocka_run_group_tests_name("cycle", tests, NULL, NULL);
}
