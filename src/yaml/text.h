/* The bytes of a YAML stream before libyaml sees them: what it would not refuse (or not clearly, or not in linear
 * time) is refused here, JSON's pairs of escapes become one, and JSON objects that follow each other become documents.
 *
 * May use: base. */
#pragma once

#include "base/diagnostic.h"

/* A longer run of blanks and line breaks is an error: libyaml clears a buffer of that length at every fold. */
#define TEXT_BLANKS_MAX 4096
/* More %TAG lines are an error: libyaml compares each with all others. */
#define TEXT_TAG_LINES_MAX 64

/* True if libyaml may read it. Otherwise `diagnostics` has the reason (or has failed). */
bool text_check(const char *text, size_t length, struct diagnostics *diagnostics);

/* JSON writes a character beyond U+FFFF as two \u escapes, which libyaml refuses. If `text` begins with "{", puts one
 * \U escape in the place of two, and as many blanks as that is shorter behind the string, so that whatever comes later
 * keeps its place. Returns 1 if it had to (`ret` has as many bytes as `text`), 0 if not, or -ENOMEM. */
int text_join_surrogates(const char *text, size_t length, struct buffer *ret);

/* Where a piece of the file went in the text that libyaml reads. */
struct text_piece {
    unsigned joined_line; /* it begins there, in column 1 */
    struct mark mark;     /* its place in the file */
};

struct text_pieces {
    struct buffer joined; /* the pieces, with a document separator before each */
    ARRAY(struct text_piece) list;
    size_t last; /* the piece of the last place that was asked for: the next is mostly in it too */
};

/* If `text` is two or more JSON objects that follow each other (kubectl takes a text for JSON when it begins with
 * "{"), puts separators between them. Returns 1 if so, 0 if not, or -ENOMEM. */
int text_split_objects(const char *text, size_t length, struct text_pieces *ret);
void text_pieces_free(struct text_pieces *pieces);
/* From a place in the joined text to the one in the file. */
struct mark text_pieces_mark(struct text_pieces *pieces, struct mark mark);
