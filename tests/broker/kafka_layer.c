/* kafka/ against real brokers. The bats file of this name starts them and runs the tests one by one, by name:
 *
 *     kafka_layer NAME
 *
 * ADMIN is the address of a broker at which everything is allowed, and CLIENT the same broker's where users log in by
 * PLAIN and nothing is allowed to viewer; KEEPER is one that deletes nothing; DOWN is an address where nobody listens;
 * PID is the process of the first broker. */
#include "base/array.h"
#include "kafka/kafka.h"
#include "kafka/listing.h"
#include "unit/support/cmocka.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MSEC = 10000 };

struct answer {
    enum operation operation;
    enum outcome outcome;
    char *topic, *code, *message;
};

struct session {
    struct kafka *kafka;
    ARRAY(struct answer) answers;
    size_t requests; /* answered */
    size_t failures;
    char *code, *message; /* of the first failure */
};

static const struct topic_settings one = {.partitions = 1, .replication_factor = 1};

static double now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static const char *from_environment(const char *name) {
    const char *value = getenv(name);
    if (!value)
        fail_msg("%s is not set", name);
    return value;
}

static char *copy(const char *text) {
    return text ? strdup(text) : NULL;
}

static void answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count) {
    struct session *session = userdata;
    session->requests++;
    for (size_t i = 0; i < count; i++) {
        const struct topic_result *r = &results[i];
        struct answer answer = {operation, r->outcome, copy(r->topic), copy(r->code), copy(r->message)};
        assert_int_equal(array_push(&session->answers, answer), 0);
    }
}

static void failed(void *userdata, const char *code, const char *message) {
    struct session *session = userdata;
    if (session->failures++ > 0)
        return;
    session->code = copy(code);
    session->message = copy(message);
}

static void logged(void *userdata, int level, const char *message) {
    (void)userdata;
    fprintf(stderr, "# log %d: %s\n", level, message);
}

static const struct kafka_handlers handlers = {answered, failed, logged};

static void open_with(struct session *session, const char *bootstrap, const struct property *properties,
                      size_t n_properties, int timeout_msec) {
    const struct kafka_settings settings = {bootstrap, properties, n_properties, timeout_msec};
    struct buffer error = {0};
    if (kafka_open(&settings, &handlers, session, &session->kafka, &error) < 0)
        fail_msg("kafka_open: %s", error.data ? error.data : "no reason");
    buffer_free(&error);
}

static void open_admin(struct session *session) {
    open_with(session, from_environment("ADMIN"), NULL, 0, PATIENCE_MSEC);
}

static void open_user(struct session *session, const char *name, const char *password, int timeout_msec) {
    const struct property properties[] = {
        {"security.protocol", "SASL_PLAINTEXT"},
        {"sasl.mechanism", "PLAIN"},
        {"sasl.username", name},
        {"sasl.password", password},
    };
    open_with(session, from_environment("CLIENT"), properties, 4, timeout_msec);
}

static void forget(struct session *session) {
    for (size_t i = 0; i < session->answers.count; i++) {
        struct answer *answer = &session->answers.items[i];
        free(answer->topic);
        free(answer->code);
        free(answer->message);
    }
    array_free(&session->answers);
    free(session->code);
    free(session->message);
    session->code = session->message = NULL;
    session->requests = session->failures = 0;
}

/* Every test closes by this: it must not take long, whatever the broker does. */
static void end(struct session *session) {
    double start = now_msec();
    session->kafka = kafka_close(session->kafka);
    assert_null(session->kafka);
    if (now_msec() - start > 150)
        fail_msg("kafka_close took %.0f ms", now_msec() - start);
    forget(session);
}

/* Runs the session until nothing is in flight. */
static void settle(struct session *session) {
    double give_up = now_msec() + PATIENCE_MSEC + 2000;
    while (kafka_in_flight(session->kafka) > 0) {
        struct pollfd fd = {.fd = kafka_fd(session->kafka), .events = POLLIN};
        if (now_msec() > give_up)
            fail_msg("no answer");
        if (poll(&fd, 1, 100) > 0)
            kafka_dispatch(session->kafka);
    }
}

