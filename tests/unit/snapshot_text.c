/* The snapshot as text: snapshot_format() and snapshot_parse(). */
#include "base/hash.h"
#include "store/snapshot_file.h"
#include "support/failing_alloc.h"
#include "support/random_snapshot.h"
#include "support/workdir.h"

#include <inttypes.h>

static struct buffer formatted(const struct snapshot *snapshot) {
    struct buffer text = {0};
    assert_int_equal(snapshot_format(snapshot, &text), 0);
    return text;
}

/* The body with its checksum. */
static struct buffer sealed(const char *body, size_t length) {
    struct buffer text = {0};
    buffer_append(&text, body, length);
    buffer_printf(&text, "checksum\t%016" PRIx64 "\n", hash_bytes(HASH_START, body, length));
    return text;
}

/* What a text is taken for. What is loaded must be written as it was read. */
static int parse(const char *text, size_t length) {
    struct snapshot *snapshot = NULL;
    struct buffer why = {0};
    char *copy = malloc(length + 1); /* its end is where the sanitizer sees who reads on */
    memcpy(copy, text, length);
    copy = realloc(copy, length > 0 ? length : 1);
    int r = snapshot_parse(copy, length, &snapshot, &why);
    if (r == SNAPSHOT_LOADED) {
        struct buffer again = formatted(snapshot);
        assert_int_equal(again.length, length);
        assert_memory_equal(again.data, text, length);
        buffer_free(&again);
        assert_int_equal(why.length, 0);
    } else {
        assert_true(r == SNAPSHOT_DAMAGED || r == SNAPSHOT_NEWER);
        assert_null(snapshot);
        assert_true(why.length > 0 && !strchr(why.data, '\n'));
    }
    free(copy);
    buffer_free(&why);
    snapshot_free(snapshot);
    return r;
}

static void S1_a_snapshot_is_read_as_it_was_written(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct snapshot *snapshot = roll_snapshot(seed, 12), *again = NULL;
        struct buffer text = formatted(snapshot), why = {0};
        if (snapshot_parse(text.data, text.length, &again, &why) != SNAPSHOT_LOADED)
            fail_msg("seed %" PRIu64 ": %s\n%s", seed, why.data, text.data);
        assert_true(snapshot_equal(snapshot, again));
        assert_int_equal(snapshot->scanned_usec, again->scanned_usec);
        assert_int_equal(parse(text.data, text.length), SNAPSHOT_LOADED);
        for (size_t i = 0; i < again->files.count; i++)
            assert_ptr_equal(snapshot_file(again, snapshot->files.items[i].name), &again->files.items[i]);
        buffer_free(&text);
        buffer_free(&why);
        snapshot_free(snapshot);
        snapshot_free(again);
    }
}

#define HEAD                                                                                                           \
    "topicd-snapshot 1\nscope\t-\tseldon\tseldon-mesh\t/etc/topicd/manifests.d\n"                                      \
    "directory\t2@00000001\nscanned\t1700000000000000\ngeneration\t3\n"
#define FILE_A "file\ta.yaml\t0\n"
#define IRIS "resource\tModel\tns\tiris\tclean\tseldon.ns.model.iris.inputs\tseldon.ns.model.iris.outputs\ta\tb\n"
#define OWED                                                                                                           \
    "owed\tModel\tns\tgone\tg.inputs\tdone\tg.outputs\tthere\tx\\y%0a.yaml\tsince=5\tgeneration=2\tpopulation=3\t"     \
    "circumstances=rejected,old\theld=limit\tapproved=no\trefused-since=0\n"
#define SENT "sent\t17\tg.inputs\n"

