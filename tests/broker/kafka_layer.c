/* kafka/ against real brokers. The bats file of this name starts them and runs the tests one by one, by name:
 *
 *     kafka_layer NAME
 *
 * ADMIN is the address of a broker at which everything is allowed, and CLIENT the same broker's where users log in by
 * PLAIN and nothing is allowed to viewer; KEEPER is one that deletes nothing; DOWN is an address where nobody listens;
 * PID is the process of the first broker. */
#include "broker/session.h"
#include "kafka/listing.h"
#include "unit/support/cmocka.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void open_admin(struct session *session) {
    session_open(session, session_environment("ADMIN"), NULL, 0, PATIENCE_MSEC);
}

static void open_user(struct session *session, const char *name, const char *password, int timeout_msec) {
    const struct property properties[] = {
        {"security.protocol", "SASL_PLAINTEXT"},
        {"sasl.mechanism", "PLAIN"},
        {"sasl.username", name},
        {"sasl.password", password},
    };
    session_open(session, session_environment("CLIENT"), properties, 4, timeout_msec);
}

/* What the controller says: EXISTS or, for a topic that is not there, DONE. */
static void expect_at_controller(const char *topic, enum outcome outcome) {
    struct session session = {0};
    open_admin(&session);
    session_go(&session, OPERATION_ASK, &topic, 1);
    session_expect(&session, topic, outcome, NULL, NULL);
    session_end(&session);
}

static void L5_create_is_done_once_and_then_exists(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"create.a", "create.b"}, *more[] = {"create.b", "create.c"};
    session_go(&s, OPERATION_CREATE, topics, 2);
    assert_int_equal(s.requests, 1);
    assert_int_equal(s.answers.items[0].operation, OPERATION_CREATE);
    session_expect(&s, "create.a", OUTCOME_DONE, NULL, NULL);
    session_expect(&s, "create.b", OUTCOME_DONE, NULL, NULL);
    session_go(&s, OPERATION_CREATE, more, 2);
    session_expect(&s, "create.b", OUTCOME_EXISTS, NULL, NULL);
    session_expect(&s, "create.c", OUTCOME_DONE, NULL, NULL);
    assert_int_equal(s.failures, 0);
    session_end(&s);
}

static void D7_a_question_creates_nothing(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"ask.a"};
    for (int i = 0; i < 2; i++) {
        session_go(&s, OPERATION_ASK, topics, 1);
        assert_int_equal(s.answers.items[0].operation, OPERATION_ASK);
        session_expect(&s, "ask.a", OUTCOME_DONE, NULL, NULL);
    }
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_expect(&s, "ask.a", OUTCOME_DONE, NULL, NULL); /* the questions left nothing behind */
    session_go(&s, OPERATION_ASK, topics, 1);
    session_expect(&s, "ask.a", OUTCOME_EXISTS, NULL, NULL);
    session_end(&s);
}

static void D7_delete_is_done_once_and_then_missing(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"delete.a", "delete.b"};
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_go(&s, OPERATION_DELETE, topics, 2);
    assert_int_equal(s.requests, 1);
    session_expect(&s, "delete.a", OUTCOME_DONE, NULL, NULL);
    session_expect(&s, "delete.b", OUTCOME_MISSING, NULL, NULL);
    session_go(&s, OPERATION_DELETE, topics, 2);
    session_expect(&s, "delete.a", OUTCOME_MISSING, NULL, NULL);
    session_end(&s);
    expect_at_controller("delete.a", OUTCOME_DONE);
}

static void L5_a_refusal_is_per_topic_and_in_the_brokers_words(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"refusal.a", "denied.b", "refusal/c", "refusal.d"};
    session_go(&s, OPERATION_CREATE, topics, 4);
    session_expect(&s, "refusal.a", OUTCOME_DONE, NULL, NULL);
    session_expect(&s, "denied.b", OUTCOME_REFUSED, "POLICY_VIOLATION", "no topic may start with denied");
    session_expect(&s, "refusal/c", OUTCOME_REFUSED, "TOPIC_EXCEPTION", "ASCII alphanumerics");
    session_expect(&s, "refusal.d", OUTCOME_DONE, NULL, NULL);
    session_end(&s);
}