static void send(struct session *session, enum operation operation, const char *const *topics, size_t count,
                 const struct topic_settings *settings) {
    struct kafka_creation *creations = calloc(count, sizeof *creations);
    assert_non_null(creations);
    for (size_t i = 0; i < count; i++)
        creations[i] = (struct kafka_creation){topics[i], settings};
    int r = operation == OPERATION_CREATE ? kafka_create(session->kafka, creations, count)
            : operation == OPERATION_ASK  ? kafka_ask(session->kafka, creations, count)
                                          : kafka_delete(session->kafka, topics, count);
    free(creations);
    assert_int_equal(r, 0);
}

/* One operation on some topics, to its end. */
static void go(struct session *session, enum operation operation, const char *const *topics, size_t count) {
    forget(session);
    send(session, operation, topics, count, &one);
    settle(session);
    assert_int_equal(session->answers.count, count);
}

static const struct answer *answer_for(const struct session *session, const char *topic) {
    for (size_t i = 0; i < session->answers.count; i++)
        if (strcmp(session->answers.items[i].topic, topic) == 0)
            return &session->answers.items[i];
    fail_msg("no answer for %s", topic);
    return NULL;
}

static void expect(const struct session *session, const char *topic, enum outcome outcome, const char *code,
                   const char *words) {
    const struct answer *answer = answer_for(session, topic);
    if (answer->outcome != outcome)
        fail_msg("%s: outcome %d, not %d: %s: %s", topic, answer->outcome, outcome, answer->code, answer->message);
    if (!code) {
        assert_null(answer->code);
        return;
    }
    assert_string_equal(answer->code, code);
    if (!strstr(answer->message, words))
        fail_msg("%s: \"%s\" is not in \"%s\"", topic, words, answer->message);
}

/* What the controller says: EXISTS or, for a topic that is not there, DONE. */
static void expect_at_controller(const char *topic, enum outcome outcome) {
    struct session session = {0};
    open_admin(&session);
    go(&session, OPERATION_ASK, &topic, 1);
    expect(&session, topic, outcome, NULL, NULL);
    end(&session);
}

static void L5_create_is_done_once_and_then_exists(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"create.a", "create.b"}, *more[] = {"create.b", "create.c"};
    go(&s, OPERATION_CREATE, topics, 2);
    assert_int_equal(s.requests, 1);
    assert_int_equal(s.answers.items[0].operation, OPERATION_CREATE);
    expect(&s, "create.a", OUTCOME_DONE, NULL, NULL);
    expect(&s, "create.b", OUTCOME_DONE, NULL, NULL);
    go(&s, OPERATION_CREATE, more, 2);
    expect(&s, "create.b", OUTCOME_EXISTS, NULL, NULL);
    expect(&s, "create.c", OUTCOME_DONE, NULL, NULL);
    assert_int_equal(s.failures, 0);
    end(&s);
}

static void D7_a_question_creates_nothing(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"ask.a"};
    for (int i = 0; i < 2; i++) {
        go(&s, OPERATION_ASK, topics, 1);
        assert_int_equal(s.answers.items[0].operation, OPERATION_ASK);
        expect(&s, "ask.a", OUTCOME_DONE, NULL, NULL);
    }
    go(&s, OPERATION_CREATE, topics, 1);
    expect(&s, "ask.a", OUTCOME_DONE, NULL, NULL); /* the questions left nothing behind */
    go(&s, OPERATION_ASK, topics, 1);
    expect(&s, "ask.a", OUTCOME_EXISTS, NULL, NULL);
    end(&s);
}

static void D7_delete_is_done_once_and_then_missing(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"delete.a", "delete.b"};
    go(&s, OPERATION_CREATE, topics, 1);
    go(&s, OPERATION_DELETE, topics, 2);
    assert_int_equal(s.requests, 1);
    expect(&s, "delete.a", OUTCOME_DONE, NULL, NULL);
    expect(&s, "delete.b", OUTCOME_MISSING, NULL, NULL);
    go(&s, OPERATION_DELETE, topics, 2);
    expect(&s, "delete.a", OUTCOME_MISSING, NULL, NULL);
    end(&s);
    expect_at_controller("delete.a", OUTCOME_DONE);
}

