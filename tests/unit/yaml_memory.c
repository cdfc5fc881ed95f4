/* Every allocation of yaml_parse, schema_check and config_parse fails once: the answer is -ENOMEM or success, and
 * nothing is lost. */
#include "config/config.h"
#include "unit/support/cmocka.h"
#include "yaml/schema.h"

#include <dlfcn.h>
#include <string.h>

static long fail_in = -1; /* how many allocations go well before one fails; -1: all */
static long live;         /* allocations that were not freed */
static bool failed;

/* ---- malloc and its kin, which fail when told; not under ASan, which has its own ---- */

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
enum { CAN_FAIL = false };
#else
enum { CAN_FAIL = true };

static bool fails(void) {
    if (fail_in < 0 || fail_in-- > 0)
        return false;
    failed = true;
    return true;
}

static void *find(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

void *malloc(size_t size) {
    static void *(*next)(size_t);
    if (!next)
        *(void **)&next = find("malloc");
    void *memory = fails() ? NULL : next(size);
    live += memory != NULL;
    return memory;
}

void *calloc(size_t nmemb, size_t size) {
    static void *(*next)(size_t, size_t);
    if (!next)
        *(void **)&next = find("calloc");
    void *memory = fails() ? NULL : next(nmemb, size);
    live += memory != NULL;
    return memory;
}

void *realloc(void *ptr, size_t size) {
    static void *(*next)(void *, size_t);
    if (!next)
        *(void **)&next = find("realloc");
    void *memory = fails() ? NULL : next(ptr, size);
    live += memory != NULL && ptr == NULL;
    return memory;
}

void free(void *ptr) {
    static void (*next)(void *);
    if (!next)
        *(void **)&next = find("free");
    live -= ptr != NULL;
    next(ptr);
}

#endif

/* ---- the tests ---- */

static const struct field item = {.type = FIELD_STRING};
static const struct field inner[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED},
    {.name = "inputs", .type = FIELD_LIST, .item = &item},
    {.name = "map", .type = FIELD_MAP, .item = &item},
    {0},
};
static const struct field step = {.type = FIELD_OBJECT, .fields = inner};
static const struct field fields[] = {
    {.name = "steps", .type = FIELD_LIST, .item = &step},
    {.name = "replicas", .type = FIELD_INTEGER, .min = 0, .max = 9},
    {0},
};

static const char manifest[] = "steps:\n- &s {name: a, inputs: [x, y, 3]}\n- {<<: *s, name: b}\n- {name: c, name: d}\n"
                               "- {nam: yes}\n- {map: {x: y, y: \"a\\tb\", ? |\n  z\n : '2'}}\nreplicas: 12\n---\n"
                               "steps: !!seq [{name: !!str 1}]\n---\n? a\n: [1.5, 0x10, ~]\n---\nbroken: [a\n";
static const char objects[] =
    "{\"steps\": [{\"name\": \"a\"}]}\n{\"steps\": [{\"name\": \"\\ud83d\\ude00\"}]}\n{\"replicas\": \"1\"}";
static const char settings[] = "kafka: {bootstrap: 'a:1,b:2', topicPrefix: p, topics: {config: {a: 1, b: true}},\n"
                               "  properties: {ssl.ca.location: /x, sasl.password: {credential: z}}}\n"
                               "namespace: x\ndeletion: {limit: {topics: 3}}\n";

static int check_manifest(const char *text) {
    struct arena arena = {0};
    struct documents documents;
    struct diagnostics diagnostics = {0};
    const struct schema_options options = {.unknown_is_warning = true};
    int r = yaml_parse(text, strlen(text), &arena, &documents, &diagnostics);
    size_t budget = schema_budget(documents.nodes);
    for (size_t i = 0; r == 0 && i < documents.roots.count; i++)
        r = schema_check(documents.roots.items[i], fields, "", &options, &budget, &diagnostics);
    array_free(&documents.roots);
    arena_free(&arena);
    diagnostics_free(&diagnostics);
    return r;
}

static int read_config(const char *text) {
    struct config *config = NULL;
    struct diagnostics diagnostics = {0};
    int r = config_parse(text, strlen(text), &config, &diagnostics);
    assert_true((r == 0) == (config != NULL));
    config_free(config);
    diagnostics_free(&diagnostics);
    return r;
}

static void fail_each(int (*function)(const char *), const char *text, int expected) {
    long before = live, n = 0;
    do {
        failed = false;
        fail_in = n++;
        int r = function(text);
        fail_in = -1;
        if (r != expected && !(failed && r == -ENOMEM))
            fail_msg("%d after allocation %ld failed", r, n);
        assert_int_equal(live, before);
    } while (failed);
    assert_true(n > 10 || !CAN_FAIL);
}

static void S2_parsing_survives_failing_allocations(void **state) {
    (void)state;
    fail_each(check_manifest, manifest, 0);
    fail_each(check_manifest, objects, 0);
}

static void S2_configuration_survives_failing_allocations(void **state) {
    (void)state;
    fail_each(read_config, settings, 0);
    fail_each(read_config, "kafka: {bootstrp: 1, properties: {opaque: 1, ssl.key.password: x}}\nnamespace: A\n", 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(S2_parsing_survives_failing_allocations),
        cmocka_unit_test(S2_configuration_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
