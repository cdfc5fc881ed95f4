/* topicd.yaml: what it means, and what is said about a wrong one. */
#include "config/config.h"

#include "unit/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config *read_text(const char *text) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    int r = config_parse(text, strlen(text), &config, &diagnostics);
    if (r != 0)
        fail_msg("%s", diagnostics.list.items[0].message);
    diagnostics_free(&diagnostics);
    return config;
}

/* What is said, a line each: "LINE:COLUMN: MESSAGE", warnings with "warning: "; expects `result`. */
static char *complaints(const char *text, int result) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    struct buffer out = {0};
    assert_int_equal(config_parse(text, strlen(text), &config, &diagnostics), result);
    assert_true((config != NULL) == (result == 0));
    buffer_puts(&out, "");
    for (size_t i = 0; i < diagnostics.list.count; i++) {
        const struct diagnostic *d = &diagnostics.list.items[i];
        buffer_printf(&out, "%s%u:%u: %s%s", i > 0 ? "\n" : "", d->mark.line, d->mark.column,
                      d->severity == SEVERITY_WARNING ? "warning: " : "", d->message);
    }
    config_free(config);
    diagnostics_free(&diagnostics);
    return out.data;
}

static void expect_error(const char *text, const char *expected) {
    char *said = complaints(text, 1);
    assert_string_equal(said, expected);
    free(said);
}

static void expect_warning(const char *text, const char *expected) {
    char *said = complaints(text, 0);
    assert_string_equal(said, expected);
    free(said);
}

