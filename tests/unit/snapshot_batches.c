/* The snapshot's text with changes appended: snapshot_diff(), snapshot_format_batch(), snapshot_read(). */
#include "base/hash.h"
#include "base/name.h"
#include "store/snapshot_changes.h"
#include "store/snapshot_text.h"
#include "support/failing_alloc.h"
#include "support/random_snapshot.h"
#include "support/workdir.h"

enum { STATES = 7 };

/* A story: states that follow each other, all made of the things of one snapshot, and the text with all of them. */
struct story {
    struct snapshot *all, *states[STATES];
    struct snapshot_mark ends[STATES];
    struct buffer text;
};

/* A seed that gives a snapshot with some of everything. */
static uint64_t rich(unsigned size) {
    for (uint64_t seed = 0;; seed++) {
        struct snapshot *all = roll_snapshot(seed, size);
        bool found = all->files.count > 3 && all->owed.count > 1 && all->sent.count > 1;
        snapshot_free(all);
        if (found)
            return seed;
    }
}

/* The first of some resources, which stay theirs. */
static struct resources *some_of(uint64_t *seed, struct resources *all) {
    if (roll(seed, 2) || all->count == 0)
        return resources_ref(all);
    struct resources *some = resources_new();
    some->items = all->items;
    some->count = roll(seed, (unsigned)all->count);
    return some;
}

static struct snapshot *state_of(uint64_t *seed, const struct snapshot *all) {
    struct scope scope = all->scope;
    if (roll(seed, 4) == 0)
        scope.cluster_id = roll(seed, 2) ? "other" : NULL;
    struct snapshot *state = snapshot_new(&scope);
    int r = 0;
    state->directory = roll(seed, 2) ? arena_strdup(&state->arena, "one") : NULL;
    state->scanned_usec = roll_time(seed);
    state->generation = roll_time(seed);
    for (size_t i = 0; i < all->files.count; i++) {
        struct accepted_file file = all->files.items[i];
        if (roll(seed, 3) == 0)
            continue;
        name_ref(file.name);
        file.resources = some_of(seed, file.resources);
        file.rejected_since_usec = roll(seed, 3) ? 0 : roll_time(seed);
        r |= array_push(&state->files, file);
    }
    for (size_t i = 0; i < all->owed.count; i++)
        if (roll(seed, 2))
            r |= array_push(&state->owed, all->owed.items[i]);
    for (size_t i = 0; i < all->sent.count; i++)
        if (roll(seed, 2))
            r |= array_push(&state->sent, all->sent.items[i]);
    assert_int_equal(r, 0);
    return state;
}

static void append(struct buffer *text, const struct snapshot *before, const struct snapshot *after,
                   struct snapshot_mark *mark) {
    struct snapshot *changes;
    assert_int_equal(snapshot_diff(before, after, &changes), 0);
    assert_int_equal(snapshot_format_batch(changes, text, mark), 0);
    snapshot_free(changes);
}

static void tell(struct story *story, uint64_t seed, unsigned size) {
    *story = (struct story){.all = roll_snapshot(seed, size)};
    struct snapshot_mark mark;
    uint64_t state = seed + 17;
    for (size_t i = 0; i < STATES; i++) {
        story->states[i] = state_of(&state, story->all);
        if (i == 0)
            assert_int_equal(snapshot_format_whole(story->states[0], &story->text, &mark), 0);
        else
            append(&story->text, story->states[i - 1], story->states[i], &mark);
        assert_int_equal(mark.length, story->text.length);
        assert_int_equal(mark.whole, story->ends[0].length ? story->ends[0].length : mark.length);
        story->ends[i] = mark;
    }
}

static void forget(struct story *story) {
    for (size_t i = 0; i < STATES; i++)
        snapshot_free(story->states[i]);
    snapshot_free(story->all);
    buffer_free(&story->text);
}

