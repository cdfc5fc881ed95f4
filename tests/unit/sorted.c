/* Sorted arrays: sorted_splice(), sorted_unique_texts(). */
#include "base/sorted.h"

#include "unit/support/cmocka.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { KEYS = 40, MOST = 2 * KEYS };

struct item {
    int key;
    int from; /* which array it came from: not compared */
};

struct items {
    struct item list[MOST];
    size_t count;
};

static int compare(const void *a, const void *b) {
    const struct item *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void add(struct items *items, int key, int from) {
    items->list[items->count++] = (struct item){key, from};
}

static struct span span_of(const struct items *items) {
    return (struct span){items->list, items->count};
}

/* One of the eight things that can be with a key: in the array or not, taken out or not, put in or not. */
static void place(uint64_t *random, int key, struct items sets[4]) {
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
    unsigned die = (unsigned)(*random >> 40);
    bool there = die & 1, out = there && (die & 6) == 2, in = (out || !there) && (die & 24) == 8;
    if (there)
        add(&sets[0], key, 0);
    if (out)
        add(&sets[1], key, 1);
    if (in)
        add(&sets[2], key, 2);
    if (in || (there && !out))
        add(&sets[3], key, in ? 2 : 0);
}

static void changes_at_any_places(void **state) {
    (void)state;
    uint64_t random = 1;
    for (int round = 0; round < 2000; round++) {
        struct items sets[4] = {0}, to;
        for (int key = 0; key < round % KEYS; key++)
            place(&random, key, sets);
        to.count = sorted_splice(to.list, span_of(&sets[0]), span_of(&sets[1]), span_of(&sets[2]), sizeof(struct item),
                                 compare);
        assert_int_equal(to.count, sets[3].count);
        assert_memory_equal(to.list, sets[3].list, to.count * sizeof *to.list);
    }
}

static void nothing_is_made_of_nothing(void **state) {
    (void)state;
    struct span nothing = {0};
    assert_int_equal(sorted_splice(NULL, nothing, nothing, nothing, sizeof(struct item), compare), 0);
}

static void each_text_stands_once_in_its_order(void **state) {
    (void)state;
    const char *texts[] = {"b", "a", "b", "\xff", "", "a", "b"}, *sorted[] = {"", "a", "b", "\xff"};
    assert_int_equal(sorted_unique_texts(texts, 7), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(texts[i], sorted[i]);
    assert_int_equal(sorted_unique_texts(NULL, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_at_any_places),
        cmocka_unit_test(nothing_is_made_of_nothing),
        cmocka_unit_test(each_text_stands_once_in_its_order),
    };
    return cmocka_run_group_tests_name("sorted", tests, NULL, NULL);
}
