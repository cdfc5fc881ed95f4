/* kafka/ without a broker: what an error means for a topic, how requests are split, what a complaint reads like. */
#include "kafka/answer.h"
#include "kafka/certificate.h"
#include "kafka/client.h"
#include "kafka/request.h"
#include "unit/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static struct topic_result judge(enum operation operation, rd_kafka_resp_err_t error, const char *words) {
    struct topic_result result = {.topic = "t"};
    answer_judge(operation, error, words, true, &result);
    return result;
}

static void expect(enum operation operation, rd_kafka_resp_err_t error, enum outcome outcome) {
    assert_int_equal(judge(operation, error, NULL).outcome, outcome);
}

static void D7_the_controllers_word_decides(void **state) {
    (void)state;
    expect(OPERATION_CREATE, RD_KAFKA_RESP_ERR_NO_ERROR, OUTCOME_DONE);
    expect(OPERATION_CREATE, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, OUTCOME_EXISTS);
    expect(OPERATION_ASK, RD_KAFKA_RESP_ERR_NO_ERROR, OUTCOME_DONE);
    expect(OPERATION_ASK, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, OUTCOME_EXISTS);
    expect(OPERATION_DELETE, RD_KAFKA_RESP_ERR_NO_ERROR, OUTCOME_DONE);
    expect(OPERATION_DELETE, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, OUTCOME_MISSING);
    /* The same words about another operation are no success. */
    expect(OPERATION_CREATE, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, OUTCOME_REFUSED);
    expect(OPERATION_ASK, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, OUTCOME_REFUSED);
    expect(OPERATION_DELETE, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, OUTCOME_REFUSED);
}

static void L5_good_outcomes_carry_no_error(void **state) {
    (void)state;
    struct topic_result result = judge(OPERATION_CREATE, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, "Topic exists");
    assert_null(result.code);
    assert_null(result.message);
    assert_string_equal(result.topic, "t");
}

static void L5_silence_is_unknown(void **state) {
    (void)state;
    static const rd_kafka_resp_err_t silence[] = {
        RD_KAFKA_RESP_ERR__TRANSPORT,     RD_KAFKA_RESP_ERR__TIMED_OUT,        RD_KAFKA_RESP_ERR__BAD_MSG,
        RD_KAFKA_RESP_ERR__DESTROY,       RD_KAFKA_RESP_ERR_UNKNOWN,           RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR__AUTHENTICATION,
    };
    for (size_t i = 0; i < LENGTH(silence); i++) {
        expect(OPERATION_CREATE, silence[i], OUTCOME_UNKNOWN);
        expect(OPERATION_DELETE, silence[i], OUTCOME_UNKNOWN);
        expect(OPERATION_ASK, silence[i], OUTCOME_UNKNOWN);
    }
}

static void L5_a_reason_is_a_refusal(void **state) {
    (void)state;
    static const rd_kafka_resp_err_t reasons[] = {
        RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,   RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
        RD_KAFKA_RESP_ERR_INVALID_CONFIG,       RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
        RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
    };
    for (size_t i = 0; i < LENGTH(reasons); i++) {
        expect(OPERATION_CREATE, reasons[i], OUTCOME_REFUSED);
        expect(OPERATION_DELETE, reasons[i], OUTCOME_REFUSED);
    }
}