/* "KEY=VALUE, …" */
static void expect_properties(const struct property *properties, size_t count, const char *expected) {
    struct buffer out = {0};
    buffer_puts(&out, "");
    for (size_t i = 0; i < count; i++)
        buffer_printf(&out, "%s%s=%s", i > 0 ? ", " : "", properties[i].key, properties[i].value);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static void expect_defaults(const char *text) {
    struct config *config = read_text(text);
    assert_string_equal(config->bootstrap, "localhost:9092");
    assert_string_equal(config->topic_prefix, "seldon");
    assert_string_equal(config->namespace, "seldon-mesh");
    assert_int_equal(config->topics.general.partitions, 1);
    assert_int_equal(config->topics.general.replication_factor, 1);
    expect_properties(config->topics.general.config, config->topics.general.n_config, "max.message.bytes=1000000000");
    assert_int_equal(config->n_properties, 0);
    assert_false(config->unknown_is_warning);
    assert_int_equal(config->resync_usec, 300 * 1000000LL);
    assert_true(config->deletion.enabled);
    assert_int_equal(config->deletion.grace_usec, 10 * 1000000LL);
    assert_int_equal(config->deletion.limit_topics, 20);
    assert_int_equal(config->deletion.limit_period_usec, 600 * 1000000LL);
    config_free(config);
}

static void C_absent_settings_have_defaults(void **state) {
    (void)state;
    expect_defaults("");
    expect_defaults("# nothing\n---\n");
    expect_defaults("kafka: ~\ndeletion: {limit: {}}\nnamespace:\n");
    expect_defaults("kafka: {topicPrefix: \"\", topics: {}, properties: {}}\n");
}

static void C_the_example_of_the_contract_is_the_default(void **state) {
    (void)state;
    expect_defaults("kafka:\n  bootstrap: localhost:9092\n  topicPrefix: seldon\n"
                    "  topics: {numPartitions: 1, replicationFactor: 1, config: {max.message.bytes: 1000000000}}   # "
                    "config merges\n"
                    "  properties: {}            # librdkafka properties\nnamespace: seldon-mesh\nvalidation: strict   "
                    "       # or warn\n"
                    "resyncPeriodSeconds: 300\ndeletion: {enabled: true, gracePeriodSeconds: 10, limit: {topics: 20, "
                    "periodSeconds: 600}}\n");
}

static void C_every_setting_is_read(void **state) {
    (void)state;
    struct config *config =
        read_text("kafka:\n  bootstrap: 'a:1, b:2'\n  topicPrefix: my.prefix_1-x\n"
                  "  topics: {numPartitions: 3, replicationFactor: 2}\n  properties: {client.id: x}\nnamespace: other\n"
                  "validation: warn\nresyncPeriodSeconds: 60\n"
                  "deletion: {enabled: no, gracePeriodSeconds: 0, limit: {topics: 0, periodSeconds: 1}}\n");
    assert_string_equal(config->bootstrap, "a:1, b:2");
    assert_string_equal(config->topic_prefix, "my.prefix_1-x");
    assert_string_equal(config->namespace, "other");
    assert_int_equal(config->topics.general.partitions, 3);
    assert_int_equal(config->topics.general.replication_factor, 2);
    expect_properties(config->properties, config->n_properties, "client.id=x");
    assert_true(config->unknown_is_warning);
    assert_int_equal(config->resync_usec, 60 * 1000000LL);
    assert_false(config->deletion.enabled);
    assert_int_equal(config->deletion.grace_usec, 0);
    assert_int_equal(config->deletion.limit_topics, 0);
    assert_int_equal(config->deletion.limit_period_usec, 1000000);
    config_free(config);
}

static void C_unknown_keys_are_errors(void **state) {
    (void)state;
    expect_error("kafka:\n  bootstrp: a:1\n", "2:3: unknown field \"kafka.bootstrp\"; did you mean \"bootstrap\"?");
    expect_error("namespaces: x\n", "1:1: unknown field \"namespaces\"; did you mean \"namespace\"?");
    expect_error("kafka: {topics: {rule: []}}\n", "1:18: unknown field \"kafka.topics.rule\"; did you mean \"rules\"?");
    expect_error("validation: warn\nzzz: 1\n", "2:1: unknown field \"zzz\"");
}

static void C_bounds_are_checked(void **state) {
    (void)state;
    expect_error("resyncPeriodSeconds: 0\n", "1:22: resyncPeriodSeconds must be between 1 and 86400, not 0");
    expect_error("deletion: {gracePeriodSeconds: 86401}\n",
                 "1:32: deletion.gracePeriodSeconds must be between 0 and 86400, not 86401");
    expect_error("deletion: {gracePeriodSeconds: 0.5}\n",
                 "1:32: deletion.gracePeriodSeconds must be an integer, not 0.5");
    expect_error("deletion: {limit: {topics: -1}}\n",
                 "1:28: deletion.limit.topics must be between 0 and 1000000, not -1");
    expect_error("deletion: {limit: {periodSeconds: 0}}\n",
                 "1:35: deletion.limit.periodSeconds must be between 1 and 31536000, not 0");
    expect_error("kafka: {topics: {numPartitions: 0}}\n", "1:33: kafka.topics.numPartitions must be at least 1, not 0");
    expect_error("kafka: {topics: {numPartitions: -2}}\n",
                 "1:33: kafka.topics.numPartitions must be at least 1, not -2");
    expect_error("kafka: {topics: {replicationFactor: 40000}}\n",
                 "1:37: kafka.topics.replicationFactor must be at most 32767, not 40000");
    expect_error("validation: wran\n", "1:13: validation must be strict or warn, not \"wran\"; did you mean \"warn\"?");
    expect_error("deletion: {enabled: \"false\"}\n",
                 "1:21: deletion.enabled must be a boolean, not a string: write false without quotes");
}

static void C_the_brokers_default_is_refused_with_a_reason(void **state) {
    (void)state;
    expect_error("kafka: {topics: {numPartitions: -1}}\n",
                 "1:33: kafka.topics.numPartitions must be at least 1: the broker's own default (-1) is not supported, "
                 "because drift could not be told from intent");
}

static void C_the_prefix_must_be_legal(void **state) {
    (void)state;
    static const char characters[] =
        "1:22: kafka.topicPrefix may only have the characters a-z, A-Z, 0-9, dot, underscore and dash";
    expect_error("kafka: {topicPrefix: bad/prefix}\n", characters);
    expect_error("kafka: {topicPrefix: a b}\n", characters);
    expect_error("kafka: {topicPrefix: ä}\n", characters);
    expect_error("kafka: {topicPrefix: \"a\\n\"}\n", characters);
    expect_error("kafka: {topicPrefix: .}\n", "1:22: kafka.topicPrefix must not be made of dots only");
    expect_error("kafka: {topicPrefix: ..}\n", "1:22: kafka.topicPrefix must not be made of dots only");
    expect_warning("kafka: {topicPrefix: a.}\n",
                   "1:22: warning: kafka.topicPrefix ends with a dot, which Seldon advises against");
}

static void C_the_prefix_must_leave_room_for_a_name(void **state) {
    (void)state;
    char text[600];
    snprintf(text, sizeof text, "kafka: {topicPrefix: x%0*d}\nnamespace: m\n", 230, 0);
    expect_warning(text, "");
    snprintf(text, sizeof text, "kafka: {topicPrefix: x%0*d}\nnamespace: m\n", 231, 0);
    expect_error(text, "1:22: kafka.topicPrefix is too long: a topic's whole name has at most 249 characters");
}

static void C_the_namespace_is_a_dns_label(void **state) {
    (void)state;
    static const char message[] = "1:12: namespace must be a DNS label: at most 63 of a-z, 0-9 and dash, a letter or "
                                  "digit first and last";
    expect_error("namespace: Other_NS\n", message);
    expect_error("namespace: a.b\n", message);
    expect_error("namespace: -a\n", message);
    expect_error("namespace: a-\n", message);
    expect_error("namespace: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", message);
    expect_warning("namespace: a-1\n", "");
    expect_warning("namespace: ''\n", "1:12: warning: namespace is empty, so the default is taken: seldon-mesh");
}

static void C_bootstrap_is_hosts_and_ports(void **state) {
    (void)state;
    static const char *const good[] = {"a:1", "a.b-c:9092,10.0.0.1:65535", "[::1]:9092", "a:1, b:2 ", "SSL://a:1"};
    static const char *const bad[] = {"",     "a",     ":1",       "a:",    "a:0",  "a:65536", "a:x",     "a:1,,b:2",
                                      "a:1,", "a b:1", "::1:9092", "a:1:2", "a:1/", "SSL://",  "a:000001"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!config_bootstrap_is_valid(good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (config_bootstrap_is_valid(bad[i]))
            fail_msg("%s", bad[i]);
    expect_error("kafka:\n  bootstrap: a\n",
                 "2:14: kafka.bootstrap must be HOST:PORT, or several of them with commas between");
}

static void C_topic_config_merges_and_null_removes(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"{retention.ms: 1000, b: true, a: 1.5, c: 'x y'}",
         "a=1.5, b=true, c=x y, max.message.bytes=1000000000, retention.ms=1000"},
        {"{max.message.bytes: 5}", "max.message.bytes=5"},
        {"{max.message.bytes: ~, a: 0x10}", "a=0x10"},
        {"{other: null}", "max.message.bytes=1000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "kafka: {topics: {config: %s}}\n", cases[i].text);
        struct config *config = read_text(text);
        expect_properties(config->topics.general.config, config->topics.general.n_config, cases[i].expected);
        config_free(config);
    }
    expect_error("kafka: {topics: {config: {a: [1]}}}\n", "1:30: kafka.topics.config.a must be one value, not a list");
    expect_error("kafka: {topics: {config: {a: yes}}}\n",
                 "1:30: kafka.topics.config.a must be written true or false, as Kafka wants it");
}

static void C_properties_are_text_as_written(void **state) {
    (void)state;
    struct config *config =
        read_text("kafka:\n  properties:\n    z: 0123\n    b: yes\n    a: 1_0\n    c: ~\n    d: ''\n");
    expect_properties(config->properties, config->n_properties, "a=1_0, b=yes, d=, z=0123");
    config_free(config);
}

static void C_properties_that_topicd_sets_are_refused(void **state) {
    (void)state;
    static const char *const refused[] = {"bootstrap.servers",
                                          "metadata.broker.list",
                                          "log.queue",
                                          "log_level",
                                          "allow.auto.create.topics",
                                          "enabled_events",
                                          "opaque",
                                          "dr_msg_cb",
                                          "background_event_cb",
                                          "default_topic_conf",
                                          "plugin.library.paths"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char text[200];
        snprintf(text, sizeof text, "kafka:\n  properties:\n    client.id: x\n    %s: x\n", refused[i]);
        char *said = complaints(text, 1);
        if (strncmp(said, "4:5: kafka.properties may not set ", 34) != 0 || strchr(said, '\n'))
            fail_msg("%s: %s", refused[i], said);
        free(said);
    }
}

static void C_there_is_one_document(void **state) {
    (void)state;
    expect_error("namespace: a\n---\nnamespace: b\n",
                 "3:1: the configuration is one document, and here begins a second one");
    expect_error("[]\n", "1:1: the document must be a map, not a list");
    expect_error("namespace: a\nnamespace: b\n", "2:1: duplicate key \"namespace\"; it is on line 1 already");
}

static void C_secrets_in_the_file_are_warned_of(void **state) {
    (void)state;
    expect_warning("kafka:\n  properties:\n    sasl.username: x\n    sasl.password: x\n",
                   "4:5: warning: kafka.properties has a secret in a file that others may read: use {file: PATH} or "
                   "{credential: NAME}");
}

static void C_other_lines_are_shown(void **state) {
    (void)state;
    const char text[] = "kafka:\n  properties:\n    sasl.password: {file: /x}\n    a: b\n    opaque: x\n";
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    assert_int_equal(config_parse(text, strlen(text), &config, &diagnostics), 1);
    assert_string_equal(diagnostics.list.items[0].excerpt, "    opaque: x");
    diagnostics_free(&diagnostics);
}

static void expect_restart(const char *loaded, const char *expected) {
    struct config *a = read_text(""), *b = read_text(loaded);
    struct buffer out = {0};
    config_needs_restart(a, b, &out);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
    config_free(a);
    config_free(b);
}

static void C_what_needs_a_restart_is_named(void **state) {
    (void)state;
    expect_restart("", "");
    expect_restart("deletion: {enabled: false, gracePeriodSeconds: 1, limit: {topics: 1, periodSeconds: 1}}\n"
                   "validation: warn\nresyncPeriodSeconds: 1\n",
                   "");
    expect_restart("kafka: {bootstrap: 'a:1', topicPrefix: p}\nnamespace: m\n",
                   "kafka.bootstrap, kafka.topicPrefix, namespace");
    expect_restart("kafka: {topics: {numPartitions: 2, replicationFactor: 2, config: {a: b}}, properties: {a: b}}\n",
                   "kafka.topics.numPartitions, kafka.topics.replicationFactor, kafka.topics.config, kafka.properties");
    expect_restart("kafka: {topics: {config: {max.message.bytes: 1}}}\n", "kafka.topics.config");
    expect_restart("kafka: {topics: {config: {max.message.bytes: ~}}}\n", "kafka.topics.config");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C_absent_settings_have_defaults),
        cmocka_unit_test(C_the_example_of_the_contract_is_the_default),
        cmocka_unit_test(C_every_setting_is_read),
        cmocka_unit_test(C_unknown_keys_are_errors),
        cmocka_unit_test(C_bounds_are_checked),
        cmocka_unit_test(C_the_brokers_default_is_refused_with_a_reason),
        cmocka_unit_test(C_the_prefix_must_be_legal),
        cmocka_unit_test(C_the_prefix_must_leave_room_for_a_name),
        cmocka_unit_test(C_the_namespace_is_a_dns_label),
        cmocka_unit_test(C_bootstrap_is_hosts_and_ports),
        cmocka_unit_test(C_topic_config_merges_and_null_removes),
        cmocka_unit_test(C_properties_are_text_as_written),
        cmocka_unit_test(C_properties_that_topicd_sets_are_refused),
        cmocka_unit_test(C_there_is_one_document),
        cmocka_unit_test(C_secrets_in_the_file_are_warned_of),
        cmocka_unit_test(C_other_lines_are_shown),
        cmocka_unit_test(C_what_needs_a_restart_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
