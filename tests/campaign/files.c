#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(const struct files *files, const char *name, char out[512]) {
    snprintf(out, 512, "%s/%s", files->path, name);
}

/* ---- the timeline ---- */

static uint64_t begun;

/* Before a change … */
static void begin(void) {
    begun = now_usec();
}

/* … and after it. */
static void note(struct files *files) {
    struct timeline *timeline = &files->timeline;
    timeline->items = need(realloc(timeline->items, (timeline->count + 1) * sizeof *timeline->items));
    struct state *state = &timeline->items[timeline->count++];
    memcpy(state->content, files->now, sizeof state->content);
    state->begin = begun;
    state->end = now_usec();
}

const struct state *files_last(const struct files *files) {
    return &files->timeline.items[files->timeline.count - 1];
}

void files_touch(const struct files *files) {
    char path[512];
    path_of(files, ".touched", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
}

/* ---- contents ---- */

int files_content(struct files *files, struct content content) {
    struct contents *contents = &files->contents;
    contents->items = need(realloc(contents->items, (contents->count + 1) * sizeof *contents->items));
    contents->items[contents->count] = content;
    return (int)contents->count++;
}

static void print_content(FILE *out, const struct content *content, int number) {
    fprintf(out, "# %d\n", number);
    if (content->kind == CONTENT_BROKEN)
        fprintf(out, "apiVersion: mlops.seldon.io/v1alpha1\nkind: Modell\n");
    for (int id = 0; content->kind == CONTENT_GOOD && id < IDS; id++) {
        if (!(content->ids >> id & 1))
            continue;
        fprintf(out, "---\napiVersion: mlops.seldon.io/v1alpha1\nkind: %s\nmetadata: {name: %s%d}\nspec:\n",
                id < MODELS ? "Model" : "Pipeline", id < MODELS ? "m" : "p", id < MODELS ? id : id - MODELS);
        if (id < MODELS)
            fprintf(out, "  storageUri: gs://x\n");
        else
            fprintf(out, "  steps:\n");
        for (int used = 0; id >= MODELS && used < MODELS; used++)
            if (content->uses[id - MODELS] >> used & 1)
                fprintf(out, "    - name: m%d\n", used);
        for (int used = 0, n = 0; id >= MODELS && used < MODELS; used++)
            if (content->uses[id - MODELS] >> used & 1)
                fprintf(out, "%s      - m%d\n", n++ ? "" : "  output:\n    steps:\n", used);
        if (content->clean >> id & 1)
            fprintf(out, "  dataflow: {cleanTopicsOnDelete: true}\n");
    }
}

static void must(int r, const char *what) {
    if (r < 0)
        die("%s: %s", what, strerror(errno));
}

static void put(const struct files *files, const char *path, int content) {
    enum form form = files->contents.items[content].form;
    if (form != FORM_TEXT) {
        must(form == FORM_PIPE ? mkfifo(path, 0644) : symlink("nowhere", path), path);
        return;
    }
    FILE *out = fopen(path, "we");
    if (!out)
        die("%s: %s", path, strerror(errno));
    print_content(out, &files->contents.items[content], content);
    fclose(out);
}

/* ---- one file ---- */

static void put_noted(struct files *files, int file, int content, const char *path) {
    begin();
    put(files, path, content);
    files->now[file] = content;
    note(files);
}

/* It exists and is empty until it is written. */
static void write_anew(struct files *files, int file, int content, const char *path) {
    begin();
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    must(fd, path);
    close(fd);
    files->now[file] = 1; /* contents[1] is the empty one */
    note(files);
    put_noted(files, file, content, path);
}

static void drop(struct files *files, int file, const char *path, const char *to) {
    begin();
    must(to ? rename(path, to) : unlink(path), path);
    files->now[file] = ABSENT;
    note(files);
}

void files_write(struct files *files, int file, int content, enum writing how) {
    char path[512], other[512];
    bool is_there = files->now[file] != ABSENT;
    path_of(files, file_name(file), path);
    if (is_there && files->contents.items[files->now[file]].form != FORM_TEXT)
        how = WRITE_RENAME; /* a link would be followed, a pipe waited for */
    if (how == WRITE_RENAME) {
        path_of(files, ".new", other);
        put(files, other, content);
        begin();
        must(rename(other, path), other);
        files->now[file] = content;
        note(files);
        return;
    }
    snprintf(other, sizeof other, "%.500s~", path);
    if (is_there && how != WRITE_INPLACE)
        drop(files, file, path, how == WRITE_BACKUP ? other : NULL);
    write_anew(files, file, content, path);
}

void files_remove(struct files *files, int file, bool backup) {
    char path[512], other[520];
    path_of(files, file_name(file), path);
    snprintf(other, sizeof other, "%s.bak", path);
    drop(files, file, path, backup ? other : NULL);
}

static void rename_noted(struct files *files, const char *from, int from_file, const char *to, int to_file,
                         int content) {
    char from_path[512], to_path[512];
    path_of(files, from, from_path);
    path_of(files, to, to_path);
    begin();
    must(rename(from_path, to_path), from_path);
    if (from_file >= 0)
        files->now[from_file] = ABSENT;
    if (to_file >= 0)
        files->now[to_file] = content;
    note(files);
}

void files_rename(struct files *files, int from, int to) {
    rename_noted(files, file_name(from), from, file_name(to), to, files->now[from]);
}

void files_exchange(struct files *files, int a, int b, bool at_once) {
    int content_a = files->now[a], content_b = files->now[b];
    if (!at_once) {
        rename_noted(files, file_name(a), a, ".third", -1, 0);
        rename_noted(files, file_name(b), b, file_name(a), a, content_b);
        rename_noted(files, ".third", -1, file_name(b), b, content_a);
        return;
    }
    char path_a[512], path_b[512];
    path_of(files, file_name(a), path_a);
    path_of(files, file_name(b), path_b);
    begin();
    must(renameat2(AT_FDCWD, path_a, AT_FDCWD, path_b, RENAME_EXCHANGE), path_a);
    files->now[a] = content_b;
    files->now[b] = content_a;
    note(files);
}

/* ---- the directory ---- */

/* A new version beside the old one, then ..data is renamed over; names that have gone hang in the air for a moment. */
void files_swap(struct files *files, const int contents[FILES]) {
    char version[64], path[512], data[512], old[64] = "";
    path_of(files, "..data", data);
    ssize_t length = readlink(data, old, sizeof old - 1);
    snprintf(version, sizeof version, "..%u", ++files->version);
    path_of(files, version, path);
    must(mkdir(path, 0755), path);
    for (int f = 0; f < FILES; f++) {
        snprintf(path, sizeof path, "%s/%s/%s", files->path, version, file_name(f));
        if (contents[f] != ABSENT)
            put(files, path, contents[f]);
    }
    path_of(files, "..data_tmp", path);
    must(symlink(version, path), path);
    begin();
    must(rename(path, data), path);
    for (int f = 0; f < FILES; f++)
        if (files->now[f] != ABSENT)
            files->now[f] = contents[f] == ABSENT ? 0 : contents[f];
    note(files);
    for (int f = 0; f < FILES; f++) {
        char target[64];
        path_of(files, file_name(f), path);
        snprintf(target, sizeof target, "..data/%s", file_name(f));
        if (contents[f] == ABSENT && files->now[f] != ABSENT)
            drop(files, f, path, NULL);
        if (contents[f] == ABSENT || files->now[f] != ABSENT)
            continue;
        begin();
        must(symlink(target, path), path);
        files->now[f] = contents[f];
        note(files);
    }
    for (int f = 0; length > 0 && f < FILES; f++) {
        snprintf(path, sizeof path, "%s/%s/%s", files->path, old, file_name(f));
        unlink(path);
    }
    path_of(files, old, path);
    if (length > 0)
        rmdir(path);
}

static void fill(struct files *files, const char *dir, const int contents[FILES]) {
    char path[600];
    must(mkdir(dir, 0755), dir);
    for (int f = 0; f < FILES; f++) {
        snprintf(path, sizeof path, "%s/%s", dir, file_name(f));
        if (contents[f] != ABSENT)
            put(files, path, contents[f]);
    }
}

void files_replace_directory(struct files *files, const int contents[FILES]) {
    char fresh[512], gone[512];
    snprintf(fresh, sizeof fresh, "%s.new", files->path);
    snprintf(gone, sizeof gone, "%s.old%u", files->path, ++files->version);
    fill(files, fresh, contents);
    begin();
    must(rename(files->path, gone), files->path);
    must(rename(fresh, files->path), fresh);
    memcpy(files->now, contents, sizeof files->now);
    note(files);
}

/* What is in it does not change: a look sees it or fails. */
void files_move_away(struct files *files) {
    must(rename(files->path, files->away), files->path);
}

void files_move_back(struct files *files) {
    begin();
    must(rename(files->away, files->path), files->away);
    note(files);
}

void files_init(struct files *files, const char *path, enum layout layout) {
    memset(files, 0, sizeof *files);
    files->layout = layout;
    snprintf(files->path, sizeof files->path, "%s", path);
    snprintf(files->away, sizeof files->away, "%s.away", path);
    files_content(files, (struct content){.kind = CONTENT_BROKEN});
    files_content(files, (struct content){.kind = CONTENT_EMPTY});
    for (enum form form = FORM_TEXT + 1; form < FORMS; form++)
        files_content(files, (struct content){.kind = CONTENT_BROKEN, .form = form});
    must(mkdir(path, 0755), path);
    for (int f = 0; f < FILES; f++)
        files->now[f] = ABSENT;
    begin();
    note(files);
}

void files_free(struct files *files) {
    free(files->contents.items);
    free(files->timeline.items);
}