static void L5_a_refusal_has_code_and_words(void **state) {
    (void)state;
    struct topic_result result = judge(OPERATION_CREATE, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "not on my watch");
    assert_string_equal(result.code, "POLICY_VIOLATION");
    assert_string_equal(result.message, "not on my watch");
    result = judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, NULL);
    assert_string_equal(result.code, "TOPIC_AUTHORIZATION_FAILED");
    assert_string_equal(result.message, rd_kafka_err2str(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
    result = judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "");
    assert_string_equal(result.message, rd_kafka_err2str(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
}

static void D7_disabled_deletion_is_explained(void **state) {
    (void)state;
    struct topic_result result = judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR_INVALID_REQUEST, "Broker: Invalid request");
    assert_int_equal(result.outcome, OUTCOME_REFUSED);
    assert_string_equal(result.code, "INVALID_REQUEST");
    assert_non_null(strstr(result.message, "delete.topic.enable is false"));
    result = judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED, "off");
    assert_non_null(strstr(result.message, "delete.topic.enable is false"));
    result = judge(OPERATION_CREATE, RD_KAFKA_RESP_ERR_INVALID_REQUEST, "Broker: Invalid request");
    assert_string_equal(result.message, "Broker: Invalid request");
}

static void L5_what_never_left_was_not_sent(void **state) {
    (void)state;
    struct topic_result result = {.topic = "t"};
    answer_judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR__TIMED_OUT, "some words", false, &result);
    assert_int_equal(result.outcome, OUTCOME_NOT_SENT);
    assert_string_equal(result.code, "_TIMED_OUT");
    result =
        judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR__TIMED_OUT, "Failed while waiting for controller: Local: Timed out");
    assert_int_equal(result.outcome, OUTCOME_NOT_SENT);
    result = judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR__TIMED_OUT,
                   "Failed while waiting for response from broker: Local: Timed out");
    assert_int_equal(result.outcome, OUTCOME_UNKNOWN);
    /* Without a connection a lost one cannot be: it was there. */
    answer_judge(OPERATION_DELETE, RD_KAFKA_RESP_ERR__TRANSPORT, NULL, false, &result);
    assert_int_equal(result.outcome, OUTCOME_UNKNOWN);
}

/* How the creations are split, as sizes; returns the number of requests. */
static size_t split(const struct topic_settings *settings, size_t count, size_t *sizes) {
    struct kafka_creation *creations = calloc(count, sizeof *creations);
    assert_non_null(creations);
    for (size_t i = 0; i < count; i++)
        creations[i] = (struct kafka_creation){.topic = "t", .settings = settings};
    size_t requests = 0;
    for (size_t done = 0; done < count; done += sizes[requests++])
        sizes[requests] = request_share_creations(OPERATION_CREATE, creations + done, count - done);
    free(creations);
    return requests;
}

static void L3_creations_are_split_by_records(void **state) {
    (void)state;
    static const struct property config[] = {{"max.message.bytes", "1000000000"}};
    const struct topic_settings plain = {.partitions = 1, .replication_factor = 1};
    const struct topic_settings configured = {1, 1, config, 1};
    const struct topic_settings defaults = {.partitions = -1, .replication_factor = -1};
    size_t sizes[8];
    assert_int_equal(split(&plain, 5000, sizes), 1);
    assert_int_equal(split(&plain, 5001, sizes), 2);
    assert_int_equal(sizes[0], 5000);
    assert_int_equal(sizes[1], 1);
    assert_int_equal(split(&configured, 3333, sizes), 1);
    assert_int_equal(split(&configured, 10000, sizes), 4);
    assert_int_equal(sizes[0], 3333);
    assert_int_equal(sizes[3], 1);
    assert_int_equal(split(&defaults, 5000, sizes), 1);
}

static void L3_a_topic_over_the_limit_goes_alone(void **state) {
    (void)state;
    const struct topic_settings most = {.partitions = 9999}, over = {.partitions = 10000};
    const struct topic_settings one = {.partitions = 1};
    size_t sizes[4];
    assert_int_equal(split(&most, 3, sizes), 3);
    assert_int_equal(split(&over, 2, sizes), 2);
    assert_int_equal(sizes[0], 1);
    const struct kafka_creation mixed[] = {{"a", &one}, {"b", &over}, {"c", &one}};
    assert_int_equal(request_share_creations(OPERATION_CREATE, mixed, 3), 1);
    assert_int_equal(request_share_creations(OPERATION_CREATE, mixed + 1, 2), 1);
}