static void S1_the_text_has_lines_that_one_can_grep(void **state) {
    (void)state;
    static const char body[] = HEAD FILE_A IRIS OWED SENT;
    struct buffer text = sealed(body, sizeof body - 1), why = {0};
    struct snapshot *snapshot;
    assert_int_equal(snapshot_parse(text.data, text.length, &snapshot, &why), SNAPSHOT_LOADED);
    assert_null(snapshot->scope.cluster_id);
    assert_string_equal(snapshot->scope.prefix, "seldon");
    assert_string_equal(snapshot->scope.namespace, "seldon-mesh");
    assert_string_equal(snapshot->scope.manifests, "/etc/topicd/manifests.d");
    assert_string_equal(snapshot->directory, "2@00000001");
    assert_int_equal(snapshot->scanned_usec, 1700000000000000);
    assert_int_equal(snapshot->generation, 3);
    const struct resource *iris = &snapshot_file(snapshot, "a.yaml")->resources->items[0];
    assert_string_equal(iris->name, "iris");
    assert_true(iris->clean);
    assert_string_equal(iris->owned[1], "seldon.ns.model.iris.outputs");
    assert_int_equal(iris->n_needs, 2);
    assert_int_equal(iris->line, 0);
    const struct owed *owed = &snapshot->owed.items[0];
    assert_string_equal(owed->file, "x\\y\n.yaml");
    assert_true(owed->done[0] && !owed->done[1] && !owed->approved);
    assert_int_equal(owed->population, 3);
    assert_int_equal(owed->circumstances, HOLD_REJECTED | HOLD_OLD);
    assert_int_equal(owed->held, HOLD_LIMIT);
    assert_string_equal(snapshot->sent.items[0].topic, "g.inputs");
    assert_int_equal(snapshot->sent.items[0].wall_usec, 17);
    snapshot_free(snapshot);
    buffer_free(&text);
}

static void S1_no_line_shows_control_characters_or_broken_UTF_8(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct snapshot *snapshot = roll_snapshot(seed, 12);
        struct buffer text = formatted(snapshot);
        for (size_t i = 0; i < text.length; i++) {
            unsigned char c = (unsigned char)text.data[i];
            assert_true(c >= 0x20 || c == '\n' || c == '\t');
            assert_true(c != 0x7f && c != 0xff && c != 0xc0);
            assert_false(c == 0xc2 && (unsigned char)text.data[i + 1] < 0xa0);
            assert_false(c == 0xed && (unsigned char)text.data[i + 1] > 0x9f);
        }
        buffer_free(&text);
        snapshot_free(snapshot);
    }
}

static void S4_a_text_that_was_cut_off_is_damaged(void **state) {
    (void)state;
    struct snapshot *snapshot = roll_snapshot(3, 12);
    struct buffer text = formatted(snapshot);
    assert_true(text.length > 1000);
    for (size_t length = 0; length < text.length; length++)
        assert_int_equal(parse(text.data, length), SNAPSHOT_DAMAGED);
    buffer_free(&text);
    snapshot_free(snapshot);
}

static void S4_any_changed_byte_is_noticed(void **state) {
    (void)state;
    static const char masks[] = {1, 2, 4, 8, 16, 32, 64, -128, -1};
    struct snapshot *snapshot = roll_snapshot(3, 12);
    struct buffer text = formatted(snapshot);
    for (size_t i = 0; i < text.length; i++)
        for (size_t j = 0; j < sizeof masks; j++) {
            text.data[i] ^= masks[j];
            assert_int_not_equal(parse(text.data, text.length), SNAPSHOT_LOADED);
            text.data[i] ^= masks[j];
        }
    buffer_append(&text, "\n", 1);
    assert_int_equal(parse(text.data, text.length), SNAPSHOT_DAMAGED);
    buffer_free(&text);
    snapshot_free(snapshot);
}

