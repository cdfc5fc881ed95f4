/* kafka.topics.rules: which topics a rule is for, what they get, and what is said about a wrong one (T3). */
#include "config/config.h"
#include "unit/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static void expect_match(const char *pattern, const char *topic, bool expected) {
    if (topic_matches(pattern, topic) != expected)
        fail_msg("\"%s\" %s \"%s\"", pattern, expected ? "does not match" : "matches", topic);
}

static void T3_a_pattern_is_for_the_whole_name(void **state) {
    (void)state;
    static const char topic[] = "seldon.seldon-mesh.model.llm-a.outputs";
    expect_match(topic, topic, true);
    expect_match("*", topic, true);
    expect_match("*.model.llm-*.outputs", topic, true);
    expect_match("seldon.*", topic, true);
    expect_match("*outputs", topic, true);
    expect_match("seldon.seldon-mesh.model.llm-?.outputs", topic, true);
    expect_match("**.model.**", topic, true);
    expect_match("seldon.seldon-mesh.model.llm-a.output", topic, false);
    expect_match("eldon*", topic, false);
    expect_match("*.model.llm-*.inputs", topic, false);
    expect_match("*.model.llm-?a.outputs", topic, false);
    expect_match("", topic, false);
    expect_match("", "", true);
    expect_match("?", "", false);
    expect_match("*a*b", "aab", true);
    expect_match("*a*b", "aba", false);
    expect_match("a*a", "a", false);
}

static void T3_a_pattern_of_many_stars_takes_no_time(void **state) {
    (void)state;
    char topic[250] = {0};
    memset(topic, 'a', 249);
    expect_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", topic, false);
}

static struct config *read_text(const char *text) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    assert_int_equal(config_parse(text, strlen(text), &config, &diagnostics), 0);
    diagnostics_free(&diagnostics);
    return config;
}

static void expect_settings(const struct config *config, const char *topic, const char *expected) {
    const struct topic_settings *settings = topic_settings_for(&config->topics, topic);
    struct buffer out = {0};
    buffer_printf(&out, "%d/%d", settings->partitions, settings->replication_factor);
    for (size_t i = 0; i < settings->n_config; i++)
        buffer_printf(&out, " %s=%s", settings->config[i].key, settings->config[i].value);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static const char RULES[] = "kafka:\n"
                            "  topics:\n"
                            "    numPartitions: 3\n"
                            "    replicationFactor: 2\n"
                            "    config: {retention.ms: 1000}\n"
                            "    rules:\n"
                            "    - {match: '*.model.llm-*.outputs', config: {retention.ms: 86400000}}\n"
                            "    - {match: '*.model.*', config: {max.message.bytes: null, cleanup.policy: compact}}\n"
                            "    - {match: '*.model.llm-*', config: {retention.ms: 5}}\n";

static void T3_the_first_rule_that_matches_is_merged_over_the_rest(void **state) {
    (void)state;
    struct config *config = read_text(RULES);
    assert_int_equal(config->topics.n_rules, 3);
    expect_settings(config, "seldon.m.model.llm-a.outputs", "3/2 max.message.bytes=1000000000 retention.ms=86400000");
    expect_settings(config, "seldon.m.model.llm-a.inputs", "3/2 cleanup.policy=compact retention.ms=1000");
    expect_settings(config, "seldon.m.pipeline.p.inputs", "3/2 max.message.bytes=1000000000 retention.ms=1000");
    config_free(config);
}

static void T3_without_rules_all_topics_are_alike(void **state) {
    (void)state;
    struct config *config = read_text("kafka: {topics: {rules: []}}\n");
    expect_settings(config, "seldon.m.model.a.inputs", "1/1 max.message.bytes=1000000000");
    config_free(config);
}

/* What is said, with place and severity. */
static void expect_complaint(const char *text, const char *expected) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    struct buffer out = {0};
    config_parse(text, strlen(text), &config, &diagnostics);
    for (size_t i = 0; i < diagnostics.list.count; i++) {
        const struct diagnostic *d = &diagnostics.list.items[i];
        buffer_printf(&out, "%s%u:%u: %s%s", i > 0 ? "\n" : "", d->mark.line, d->mark.column,
                      d->severity == SEVERITY_WARNING ? "warning: " : "", d->message);
    }
    buffer_puts(&out, "");
    assert_string_equal(out.data, expected);
    buffer_free(&out);
    config_free(config);
    diagnostics_free(&diagnostics);
}

#define IN_RULE(text) "kafka: {topics: {rules: [{" text "}]}}\n"