static void L4_questions_are_split_by_names(void **state) {
    (void)state;
    static struct kafka_creation creations[1500];
    const struct topic_settings one = {.partitions = 1}, most = {.partitions = 9999};
    for (size_t i = 0; i < 1500; i++)
        creations[i] = (struct kafka_creation){"t", &one};
    assert_int_equal(request_share_creations(OPERATION_ASK, creations, 1500), 250);
    assert_int_equal(request_share_creations(OPERATION_ASK, creations + 1300, 200), 200);
    creations[1].settings = &most;
    assert_int_equal(request_share_creations(OPERATION_ASK, creations, 1500), 1);
}

static void L3_deletions_are_split_by_names(void **state) {
    (void)state;
    assert_int_equal(request_share_deletions(1), 1);
    assert_int_equal(request_share_deletions(10000), 10000);
    assert_int_equal(request_share_deletions(10001), 10000);
}

static void L5_a_request_keeps_its_names_and_bears_any_number(void **state) {
    (void)state;
    const struct topic_settings absurd = {.partitions = 2000000000, .replication_factor = -7};
    char name[] = "name";
    const struct kafka_creation creation = {name, &absurd};
    struct request *request = request_new_creation(OPERATION_CREATE, &creation, 1);
    assert_non_null(request);
    name[0] = 'X';
    assert_int_equal(request->count, 1);
    assert_string_equal(request->results[0].topic, "name");
    assert_null(request_free(request));
    const char *names[] = {"a", "b"};
    request = request_new_deletion(names, 2);
    assert_non_null(request);
    assert_string_equal(request->results[1].topic, "b");
    request_free(request);
}

static void expect_words(rd_kafka_resp_err_t error, const char *text, const char *want) {
    struct buffer words = {0};
    client_words(&words, error, text, &(struct client_hints){0});
    assert_string_equal(words.data, want);
    buffer_free(&words);
}

