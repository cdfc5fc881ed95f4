#include "cmd/options.h"

#include "base/clock.h"
#include "base/diagnostic.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_USEC (60 * USEC_PER_SEC)
/* Far enough for anybody, and no sum of times comes near its limit. */
#define TIMEOUT_SEC_MAX 1000000000.0

/* In the order of --help. */
const struct option_row OPTIONS[] = {
    {"json", NULL, "print JSON", OPTION_JSON, 0},
    {"graph", NULL, "print a graph in Graphviz' DOT", OPTION_GRAPH, 0},
    {"offline", NULL, "compare with the snapshot instead of Kafka", OPTION_OFFLINE, 0},
    {"once", NULL, "reconcile once, then exit", OPTION_ONCE, 0},
    {"timeout", "SEC", "give up after this many seconds (60)", OPTION_TIMEOUT, 0},
    {"yes", NULL, "do not ask; only with the topics' names", OPTION_YES, 0},
    {"journal", "DIR", "read the journal there instead of the system's", OPTION_JOURNAL, 0},
    {"config", "FILE", "configuration (" DEFAULT_CONFIG ")", 0, 'c'},
    {"manifests", "DIR", "manifests directory (" DEFAULT_MANIFESTS ")", 0, 0},
    {"state", "DIR", "state directory ($STATE_DIRECTORY, else " DEFAULT_STATE ")", 0, 0},
    {"runtime", "DIR", "runtime directory ($RUNTIME_DIRECTORY, else " DEFAULT_RUNTIME ")", 0, 0},
    {"bootstrap", "HOST:PORT", "Kafka, instead of what the configuration says", 0, 0},
    {"help", NULL, "print this and exit", 0, 'h'},
    {"version", NULL, "print versions and exit", 0, 0},
    {NULL, NULL, NULL, 0, 0},
};

static const struct option_row *find_name(const char *name, size_t length) {
    for (const struct option_row *row = OPTIONS; row->name; row++)
        if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
            return row;
    return NULL;
}

static const struct option_row *find_letter(char letter) {
    for (const struct option_row *row = OPTIONS; row->name; row++)
        if (row->letter == letter)
            return row;
    return NULL;
}

static int unknown(const char *word, size_t length, struct buffer *error) {
    const char *names[sizeof OPTIONS / sizeof *OPTIONS] = {0};
    for (size_t i = 0; OPTIONS[i].name; i++)
        names[i] = OPTIONS[i].name;
    buffer_puts(error, "unknown option ");
    buffer_append(error, word, length);
    char *name = strndup(word + strspn(word, "-"), length - strspn(word, "-"));
    const char *nearest = name && *name ? diagnostic_nearest(name, names) : NULL;
    if (nearest)
        buffer_printf(error, "; did you mean --%s?", nearest);
    free(name);
    return 1;
}

static int parse_timeout(const char *text, struct options *options, struct buffer *error) {
    char *end;
    double seconds = strtod(text, &end);
    /* The pattern keeps out what strtod() takes beyond decimal numbers: "nan", "inf", "0x10", " 1", "1e3". */
    if (*text == '\0' || *end != '\0' || text[strspn(text, "0123456789.")] != '\0' || seconds > TIMEOUT_SEC_MAX) {
        buffer_printf(error, "--timeout: '%s' is not a number of seconds", text);
        return 1;
    }
    options->timeout_usec = (uint64_t)(seconds * (double)USEC_PER_SEC);
    return 0;
}

static bool *switch_of(struct options *options, const char *name) {
    const struct {
        const char *name;
        bool *value;
    } switches[] = {{"json", &options->json},      {"offline", &options->offline}, {"once", &options->once},
                    {"yes", &options->yes},        {"graph", &options->graph},     {"help", &options->help},
                    {"version", &options->version}};
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (strcmp(switches[i].name, name) == 0)
            return switches[i].value;
    return NULL;
}

