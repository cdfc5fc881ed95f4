/* check [FILE|DIR]…: validates manifests, without Kafka. Each directory is judged as a whole (M7), each file for
 * itself; the daemon's own directory (no argument) as the daemon judges it, by what it remembers. */
#include "report/check.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/name.h"
#include "cmd/cmd.h"
#include "reconcile/catalog.h"
#include "reconcile/desired.h"
#include "reconcile/holdings.h"
#include "seldon/naming.h"
#include "store/directory.h"
#include "store/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One argument: a directory with what is in it, or a file as a scan of one. */
struct target {
    struct scan *scan;
    struct snapshot *accepted;
    struct catalog *catalog;
};

struct check {
    struct arena arena;
    const struct options *options;
    struct manifest_options manifest_options;
    struct snapshot *last; /* what the daemon remembers of its directory; NULL: nothing that can be read */
    ARRAY(struct target) targets;
    struct snapshot *all; /* everything that was accepted, to count topics */
    struct check_report report;
};

static void target_free(struct target *target) {
    catalog_free(target->catalog);
    snapshot_free(target->accepted);
    scan_free(target->scan);
}

static void check_free(struct check *check) {
    for (size_t i = 0; i < check->targets.count; i++)
        target_free(&check->targets.items[i]);
    array_free(&check->targets);
    for (size_t i = 0; i < check->report.files.count; i++)
        diagnostics_free(&check->report.files.items[i].remarks);
    array_free(&check->report.files);
    snapshot_free(check->all);
    snapshot_free(check->last);
    arena_free(&check->arena);
}

static int scan_directory(const struct check *check, const char *path, struct scan **ret) {
    struct directory *directory = NULL;
    bool look_again;
    int r = directory_new(path, &check->manifest_options, &directory);
    if (r == 0)
        r = directory_scan(directory, moment_now(), ret, &look_again);
    directory_free(directory);
    return r;
}

/* Standard input, which may be a pipe. Returns 0, -EFBIG or another negative errno. */
static int read_input(struct buffer *text) {
    char bytes[65536];
    ssize_t n;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0) {
        buffer_append(text, bytes, (size_t)n);
        if (text->length > MANIFEST_SIZE_MAX)
            return -EFBIG;
    }
    return n < 0 ? -errno : text->failed ? -ENOMEM : 0;
}

static int read_manifest(const struct check *check, const char *path, struct manifest **ret) {
    struct buffer text = {0};
    int r = strcmp(path, "-") == 0 ? read_input(&text)
                                   : file_read(AT_FDCWD, path, MANIFEST_SIZE_MAX, &text.data, &text.length);
    if (r == 0)
        r = manifest_read(text.data ? text.data : "", text.length, &check->manifest_options, ret);
    else if (r == -EFBIG)
        r = manifest_reject(ret, "the file is over %u MiB", MANIFEST_SIZE_MAX >> 20);
    else if (r != -ENOMEM)
        r = manifest_reject(ret, "%s", r == -EINVAL ? "this is no file with content" : strerror(-r));
    buffer_free(&text);
    return r;
}

static int scan_file(const struct check *check, const char *path, struct scan **ret) {
    struct scan *scan = calloc(1, sizeof *scan);
    if (!scan || array_push(&scan->files, (struct scan_file){0}) < 0) {
        scan_free(scan);
        return -ENOMEM;
    }
    struct scan_file *file = &scan->files.items[0];
    file->name = name_new(strcmp(path, "-") == 0 ? "<stdin>" : path);
    if (!file->name || read_manifest(check, path, &file->manifest) < 0) {
        scan_free(scan);
        return -ENOMEM;
    }
    scan->complete = true;
    scan->started = moment_now();
    *ret = scan;
    return 0;
}

/* What the Pipeline calls and no accepted file of the directory has. It may come later or live elsewhere, and its
 * topics are made in any case; but it may be misspelt. The topics of one owner are neighbours. */
static int remark_pipeline(struct check *check, const struct target *target, const struct resource *pipeline,
                           struct diagnostics *remarks) {
    struct resource last = {0};
    for (size_t i = 0; i < pipeline->n_needs; i++) {
        struct resource owner;
        int r = naming_owner(&check->arena, pipeline->needs[i], check->manifest_options.topic_prefix, &owner);
        if (r < 0)
            return r;
        if (r > 0 || (last.name && resource_compare(&last, &owner) == 0) ||
            holdings_find(target->accepted->holdings, &owner))
            continue;
        last = owner;
        diagnostics_add(remarks, SEVERITY_WARNING, (struct mark){pipeline->line, 1},
                        "Pipeline/%s/%s uses %s/%s/%s, which no accepted manifest here has; "
                        "its topics are made all the same",
                        pipeline->namespace, pipeline->name, resource_kind_name(owner.kind), owner.namespace,
                        owner.name);
    }
    return remarks->failed ? -ENOMEM : 0;
}

static int remark(struct check *check, const struct target *target, struct checked_file *file) {
    const struct resources *resources = file->manifest->resources;
    int r = 0;
    for (size_t i = 0; r == 0 && i < resources->count; i++)
        if (resources->items[i].kind == KIND_PIPELINE)
            r = remark_pipeline(check, target, &resources->items[i], &file->remarks);
    return r;
}