/* What a text is taken for. */
static int read_text(const char *text, size_t length, struct snapshot **ret, struct snapshot_mark *mark) {
    struct buffer why = {0};
    char *copy = malloc(length > 0 ? length : 1); /* its end is where the sanitizer sees who reads on */
    memcpy(copy, text, length);
    struct snapshot *snapshot = NULL;
    int r = snapshot_read(copy, length, &snapshot, mark, &why);
    assert_true((r == SNAPSHOT_LOADED) == (snapshot != NULL));
    assert_true((r == SNAPSHOT_LOADED) == (why.length == 0));
    assert_true(!why.data || !strchr(why.data, '\n'));
    free(copy);
    buffer_free(&why);
    if (ret)
        *ret = snapshot;
    else
        snapshot_free(snapshot);
    return r;
}

static void assert_reads_as(const char *text, size_t length, const struct snapshot *expected, bool whole) {
    struct snapshot *snapshot;
    struct snapshot_mark mark;
    assert_int_equal(read_text(text, length, &snapshot, &mark), SNAPSHOT_LOADED);
    assert_true(snapshot_equal(snapshot, expected));
    assert_int_equal(snapshot->scanned_usec, expected->scanned_usec);
    assert_int_equal(mark.length, whole ? length : 0);
    snapshot_free(snapshot);
}

static void S1_changes_are_read_as_they_were_made(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct story story;
        tell(&story, seed, 12);
        for (size_t i = 0; i < STATES; i++)
            assert_reads_as(story.text.data, story.ends[i].length, story.states[i], true);
        forget(&story);
    }
}

/* Reading gives the mark that writing had: what is appended to either is the same. */
static void S1_a_story_can_be_gone_on_with(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct story story;
        struct snapshot *snapshot;
        struct snapshot_mark mark;
        tell(&story, seed, 12);
        size_t length = story.ends[STATES - 2].length;
        assert_int_equal(read_text(story.text.data, length, &snapshot, &mark), SNAPSHOT_LOADED);
        struct buffer text = {0};
        buffer_append(&text, story.text.data, length);
        append(&text, snapshot, story.states[STATES - 1], &mark);
        assert_int_equal(text.length, story.text.length);
        assert_memory_equal(text.data, story.text.data, text.length);
        assert_memory_equal(&mark, &story.ends[STATES - 1], sizeof mark);
        buffer_free(&text);
        snapshot_free(snapshot);
        forget(&story);
    }
}

static void S1_a_batch_has_only_what_changed(void **state) {
    (void)state;
    struct snapshot *all = roll_snapshot(rich(12), 12), *next = snapshot_copy(all), *changes;
    next->files.items[1].rejected_since_usec = 5;
    drop_last_file(next);
    assert_int_equal(snapshot_diff(all, next, &changes), 0);
    assert_int_equal(changes->files.count, 2);
    assert_string_equal(changes->files.items[0].name, all->files.items[1].name);
    assert_null(changes->files.items[1].resources);
    struct buffer text = {0};
    struct snapshot_mark mark = {.length = 1};
    assert_int_equal(snapshot_format_batch(changes, &text, &mark), 0);
    assert_true(strncmp(text.data, "changes\t", 8) == 0);
    assert_non_null(strstr(text.data, "\ngone\t"));
    assert_non_null(strstr(text.data, "\nfile\t"));
    buffer_free(&text);
    snapshot_free(changes);
    snapshot_free(next);
    snapshot_free(all);
}

static void S2_a_batch_that_was_cut_off_never_was(void **state) {
    (void)state;
    struct story story;
    tell(&story, rich(7), 7);
    size_t n = 0;
    for (size_t length = story.ends[0].length; length <= story.text.length; length++) {
        while (n + 1 < STATES && story.ends[n + 1].length <= length)
            n++;
        assert_reads_as(story.text.data, length, story.states[n], length == story.ends[n].length);
    }
    for (size_t length = 0; length < story.ends[0].length; length++)
        assert_int_equal(read_text(story.text.data, length, NULL, &story.ends[0]), SNAPSHOT_DAMAGED);
    forget(&story);
}

/* As ext4 leaves it when the power goes between the new length and the new bytes (found by tests/campaign/power-cut.c).
 */