static void T3_what_the_settings_ask_for_is_refused_by_name(void **state) {
    (void)state;
    static const struct property config[] = {{"nonsense", "1"}};
    const struct topic_settings unknown = {1, 1, config, 1}, copies = {1, 3, NULL, 0}, none = {0, 1, NULL, 0};
    const struct kafka_creation creations[] = {{"set.a", &unknown}, {"set.b", &copies}, {"set.c", &none}};
    struct session s = {0};
    open_admin(&s);
    assert_int_equal(kafka_create(s.kafka, creations, 3), 0);
    session_settle(&s);
    session_expect(&s, "set.a", OUTCOME_REFUSED, "INVALID_CONFIG", "nonsense");
    session_expect(&s, "set.b", OUTCOME_REFUSED, "INVALID_REPLICATION_FACTOR", "replication factor");
    session_expect(&s, "set.c", OUTCOME_REFUSED, "INVALID_PARTITIONS", "");
    session_end(&s);
}

static void T3_partitions_and_configuration_arrive(void **state) {
    (void)state;
    static const struct property config[] = {{"cleanup.policy", "compact"}, {"max.message.bytes", "1000000000"}};
    const struct topic_settings settings = {3, 1, config, 2};
    const struct kafka_creation creation = {"arrive.a", &settings};
    struct session s = {0};
    open_admin(&s);
    assert_int_equal(kafka_create(s.kafka, &creation, 1), 0);
    session_settle(&s);
    session_expect(&s, "arrive.a", OUTCOME_DONE, NULL, NULL);
    session_end(&s);

    const struct kafka_settings where = {.bootstrap = session_environment("ADMIN")};
    const char *names[] = {"arrive.a", "arrive.a", "arrive.missing"};
    struct listing *listing = NULL;
    const struct listed_topic *topic = NULL;
    struct buffer error = {0};
    for (int tries = 0; !topic && tries < 100; tries++) { /* it lags */
        listing_free(listing);
        assert_int_equal(kafka_list(&where, names, 3, PATIENCE_MSEC, &listing, &error), 0);
        for (size_t i = 0; i < listing->count && !topic; i++) {
            assert_true(i == 0 || strcmp(listing->topics[i - 1].name, listing->topics[i].name) < 0);
            if (strcmp(listing->topics[i].name, "arrive.a") == 0)
                topic = &listing->topics[i];
            else
                assert_false(listing->topics[i].config_known);
        }
    }
    assert_non_null(topic);
    assert_string_equal(listing->cluster_id, session_environment("CLUSTER_ID"));
    assert_int_equal(topic->partitions, 3);
    assert_int_equal(topic->replication_factor, 1);
    assert_true(topic->config_known);
    assert_int_equal(topic->n_config, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(topic->config[i].key, config[i].key);
        assert_string_equal(topic->config[i].value, config[i].value);
    }
    listing_free(listing);
}

static char **many_names(const char *prefix, size_t count) {
    char **names = calloc(count, sizeof *names);
    assert_non_null(names);
    for (size_t i = 0; i < count; i++)
        assert_true(asprintf(&names[i], "%s.%zu", prefix, i) > 0);
    return names;
}

