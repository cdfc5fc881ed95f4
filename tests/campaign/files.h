/* The manifests directory of a history, and what people and programs do to it: each change is noted in the timeline
 * with the times between which it happened. */
#pragma once

#include "campaign.h"

enum layout {
    LAYOUT_PLAIN,
    LAYOUT_LINKS, /* as Kubernetes mounts a ConfigMap: FILE -> ..data/FILE, ..data -> ..N */
};

struct files {
    char path[256], away[280]; /* the directory, and where it goes when it is moved away */
    enum layout layout;
    struct contents contents; /* 0 is a broken one, 1 an empty one; then those that are no text */
    struct timeline timeline;
    int now[FILES]; /* content */
    unsigned version;
};

void files_init(struct files *files, const char *path, enum layout layout);
void files_free(struct files *files);
int files_content(struct files *files, struct content content);

enum writing {
    WRITE_RENAME,  /* a temporary file, renamed: as packages, vim and rsync do */
    WRITE_INPLACE, /* truncated and written: as cp and shells do */
    WRITE_BACKUP,  /* renamed to FILE~, written anew: as emacs does */
    WRITE_UNLINK,  /* removed, written anew: as git checkout does */
    WRITINGS,
};
void files_write(struct files *files, int file, int content, enum writing how);
/* `backup`: renamed to a name that does not count. */
void files_remove(struct files *files, int file, bool backup);
void files_rename(struct files *files, int from, int to);
/* At once, or by way of a third name. */
void files_exchange(struct files *files, int a, int b, bool at_once);
/* All files at once, as ..data changes them. */
void files_swap(struct files *files, const int contents[FILES]);
/* The directory is another one, with these contents, at once but for a moment without any. */
void files_replace_directory(struct files *files, const int contents[FILES]);
void files_move_away(struct files *files);
void files_move_back(struct files *files);
/* Makes an event, and changes nothing. */
void files_touch(const struct files *files);
const struct state *files_last(const struct files *files);