static int count(struct check *check, const struct scan_file *file) {
    struct resources *resources = file->manifest->resources;
    for (size_t i = 0; i < resources->count; i++)
        *(resources->items[i].kind == KIND_MODEL ? &check->report.n_models : &check->report.n_pipelines) += 1;
    if (array_push(&check->all->files, ((struct accepted_file){.name = file->name, .resources = resources})) < 0)
        return -ENOMEM;
    name_ref(file->name);
    resources_ref(resources);
    return 0;
}

/* `directory` NULL: the target is a file, whose name is its path. */
static int report_target(struct check *check, const struct target *target, const char *directory) {
    for (size_t i = 0; i < target->scan->files.count; i++) {
        const struct scan_file *found = &target->scan->files.items[i];
        size_t length = directory ? strlen(directory) : 0;
        const char *slash = length > 0 && directory[length - 1] != '/' ? "/" : "";
        struct checked_file file = {
            .path = arena_printf(&check->arena, "%s%s%s", directory ? directory : "", slash, found->name),
            .manifest = found->manifest,
            .rejected = catalog_rejected(target->catalog, found->name)};
        int r = !file.path ? -ENOMEM : directory && !file.rejected ? remark(check, target, &file) : 0;
        if (r < 0 || array_push(&check->report.files, file) < 0) {
            diagnostics_free(&file.remarks);
            return -ENOMEM;
        }
        check->report.n_rejected += file.rejected != NULL;
        if (!file.rejected && count(check, found) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Judged by what was there before, or as if there had been nothing. Returns 0 or -ENOMEM. */
static int judge(struct target *target, const struct snapshot *last) {
    struct scope scope = {.prefix = "", .namespace = "", .manifests = ""};
    struct snapshot *nothing = last ? NULL : snapshot_new(&scope);
    if (!last && !nothing)
        return -ENOMEM;
    int r = catalog_judge(last ? last : nothing, target->scan, NULL, false, &target->accepted, &target->catalog);
    snapshot_free(nothing);
    return r;
}

/* Looks at one argument. Returns 0; 1 if it said what is wrong; -ENOMEM. */
static int check_target(struct check *check, const char *path) {
    struct target target = {0};
    struct stat st = {.st_mode = S_IFREG}; /* standard input is read as a file */
    if (strcmp(path, "-") != 0 && stat(path, &st) < 0) {
        cmd_fail("cannot look at %s: %s", path, strerror(errno));
        return 1;
    }
    const char *directory = S_ISDIR(st.st_mode) ? path : NULL;
    int r = directory ? scan_directory(check, path, &target.scan) : scan_file(check, path, &target.scan);
    if (r == 0)
        r = judge(&target, check->last);
    if (r == 0)
        r = array_push(&check->targets, target);
    if (r < 0) {
        target_free(&target);
        return r;
    }
    if (!target.scan->complete) {
        cmd_fail("%s", target.scan->error);
        return 1;
    }
    return report_target(check, &target, directory);
}

/* Who holds what, when it is the daemon's own directory that is checked. A snapshot that cannot be read, or is of
 * another scope, is none: what is said then is true of it, too. */
static void recall(struct check *check) {
    const struct options *options = check->options;
    struct scope scope = {.prefix = check->manifest_options.topic_prefix,
                          .namespace = check->manifest_options.default_namespace,
                          .manifests = options->manifests};
    struct buffer why = {0};
    if (options->arguments.count == 0)
        snapshot_file_load(options->state, &check->last, NULL, &why);
    buffer_free(&why);
    if (check->last && !scope_equal(&check->last->scope, &scope))
        check->last = snapshot_free(check->last);
}

static int check_all(struct check *check, bool *ret_complained) {
    const struct options *options = check->options;
    struct scope scope = {.prefix = "", .namespace = "", .manifests = ""};
    check->all = snapshot_new(&scope);
    recall(check);
    size_t count = options->arguments.count;
    int r = check->all ? 0 : -ENOMEM;
    for (size_t i = 0; r >= 0 && i < (count ? count : 1); i++) {
        r = check_target(check, count ? options->arguments.items[i] : options->manifests);
        *ret_complained = *ret_complained || r > 0;
    }
    struct desired *desired = NULL;
    if (r >= 0)
        r = desired_new(check->all, &desired);
    check->report.n_topics = desired ? desired->topics.count : 0;
    desired_free(desired);
    return r;
}

/* Diagnostics to standard error, the summary or the JSON to standard output. */
static int print(const struct check *check, int code) {
    struct buffer problems = {0}, out = {0};
    if (check->options->json) {
        check_format_json(&check->report, &out);
    } else {
        check_format_diagnostics(&check->report, &problems);
        check_format_summary(&check->report, &out);
    }
    if (problems.length > 0)
        fputs(problems.data, stderr);
    out.failed = out.failed || problems.failed;
    buffer_free(&problems);
    return cmd_print(&out, code);
}

int cmd_check(const struct options *options) {
    struct config *config = NULL;
    int code = cmd_load_config(options, &config);
    if (code != EXIT_FINE)
        return code;
    struct check check = {.options = options, .manifest_options = cmd_manifest_options(config)};
    bool complained = false;
    if (check_all(&check, &complained) < 0)
        code = cmd_fail_memory();
    else
        code = print(&check, complained || check.report.n_rejected > 0 ? EXIT_FAILED : EXIT_FINE);
    check_free(&check);
    config_free(config);
    return code;
}