static void free_names(char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

static void L3_a_thousand_topics_are_one_request(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    char **names = many_names("thousand", COUNT);
    struct session s = {0};
    open_admin(&s);
    session_go(&s, OPERATION_CREATE, (const char *const *)names, COUNT);
    assert_int_equal(s.requests, 1);
    session_expect_all(&s, OUTCOME_DONE, COUNT);
    session_go(&s, OPERATION_DELETE, (const char *const *)names, COUNT);
    assert_int_equal(s.requests, 1);
    session_expect_all(&s, OUTCOME_DONE, COUNT);
    session_end(&s);
    free_names(names, COUNT);
}

static void L3_no_request_meets_the_brokers_limit(void **state) {
    (void)state;
    enum { COUNT = 201 };
    const struct topic_settings fifty_records = {49, 1, NULL, 0}; /* 10,050 of all */
    char **names = many_names("limit", COUNT);
    struct session s = {0};
    open_admin(&s);
    session_send(&s, OPERATION_ASK, (const char *const *)names, COUNT, &fifty_records);
    assert_int_equal(kafka_in_flight(s.kafka), 2);
    session_settle(&s);
    assert_int_equal(s.requests, 2);
    session_expect_all(&s, OUTCOME_DONE, COUNT);
    /* The limit is real. */
    session_forget(&s);
    const struct topic_settings broad = {10000, 1, NULL, 0};
    session_send(&s, OPERATION_ASK, (const char *const *)names, 1, &broad);
    session_settle(&s);
    session_expect(&s, names[0], OUTCOME_REFUSED, "POLICY_VIOLATION", "xcessively large");
    session_end(&s);
    free_names(names, COUNT);
}

static void L5_every_name_has_a_result_even_named_twice(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"twice.a", "twice.a", "twice.b"};
    session_go(&s, OPERATION_ASK, topics, 3); /* librdkafka's result has a hole then */
    session_expect(&s, "twice.a", OUTCOME_REFUSED, "INVALID_REQUEST", "");
    session_expect(&s, "twice.b", OUTCOME_DONE, NULL, NULL);
    assert_int_equal(s.answers.items[1].outcome, OUTCOME_REFUSED);
    session_end(&s);
}

static void L2_closing_drops_what_is_in_flight(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"closing.a"};
    session_send(&s, OPERATION_ASK, topics, 1, &session_topic);
    session_send(&s, OPERATION_DELETE, topics, 1, NULL);
    assert_int_equal(kafka_in_flight(s.kafka), 2);
    session_end(&s);
    assert_int_equal(s.requests, 0);
}

static void L2_bad_settings_are_refused_in_words(void **state) {
    (void)state;
    const struct property unknown[] = {{"no.such.thing", "1"}},
                          no_file[] = {{"security.protocol", "SSL"}, {"ssl.ca.location", "/nowhere/ca.pem"}};
    struct kafka_settings settings = {"127.0.0.1:1", unknown, 1, 1000};
    struct session s = {0};
    struct buffer error = {0};
    assert_int_equal(kafka_open(&settings, &session_handlers, &s, &s.kafka, &error), -EINVAL);
    assert_null(s.kafka);
    assert_non_null(strstr(error.data, "no.such.thing"));
    buffer_free(&error);
    settings = (struct kafka_settings){"127.0.0.1:1", no_file, 2, 1000};
    assert_int_equal(kafka_open(&settings, &session_handlers, &s, &s.kafka, &error), -EINVAL);
    assert_non_null(strstr(error.data, "ssl.ca.location"));
    buffer_free(&error);
    settings = (struct kafka_settings){"", NULL, 0, 1000};
    assert_int_equal(kafka_open(&settings, &session_handlers, &s, &s.kafka, &error), -EINVAL);
    assert_non_null(error.data);
    buffer_free(&error);
}

static void L5_without_rights_the_topic_is_refused(void **state) {
    (void)state;
    struct session s = {0};
    open_user(&s, "viewer", "viewer-secret", PATIENCE_MSEC);
    const char *topics[] = {"rights.a"};
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_expect(&s, "rights.a", OUTCOME_REFUSED, "TOPIC_AUTHORIZATION_FAILED", "uthoriz");
    session_go(&s, OPERATION_DELETE, topics, 1);
    session_expect(&s, "rights.a", OUTCOME_REFUSED, "TOPIC_AUTHORIZATION_FAILED", "uthoriz");
    assert_int_equal(s.failures, 0);
    session_end(&s);
    open_user(&s, "admin", "admin-secret", PATIENCE_MSEC);
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_expect(&s, "rights.a", OUTCOME_DONE, NULL, NULL);
    session_end(&s);
}