static int apply(const struct option_row *row, const char *value, struct options *options, struct buffer *error) {
    options->given |= row->flag;
    if (!row->argument) {
        *switch_of(options, row->name) = true;
        return 0;
    }
    if (*value == '\0') {
        buffer_printf(error, "--%s needs a value: --%s %s", row->name, row->name, row->argument);
        return 1;
    }
    if (row->flag == OPTION_TIMEOUT)
        return parse_timeout(value, options, error);
    if (row->letter == 'c') {
        options->config = value;
        options->config_given = true;
        return 0;
    }
    const char **slot = strcmp(row->name, "manifests") == 0 ? &options->manifests
                        : strcmp(row->name, "state") == 0   ? &options->state
                        : strcmp(row->name, "runtime") == 0 ? &options->runtime
                        : strcmp(row->name, "journal") == 0 ? &options->journal
                                                            : &options->bootstrap;
    *slot = value;
    return 0;
}

/* --name, --name=value, --name value. Takes as many words as it needs from `next`. */
static int parse_long(const char *word, char *const **next, struct options *options, struct buffer *error) {
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct option_row *row = find_name(name, length);
    if (!row)
        return unknown(word, length + 2, error);
    if (equals && !row->argument) {
        buffer_printf(error, "--%s takes no value", row->name);
        return 1;
    }
    const char *value = equals ? equals + 1 : "";
    if (row->argument && !equals && **next)
        value = *(*next)++;
    return apply(row, value, options, error);
}

/* -c FILE, -cFILE, -h, -hc FILE */
static int parse_short(const char *word, char *const **next, struct options *options, struct buffer *error) {
    for (const char *letter = word + 1; *letter; letter++) {
        const struct option_row *row = find_letter(*letter);
        if (!row)
            return unknown(word, strlen(word), error);
        const char *value = row->argument ? letter + 1 : "";
        if (row->argument && *value == '\0' && **next)
            value = *(*next)++;
        int r = apply(row, value, options, error);
        if (r != 0 || row->argument)
            return r;
    }
    return 0;
}

static int parse_words(char *const *next, struct options *options, struct buffer *error) {
    bool only_arguments = false;
    while (*next) {
        const char *word = *next++;
        int r = 0;
        if (!only_arguments && strcmp(word, "--") == 0)
            only_arguments = true;
        else if (!only_arguments && strncmp(word, "--", 2) == 0)
            r = parse_long(word, &next, options, error);
        else if (!only_arguments && word[0] == '-' && word[1])
            r = parse_short(word, &next, options, error);
        else if (!options->command)
            options->command = word;
        else
            r = array_push(&options->arguments, word);
        if (r != 0)
            return r;
    }
    return 0;
}

/* The first of the directories that systemd names in `variable`, else `otherwise`. */
static const char *directory_from(struct arena *arena, const char *variable, const char *otherwise) {
    const char *list = getenv(variable);
    size_t length = list ? strcspn(list, ":") : 0;
    return length > 0 ? arena_strndup(arena, list, length) : otherwise;
}

/* The manifests directory is part of what a snapshot is valid for (D5): however it is spelled here, it is named by one
 * absolute path. Links are not followed: another target is another directory under the same path. */
const char *options_path(struct arena *arena, const char *path) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (strncmp(path, "./", 2) == 0 && length > 2) {
        path += 2;
        length -= 2;
    }
    char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
    bool here = length == 1 && path[0] == '.';
    const char *result = cwd ? arena_printf(arena, "%s%s%.*s", strcmp(cwd, "/") == 0 && !here ? "" : cwd,
                                            here ? "" : "/", here ? 0 : (int)length, path)
                             : arena_strndup(arena, path, length);
    free(cwd);
    return result;
}

int options_parse(int argc, char *const *argv, struct options *ret, struct buffer *error) {
    *ret = (struct options){
        .config = DEFAULT_CONFIG, .manifests = DEFAULT_MANIFESTS, .timeout_usec = DEFAULT_TIMEOUT_USEC};
    ret->state = directory_from(&ret->arena, "STATE_DIRECTORY", DEFAULT_STATE);
    ret->runtime = directory_from(&ret->arena, "RUNTIME_DIRECTORY", DEFAULT_RUNTIME);
    if (!ret->state || !ret->runtime)
        return -ENOMEM;
    int r = argc > 0 ? parse_words(argv + 1, ret, error) : 0;
    if (r == 0 && !(ret->manifests = options_path(&ret->arena, ret->manifests)))
        return -ENOMEM;
    return error->failed ? -ENOMEM : r;
}

void options_free(struct options *options) {
    array_free(&options->arguments);
    arena_free(&options->arena);
    *options = (struct options){0};
}
