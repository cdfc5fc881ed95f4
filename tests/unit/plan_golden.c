/* Golden plans: tests/golden/plan/NAME.case is a history (its language is in support/script.h), NAME.plan what topicd
 * decides on the way. With --write it makes the expected plans anew: the diff is the review. One test a case. Runs at
 * the top of the source tree. */
#include "unit/support/cmocka.h"
#include "unit/support/script.h"

#include <dirent.h>

#define CASES "tests/golden/plan"

/* A command that the world understands: `a` and `b` are its arguments, "" if missing. */
struct command {
    const char *name;
    void (*run)(struct script *script, const char *a, const char *b);
};

static uint64_t usec_of(const char *seconds) {
    return (uint64_t)(strtod(seconds, NULL) * (double)USEC_PER_SEC + 0.5);
}

static void cmd_write(struct script *script, const char *a, const char *b) {
    char name[24];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(a, ":"), a);
    world_write(&script->world, name, b);
}
static void cmd_remove(struct script *script, const char *a, const char *b) {
    (void)b;
    world_remove(&script->world, a);
}
static void cmd_rename(struct script *script, const char *a, const char *b) {
    world_rename(&script->world, a, b);
}
static void cmd_exchange(struct script *script, const char *a, const char *b) {
    world_exchange(&script->world, a, b);
}
static void cmd_lose(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script->world.lost = true;
}
static void cmd_find(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script->world.lost = false;
}
/* Keeps a copy of a text in its own place. */
static const char *keep(struct script *script, size_t place, const char *text) {
    snprintf(script->texts[place], sizeof script->texts[place], "%s", text);
    return script->texts[place];
}
static void cmd_directory(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.directory = keep(script, 0, a);
}
static void cmd_after(struct script *script, const char *a, const char *b) {
    (void)b;
    world_pass(&script->world, usec_of(a));
}
static void cmd_clock(struct script *script, const char *a, const char *b) {
    (void)b;
    if (a[0] == '-')
        script->world.now.wall_usec -= usec_of(a + 1);
    else
        script->world.now.wall_usec += usec_of(a);
}
static void cmd_prefix(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.scope.prefix = keep(script, 1, a);
}
static void cmd_namespace(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.scope.namespace = keep(script, 2, a);
}
static void cmd_manifests(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.scope.manifests = keep(script, 3, a);
}
static void cmd_cluster(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.cluster = strcmp(a, "none") == 0 ? NULL : keep(script, 4, a);
}
static void cmd_enabled(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.rules.enabled = strcmp(a, "yes") == 0;
}
static void cmd_grace(struct script *script, const char *a, const char *b) {
    (void)b;
    script->world.rules.grace_usec = usec_of(a);
}
static void cmd_limit(struct script *script, const char *a, const char *b) {
    script->world.rules.limit_topics = (unsigned)atoi(a);
    script->world.rules.limit_period_usec = usec_of(b);
}
static void all_fates(struct script *script, struct fate fate) {
    for (size_t i = 0; i < sizeof script->fates / sizeof *script->fates; i++)
        script->fates[i] = fate;
}
static void cmd_answers(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    all_fates(script, (struct fate){0});
}
static void cmd_slow(struct script *script, const char *a, const char *b) {
    (void)b;
    all_fates(script, (struct fate){.answer_usec = usec_of(a)});
}
static void cmd_only(struct script *script, const char *a, const char *b) {
    (void)b;
    snprintf(script->only, sizeof script->only, "%s", a);
}
static void cmd_refuses(struct script *script, const char *a, const char *b) {
    (void)b;
    enum operation operation = strcmp(a, "create") == 0   ? OPERATION_CREATE
                               : strcmp(a, "delete") == 0 ? OPERATION_DELETE
                                                          : OPERATION_ASK;
    script->fates[operation].outcome = OUTCOME_REFUSED;
}
static void cmd_silent(struct script *script, const char *a, const char *b) {
    (void)b;
    all_fates(script, (struct fate){.outcome = OUTCOME_UNKNOWN, .carry_out_usec = a[0] ? usec_of(a) : USEC_NEVER});
}
static void cmd_down(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    all_fates(script, (struct fate){.outcome = OUTCOME_NOT_SENT});
}
static void cmd_topic(struct script *script, const char *a, const char *b) {
    (void)b;
    broker_create(&script->broker, a);
}
static void cmd_untopic(struct script *script, const char *a, const char *b) {
    (void)b;
    broker_remove(&script->broker, a);
}
static void cmd_stop(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script_stop(script);
}
static void cmd_start(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script_start(script);
}
static void cmd_restart(struct script *script, const char *a, const char *b) {
    cmd_stop(script, a, b);
    cmd_start(script, a, b);
}
static void cmd_look(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script_turn(script, true, true, true, false);
}
static void cmd_turn(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script_turn(script, false, true, true, false);
}
static void cmd_unsaved(struct script *script, const char *a, const char *b) {
    script_turn(script, true, false, false, false);
    cmd_restart(script, a, b);
}
static void cmd_unsent(struct script *script, const char *a, const char *b) {
    script_turn(script, true, true, false, false);
    cmd_restart(script, a, b);
}
/* A turn that begins with what arrived alone, if it can. */
static void cmd_glance(struct script *script, const char *a, const char *b) {
    (void)a;
    (void)b;
    script->world.glances = true;
    script_turn(script, true, true, true, false);
    script->world.glances = false;
    if (script->world.looked)
        buffer_puts(&script->out, "  nothing arrived: all was looked at\n");
}