/* As if it had been written like that: the checksum is right, the rest anything. */
static void S4_any_bytes_under_a_right_checksum_are_survived(void **state) {
    (void)state;
    static const char replacements[] = {'\t', '\n', '%', '-', '0', '9', 'z', '\0', '\xff', '=', ','};
    struct snapshot *snapshot = roll_snapshot(3, 12);
    struct buffer text = formatted(snapshot);
    size_t length = text.length - 26;
    unsigned loaded = 0;
    for (size_t i = 0; i < length; i++)
        for (size_t j = 0; j < sizeof replacements; j++) {
            char was = text.data[i];
            text.data[i] = replacements[j];
            struct buffer changed = sealed(text.data, length);
            loaded += parse(changed.data, changed.length) == SNAPSHOT_LOADED;
            buffer_free(&changed);
            text.data[i] = was;
        }
    for (size_t i = 0; i <= length; i++) {
        struct buffer changed = sealed(text.data, i);
        parse(changed.data, changed.length);
        buffer_free(&changed);
    }
    assert_true(loaded > 0); /* so it got past the checksum */
    buffer_free(&text);
    snapshot_free(snapshot);
}

static void S4_random_bytes_are_damaged(void **state) {
    (void)state;
    uint64_t seed = 42;
    char text[300];
    for (int i = 0; i < 2000; i++) {
        size_t length = roll(&seed, sizeof text);
        for (size_t j = 0; j < length; j++)
            text[j] = (char)roll(&seed, 256);
        assert_int_equal(parse(text, length), SNAPSHOT_DAMAGED);
    }
}

static void S4_what_breaks_a_promise_of_the_types_is_damaged(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "topicd-snapshot 1\n",
        HEAD HEAD,
        HEAD "scanned\t1\n",
        HEAD "unknown\t1\n",
        HEAD "\n",
        HEAD FILE_A FILE_A,
        HEAD "file\tb.yaml\t0\n" FILE_A,
        HEAD "file\t\t0\n",
        HEAD "file\t-\t0\n",
        HEAD "file\ta/b.yaml\t0\n",
        HEAD "file\ta.yaml\n",
        HEAD "file\ta.yaml\t00\n",
        HEAD "file\ta.yaml\t+1\n",
        HEAD "file\ta.yaml\t-1\n",
        HEAD "file\ta.yaml\t18446744073709551616\n",
        HEAD "file\ta.yaml\t0\tmore\n",
        HEAD "file\ta%.yaml\t0\n",
        HEAD "file\ta%00.yaml\t0\n",
        HEAD "file\ta%2.yaml\t0\n",
        HEAD "file\ta%41.yaml\t0\n",
        HEAD "file\ta%0A.yaml\t0\n",
        HEAD "file\t\xff.yaml\t0\n",
        HEAD IRIS,
        HEAD FILE_A IRIS IRIS,
        HEAD FILE_A IRIS "file\tb.yaml\t0\n" IRIS,
        HEAD FILE_A "resource\tmodel\tns\tiris\tclean\ta\tb\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tdirty\ta\tb\n",
        HEAD FILE_A "resource\tModel\t\tiris\tclean\ta\tb\n",
        HEAD FILE_A "resource\tModel\tns\t-\tclean\ta\tb\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\t\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\t..\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\tb c\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\tb\tx\tx\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\tb\ty\tx\n",
        HEAD FILE_A "resource\tModel\tns\tiris\tclean\ta\tb\t\n",
        HEAD OWED OWED,
        HEAD "owed\tModel\tns\tgone\n",
        HEAD SENT SENT,
        HEAD SENT OWED,
        HEAD "sent\t17\t-\n",
        HEAD "sent\t\ta\n",
        HEAD "sent\t17\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct buffer text = sealed(bodies[i], strlen(bodies[i]));
        if (parse(text.data, text.length) != SNAPSHOT_DAMAGED)
            fail_msg("taken for a snapshot:\n%s", text.data);
        buffer_free(&text);
    }
}

