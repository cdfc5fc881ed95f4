/* kafka/ where no broker is: what a session does when its threads are ahead of it, or hang. Two functions that are
 * called on the way are replaced here, to make that happen every time. */
#include "kafka/kafka.h"
#include "unit/support/cmocka.h"

#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int delay_msec;               /* between the library's start and kafka_open() listening to it */
static atomic_bool look_up_hangs;    /* looking up a name takes 5 s */
static atomic_int hanging, failures; /* look-ups that hang; calls of failed() */

int getaddrinfo(const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    hanging++;
    for (int i = 0; i < 5000 && look_up_hangs; i++)
        usleep(1000);
    hanging--;
    return real(name, service, req, pai);
}

rd_kafka_queue_t *rd_kafka_queue_get_main(rd_kafka_t *rk) {
    rd_kafka_queue_t *(*real)(rd_kafka_t *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "rd_kafka_queue_get_main");
    usleep((useconds_t)delay_msec * 1000);
    return real(rk);
}

static double now_msec(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void answered(void *userdata, enum operation operation, const struct topic_result *results, size_t count) {
    enum outcome *ret = userdata;
    assert_int_equal(operation, OPERATION_DELETE);
    assert_int_equal(count, 1);
    assert_string_equal(results->topic, "t");
    *ret = results->outcome;
}

static void failed(void *userdata, const char *code, const char *message) {
    (void)userdata;
    (void)code;
    (void)message;
    failures++;
}

static void logged(void *userdata, int level, const char *message) {
    (void)userdata;
    (void)level;
    (void)message;
}

static struct kafka *open_session(const char *bootstrap, enum outcome *outcome) {
    const struct kafka_settings settings = {.bootstrap = bootstrap, .request_timeout_msec = 300};
    const struct kafka_handlers handlers = {answered, failed, logged};
    struct kafka *kafka;
    struct buffer error = {0};
    assert_int_equal(kafka_open(&settings, &handlers, outcome, &kafka, &error), 0);
    return kafka;
}

static void expect_not_sent(struct kafka *kafka, const enum outcome *outcome) {
    const char *topics[] = {"t"};
    assert_int_equal(kafka_delete(kafka, topics, 1), 0);
    for (double start = now_msec(); kafka_in_flight(kafka) > 0;) {
        struct pollfd fd = {.fd = kafka_fd(kafka), .events = POLLIN};
        assert_true(now_msec() - start < 3000);
        if (poll(&fd, 1, 100) > 0)
            kafka_dispatch(kafka);
    }
    assert_int_equal(*outcome, OUTCOME_NOT_SENT);
    assert_null(kafka_cluster_id(kafka));
}

static void L2_events_before_anybody_listens_are_not_lost(void **state) {
    (void)state;
    enum outcome outcome = OUTCOME_DONE;
    delay_msec = 200; /* the connection is refused by then */
    struct kafka *kafka = open_session("127.0.0.1:1", &outcome);
    delay_msec = 0;
    expect_not_sent(kafka, &outcome);
    assert_true(failures > 0);
    kafka_close(kafka);
}

static void L2_closing_does_not_wait_for_a_name_look_up(void **state) {
    (void)state;
    enum outcome outcome = OUTCOME_DONE;
    look_up_hangs = true;
    struct kafka *kafka = open_session("kafka.example:9092", &outcome);
    expect_not_sent(kafka, &outcome);
    assert_true(hanging > 0);
    double start = now_msec();
    kafka_close(kafka);
    double took = now_msec() - start;
    look_up_hangs = false;
    if (took > 500)
        fail_msg("it took %.0f ms", took);
    while (hanging > 0)
        usleep(1000);
    usleep(50000); /* the client ends now, behind our back */
}

static void L2_closing_in_flight_is_quick(void **state) {
    (void)state;
    enum outcome outcome = OUTCOME_DONE;
    struct kafka *kafka = open_session("127.0.0.1:1", &outcome);
    const char *topics[] = {"t"};
    assert_int_equal(kafka_delete(kafka, topics, 1), 0);
    double start = now_msec();
    assert_null(kafka_close(kafka));
    assert_true(now_msec() - start < 100);
    assert_int_equal(outcome, OUTCOME_DONE); /* nobody was told */
    assert_null(kafka_close(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(L2_events_before_anybody_listens_are_not_lost),
        cmocka_unit_test(L2_closing_does_not_wait_for_a_name_look_up),
        cmocka_unit_test(L2_closing_in_flight_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
