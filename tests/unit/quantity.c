/* Which amounts of memory Seldon can turn into bytes (R-M3). */
#include "seldon/quantity.h"

#include "unit/support/cmocka.h"

#include <stdio.h>

struct sample {
    const char *text;
    enum quantity_fault fault;
    const char *better;
};

static void check(const struct sample *samples, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char better[QUANTITY_LENGTH_MAX] = "";
        print_message("# %s\n", samples[i].text);
        assert_int_equal(quantity_check(samples[i].text, better), samples[i].fault);
        assert_string_equal(better, samples[i].better ? samples[i].better : "");
    }
}

#define CHECK(samples) check(samples, sizeof samples / sizeof *samples)

static void M5_whole_amounts(void **state) {
    (void)state;
    static const struct sample SAMPLES[] = {
        {"0", 0, 0},     {"1", 0, 0},       {"007", 0, 0}, {"+5", 0, 0},    {"-5", 0, 0},
        {"1k", 0, 0},    {"1e3", 0, 0},     {"1E3", 0, 0}, {"1e+3", 0, 0},  {"1.5G", 0, 0},
        {"1.5e3", 0, 0}, {"1536Mi", 0, 0},  {"1.", 0, 0},  {"1.Gi", 0, 0},  {"99Ti", 0, 0},
        {"9E", 0, 0},    {"99999Gi", 0, 0}, {"1M", 0, 0},  {"100Ki", 0, 0}, {"999999999999999999", 0, 0},
        {".5k", 0, 0},   {"0e20", 0, 0},
    };
    CHECK(SAMPLES);
}

static void M5_fractions(void **state) {
    (void)state;
    static const struct sample SAMPLES[] = {
        {"0.5", QUANTITY_FRACTION, 0},   {"500m", QUANTITY_FRACTION, 0},
        {"1n", QUANTITY_FRACTION, 0},    {"1e-1", QUANTITY_FRACTION, 0},
        {"0.3Ki", QUANTITY_FRACTION, 0}, {"0.0000000000000000000000000000000000000001", QUANTITY_FRACTION, 0},
    };
    CHECK(SAMPLES);
}

/* Whole numbers of bytes, at which Kubernetes' fast path gives up, and Seldon with it. */
static void M5_whole_amounts_that_seldon_cannot_tell(void **state) {
    (void)state;
    static const struct sample SAMPLES[] = {
        {"1.5Gi", QUANTITY_WRITTEN, "1536Mi"},
        {"1.0Gi", QUANTITY_WRITTEN, "1Gi"},
        {"1000m", QUANTITY_WRITTEN, "1"},
        {"1.0", QUANTITY_WRITTEN, "1"},
        {"0.0", QUANTITY_WRITTEN, "0"},
        {"2000e-3", QUANTITY_WRITTEN, "2"},
        {"100Ti", QUANTITY_WRITTEN, "109951162777600"},
        {"100000Gi", QUANTITY_WRITTEN, "107374182400000"},
        {"1Pi", QUANTITY_WRITTEN, "1125899906842624"},
    };
    CHECK(SAMPLES);
}

static void M5_amounts_that_are_too_large(void **state) {
    (void)state;
    static const struct sample SAMPLES[] = {
        {"10E", QUANTITY_TOO_LARGE, 0},
        {"8Ei", QUANTITY_TOO_LARGE, 0},
        {"1e400", QUANTITY_TOO_LARGE, 0},
        {"1e99999999999999999999", QUANTITY_TOO_LARGE, 0},
        {"1000000000000000000", QUANTITY_TOO_LARGE, 0},
        {"99999999999999999999999999999999999999999999", QUANTITY_TOO_LARGE, 0},
        {"340282366920938463463374607431768211455Ei", QUANTITY_TOO_LARGE, 0},
    };
    CHECK(SAMPLES);
}

static void M5_no_amounts(void **state) {
    (void)state;
    static const struct sample SAMPLES[] = {
        {"", QUANTITY_SYNTAX, 0},      {"lots", QUANTITY_SYNTAX, 0}, {".", QUANTITY_SYNTAX, 0},
        {"Gi", QUANTITY_SYNTAX, 0},    {"1 Gi", QUANTITY_SYNTAX, 0}, {"1gi", QUANTITY_SYNTAX, 0},
        {"1K", QUANTITY_SYNTAX, 0},    {"1e", QUANTITY_SYNTAX, 0},   {"1e1.5", QUANTITY_SYNTAX, 0},
        {"1GB", QUANTITY_SYNTAX, 0},   {"0x10", QUANTITY_SYNTAX, 0}, {"--1", QUANTITY_SYNTAX, 0},
        {"1.5.5", QUANTITY_SYNTAX, 0}, {"e3", QUANTITY_SYNTAX, 0},   {"1\n", QUANTITY_SYNTAX, 0},
    };
    CHECK(SAMPLES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M5_whole_amounts),
        cmocka_unit_test(M5_fractions),
        cmocka_unit_test(M5_whole_amounts_that_seldon_cannot_tell),
        cmocka_unit_test(M5_amounts_that_are_too_large),
        cmocka_unit_test(M5_no_amounts),
    };
    return cmocka_run_group_tests_name("quantity", tests, NULL, NULL);
}