static void T4_a_topic_has_at_most_249_characters(void **state) {
    (void)state;
    for (int length = 249; length <= 250; length++) {
        struct buffer body = {0};
        buffer_puts(&body, HEAD "sent\t1\t");
        for (int i = 0; i < length; i++)
            buffer_append(&body, "x", 1);
        buffer_puts(&body, "\n");
        struct buffer text = sealed(body.data, body.length);
        assert_int_equal(parse(text.data, text.length), length == 249 ? SNAPSHOT_LOADED : SNAPSHOT_DAMAGED);
        buffer_free(&body);
        buffer_free(&text);
    }
}

static void S4_a_newer_format_is_told_from_damage(void **state) {
    (void)state;
    static const char *const newer[] = {"topicd-snapshot 2\n", "topicd-snapshot 10\nwhatever",
                                        "topicd-snapshot 99999999999999999999999999\n"};
    static const char *const damaged[] = {"topicd-snapshot 0\n",
                                          "topicd-snapshot 2",
                                          "topicd-snapshot \n",
                                          "topicd-snapshot 01\n",
                                          "topicd-snapshot 2 \n",
                                          "topicd-snapshot -1\n",
                                          "topicd-snapshot 1\n",
                                          "Topicd-snapshot 2\n",
                                          "",
                                          "\n"};
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
        assert_int_equal(parse(newer[i], strlen(newer[i])), SNAPSHOT_NEWER);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        assert_int_equal(parse(damaged[i], strlen(damaged[i])), SNAPSHOT_DAMAGED);
}

static void S4_a_reason_says_where(void **state) {
    (void)state;
    static const char body[] = HEAD FILE_A "resource\tModel\tns\tiris\tdirty\ta\tb\n";
    struct buffer text = sealed(body, sizeof body - 1), why = {0};
    struct snapshot *snapshot;
    assert_int_equal(snapshot_parse(text.data, text.length, &snapshot, &why), SNAPSHOT_DAMAGED);
    assert_string_equal(why.data, "line 7 lacks clean or keep");
    buffer_free(&why);
    assert_int_equal(snapshot_parse("topicd-snapshot 3\n", 18, &snapshot, &why), SNAPSHOT_NEWER);
    assert_string_equal(why.data, "its format is 3, of a newer topicd than this one, which knows format 1");
    buffer_free(&why);
    buffer_free(&text);
}

static void S2_each_allocation_of_writing_and_reading_may_fail(void **state) {
    (void)state;
    struct snapshot *snapshot = roll_snapshot(5, 12);
    bool failed = true;
    for (long n = 0; failed; n++) {
        struct buffer text = {0}, why = {0};
        struct snapshot *copy = NULL, *again = NULL;
        alloc_fail_after(n);
        copy = snapshot_copy(snapshot);
        int r = copy ? snapshot_format(copy, &text) : -ENOMEM;
        r = r == 0 ? snapshot_parse(text.data, text.length, &again, &why) : r;
        failed = alloc_reset();
        assert_int_equal(r, failed ? -ENOMEM : 0);
        assert_true(failed || snapshot_equal(snapshot, again));
        snapshot_free(copy);
        snapshot_free(again);
        buffer_free(&text);
        buffer_free(&why);
    }
    snapshot_free(snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(S1_a_snapshot_is_read_as_it_was_written),
        cmocka_unit_test(S1_the_text_has_lines_that_one_can_grep),
        cmocka_unit_test(S1_no_line_shows_control_characters_or_broken_UTF_8),
        cmocka_unit_test(S4_a_text_that_was_cut_off_is_damaged),
        cmocka_unit_test(S4_any_changed_byte_is_noticed),
        cmocka_unit_test(S4_any_bytes_under_a_right_checksum_are_survived),
        cmocka_unit_test(S4_random_bytes_are_damaged),
        cmocka_unit_test(S4_what_breaks_a_promise_of_the_types_is_damaged),
        cmocka_unit_test(T4_a_topic_has_at_most_249_characters),
        cmocka_unit_test(S4_a_newer_format_is_told_from_damage),
        cmocka_unit_test(S4_a_reason_says_where),
        cmocka_unit_test(S2_each_allocation_of_writing_and_reading_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
