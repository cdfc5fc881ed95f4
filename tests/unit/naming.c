/* How topics are spelled, and what names they can be made of. */
#include "seldon/naming.h"

#include "unit/support/cmocka.h"

#include <string.h>

static const struct naming SELDON = {"seldon", "seldon-mesh"};

static const char *repeat(char c, size_t count) {
    static char text[512];
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static void T1_topics_are_spelled_as_seldon_does(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(naming_topic(&arena, &SELDON, KIND_MODEL, "iris", DIRECTION_INPUTS),
                        "seldon.seldon-mesh.model.iris.inputs");
    assert_string_equal(naming_topic(&arena, &SELDON, KIND_MODEL, "iris", DIRECTION_OUTPUTS),
                        "seldon.seldon-mesh.model.iris.outputs");
    assert_string_equal(naming_topic(&arena, &SELDON, KIND_PIPELINE, "p", DIRECTION_INPUTS),
                        "seldon.seldon-mesh.pipeline.p.inputs");
    const struct naming other = {"my.prefix_1-x", "production"};
    assert_string_equal(naming_topic(&arena, &other, KIND_PIPELINE, "p", DIRECTION_OUTPUTS),
                        "my.prefix_1-x.production.pipeline.p.outputs");
    assert_string_equal(naming_errors_topic(&arena, &SELDON), "seldon.seldon-mesh.errors.errors");
    arena_free(&arena);
}

static void assert_namespace(const char *topic, const char *prefix, const char *expected) {
    const char *namespace;
    size_t length;
    if (!naming_parse(topic, prefix, &namespace, &length))
        fail_msg("%s was not recognised", topic);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(namespace, expected, length);
}

static void T1_own_topics_are_recognised(void **state) {
    (void)state;
    assert_namespace("seldon.seldon-mesh.model.iris.inputs", "seldon", "seldon-mesh");
    assert_namespace("seldon.other.pipeline.p.outputs", "seldon", "other");
    assert_namespace("seldon.seldon-mesh.errors.errors", "seldon", "seldon-mesh");
    assert_namespace("my.prefix.ns.model.a_B.outputs", "my.prefix", "ns");
    assert_namespace("seldon.model.model.model.inputs", "seldon", "model");
}

static void T1_a_topic_names_its_owner(void **state) {
    (void)state;
    struct arena arena = {0};
    struct resource owner;
    assert_int_equal(naming_owner(&arena, "my.prefix.ns.model.a_B.outputs", "my.prefix", &owner), 0);
    assert_int_equal(owner.kind, KIND_MODEL);
    assert_string_equal(owner.namespace, "ns");
    assert_string_equal(owner.name, "a_B");
    assert_int_equal(naming_owner(&arena, "seldon.model.pipeline.model.inputs", "seldon", &owner), 0);
    assert_int_equal(owner.kind, KIND_PIPELINE);
    assert_string_equal(owner.namespace, "model");
    assert_string_equal(owner.name, "model");
    assert_int_equal(naming_owner(&arena, "seldon.ns.errors.errors", "seldon", &owner), 1);
    assert_int_equal(naming_owner(&arena, "seldon.ns.model.a.inputs", "other", &owner), 1);
    arena_free(&arena);
}

static void T1_other_topics_are_not(void **state) {
    (void)state;
    static const char *const OTHERS[] = {
        "",
        "seldon",
        "seldon.",
        "seldon.seldon-mesh",
        "seldon.seldon-mesh.model.iris",
        "seldon.seldon-mesh.model..inputs",
        "seldon.seldon-mesh.model.iris.input",
        "seldon.seldon-mesh.model.iris.inputs.x",
        "seldon.seldon-mesh.model.a.b.inputs",
        "seldon.seldon-mesh.server.iris.inputs",
        "seldon.seldon-mesh.errors.error",
        "seldon..model.iris.inputs",
        "seldonx.seldon-mesh.model.iris.inputs",
        "other.seldon-mesh.model.iris.inputs",
    };
    const char *namespace;
    size_t length;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (naming_parse(OTHERS[i], "seldon", &namespace, &length))
            fail_msg("%s was recognised", OTHERS[i]);
}

static void T4_longest_names(void **state) {
    (void)state;
    assert_int_equal(naming_longest(&SELDON, KIND_MODEL), 216);
    assert_int_equal(naming_longest(&SELDON, KIND_PIPELINE), 213);
    const struct naming no_room = {repeat('x', 300), "seldon-mesh"};
    assert_int_equal(naming_longest(&no_room, KIND_MODEL), 0);
}

static void T4_the_longest_names_fill_a_topic_exactly(void **state) {
    (void)state;
    struct arena arena = {0};
    for (enum resource_kind kind = 0; kind < KIND_MAX_; kind++) {
        size_t longest = naming_longest(&SELDON, kind);
        const char *topic = naming_topic(&arena, &SELDON, kind, repeat('a', longest), DIRECTION_OUTPUTS);
        assert_int_equal(strlen(topic), TOPIC_LENGTH_MAX);
        assert_true(naming_is_legal_topic(topic));
        topic = naming_topic(&arena, &SELDON, kind, repeat('a', longest + 1), DIRECTION_OUTPUTS);
        assert_false(naming_is_legal_topic(topic));
    }
    arena_free(&arena);
}

static void T4_legal_topics(void **state) {
    (void)state;
    assert_true(naming_is_legal_topic("a"));
    assert_true(naming_is_legal_topic("aZ0._-"));
    assert_true(naming_is_legal_topic("..."));
    assert_true(naming_is_legal_topic(repeat('a', 249)));
    assert_false(naming_is_legal_topic(repeat('a', 250)));
    assert_false(naming_is_legal_topic(""));
    assert_false(naming_is_legal_topic("."));
    assert_false(naming_is_legal_topic(".."));
    assert_false(naming_is_legal_topic("a b"));
    assert_false(naming_is_legal_topic("a/b"));
    assert_false(naming_is_legal_topic("a\n"));
    assert_false(naming_is_legal_topic("\xc3\xa4"));
}

static void M5_resource_names(void **state) {
    (void)state;
    static const char *const GOOD[] = {"a", "0", "iris", "a-1b-2", "a--b", "2024-01-01"};
    static const char *const BAD[] = {"", "-", "-a", "a-", "A", "a.b", "a_b", "a b", "iris\n", "ir\xc3\xafs"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_true(naming_is_resource_name(GOOD[i]));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(naming_is_resource_name(BAD[i]));
    assert_true(naming_is_namespace(repeat('n', 63)));
    assert_false(naming_is_namespace(repeat('n', 64)));
}

static void T4_sections(void **state) {
    (void)state;
    static const char *const GOOD[] = {"a", "A_b-9", "_", "-"};
    static const char *const BAD[] = {"", "a.b", "a b", "a/b", "a:b", "a\n"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_true(naming_is_section(GOOD[i]));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(naming_is_section(BAD[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T1_topics_are_spelled_as_seldon_does),
        cmocka_unit_test(T1_own_topics_are_recognised),
        cmocka_unit_test(T1_a_topic_names_its_owner),
        cmocka_unit_test(T1_other_topics_are_not),
        cmocka_unit_test(T4_longest_names),
        cmocka_unit_test(T4_the_longest_names_fill_a_topic_exactly),
        cmocka_unit_test(T4_legal_topics),
        cmocka_unit_test(M5_resource_names),
        cmocka_unit_test(T4_sections),
    };
    return cmocka_run_group_tests_name("naming", tests, NULL, NULL);
}