static void T3_partitions_stay_uniform_and_the_reader_says_why(void **state) {
    (void)state;
    expect_complaint(IN_RULE("match: '*', config: {a: 1}, numPartitions: 4"),
                     "1:70: kafka.topics.rules[0].numPartitions cannot be set by a rule: Seldon joins topics and "
                     "passes messages on by partition, so all topics need the same number of them; set "
                     "kafka.topics.numPartitions");
    expect_complaint(IN_RULE("match: '*', config: {a: 1}, replicationFactor: 3"),
                     "1:74: kafka.topics.rules[0].replicationFactor cannot be set by a rule: a pipeline stands still "
                     "when one of its topics does, so all topics need the same number of copies; set "
                     "kafka.topics.replicationFactor");
}

static void T3_a_rule_that_can_do_nothing_is_refused(void **state) {
    (void)state;
    expect_complaint(IN_RULE("match: '*'"), "1:26: kafka.topics.rules[0].config is required");
    expect_complaint(IN_RULE("config: {a: 1}"), "1:26: kafka.topics.rules[0].match is required");
    expect_complaint(IN_RULE("match: '', config: {a: 1}"),
                     "1:34: kafka.topics.rules[0].match is empty and matches no topic; \"*\" matches every one");
    expect_complaint(IN_RULE("match: '*.[ab]', config: {a: 1}"),
                     "1:34: kafka.topics.rules[0].match can match no topic: a pattern has the characters of a topic's "
                     "name (a-z, A-Z, 0-9, dot, underscore, dash), * for any text and ? for any character");
    expect_complaint(IN_RULE("match: '*', conf: {a: 1}"),
                     "1:26: kafka.topics.rules[0].config is required\n"
                     "1:39: unknown field \"kafka.topics.rules[0].conf\"; did you mean \"config\"?");
    expect_complaint(IN_RULE("match: '*', config: {a: [1]}"),
                     "1:51: kafka.topics.rules[0].config.a must be one value, not a list");
}

static void T3_a_pattern_that_misses_the_prefix_is_warned_of(void **state) {
    (void)state;
    static const char warning[] = "1:34: warning: kafka.topics.rules[0].match matches no topic: it is held against the "
                                  "whole name, which begins with \"seldon.\"; put \"*\" in front";
    expect_complaint(IN_RULE("match: 'model.*', config: {a: 1}"), warning);
    expect_complaint(IN_RULE("match: 'seldonx*', config: {a: 1}"), warning);
    expect_complaint(IN_RULE("match: 'seldo', config: {a: 1}"), warning);
    expect_complaint(IN_RULE("match: 'seldon.x*', config: {a: 1}"), "");
    expect_complaint(IN_RULE("match: 'sel*', config: {a: 1}"), "");
    expect_complaint(IN_RULE("match: '?eldon*', config: {a: 1}"), "");
}

static void expect_restart(const char *running, const char *loaded, const char *expected) {
    struct config *a = read_text(running), *b = read_text(loaded);
    struct buffer out = {0};
    config_needs_restart(a, b, &out);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
    config_free(a);
    config_free(b);
}

static void T3_rules_need_a_restart(void **state) {
    (void)state;
    static const char rule[] = IN_RULE("match: '*', config: {a: 1}");
    expect_restart(rule, rule, "");
    expect_restart("", rule, "kafka.topics.rules");
    expect_restart(rule, IN_RULE("match: '*s', config: {a: 1}"), "kafka.topics.rules");
    expect_restart(rule, IN_RULE("match: '*', config: {a: 2}"), "kafka.topics.rules");
    expect_restart(rule, IN_RULE("match: '*', config: {a: ~}"), "kafka.topics.rules");
    expect_restart(rule, "kafka: {topics: {config: {b: 1}, rules: [{match: '*', config: {a: 1}}]}}\n",
                   "kafka.topics.config");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T3_a_pattern_is_for_the_whole_name),
        cmocka_unit_test(T3_a_pattern_of_many_stars_takes_no_time),
        cmocka_unit_test(T3_the_first_rule_that_matches_is_merged_over_the_rest),
        cmocka_unit_test(T3_without_rules_all_topics_are_alike),
        cmocka_unit_test(T3_partitions_stay_uniform_and_the_reader_says_why),
        cmocka_unit_test(T3_a_rule_that_can_do_nothing_is_refused),
        cmocka_unit_test(T3_a_pattern_that_misses_the_prefix_is_warned_of),
        cmocka_unit_test(T3_rules_need_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