static void N2_complaints_lose_their_changing_parts(void **state) {
    (void)state;
    expect_words(RD_KAFKA_RESP_ERR__TRANSPORT,
                 "localhost:9092/bootstrap: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in "
                 "state CONNECT, 3 identical error(s) suppressed)",
                 "localhost:9092: Connect to ipv4#127.0.0.1:9092 failed: Connection refused");
    expect_words(RD_KAFKA_RESP_ERR__TRANSPORT, "sasl_ssl://k:9093/12: Disconnected (after 9ms in state UP)",
                 "sasl_ssl://k:9093: Disconnected");
    expect_words(RD_KAFKA_RESP_ERR__SSL, "ssl://k:9093: handshake\nfailed", "ssl://k:9093: handshake failed");
    expect_words(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", "1/1 brokers are down");
    expect_words(RD_KAFKA_RESP_ERR__TRANSPORT, "GroupCoordinator: x (after lunch) y (after 3ms in state UP)",
                 "GroupCoordinator: x (after lunch) y");
}

static void N2_a_broker_that_hangs_is_not_called_old(void **state) {
    (void)state;
    static const char *const complaints[] = {
        "k:9092/bootstrap: ApiVersionRequest failed: Local: Timed out: probably due to broker version < 0.10 (see "
        "api.version.request configuration) (after 10004ms in state APIVERSION_QUERY)",
        "k:9092/1: Connection setup timed out in state APIVERSION_QUERY (after 30021ms in state APIVERSION_QUERY)",
        "k:9092/1: 2 request(s) timed out: disconnect (average rtt 1.234ms) (after 70123ms in state UP)",
    };
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
        expect_words(RD_KAFKA_RESP_ERR__TIMED_OUT, complaints[i], "k:9092: it took the connection and stays silent");
    expect_words(RD_KAFKA_RESP_ERR__TRANSPORT, "k:9092/1: Connection setup timed out in state CONNECT (after 30021ms)",
                 "k:9092: Connection setup timed out in state CONNECT");
}

static void N2_scram_with_an_old_library_has_a_hint(void **state) {
    (void)state;
    const struct property scram[] = {{"sasl.username", "u"}, {"sasl.mechanism", "SCRAM-SHA-512"}};
    const struct property scrams[] = {{"sasl.mechanisms", "scram-sha-256"}};
    const struct property plain[] = {{"sasl.mechanisms", "PLAIN"}};
    struct kafka_settings settings = {.properties = scram, .n_properties = 2};
    assert_true(client_uses_scram(&settings));
    settings = (struct kafka_settings){.properties = scrams, .n_properties = 1};
    assert_true(client_uses_scram(&settings));
    settings = (struct kafka_settings){.properties = plain, .n_properties = 1};
    assert_false(client_uses_scram(&settings));

    struct buffer words = {0};
    client_words(&words, RD_KAFKA_RESP_ERR__AUTHENTICATION, "k:1/bootstrap: no (after 1ms in state X)",
                 &(struct client_hints){.scram = true});
    assert_memory_equal(words.data, "k:1: no", strlen("k:1: no"));
    assert_int_equal(strstr(words.data, "librdkafka 2.6") != NULL, rd_kafka_version() < 0x02060000);
    buffer_free(&words);
    expect_words(RD_KAFKA_RESP_ERR__AUTHENTICATION, "k:1/bootstrap: no (after 1ms in state X)", "k:1: no");
}

static void N2_a_refused_certificate_is_explained(void **state) {
    (void)state;
    struct client_hints hints = {0};
    const char *log = "ssl://k:1/bootstrap: Certificate (subject=/CN=k, issuer=/CN=ca) verification callback failed: "
                      "it has expired";
    assert_false(certificate_words("FAIL", log, &hints.certificate));
    assert_false(certificate_words("SSLCERTVRFY", "ssl://k:1/bootstrap: other words", &hints.certificate));
    assert_null(hints.certificate.data);
    assert_true(certificate_words("SSLCERTVRFY", log, &hints.certificate));
    struct buffer words = {0};
    client_words(&words, RD_KAFKA_RESP_ERR__SSL,
                 "ssl://k:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: "
                 "broker certificate could not be verified, verify that (after 3ms in state SSL_HANDSHAKE)",
                 &hints);
    assert_string_equal(words.data, "ssl://k:1: it has expired (subject=/CN=k, issuer=/CN=ca)");
    buffer_free(&words);
    client_words(&words, RD_KAFKA_RESP_ERR__SSL, "ssl://k:1/bootstrap: SSL handshake failed: eof", &hints);
    assert_string_equal(words.data, "ssl://k:1: SSL handshake failed: eof");
    buffer_free(&words);
    buffer_free(&hints.certificate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(D7_the_controllers_word_decides),
        cmocka_unit_test(L5_good_outcomes_carry_no_error),
        cmocka_unit_test(L5_silence_is_unknown),
        cmocka_unit_test(L5_a_reason_is_a_refusal),
        cmocka_unit_test(L5_a_refusal_has_code_and_words),
        cmocka_unit_test(D7_disabled_deletion_is_explained),
        cmocka_unit_test(L5_what_never_left_was_not_sent),
        cmocka_unit_test(L3_creations_are_split_by_records),
        cmocka_unit_test(L3_a_topic_over_the_limit_goes_alone),
        cmocka_unit_test(L4_questions_are_split_by_names),
        cmocka_unit_test(L3_deletions_are_split_by_names),
        cmocka_unit_test(L5_a_request_keeps_its_names_and_bears_any_number),
        cmocka_unit_test(N2_complaints_lose_their_changing_parts),
        cmocka_unit_test(N2_a_broker_that_hangs_is_not_called_old),
        cmocka_unit_test(N2_scram_with_an_old_library_has_a_hint),
        cmocka_unit_test(N2_a_refused_certificate_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