static void cmd_resync(struct script *script, const char *a, const char *b) {
    ledger_ask_all(&script->world.ledger);
    cmd_look(script, a, b);
}
static void answer(struct script *script, const char *id, bool approve) {
    size_t index = strncmp(id, "id", 2) == 0 ? (size_t)atoi(id + 2) : 0;
    if (index == 0 || index > script->n_ids)
        script->error = "an id that has not appeared";
    else
        script->answer = (struct world_answer){.id = script->ids[index - 1], .approve = approve};
}
static void cmd_approve(struct script *script, const char *a, const char *b) {
    (void)b;
    answer(script, a, true);
}
static void cmd_deny(struct script *script, const char *a, const char *b) {
    (void)b;
    answer(script, a, false);
}
static void cmd_settle(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script_settle(script);
}

static void cmd_new(struct script *script, const char *a, const char *b) {
    (void)a, (void)b;
    script_end(script);
    script_begin(script);
}

static const struct command COMMANDS[] = {
    {"write", cmd_write},         {"remove", cmd_remove},   {"rename", cmd_rename},   {"exchange", cmd_exchange},
    {"lose", cmd_lose},           {"find", cmd_find},       {"after", cmd_after},     {"directory", cmd_directory},
    {"clock", cmd_clock},         {"prefix", cmd_prefix},   {"cluster", cmd_cluster}, {"namespace", cmd_namespace},
    {"manifests", cmd_manifests}, {"enabled", cmd_enabled}, {"grace", cmd_grace},     {"limit", cmd_limit},
    {"answers", cmd_answers},     {"refuses", cmd_refuses}, {"silent", cmd_silent},   {"down", cmd_down},
    {"topic", cmd_topic},         {"untopic", cmd_untopic}, {"stop", cmd_stop},       {"start", cmd_start},
    {"restart", cmd_restart},     {"look", cmd_look},       {"turn", cmd_turn},       {"unsaved", cmd_unsaved},
    {"unsent", cmd_unsent},       {"resync", cmd_resync},   {"approve", cmd_approve}, {"deny", cmd_deny},
    {"settle", cmd_settle},       {"slow", cmd_slow},       {"new", cmd_new},         {"only", cmd_only},
    {"glance", cmd_glance},
};

static void run_line(struct script *script, char *line) {
    char *a = line + strcspn(line, " "), *b;
    buffer_printf(&script->out, "%s%s\n", line[0] == '#' || !line[0] ? "" : "> ", line);
    if (line[0] == '#' || !line[0])
        return;
    if (*a)
        *a++ = '\0';
    b = a + strcspn(a, " ");
    if (*b)
        *b++ = '\0';
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (strcmp(COMMANDS[i].name, line) == 0) {
            COMMANDS[i].run(script, a, b);
            return;
        }
    script->error = "an unknown command";
}

static char *run_script(char *text) {
    struct script *script = calloc(1, sizeof *script);
    assert_non_null(script);
    script_begin(script);
    for (char *state, *line = strtok_r(text, "\n", &state); line && !script->error; line = strtok_r(NULL, "\n", &state))
        run_line(script, line);
    if (script->error)
        fail_msg("%s", script->error);
    char *out = script->out.data;
    script_end(script);
    free(script);
    return out;
}

static char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!file)
        return NULL;
    if (getdelim(&text, &size, EOF, file) < 0)
        text[0] = '\0';
    fclose(file);
    return text;
}

/* Shows the first line that differs. */
static void compare(const char *path, const char *wanted, const char *got) {
    size_t line = 1, start = 0, i = 0;
    for (; wanted[i] && wanted[i] == got[i]; i++)
        if (wanted[i] == '\n') {
            line++;
            start = i + 1;
        }
    if (wanted[i] != got[i])
        fail_msg("%s:%zu: expected \"%.*s\", got \"%.*s\"", path, line, (int)strcspn(wanted + start, "\n"),
                 wanted + start, (int)strcspn(got + start, "\n"), got + start);
}

/* Runs NAME.case; the result has to be freed, and `path` is that of NAME.plan. */
static char *run_case(const char *name, char path[static 256]) {
    snprintf(path, 256, CASES "/%s.case", name);
    char *text = read_text(path), *got = text ? run_script(text) : NULL;
    if (!got)
        fail_msg("%s cannot be read", path);
    free(text);
    snprintf(path, 256, CASES "/%s.plan", name);
    return got;
}

static void check_case(void **state) {
    char path[256], *got = run_case(*state, path), *wanted = read_text(path);
    if (!wanted)
        fail_msg("%s does not exist: make golden", path);
    compare(path, wanted, got);
    free(got);
    free(wanted);
}

static void write_case(void **state) {
    char path[256], *got = run_case(*state, path);
    FILE *file = fopen(path, "w");
    if (!file || fputs(got, file) < 0 || fclose(file) != 0)
        fail_msg("%s cannot be written", path);
    free(got);
}

static int is_case(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".case") == 0;
}

int main(int argc, char **argv) {
    CMUnitTestFunction run = argc > 1 && strcmp(argv[1], "--write") == 0 ? write_case : check_case;
    struct dirent **entries;
    int count = scandir(CASES, &entries, is_case, alphasort);
    if (count <= 0) {
        fprintf(stderr, "no cases in %s: run from the top of the tree\n", CASES);
        return 1;
    }
    struct CMUnitTest *tests = calloc((size_t)count, sizeof *tests);
    if (!tests)
        return 1;
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 5] = '\0';
        tests[i] = (struct CMUnitTest){entries[i]->d_name, run, NULL, NULL, entries[i]->d_name};
    }
    int failed = _cmocka_run_group_tests("plan_golden", tests, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(tests);
    return failed;
}
