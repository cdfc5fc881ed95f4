/* The command line as a value. */
#include "cmd/options.h"

#include "base/clock.h"
#include "unit/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS(...) ((char *[]){(char[]){"topicd"}, __VA_ARGS__, NULL})
#define A(text) ((char[]){text})

static struct options options;
static struct buffer error;

static int parse(char **args) {
    int count = 0;
    while (args[count])
        count++;
    options_free(&options);
    buffer_free(&error);
    return options_parse(count, args, &options, &error);
}

static int end(void **state) {
    (void)state;
    options_free(&options);
    buffer_free(&error);
    unsetenv("STATE_DIRECTORY");
    unsetenv("RUNTIME_DIRECTORY");
    return 0;
}

static void C_defaults(void **state) {
    (void)state;
    assert_int_equal(parse(ARGS(A("run"))), 0);
    assert_string_equal(options.command, "run");
    assert_string_equal(options.config, "/etc/topicd/topicd.yaml");
    assert_false(options.config_given);
    assert_string_equal(options.manifests, "/etc/topicd/manifests.d");
    assert_string_equal(options.state, "/var/lib/topicd");
    assert_string_equal(options.runtime, "/run/topicd");
    assert_null(options.bootstrap);
    assert_int_equal(options.timeout_usec, 60 * USEC_PER_SEC);
    assert_int_equal(options.given, 0);
    assert_int_equal(options.arguments.count, 0);
}

static void C_directories_of_systemd(void **state) {
    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
    setenv("RUNTIME_DIRECTORY", "/run/a", 1);
    assert_int_equal(parse(ARGS(A("run"))), 0);
    assert_string_equal(options.state, "/var/lib/a");
    assert_string_equal(options.runtime, "/run/a");
    assert_int_equal(parse(ARGS(A("run"), A("--state=/s"), A("--runtime"), A("/r"))), 0);
    assert_string_equal(options.state, "/s");
    assert_string_equal(options.runtime, "/r");
    setenv("STATE_DIRECTORY", "", 1);
    assert_int_equal(parse(ARGS(A("run"))), 0);
    assert_string_equal(options.state, "/var/lib/topicd");
}

static void C_options_stand_before_or_after_the_command(void **state) {
    (void)state;
    assert_int_equal(parse(ARGS(A("-c"), A("f"), A("check"), A("a"), A("--json"), A("b"), A("--bootstrap"), A("h:1"))),
                     0);
    assert_string_equal(options.command, "check");
    assert_string_equal(options.config, "f");
    assert_true(options.config_given);
    assert_true(options.json);
    assert_int_equal(options.given, OPTION_JSON);
    assert_string_equal(options.bootstrap, "h:1");
    assert_int_equal(options.arguments.count, 2);
    assert_string_equal(options.arguments.items[0], "a");
    assert_string_equal(options.arguments.items[1], "b");
}

static void C_every_spelling_of_an_option(void **state) {
    (void)state;
    assert_int_equal(parse(ARGS(A("-cf"), A("run"), A("--timeout=1.5"), A("--once"))), 0);
    assert_string_equal(options.config, "f");
    assert_int_equal(options.timeout_usec, 1500000);
    assert_int_equal(options.given, OPTION_TIMEOUT | OPTION_ONCE);
    assert_int_equal(parse(ARGS(A("-hc"), A("f"))), 0);
    assert_true(options.help);
    assert_string_equal(options.config, "f");
    assert_int_equal(parse(ARGS(A("--config=a=b"))), 0);
    assert_string_equal(options.config, "a=b");
    assert_int_equal(parse(ARGS(A("check"), A("-"), A("--"), A("--json"), A("-x"))), 0);
    assert_false(options.json);
    assert_int_equal(options.arguments.count, 3);
    assert_string_equal(options.arguments.items[0], "-");
    assert_string_equal(options.arguments.items[2], "-x");
}

static void expect_error(char **args, const char *sentence) {
    assert_int_equal(parse(args), 1);
    assert_string_equal(error.data, sentence);
}

static void C_mistakes_are_named(void **state) {
    (void)state;
    expect_error(ARGS(A("plan"), A("--jsn")), "unknown option --jsn; did you mean --json?");
    expect_error(ARGS(A("--manifest=x")), "unknown option --manifest; did you mean --manifests?");
    expect_error(ARGS(A("--quite-another")), "unknown option --quite-another");
    expect_error(ARGS(A("--=x")), "unknown option --");
    expect_error(ARGS(A("-x")), "unknown option -x");
    expect_error(ARGS(A("--json=yes")), "--json takes no value");
    expect_error(ARGS(A("--state")), "--state needs a value: --state DIR");
    expect_error(ARGS(A("--state=")), "--state needs a value: --state DIR");
    expect_error(ARGS(A("-c")), "--config needs a value: --config FILE");
}

static void C_a_timeout_is_a_number_of_seconds(void **state) {
    (void)state;
    static const char *const BAD[] = {"x", "-1", "1s", "nan", "inf", "0x10", "1e3", " 1", ".", "1.2.3", "99999999999"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char word[32];
        snprintf(word, sizeof word, "%s", BAD[i]);
        assert_int_equal(parse(ARGS(A("wait"), A("--timeout"), word)), 1);
    }
    assert_int_equal(parse(ARGS(A("wait"), A("--timeout"), A("0"))), 0);
    assert_int_equal(options.timeout_usec, 0);
    assert_int_equal(parse(ARGS(A("wait"), A("--timeout"), A("1000000000"))), 0);
    assert_int_equal(options.timeout_usec, UINT64_C(1000000000) * USEC_PER_SEC);
}

static void expect_manifests(const char *given, const char *expected) {
    char word[64];
    snprintf(word, sizeof word, "%s", given);
    assert_int_equal(parse(ARGS(A("run"), A("--manifests"), word)), 0);
    assert_string_equal(options.manifests, expected);
}

static void D5_a_directory_has_one_path_however_it_is_spelled(void **state) {
    (void)state;
    assert_int_equal(chdir("/usr"), 0);
    expect_manifests("/m", "/m");
    expect_manifests("/m/", "/m");
    expect_manifests("/m//", "/m");
    expect_manifests("/", "/");
    expect_manifests("m", "/usr/m");
    expect_manifests("./m/", "/usr/m");
    expect_manifests(".", "/usr");
    expect_manifests("./", "/usr");
    expect_manifests("../m", "/usr/../m");
    assert_int_equal(chdir("/"), 0);
    expect_manifests("m", "/m");
    expect_manifests(".", "/");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(C_defaults, end),
        cmocka_unit_test_teardown(C_directories_of_systemd, end),
        cmocka_unit_test_teardown(C_options_stand_before_or_after_the_command, end),
        cmocka_unit_test_teardown(C_every_spelling_of_an_option, end),
        cmocka_unit_test_teardown(C_mistakes_are_named, end),
        cmocka_unit_test_teardown(C_a_timeout_is_a_number_of_seconds, end),
        cmocka_unit_test_teardown(D5_a_directory_has_one_path_however_it_is_spelled, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