static void L5_a_refusal_is_per_topic_and_in_the_brokers_words(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"refusal.a", "denied.b", "refusal/c", "refusal.d"};
    go(&s, OPERATION_CREATE, topics, 4);
    expect(&s, "refusal.a", OUTCOME_DONE, NULL, NULL);
    expect(&s, "denied.b", OUTCOME_REFUSED, "POLICY_VIOLATION", "no topic may start with denied");
    expect(&s, "refusal/c", OUTCOME_REFUSED, "TOPIC_EXCEPTION", "ASCII alphanumerics");
    expect(&s, "refusal.d", OUTCOME_DONE, NULL, NULL);
    end(&s);
}

static void T3_what_the_settings_ask_for_is_refused_by_name(void **state) {
    (void)state;
    static const struct property config[] = {{"nonsense", "1"}};
    const struct topic_settings unknown = {1, 1, config, 1}, copies = {1, 3, NULL, 0}, none = {0, 1, NULL, 0};
    const struct kafka_creation creations[] = {{"set.a", &unknown}, {"set.b", &copies}, {"set.c", &none}};
    struct session s = {0};
    open_admin(&s);
    assert_int_equal(kafka_create(s.kafka, creations, 3), 0);
    settle(&s);
    expect(&s, "set.a", OUTCOME_REFUSED, "INVALID_CONFIG", "nonsense");
    expect(&s, "set.b", OUTCOME_REFUSED, "INVALID_REPLICATION_FACTOR", "replication factor");
    expect(&s, "set.c", OUTCOME_REFUSED, "INVALID_PARTITIONS", "");
    end(&s);
}

static void T3_partitions_and_configuration_arrive(void **state) {
    (void)state;
    static const struct property config[] = {{"cleanup.policy", "compact"}, {"max.message.bytes", "1000000000"}};
    const struct topic_settings settings = {3, 1, config, 2};
    const struct kafka_creation creation = {"arrive.a", &settings};
    struct session s = {0};
    open_admin(&s);
    assert_int_equal(kafka_create(s.kafka, &creation, 1), 0);
    settle(&s);
    expect(&s, "arrive.a", OUTCOME_DONE, NULL, NULL);
    end(&s);

    const struct kafka_settings where = {.bootstrap = from_environment("ADMIN")};
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
    assert_string_equal(listing->cluster_id, from_environment("CLUSTER_ID"));
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

static const char **many_names(const char *prefix, size_t count) {
    const char **names = calloc(count, sizeof *names);
    assert_non_null(names);
    for (size_t i = 0; i < count; i++) {
        char *name;
        assert_true(asprintf(&name, "%s.%zu", prefix, i) > 0);
        names[i] = name;
    }
    return names;
}

static void free_names(const char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)names[i]);
    free(names);
}

static void expect_all(const struct session *session, enum outcome outcome, size_t count) {
    assert_int_equal(session->answers.count, count);
    for (size_t i = 0; i < count; i++)
        if (session->answers.items[i].outcome != outcome)
            fail_msg("%s: %s", session->answers.items[i].topic, session->answers.items[i].message);
}

static void L3_a_thousand_topics_are_one_request(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    const char **names = many_names("thousand", COUNT);
    struct session s = {0};
    open_admin(&s);
    go(&s, OPERATION_CREATE, names, COUNT);
    assert_int_equal(s.requests, 1);
    expect_all(&s, OUTCOME_DONE, COUNT);
    go(&s, OPERATION_DELETE, names, COUNT);
    assert_int_equal(s.requests, 1);
    expect_all(&s, OUTCOME_DONE, COUNT);
    end(&s);
    free_names(names, COUNT);
}