static void N2_a_wrong_password_is_named(void **state) {
    (void)state;
    struct session s = {0};
    open_user(&s, "admin", "wrong", 1000);
    const char *topics[] = {"password.a"};
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_expect(&s, "password.a", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    assert_int_equal(s.failures, 1); /* it tried several times */
    assert_string_equal(s.code, "_AUTHENTICATION");
    assert_non_null(strstr(s.message, "Invalid username or password"));
    assert_null(strstr(s.message, "(after"));
    assert_null(kafka_cluster_id(s.kafka));
    session_end(&s);
}

static void N2_nobody_there_is_named(void **state) {
    (void)state;
    struct session s = {0};
    session_open(&s, session_environment("DOWN"), NULL, 0, 1500);
    const char *topics[] = {"down.a", "down.b"};
    session_go(&s, OPERATION_DELETE, topics, 2);
    session_expect(&s, "down.a", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    session_expect(&s, "down.b", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    assert_int_equal(s.failures, 1);
    assert_string_equal(s.code, "_TRANSPORT");
    assert_non_null(strstr(s.message, "Connection refused"));
    assert_non_null(strstr(s.message, session_environment("DOWN")));
    session_end(&s);
}

static void N2_a_listing_that_fails_says_why(void **state) {
    (void)state;
    struct kafka_settings settings = {.bootstrap = session_environment("DOWN")};
    struct listing *listing = NULL;
    struct buffer error = {0};
    assert_int_equal(kafka_list(&settings, NULL, 0, 500, &listing, &error), 1);
    assert_non_null(strstr(error.data, "Connection refused"));
    assert_non_null(strstr(error.data, settings.bootstrap));
    buffer_free(&error);

    const struct property wrong[] = {{"security.protocol", "SASL_PLAINTEXT"},
                                     {"sasl.mechanism", "PLAIN"},
                                     {"sasl.username", "admin"},
                                     {"sasl.password", "wrong"}};
    settings =
        (struct kafka_settings){.bootstrap = session_environment("CLIENT"), .properties = wrong, .n_properties = 4};
    double start = session_now_msec();
    assert_int_equal(kafka_list(&settings, NULL, 0, PATIENCE_MSEC, &listing, &error), 1);
    assert_non_null(strstr(error.data, "Invalid username or password"));
    assert_true(session_now_msec() - start < 3000); /* it does not wait for what time will not cure */
    assert_null(listing);
    buffer_free(&error);
}

static void D7_disabled_deletion_is_named(void **state) {
    (void)state;
    struct session s = {0};
    session_open(&s, session_environment("KEEPER"), NULL, 0, PATIENCE_MSEC);
    const char *topics[] = {"kept.a"};
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_go(&s, OPERATION_DELETE, topics, 1);
    session_expect(&s, "kept.a", OUTCOME_REFUSED, "INVALID_REQUEST", "delete.topic.enable is false");
    session_end(&s);
}

static pid_t broker(void) {
    return (pid_t)strtol(session_environment("PID"), NULL, 10);
}

static void L5_a_hanging_broker_leaves_the_outcome_unknown(void **state) {
    (void)state;
    struct session s = {0};
    session_open(&s, session_environment("ADMIN"), NULL, 0, 500);
    const char *topics[] = {"hang.a"};
    session_go(&s, OPERATION_ASK, topics, 1);
    kill(broker(), SIGSTOP);
    session_go(&s, OPERATION_CREATE, topics, 1);
    session_expect(&s, "hang.a", OUTCOME_UNKNOWN, "_TIMED_OUT", "");
    session_end(&s);
    /* A session that the hanging broker never spoke to sends nothing. */
    session_open(&s, session_environment("ADMIN"), NULL, 0, 500);
    session_go(&s, OPERATION_DELETE, topics, 1);
    session_expect(&s, "hang.a", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    assert_null(kafka_cluster_id(s.kafka));
    session_end(&s);
    const struct kafka_settings where = {.bootstrap = session_environment("ADMIN")};
    struct listing *listing;
    struct buffer error = {0};
    assert_int_equal(kafka_list(&where, NULL, 0, 300, &listing, &error), 1);
    assert_non_null(strstr(error.data, "stays silent"));
    buffer_free(&error);
    kill(broker(), SIGCONT);
}

static void L5_a_killed_broker_leaves_the_outcome_unknown_at_once(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"killed.a"};
    session_go(&s, OPERATION_ASK, topics, 1);
    assert_string_equal(kafka_cluster_id(s.kafka), session_environment("CLUSTER_ID"));
    kill(broker(), SIGSTOP);
    session_forget(&s);
    session_send(&s, OPERATION_CREATE, topics, 1, &session_topic);
    usleep(100000); /* it has left */
    double start = session_now_msec();
    kill(broker(), SIGKILL);
    session_settle(&s);
    session_expect(&s, "killed.a", OUTCOME_UNKNOWN, "_TRANSPORT", "");
    assert_true(session_now_msec() - start < 2000);
    assert_true(s.failures >= 1);
    assert_string_equal(s.code, "_TRANSPORT");
    assert_string_equal(kafka_cluster_id(s.kafka), session_environment("CLUSTER_ID"));
    session_end(&s);
}

/* SWAP is a command that puts a cluster named OTHER_ID in the place of the first. */
static void D5_the_id_is_that_of_the_cluster_there_now(void **state) {
    (void)state;
    struct session old = {0}, new = {0};
    open_admin(&old);
    const char *topics[] = {"id.a"};
    session_go(&old, OPERATION_ASK, topics, 1);
    const char *before = kafka_cluster_id(old.kafka);
    assert_string_equal(before, session_environment("CLUSTER_ID"));
    assert_int_equal(system(session_environment("SWAP")), 0); /* NOLINT(cert-env33-c): the bats file's command */

    open_admin(&new);
    session_go(&new, OPERATION_ASK, topics, 1);
    assert_string_equal(kafka_cluster_id(new.kafka), session_environment("OTHER_ID"));
    session_end(&new);
    for (int tries = 0; tries < 10 && strcmp(kafka_cluster_id(old.kafka), before) == 0; tries++)
        session_go(&old, OPERATION_ASK, topics, 1); /* the session finds back by itself, and notices */
    assert_string_equal(kafka_cluster_id(old.kafka), session_environment("OTHER_ID"));
    assert_string_equal(before, session_environment("CLUSTER_ID")); /* what was handed out stays */
    session_end(&old);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(L5_create_is_done_once_and_then_exists),
    cmocka_unit_test(D7_a_question_creates_nothing),
    cmocka_unit_test(D7_delete_is_done_once_and_then_missing),
    cmocka_unit_test(L5_a_refusal_is_per_topic_and_in_the_brokers_words),
    cmocka_unit_test(T3_what_the_settings_ask_for_is_refused_by_name),
    cmocka_unit_test(T3_partitions_and_configuration_arrive),
    cmocka_unit_test(L3_a_thousand_topics_are_one_request),
    cmocka_unit_test(L3_no_request_meets_the_brokers_limit),
    cmocka_unit_test(L5_every_name_has_a_result_even_named_twice),
    cmocka_unit_test(L2_closing_drops_what_is_in_flight),
    cmocka_unit_test(L2_bad_settings_are_refused_in_words),
    cmocka_unit_test(L5_without_rights_the_topic_is_refused),
    cmocka_unit_test(N2_a_wrong_password_is_named),
    cmocka_unit_test(N2_nobody_there_is_named),
    cmocka_unit_test(N2_a_listing_that_fails_says_why),
    cmocka_unit_test(D7_disabled_deletion_is_named),
    cmocka_unit_test(L5_a_hanging_broker_leaves_the_outcome_unknown),
    cmocka_unit_test(D5_the_id_is_that_of_the_cluster_there_now),
    cmocka_unit_test(L5_a_killed_broker_leaves_the_outcome_unknown_at_once),
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof tests / sizeof *tests; i++) {
        if (strcmp(argv[1], tests[i].name) == 0) {
            cmocka_set_test_filter(argv[1]);
            return cmocka_run_group_tests(tests, NULL, NULL);
        }
    }
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        puts(tests[i].name);
    return argc == 1 ? 0 : 2;
}
