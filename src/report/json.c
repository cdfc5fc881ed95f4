#include "report/json.h"

#include "base/clock.h"
#include "report/words.h"

static json_t *take_buffer(struct buffer *buffer) {
    json_t *text = buffer->failed ? NULL : json_string(buffer->data ? buffer->data : "");
    buffer_free(buffer);
    return text;
}

json_t *json_text(const char *text) {
    if (!text)
        return json_null();
    if (words_is_utf8(text))
        return json_string(text);
    struct buffer clean = {0}; /* jansson refuses it */
    words_clean(text, &clean);
    return take_buffer(&clean);
}

json_t *json_time(uint64_t wall_usec) {
    if (wall_usec == 0 || wall_usec == USEC_NEVER)
        return json_null();
    struct buffer text = {0};
    words_time(wall_usec, &text);
    return take_buffer(&text);
}

json_t *json_owner(enum resource_kind kind, const char *namespace, const char *name) {
    struct buffer text = {0};
    owner_format(kind, namespace, name, &text);
    return take_buffer(&text);
}

int json_push(json_t *array, json_t *item) {
    return json_array_append_new(array, item) < 0 ? -ENOMEM : 0;
}

json_t *json_checked(json_t *array, int r) {
    if (r < 0)
        json_decref(array);
    return r < 0 ? NULL : array;
}

json_t *json_diagnostics(const struct diagnostic *list, size_t count, enum severity severity) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        if (list[i].severity == severity)
            r = json_push(array, json_pack("{s:I, s:I, s:o}", "line", (json_int_t)list[i].mark.line, "column",
                                           (json_int_t)list[i].mark.column, "message", json_text(list[i].message)));
    return json_checked(array, r);
}

json_t *json_rejected_files(const struct catalog *catalog) {
    json_t *array = json_array();
    int r = array ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && catalog && i < catalog->rejected.count; i++) {
        const struct rejected_file *file = &catalog->rejected.items[i];
        r = json_push(array, json_pack("{s:o, s:o}", "file", json_text(file->name), "errors",
                                       json_diagnostics(file->errors, file->n_errors, SEVERITY_ERROR)));
    }
    return json_checked(array, r);
}

static int append(const char *bytes, size_t length, void *out) {
    buffer_append(out, bytes, length);
    return 0;
}

int json_finish(json_t *document, struct buffer *out) {
    if (!document || json_dump_callback(document, append, out, JSON_INDENT(2)) < 0)
        out->failed = true;
    json_decref(document);
    buffer_puts(out, "\n");
    return out->failed ? -ENOMEM : 0;
}