static void L3_no_request_meets_the_brokers_limit(void **state) {
    (void)state;
    enum { COUNT = 5001 }; /* 10,002 records */
    const char **names = many_names("limit", COUNT);
    struct session s = {0};
    open_admin(&s);
    send(&s, OPERATION_ASK, names, COUNT, &one);
    assert_int_equal(kafka_in_flight(s.kafka), 2);
    settle(&s);
    assert_int_equal(s.requests, 2);
    expect_all(&s, OUTCOME_DONE, COUNT);
    /* The limit is real. */
    forget(&s);
    const struct topic_settings broad = {10000, 1, NULL, 0};
    send(&s, OPERATION_ASK, names, 1, &broad);
    settle(&s);
    expect(&s, names[0], OUTCOME_REFUSED, "POLICY_VIOLATION", "xcessively large");
    end(&s);
    free_names(names, COUNT);
}

static void L5_every_name_has_a_result_even_named_twice(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"twice.a", "twice.b", "twice.a"};
    go(&s, OPERATION_ASK, topics, 3); /* librdkafka's result has a hole then */
    expect(&s, "twice.a", OUTCOME_REFUSED, "INVALID_REQUEST", "");
    expect(&s, "twice.b", OUTCOME_DONE, NULL, NULL);
    assert_int_equal(s.answers.items[2].outcome, OUTCOME_REFUSED);
    end(&s);
}

static void L2_closing_drops_what_is_in_flight(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"closing.a"};
    send(&s, OPERATION_ASK, topics, 1, &one);
    send(&s, OPERATION_DELETE, topics, 1, NULL);
    assert_int_equal(kafka_in_flight(s.kafka), 2);
    end(&s);
    assert_int_equal(s.requests, 0);
}

static void L2_bad_settings_are_refused_in_words(void **state) {
    (void)state;
    const struct property unknown[] = {{"no.such.thing", "1"}},
                          no_file[] = {{"security.protocol", "SSL"}, {"ssl.ca.location", "/nowhere/ca.pem"}};
    struct kafka_settings settings = {"127.0.0.1:1", unknown, 1, 1000};
    struct session s = {0};
    struct buffer error = {0};
    assert_int_equal(kafka_open(&settings, &handlers, &s, &s.kafka, &error), -EINVAL);
    assert_null(s.kafka);
    assert_non_null(strstr(error.data, "no.such.thing"));
    buffer_free(&error);
    settings = (struct kafka_settings){"127.0.0.1:1", no_file, 2, 1000};
    assert_int_equal(kafka_open(&settings, &handlers, &s, &s.kafka, &error), -EINVAL);
    assert_non_null(strstr(error.data, "ssl.ca.location"));
    buffer_free(&error);
}

static void L5_without_rights_the_topic_is_refused(void **state) {
    (void)state;
    struct session s = {0};
    open_user(&s, "viewer", "viewer-secret", PATIENCE_MSEC);
    const char *topics[] = {"rights.a"};
    go(&s, OPERATION_CREATE, topics, 1);
    expect(&s, "rights.a", OUTCOME_REFUSED, "TOPIC_AUTHORIZATION_FAILED", "uthoriz");
    go(&s, OPERATION_DELETE, topics, 1);
    expect(&s, "rights.a", OUTCOME_REFUSED, "TOPIC_AUTHORIZATION_FAILED", "uthoriz");
    assert_int_equal(s.failures, 0);
    end(&s);
    open_user(&s, "admin", "admin-secret", PATIENCE_MSEC);
    go(&s, OPERATION_CREATE, topics, 1);
    expect(&s, "rights.a", OUTCOME_DONE, NULL, NULL);
    end(&s);
}