static void S2_a_batch_whose_bytes_never_reached_the_disk_never_was(void **state) {
    (void)state;
    struct story story;
    tell(&story, rich(7), 7);
    size_t before = story.ends[STATES - 2].length;
    for (size_t from = before; from < story.text.length; from++) {
        struct buffer text = {0};
        buffer_append(&text, story.text.data, story.text.length);
        memset(text.data + from, 0, text.length - from);
        assert_reads_as(text.data, text.length, story.states[STATES - 2], false);
        /* A block in the middle. */
        memcpy(text.data, story.text.data, text.length);
        memset(text.data + from, 0, 1);
        assert_reads_as(text.data, text.length, story.states[STATES - 2], false);
        buffer_free(&text);
    }
    /* What was made sure of long ago does not turn into zeros by itself. */
    story.text.data[before - 1] = '\0';
    struct snapshot_mark mark;
    assert_int_equal(read_text(story.text.data, story.text.length, NULL, &mark), SNAPSHOT_DAMAGED);
    forget(&story);
}

static void S4_any_changed_byte_of_any_batch_is_noticed(void **state) {
    (void)state;
    static const char masks[] = {1, 2, 4, 8, 16, 32, 64, -128, -1};
    struct story story;
    struct snapshot_mark mark;
    tell(&story, rich(7), 7);
    for (size_t i = 0; i < story.text.length; i++)
        for (size_t j = 0; j < sizeof masks; j++) {
            story.text.data[i] ^= masks[j];
            if (story.text.data[i]) /* a zero was never written: see above */
                assert_int_not_equal(read_text(story.text.data, story.text.length, NULL, &mark), SNAPSHOT_LOADED);
            story.text.data[i] ^= masks[j];
        }
    forget(&story);
}

static void S4_what_is_not_a_batch_is_damage(void **state) {
    (void)state;
    static const char *const junk[] = {
        "\n", "x", "change\n", "changes\t", "changes\t\t\n", "changes\t5\t0123456789abcdef\n", "\0"};
    struct story story;
    struct snapshot_mark mark;
    tell(&story, rich(7), 7);
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        struct buffer text = {0};
        buffer_append(&text, story.text.data, story.text.length);
        buffer_append(&text, junk[i], junk[i][0] ? strlen(junk[i]) : 1);
        int r = read_text(text.data, text.length, NULL, &mark);
        bool cut_off = !junk[i][0] || strcmp(junk[i], "changes\t") == 0;
        assert_int_equal(r, cut_off ? SNAPSHOT_LOADED : SNAPSHOT_DAMAGED);
        buffer_free(&text);
    }
    forget(&story);
}

/* The text with its parts in another order. */
static int read_parts(const struct story *story, const size_t *parts, size_t count) {
    struct buffer text = {0};
    struct snapshot_mark mark;
    for (size_t i = 0; i < count; i++) {
        size_t from = parts[i] > 0 ? story->ends[parts[i] - 1].length : 0;
        buffer_append(&text, story->text.data + from, story->ends[parts[i]].length - from);
    }
    int r = read_text(text.data, text.length, NULL, &mark);
    buffer_free(&text);
    return r;
}

static void S4_a_batch_that_is_missing_doubled_or_elsewhere_is_noticed(void **state) {
    (void)state;
    struct story story;
    tell(&story, rich(7), 7);
    assert_int_equal(read_parts(&story, (size_t[]){0, 1, 2}, 3), SNAPSHOT_LOADED);
    assert_int_equal(read_parts(&story, (size_t[]){0, 2}, 2), SNAPSHOT_DAMAGED);
    assert_int_equal(read_parts(&story, (size_t[]){0, 1, 1, 2}, 4), SNAPSHOT_DAMAGED);
    assert_int_equal(read_parts(&story, (size_t[]){0, 2, 1}, 3), SNAPSHOT_DAMAGED);
    assert_int_equal(read_parts(&story, (size_t[]){0, 0}, 2), SNAPSHOT_DAMAGED);
    assert_int_equal(read_parts(&story, (size_t[]){1, 2}, 2), SNAPSHOT_DAMAGED);
    forget(&story);
}

