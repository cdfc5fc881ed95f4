/* topicd.yaml and its secrets as files, and what must not be shown of them. */
#include "config/config.h"
#include "unit/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct directory {
    char path[64];
};

static int make_directory(void **state) {
    static struct directory directory;
    snprintf(directory.path, sizeof directory.path, "/tmp/topicd-config-XXXXXX");
    *state = &directory;
    return mkdtemp(directory.path) ? setenv("CREDENTIALS_DIRECTORY", directory.path, 1) : -1;
}

static int remove_directory(void **state) {
    static const char *const names[] = {"topicd.yaml", "secret", "empty", "binary"};
    const struct directory *directory = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory->path, names[i]);
        unlink(path);
    }
    return rmdir(directory->path);
}

static void put(const struct directory *directory, const char *name, const char *content, size_t length) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Loads "kafka: {properties: {x: PROPERTY}}", "%s" in it being the directory. */
static int load(const struct directory *directory, const char *property, struct config **ret,
                struct diagnostics *diagnostics) {
    char path[128], text[512] = "kafka:\n  properties:\n    x: ";
    const char *place = strstr(property, "%s");
    snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s%s%s\n",
             place ? (int)(place - property) : (int)strlen(property), property, place ? directory->path : "",
             place ? place + 2 : "");
    put(directory, "topicd.yaml", text, strlen(text));
    snprintf(path, sizeof path, "%s/topicd.yaml", directory->path);
    return config_load(path, false, ret, diagnostics);
}

static void expect_secret(const struct directory *directory, const char *property, const char *expected) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    assert_int_equal(load(directory, property, &config, &diagnostics), 0);
    assert_string_equal(config->properties[0].value, expected);
    config_free(config);
    diagnostics_free(&diagnostics);
}

static void expect_no_secret(const struct directory *directory, const char *property, const char *expected) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    assert_int_equal(load(directory, property, &config, &diagnostics), 1);
    assert_int_equal(diagnostics.list.items[0].mark.line, 3);
    if (!strstr(diagnostics.list.items[0].message, expected))
        assert_string_equal(diagnostics.list.items[0].message, expected);
    diagnostics_free(&diagnostics);
}

static void C_secrets_are_read_from_files(void **state) {
    const struct directory *directory = *state;
    put(directory, "secret", "hunter2\n\n", 9);
    put(directory, "empty", "", 0);
    expect_secret(directory, "{file: %s/secret}", "hunter2\n");
    expect_secret(directory, "{credential: secret}", "hunter2\n");
    put(directory, "secret", "hunter2", 7);
    expect_secret(directory, "{file: %s/secret}", "hunter2");
    expect_secret(directory, "{file: %s/empty}", "");
}

static void C_secrets_that_cannot_be_read_are_errors(void **state) {
    const struct directory *directory = *state;
    put(directory, "binary", "hunter\0", 7);
    expect_no_secret(directory, "{file: %s/none}", "No such file or directory");
    expect_no_secret(directory, "{credential: topicd-test-none}", "cannot read the credential \"topicd-test-none\"");
    expect_no_secret(directory, "{file: %s}", "Is a directory");
    expect_no_secret(directory, "{file: /dev/zero}", "it is not a regular file");
    expect_no_secret(directory, "{file: %s/binary}", "it contains a zero byte");
    expect_no_secret(directory, "{file: relative}", "kafka.properties.x must name its file by an absolute path");
    expect_no_secret(directory, "{credential: ../x}", "must name its credential without slashes");
    expect_no_secret(directory, "{credential: y}", "needs a string behind \"credential:\": quote it");
    expect_no_secret(directory, "{file: /x, credential: z}", "must be one value, {file: PATH} or {credential: NAME}");
    expect_no_secret(directory, "[a]", "must be one value, {file: PATH} or {credential: NAME}");
}

static void C_secrets_are_in_no_message(void **state) {
    (void)state;
    static const char *const texts[] = {
        "kafka: {properties: {sasl.password: {hunter2}}}\n",
        "kafka: {properties: {sasl.password: *hunter2}}\n",
        "kafka: {properties: {sasl.password: !hunter2}}\n",
        "kafka: {properties: {sasl.password: hunter2}, zzz: 1}\n",
        "kafka:\n  properties:\n    SASL.Password:\n      hunter2: x\n",
        "{\"kafka\": {\"properties\": {\"sasl.password\":\n[\"hunter2\"]}}}",
        "kafka:\n  properties:\n    ssl.key.pem: |\n      a\n      b\n     hunter2\n",
        "kafka:\r  properties:\r    sasl.password: @hunter2\r",
        "a: 1\nkafka:\xc2\x85  properties:\xc2\x85# y\xc2\x85    sasl.password: {@hunter2\n#\n#\nb: x\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config *config = NULL;
        struct diagnostics diagnostics = {0};
        struct buffer out = {0};
        assert_int_equal(config_parse(texts[i], strlen(texts[i]), &config, &diagnostics), 1);
        diagnostics_format(&diagnostics, "f", &out);
        if (strstr(out.data, "hunter2"))
            fail_msg("%s", out.data);
        buffer_free(&out);
        diagnostics_free(&diagnostics);
    }
}

static void C_an_absent_file_may_be_optional(void **state) {
    (void)state;
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    assert_int_equal(config_load("/nonexistent/topicd.yaml", false, &config, &diagnostics), -ENOENT);
    assert_null(config);
    assert_int_equal(config_load("/nonexistent/topicd.yaml", true, &config, &diagnostics), 0);
    assert_string_equal(config->topic_prefix, "seldon");
    assert_int_equal(config_load("/tmp", true, &config, &diagnostics), -EISDIR);
    config_free(config);
    diagnostics_free(&diagnostics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(C_secrets_are_read_from_files, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(C_secrets_that_cannot_be_read_are_errors, make_directory, remove_directory),
        cmocka_unit_test(C_secrets_are_in_no_message),
        cmocka_unit_test(C_an_absent_file_may_be_optional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