static void N2_a_wrong_password_is_named(void **state) {
    (void)state;
    struct session s = {0};
    open_user(&s, "admin", "wrong", 1000);
    const char *topics[] = {"password.a"};
    go(&s, OPERATION_CREATE, topics, 1);
    expect(&s, "password.a", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    assert_int_equal(s.failures, 1); /* it tried several times */
    assert_string_equal(s.code, "_AUTHENTICATION");
    assert_non_null(strstr(s.message, "Invalid username or password"));
    assert_null(strstr(s.message, "(after"));
    assert_null(kafka_cluster_id(s.kafka));
    end(&s);
}

static void N2_nobody_there_is_named(void **state) {
    (void)state;
    struct session s = {0};
    open_with(&s, from_environment("DOWN"), NULL, 0, 1500);
    const char *topics[] = {"down.a", "down.b"};
    go(&s, OPERATION_DELETE, topics, 2);
    expect(&s, "down.a", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    expect(&s, "down.b", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    assert_int_equal(s.failures, 1);
    assert_string_equal(s.code, "_TRANSPORT");
    assert_non_null(strstr(s.message, "Connection refused"));
    assert_non_null(strstr(s.message, from_environment("DOWN")));
    end(&s);
}

static void N2_a_listing_that_fails_says_why(void **state) {
    (void)state;
    struct kafka_settings settings = {.bootstrap = from_environment("DOWN")};
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
    settings = (struct kafka_settings){.bootstrap = from_environment("CLIENT"), .properties = wrong, .n_properties = 4};
    double start = now_msec();
    assert_int_equal(kafka_list(&settings, NULL, 0, PATIENCE_MSEC, &listing, &error), 1);
    assert_non_null(strstr(error.data, "Invalid username or password"));
    assert_true(now_msec() - start < 3000); /* it does not wait for what time will not cure */
    assert_null(listing);
    buffer_free(&error);
}

static void D7_disabled_deletion_is_named(void **state) {
    (void)state;
    struct session s = {0};
    open_with(&s, from_environment("KEEPER"), NULL, 0, PATIENCE_MSEC);
    const char *topics[] = {"kept.a"};
    go(&s, OPERATION_CREATE, topics, 1);
    go(&s, OPERATION_DELETE, topics, 1);
    expect(&s, "kept.a", OUTCOME_REFUSED, "INVALID_REQUEST", "delete.topic.enable is false");
    end(&s);
}

static pid_t broker(void) {
    return (pid_t)atoi(from_environment("PID"));
}

static void L5_a_hanging_broker_leaves_the_outcome_unknown(void **state) {
    (void)state;
    struct session s = {0};
    open_with(&s, from_environment("ADMIN"), NULL, 0, 500);
    const char *topics[] = {"hang.a"};
    go(&s, OPERATION_ASK, topics, 1);
    kill(broker(), SIGSTOP);
    go(&s, OPERATION_CREATE, topics, 1);
    expect(&s, "hang.a", OUTCOME_UNKNOWN, "_TIMED_OUT", "");
    end(&s);
    /* A session that the hanging broker never spoke to sends nothing. */
    open_with(&s, from_environment("ADMIN"), NULL, 0, 500);
    go(&s, OPERATION_DELETE, topics, 1);
    expect(&s, "hang.a", OUTCOME_NOT_SENT, "_TIMED_OUT", "");
    assert_null(kafka_cluster_id(s.kafka));
    end(&s);
    const struct kafka_settings where = {.bootstrap = from_environment("ADMIN")};
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
    go(&s, OPERATION_ASK, topics, 1);
    assert_string_equal(kafka_cluster_id(s.kafka), from_environment("CLUSTER_ID"));
    kill(broker(), SIGSTOP);
    forget(&s);
    send(&s, OPERATION_CREATE, topics, 1, &one);
    usleep(100000); /* it has left */
    double start = now_msec();
    kill(broker(), SIGKILL);
    settle(&s);
    expect(&s, "killed.a", OUTCOME_UNKNOWN, "_TRANSPORT", "");
    assert_true(now_msec() - start < 2000);
    assert_true(s.failures >= 1);
    assert_string_equal(s.code, "_TRANSPORT");
    assert_string_equal(kafka_cluster_id(s.kafka), from_environment("CLUSTER_ID"));
    end(&s);
}

static void D5_the_id_is_that_of_the_cluster_there_now(void **state) {
    (void)state;
    struct session s = {0};
    open_admin(&s);
    const char *topics[] = {"id.a"};
    go(&s, OPERATION_ASK, topics, 1);
    assert_string_equal(kafka_cluster_id(s.kafka), from_environment("CLUSTER_ID"));
    end(&s);
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
    cmocka_unit_test(L5_a_killed_broker_leaves_the_outcome_unknown_at_once),
    cmocka_unit_test(D5_the_id_is_that_of_the_cluster_there_now),
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