/* A batch made by hand, under right sums. */
static int read_with(const struct story *story, const char *lines) {
    struct buffer text = {0};
    struct snapshot_mark mark;
    buffer_append(&text, story->text.data, story->text.length);
    uint64_t sum = snapshot_format_head(&text, strlen(lines) + SNAPSHOT_LAST_LENGTH, story->ends[STATES - 1].sum);
    buffer_puts(&text, lines);
    buffer_printf(&text, "checksum\t%016llx\n", (unsigned long long)hash_bytes(sum, lines, strlen(lines)));
    int r = read_text(text.data, text.length, NULL, &mark);
    buffer_free(&text);
    return r;
}

#define HEAD "scope\t-\tseldon\tns\t/m\ndirectory\t-\nscanned\t1\ngeneration\t2\n"
#define IRIS "resource\tModel\tns\tiris\tkeep\ta\tb\n"

static void S4_what_no_topicd_would_append_is_damage(void **state) {
    (void)state;
    static const char *const good[] = {HEAD, HEAD "file\tx\t0\n" IRIS, HEAD "file\tx\t0\nfile\ty\t7\n"};
    static const char *const bad[] = {
        "",
        "\n",
        HEAD "gone\tnot there\n",
        HEAD "gone\t-\n",
        HEAD "gone\t\n",
        HEAD "file\ty\t0\nfile\tx\t0\n",
        HEAD "file\tx\t0\nfile\tx\t0\n",
        HEAD "file\tx\t0\ngone\tx\n",
        HEAD "file\tx\t0\n" IRIS "file\ty\t0\n" IRIS,
        HEAD "file\tx\t00\n",
        HEAD "file\tx\n",
        HEAD IRIS,
        HEAD "changes\t0\t0123456789abcdef\n",
        HEAD "topicd-snapshot 1\n",
        "topicd-snapshot 1\n" HEAD,
        "file\tx\t0\n" HEAD,
        "file\tx\t0\n",
    };
    struct story story;
    tell(&story, rich(7), 7);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(read_with(&story, good[i]), SNAPSHOT_LOADED);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_with(&story, bad[i]) != SNAPSHOT_DAMAGED)
            fail_msg("taken for a change:\n%s", bad[i]);
    forget(&story);
}

static void S2_each_allocation_of_changing_may_fail(void **state) {
    (void)state;
    struct story story;
    tell(&story, rich(7), 7);
    bool failed = true;
    for (long n = 0; failed; n++) {
        struct snapshot *changes = NULL, *again = NULL;
        struct snapshot_mark mark = story.ends[0];
        struct buffer text = {0}, why = {0};
        buffer_append(&text, story.text.data, mark.length);
        alloc_fail_after(n);
        int r = snapshot_diff(story.states[0], story.states[1], &changes);
        r = r == 0 ? snapshot_format_batch(changes, &text, &mark) : r;
        r = r == 0 ? snapshot_read(text.data, text.length, &again, &mark, &why) : r;
        failed = alloc_reset();
        assert_int_equal(r, failed ? -ENOMEM : 0);
        assert_true(failed || snapshot_equal(again, story.states[1]));
        snapshot_free(changes);
        snapshot_free(again);
        buffer_free(&text);
        buffer_free(&why);
    }
    forget(&story);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(S1_changes_are_read_as_they_were_made),
        cmocka_unit_test(S1_a_story_can_be_gone_on_with),
        cmocka_unit_test(S1_a_batch_has_only_what_changed),
        cmocka_unit_test(S2_a_batch_that_was_cut_off_never_was),
        cmocka_unit_test(S2_a_batch_whose_bytes_never_reached_the_disk_never_was),
        cmocka_unit_test(S4_any_changed_byte_of_any_batch_is_noticed),
        cmocka_unit_test(S4_what_is_not_a_batch_is_damage),
        cmocka_unit_test(S4_a_batch_that_is_missing_doubled_or_elsewhere_is_noticed),
        cmocka_unit_test(S4_what_no_topicd_would_append_is_damage),
        cmocka_unit_test(S2_each_allocation_of_changing_may_fail),
    };
    return cmocka_run_group_tests_name("snapshot_batches", tests, NULL, NULL);
}
