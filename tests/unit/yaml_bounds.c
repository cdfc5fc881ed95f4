/* A file of 1 MiB costs in proportion to its size, whatever is in it (M4): at most 64 MiB, and so much more of the
 * processor than as many bytes of plain Models that it stays under 200 ms where those take 50. Each text is read in a
 * process of its own, which the kernel measures. */
#include "config/config.h"
#include "seldon/manifest.h"
#include "unit/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 1 << 20, TIMES_MAX = 4, KIB_MAX = 64 << 10, TRIES = 3 };

#define MODELS "---\napiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: m#}\nspec: {storageUri: x}\n"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
enum { CHECKED = 12 }; /* what a sanitizer may make of it */
#else
enum { CHECKED = 1 };
#endif

/* The head, then the line as often as it fits; a '#' in it is a number. */
static char *fill(const char *head, const char *line, size_t *ret_length) {
    char *text = malloc(SIZE + 1), piece[256];
    assert_non_null(text);
    size_t length = strlen(head);
    memcpy(text, head, length);
    for (unsigned n = 0;; n++) {
        const char *hash = strchr(line, '#');
        int put = hash ? snprintf(piece, sizeof piece, "%.*s%u%s", (int)(hash - line), line, n, hash + 1)
                       : snprintf(piece, sizeof piece, "%s", line);
        if (length + (size_t)put > SIZE)
            break;
        memcpy(text + length, piece, (size_t)put);
        length += (size_t)put;
    }
    text[length] = '\0';
    *ret_length = length;
    return text;
}

static void read_manifest(const char *text, size_t length) {
    const struct manifest_options options = {.topic_prefix = "seldon", .default_namespace = "seldon-mesh"};
    struct manifest *manifest;
    struct buffer out = {0};
    if (manifest_read(text, length, &options, &manifest) < 0)
        return;
    diagnostics_format(&manifest->diagnostics, "x.yaml", &out);
    buffer_free(&out);
    manifest_unref(manifest);
}

static void read_config(const char *text, size_t length) {
    struct diagnostics diagnostics = {0};
    struct config *config;
    if (config_parse(text, length, &config, &diagnostics) == 0)
        config_free(config);
    diagnostics_free(&diagnostics);
}

struct cost {
    long usec, kib;
};

static struct cost cost_of(void (*reader)(const char *, size_t), const char *text, size_t length) {
    struct rusage usage = {0};
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        reader(text, length);
        _exit(0);
    }
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_int_equal(status, 0);
    return (struct cost){.usec = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
                                 usage.ru_stime.tv_usec,
                         .kib = usage.ru_maxrss};
}

/* Beyond an empty text. */
static struct cost cost_beyond(void (*reader)(const char *, size_t), const char *text, size_t length) {
    struct cost nothing = cost_of(reader, "", 0), cost = cost_of(reader, text, length);
    return (struct cost){.usec = cost.usec - nothing.usec, .kib = cost.kib - nothing.kib};
}

static void check(const char *head, const char *line) {
    void (*const readers[])(const char *, size_t) = {read_manifest, read_config};
    size_t length, plain_length;
    char *text = fill(head, line, &length), *plain = fill("", MODELS, &plain_length);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        bool cheap = false;
        struct cost cost = {0}, yardstick = {0};
        for (int tries = 0; tries < TRIES && !cheap; tries++) { /* a machine is not busy each time */
            yardstick = cost_beyond(read_manifest, plain, plain_length);
            cost = cost_beyond(readers[i], text, length);
            cheap = cost.usec <= yardstick.usec * TIMES_MAX && cost.kib <= KIB_MAX * CHECKED;
        }
        if (!cheap)
            fail_msg("1 MiB of '%s' behind '%.60s' takes %ld us, plain Models %ld; and %ld KiB", line, head, cost.usec,
                     yardstick.usec, cost.kib);
    }
    free(plain);
    free(text);
}

#define MODEL "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: a}\nspec:\n  storageUri: x\n"
#define PIPELINE "apiVersion: mlops.seldon.io/v1alpha1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n  steps:\n"

static void M4_time_and_memory_are_bounded_whatever_the_syntax(void **state) {
    (void)state;
    static const char *const TEXTS[][2] = {
        {"", "---\n"},
        {"", "---\na: b\n"},
        {"", "# comment\n"},
        {"", "- "},
        {"", "["},
        {"", "{a: "},
        {"[", "a,"},
        {"[", "[],"},
        {"", "k#: v\n"},
        {"", "k: v\n"},
        {"", "- &a# x\n"},
        {"- &a x\n", "- *a\n"},
        {"a: \"", "\\x41"},
        {"a: '", "''"},
        {"a: |\n", "  line\n"},
        {"a: >\n", "  x\n\n"},
        {"", "a"},
        {"? ", "a"},
        {"", "\t"},
        {"", "\n"},
        {"", "\r\n"},
        {"", "!t# a\n---\n"},
        {"%TAG ! x\n", "%A b\n"},
        {"", "\xc3\xa9"},
        {"", "\xff"},
        {"", "- !!str a\n"},
        {"a: ", "b: "},
        {"", "? - a\n"},
        {"&a [*a, ", "*a, "},
        {"- &a [x, x, x]\n- [", "*a,"},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        check(TEXTS[i][0], TEXTS[i][1]);
}

static void M4_time_and_memory_are_bounded_whatever_is_meant(void **state) {
    (void)state;
    static const char *const TEXTS[][2] = {
        {"", "---\napiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: m}\nspec: {storageUri: x}\n"},
        {"apiVersion: v1\nkind: List\nitems:\n",
         "- {apiVersion: mlops.seldon.io/v1alpha1, kind: Model, metadata: {name: m#}, spec: {storageUri: x}}\n"},
        {MODEL, "  storageUrl#: x\n"},
        {MODEL, "  storageUri: x\n"},
        {MODEL "  requirements:\n", "  - r#\n"},
        {MODEL "  ", "storageUri"},
        {PIPELINE, "  - name: s#\n"},
        {PIPELINE, "  - {name: s#, inputs: [s1]}\n"},
        {PIPELINE, "  - {name: s#, inputs: [s#]}\n"},
        {PIPELINE, "  - {name: s, inputs: [s.outputs.#]}\n"},
        {PIPELINE "  - name: a\n    inputs:\n", "    - p#.step.a.outputs\n"},
        {"kafka:\n  properties:\n", "    a#: b\n"},
        {"kafka:\n", "  bootstrop#: b\n"},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        check(TEXTS[i][0], TEXTS[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M4_time_and_memory_are_bounded_whatever_the_syntax),
        cmocka_unit_test(M4_time_and_memory_are_bounded_whatever_is_meant),
    };
    return cmocka_run_group_tests_name("yaml_bounds", tests, NULL, NULL);
}
