/* The snapshot as a value: snapshot_copy(), snapshot_equal(), scope_equal(), snapshot_file(), owner_format(). */
#include "base/name.h"
#include "reconcile/snapshot.h"
#include "support/random_snapshot.h"
#include "support/workdir.h"

static void S1_a_copy_is_equal_and_outlives_the_original(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct snapshot *snapshot = roll_snapshot(seed, 20), *first = snapshot_copy(snapshot);
        assert_true(snapshot_equal(snapshot, first));
        assert_int_equal(snapshot->scanned_usec, first->scanned_usec);
        for (size_t i = 0; i < first->files.count; i++) {
            assert_ptr_equal(first->files.items[i].resources, snapshot->files.items[i].resources);
            assert_ptr_equal(first->files.items[i].name, snapshot->files.items[i].name);
        }
        struct snapshot *second = snapshot_copy(first);
        snapshot_free(snapshot);
        assert_true(snapshot_equal(first, second));
        snapshot_free(first);
        snapshot_free(second);
    }
}

static void S1_a_copy_remembers_what_no_file_holds(void **state) {
    (void)state;
    struct snapshot *snapshot = roll_snapshot(3, 20);
    assert_true(snapshot->owed.count > 0);
    snapshot->owed.items[0].seen_gone_usec = 7;
    struct snapshot *copy = snapshot_copy(snapshot);
    assert_int_equal(copy->owed.items[0].seen_gone_usec, 7);
    copy->owed.items[0].seen_gone_usec = 8;
    copy->scanned_usec++;
    assert_true(snapshot_equal(snapshot, copy));
    snapshot_free(snapshot);
    snapshot_free(copy);
}

/* Changes one fact of a copy; it must count. */
#define DIFFERS(change)                                                                                                \
    do {                                                                                                               \
        struct snapshot *copy = snapshot_copy(snapshot);                                                               \
        change;                                                                                                        \
        assert_false(snapshot_equal(snapshot, copy));                                                                  \
        assert_false(snapshot_equal(copy, snapshot));                                                                  \
        snapshot_free(copy);                                                                                           \
    } while (0)

static void rename_file(struct accepted_file *file) {
    name_unref(file->name);
    file->name = name_new("other");
}

static void S1_every_fact_counts(void **state) {
    (void)state;
    struct snapshot *snapshot = roll_snapshot(3, 20);
    assert_true(snapshot->files.count > 0 && snapshot->owed.count > 0 && snapshot->sent.count > 0);
    assert_non_null(snapshot->directory);
    DIFFERS(copy->scope.cluster_id = "other");
    DIFFERS(copy->scope.prefix = "other");
    DIFFERS(copy->scope.namespace = "other");
    DIFFERS(copy->scope.manifests = "other");
    DIFFERS(copy->directory = "other");
    DIFFERS(copy->directory = NULL);
    DIFFERS(copy->generation++);
    DIFFERS(rename_file(&copy->files.items[0]));
    DIFFERS(copy->files.items[0].rejected_since_usec++);
    DIFFERS(drop_last_file(copy));
    DIFFERS(copy->owed.count--);
    DIFFERS(copy->owed.items[0].kind = !copy->owed.items[0].kind);
    DIFFERS(copy->owed.items[0].namespace = "other");
    DIFFERS(copy->owed.items[0].name = "other");
    DIFFERS(copy->owed.items[0].topics[1] = "other");
    DIFFERS(copy->owed.items[0].done[1] = !copy->owed.items[0].done[1]);
    DIFFERS(copy->owed.items[0].file = "other");
    DIFFERS(copy->owed.items[0].since_usec++);
    DIFFERS(copy->owed.items[0].generation++);
    DIFFERS(copy->owed.items[0].population++);
    DIFFERS(copy->owed.items[0].circumstances ^= HOLD_OLD);
    DIFFERS(copy->owed.items[0].held ^= HOLD_LIMIT);
    DIFFERS(copy->owed.items[0].approved = !copy->owed.items[0].approved);
    DIFFERS(copy->owed.items[0].refused_since_usec++);
    DIFFERS(copy->sent.count--);
    DIFFERS(copy->sent.items[0].wall_usec++);
    DIFFERS(copy->sent.items[0].topic = "other");
    snapshot_free(snapshot);
}

static void D5_a_scope_without_a_cluster_takes_any(void **state) {
    (void)state;
    struct scope none = {.prefix = "seldon", .namespace = "ns", .manifests = "/m"}, one = none, other = none;
    one.cluster_id = "one";
    other.cluster_id = "other";
    assert_true(scope_equal(&none, &none));
    assert_true(scope_equal(&none, &one));
    assert_true(scope_equal(&one, &none));
    assert_true(scope_equal(&one, &one));
    assert_false(scope_equal(&one, &other));
}

static void D5_prefix_namespace_and_directory_are_of_the_scope(void **state) {
    (void)state;
    struct scope scope = {.cluster_id = "one", .prefix = "seldon", .namespace = "ns", .manifests = "/m"}, other = scope;
    other.prefix = "other";
    assert_false(scope_equal(&scope, &other));
    other = scope;
    other.namespace = "other";
    assert_false(scope_equal(&scope, &other));
    other = scope;
    other.manifests = "/other";
    assert_false(scope_equal(&scope, &other));
}

static void M6_a_file_is_found_by_its_name(void **state) {
    (void)state;
    struct snapshot *empty = snapshot_new(&(struct scope){.prefix = "p", .namespace = "n", .manifests = "m"});
    assert_null(snapshot_file(empty, "a.yaml"));
    snapshot_free(empty);
    struct snapshot *snapshot = roll_snapshot(3, 50);
    for (size_t i = 0; i < snapshot->files.count; i++)
        assert_ptr_equal(snapshot_file(snapshot, snapshot->files.items[i].name), &snapshot->files.items[i]);
    assert_null(snapshot_file(snapshot, ""));
    assert_null(snapshot_file(snapshot, "zzz"));
    snapshot_free(snapshot);
    assert_null(snapshot_free(NULL));
}

static void N2_an_owner_is_written_with_slashes(void **state) {
    (void)state;
    struct buffer out = {0};
    owner_format(KIND_PIPELINE, "ns", "chain", &out);
    assert_string_equal(out.data, "Pipeline/ns/chain");
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(S1_a_copy_is_equal_and_outlives_the_original),
        cmocka_unit_test(S1_a_copy_remembers_what_no_file_holds),
        cmocka_unit_test(S1_every_fact_counts),
        cmocka_unit_test(D5_a_scope_without_a_cluster_takes_any),
        cmocka_unit_test(D5_prefix_namespace_and_directory_are_of_the_scope),
        cmocka_unit_test(M6_a_file_is_found_by_its_name),
        cmocka_unit_test(N2_an_owner_is_written_with_slashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
