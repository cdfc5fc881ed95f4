/* Every row of the tables in tests/facts/ against manifest_read(): verdict, topics, and what a removal owes. Runs at
 * the top of the source tree. */
#include "base/file.h"
#include "config/config.h"
#include "seldon/manifest.h"
#include "unit/support/cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTS "tests/facts/"

/* One row; which column is which, the table's own first line says. */
struct row {
    char name[128];
    char path[256];
    const char *config, *verdict, *topics, *owed;
};

struct table {
    char *text;
    ARRAY(struct row) rows;
};

static const char *const COLUMNS[] = {"id", "file", "config", "verdict", "topics", "owed_if_removed"};
enum column { ID, FILE_NAME, CONFIG, VERDICT, TOPICS, OWED, COLUMNS_MAX };

/* Which field of a line each column is in. */
static void read_header(char *line, int position[COLUMNS_MAX]) {
    for (int column = 0; column < COLUMNS_MAX; column++)
        position[column] = -1;
    int at = 0;
    for (char *field; (field = strsep(&line, "\t")); at++)
        for (int column = 0; column < COLUMNS_MAX; column++)
            if (strcmp(field, COLUMNS[column]) == 0)
                position[column] = at;
}

static void read_row(struct table *table, char *line, const char *folder, const int position[COLUMNS_MAX]) {
    const char *columns[COLUMNS_MAX] = {"", "", "", "", "", ""};
    int at = 0;
    for (char *field; (field = strsep(&line, "\t")); at++)
        for (int column = 0; column < COLUMNS_MAX; column++)
            if (position[column] == at)
                columns[column] = field;
    struct row row = {
        .config = columns[CONFIG], .verdict = columns[VERDICT], .topics = columns[TOPICS], .owed = columns[OWED]};
    const char *name = *columns[ID] ? columns[ID] : columns[FILE_NAME];
    snprintf(row.name, sizeof row.name, "M5_%s", name);
    snprintf(row.path, sizeof row.path, FACTS "%s/%s", folder, columns[FILE_NAME]);
    assert_return_code(array_push(&table->rows, row), 0);
}

static void read_table(const char *path, const char *folder, struct table *table) {
    size_t length;
    if (file_read(AT_FDCWD, path, 16 << 20, &table->text, &length) < 0)
        fail_msg("cannot read %s", path);
    int position[COLUMNS_MAX];
    char *rest = table->text;
    read_header(strsep(&rest, "\n"), position);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line)
            read_row(table, line, folder, position);
}

static int compare_strings(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All topics of the manifest, or only those that its removal owes, as the tables write them. */
static void write_topics(const struct manifest *manifest, bool owed, struct buffer *out) {
    ARRAY(const char *) topics = {0};
    for (size_t i = 0; manifest->resources && i < manifest->resources->count; i++) {
        const struct resource *resource = &manifest->resources->items[i];
        for (size_t j = 0; owed && resource->clean && j < 2; j++)
            assert_return_code(array_push(&topics, resource->owned[j]), 0);
        for (size_t j = 0; !owed && j < resource->n_needs; j++)
            assert_return_code(array_push(&topics, resource->needs[j]), 0);
    }
    if (topics.count > 1)
        qsort(topics.items, topics.count, sizeof *topics.items, compare_strings);
    buffer_puts(out, "");
    for (size_t i = 0; i < topics.count; i++)
        if (i == 0 || strcmp(topics.items[i], topics.items[i - 1]) != 0)
            buffer_printf(out, "%s%s", i > 0 ? " " : "", topics.items[i]);
    array_free(&topics);
}

static void assert_topics(const struct manifest *manifest, bool owed, const char *expected) {
    struct buffer topics = {0};
    write_topics(manifest, owed, &topics);
    assert_string_equal(topics.data, expected);
    buffer_free(&topics);
}

/* The table's settings; one of them is abbreviated there. */
static struct manifest_options options_of(const struct row *row) {
    static char long_prefix[221];
    struct manifest_options options = {.topic_prefix = "seldon", .default_namespace = "seldon-mesh"};
    const char *prefix = strstr(row->config, "topicPrefix=");
    if (prefix && strcmp(prefix, "topicPrefix=xxxxx...(220)") == 0)
        options.topic_prefix = memset(long_prefix, 'x', sizeof long_prefix - 1);
    else if (prefix)
        options.topic_prefix = prefix + strlen("topicPrefix=");
    else if (strcmp(row->config, "namespace=''") == 0)
        options.default_namespace = "default";
    else
        assert_string_equal(row->config, "");
    return options;
}

static void print_outcome(const struct row *row, const struct manifest *manifest) {
    struct buffer out = {0};
    if (manifest->resources)
        write_topics(manifest, false, &out);
    else
        diagnostics_format(&manifest->diagnostics, row->path, &out);
    print_message("# %s: topicd %s: %s\n", row->name, manifest->resources ? "accepts" : "rejects", out.data);
    buffer_free(&out);
}

/* The daemon does not even start with these settings. */
static void check_config_error(const char *prefix) {
    struct buffer text = {0};
    struct config *config;
    struct diagnostics diagnostics = {0};
    buffer_printf(&text, "kafka: {topicPrefix: \"%s\"}\n", prefix);
    assert_int_equal(config_parse(text.data, text.length, &config, &diagnostics), 1);
    assert_true(diagnostics.errors > 0);
    diagnostics_free(&diagnostics);
    buffer_free(&text);
}

static void check(const struct row *row, const struct manifest *manifest) {
    if (strcmp(row->verdict, "any") == 0) {
        print_outcome(row, manifest);
        return;
    }
    if (strcmp(row->verdict, "reject") == 0) {
        assert_null(manifest->resources);
        assert_true(manifest->diagnostics.errors > 0);
        return;
    }
    if (!manifest->resources)
        print_outcome(row, manifest);
    assert_non_null(manifest->resources);
    assert_int_equal(manifest->diagnostics.errors, 0);
    if (strcmp(row->verdict, "ignored") == 0)
        assert_int_equal(manifest->resources->count, 0);
    else
        assert_string_equal(row->verdict, "accept");
    assert_topics(manifest, false, row->topics);
    assert_topics(manifest, true, row->owed);
}

static void test_row(void **state) {
    const struct row *row = *state;
    char *text;
    size_t length;
    if (file_read(AT_FDCWD, row->path, MANIFEST_SIZE_MAX, &text, &length) < 0)
        fail_msg("cannot read %s", row->path);
    struct manifest_options options = options_of(row);
    struct manifest *manifest;
    assert_return_code(manifest_read(text, length, &options, &manifest), 0);
    if (strcmp(row->verdict, "config-error") == 0)
        check_config_error(options.topic_prefix);
    else
        check(row, manifest);
    manifest_unref(manifest);
    free(text);
}

int main(void) {
    struct table tables[2] = {0};
    read_table(FACTS "samples.tsv", "samples", &tables[0]);
    read_table(FACTS "adversarial.tsv", "adversarial", &tables[1]);
    ARRAY(struct CMUnitTest) tests = {0};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < tables[i].rows.count; j++) {
            struct row *row = &tables[i].rows.items[j];
            struct CMUnitTest test = {.name = row->name, .test_func = test_row, .initial_state = row};
            if (array_push(&tests, test) < 0)
                return 1;
        }
    int failed = _cmocka_run_group_tests("facts", tests.items, tests.count, NULL, NULL);
    array_free(&tests);
    for (size_t i = 0; i < 2; i++) {
        array_free(&tables[i].rows);
        free(tables[i].text);
    }
    return failed;
}
