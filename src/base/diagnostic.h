/* What is wrong with a user's file, as values. Nothing here prints; cmd/ and daemon/ do.
 *
 * May use: libc, arena. */
#pragma once

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"

#include <stdbool.h>

/* A place in a text. Both count from 1, columns in characters, not bytes. {0, 0} is the file as a whole. */
struct mark {
    unsigned line, column;
};

enum severity {
    SEVERITY_ERROR,
    SEVERITY_WARNING,
};

struct diagnostic {
    enum severity severity;
    struct mark mark;
    const char *message; /* one line, no final full stop; "did you mean" included */
    const char *excerpt; /* the source line as far as it can be shown, or NULL */
};

/* At most this many errors are kept of one file (M4); then `truncated` is set. Warnings have the same limit. */
#define DIAGNOSTICS_MAX 100

struct diagnostics {
    struct arena arena; /* owns messages and excerpts */
    ARRAY(struct diagnostic) list;
    size_t errors, warnings;
    bool truncated;
    bool failed; /* memory was exhausted: the list is not whole; whoever collects must give up with -ENOMEM */
};

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Sorts by place and gives each diagnostic its source line: bytes that cannot be shown become '?', long lines are cut
 * around the column. `text` is the file's content. */
void diagnostics_finish(struct diagnostics *diagnostics, const char *text, size_t length);
/* Appends them as compilers print them: "FILE:LINE:COLUMN: error: MESSAGE", the source line, a caret. */
void diagnostics_format(const struct diagnostics *diagnostics, const char *file, struct buffer *out);
/* Of `candidates` (ended by NULL) the one that `word` is probably a misspelling of, or NULL. */
const char *diagnostic_nearest(const char *word, const char *const *candidates);
void diagnostics_free(struct diagnostics *diagnostics);
