#include "report/check.h"

#include "report/json.h"
#include "report/words.h"

/* What other files say about this one: its own diagnostics do not have it. */
static void format_claim(const struct rejected_file *rejected, const char *file, struct buffer *out) {
    struct diagnostics claims = {0};
    for (size_t i = 0; i < rejected->n_errors; i++)
        diagnostics_add(&claims, SEVERITY_ERROR, rejected->errors[i].mark, "%s", rejected->errors[i].message);
    diagnostics_format(&claims, file, out);
    out->failed = out->failed || claims.failed;
    diagnostics_free(&claims);
}

void check_format_diagnostics(const struct check_report *report, struct buffer *out) {
    for (size_t i = 0; i < report->files.count; i++) {
        const struct checked_file *file = &report->files.items[i];
        struct buffer path = {0};
        words_clean(file->path, &path);
        if (path.data) {
            diagnostics_format(&file->manifest->diagnostics, path.data, out);
            if (file->rejected && file->manifest->resources)
                format_claim(file->rejected, path.data, out);
            diagnostics_format(&file->remarks, path.data, out);
        }
        out->failed = out->failed || path.failed;
        buffer_free(&path);
    }
}

void check_format_summary(const struct check_report *report, struct buffer *out) {
    words_count(report->files.count, "file", out);
    if (report->n_rejected > 0)
        buffer_printf(out, " (%zu rejected)", report->n_rejected);
    buffer_puts(out, ": ");
    words_count(report->n_models, "model", out);
    buffer_puts(out, ", ");
    words_count(report->n_pipelines, "pipeline", out);
    buffer_puts(out, ", ");
    words_count(report->n_topics, "topic", out);
    buffer_puts(out, "\n");
}

static json_t *topics(const struct resource *resource) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < resource->n_needs; i++)
        r = json_push(array, json_text(resource->needs[i]));
    return json_checked(array, r);
}

static json_t *resources(const struct checked_file *file) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    const struct resources *list = file->rejected ? NULL : file->manifest->resources;
    for (size_t i = 0; r == 0 && list && i < list->count; i++) {
        const struct resource *resource = &list->items[i];
        r = json_push(array, json_pack("{s:s, s:o, s:o, s:b, s:o}", "kind", resource_kind_name(resource->kind),
                                       "namespace", json_text(resource->namespace), "name", json_text(resource->name),
                                       "cleanTopicsOnDelete", resource->clean, "topics", topics(resource)));
    }
    return json_checked(array, r);
}

static json_t *warnings(const struct checked_file *file) {
    const struct diagnostics *own = &file->manifest->diagnostics, *remarks = &file->remarks;
    json_t *array = json_diagnostics(own->list.items, own->list.count, SEVERITY_WARNING);
    json_t *more = json_diagnostics(remarks->list.items, remarks->list.count, SEVERITY_WARNING);
    int r = array && more && json_array_extend(array, more) == 0 ? 0 : -ENOMEM;
    json_decref(more);
    return json_checked(array, r);
}

static json_t *one_file(const struct checked_file *file) {
    const struct rejected_file *rejected = file->rejected;
    return json_pack(
        "{s:o, s:b, s:o, s:o, s:o}", "file", json_text(file->path), "accepted", !rejected, "resources", resources(file),
        "errors",
        json_diagnostics(rejected ? rejected->errors : NULL, rejected ? rejected->n_errors : 0, SEVERITY_ERROR),
        "warnings", warnings(file));
}

int check_format_json(const struct check_report *report, struct buffer *out) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < report->files.count; i++)
        r = json_push(array, one_file(&report->files.items[i]));
    return json_finish(json_pack("{s:o}", "files", json_checked(array, r)), out);
}
