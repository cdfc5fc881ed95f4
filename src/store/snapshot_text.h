/* The snapshot's text (private to the files that write and read it).
 *
 *     topicd-snapshot 1
 *     scope       CLUSTER PREFIX NAMESPACE MANIFESTS
 *     directory   IDENTITY
 *     scanned     USEC
 *     generation  N
 *     file        NAME REJECTED-SINCE
 *     resource    KIND NAMESPACE NAME clean|keep INPUTS OUTPUTS NEEDED-TOPIC...     of the file above
 *     owed        KIND NAMESPACE NAME INPUTS there|done OUTPUTS there|done FILE since=USEC generation=N population=N
 *                 circumstances=HOLD,... held=HOLD,... approved=yes|no refused-since=USEC [LET-GO-BY]
 *     sent        USEC TOPIC
 *     checksum    SUM: hash.h's over all before this line
 *
 * What changes later is appended, a batch at a time. The last word on a file, and the last batch's on all the rest,
 * counts:
 *
 *     changes     BYTES SUM     BYTES follow; the sum is of this line before it, begun with the checksum before it
 *     scope … generation
 *     file        NAME REJECTED-SINCE, with its resources: new or changed
 *     gone        NAME          among the files, in the order of names
 *     owed, sent  all of them
 *     checksum    SUM: of the lines since "changes", begun with that line's sum
 *
 * A last batch that the file is too short for, or in which there are zero bytes (of blocks that never reached the
 * disk), was cut off while it was being written: it never was. Any other flaw is damage. Sums are 16 hexadecimal
 * digits.
 *
 * Fields are separated by one tab. In texts, what is not printable UTF-8, and '%', is written as %xx. NULL is "-";
 * a text "-" is "%2d"; the empty text is the empty field. Every value has exactly one spelling: what topicd would not
 * have written in this way is damaged, and snapshot_parse() makes sure by writing it again.
 *
 * May use: base, reconcile's types. */
#pragma once

#include "store/snapshot_file.h"

#define SNAPSHOT_MAGIC "topicd-snapshot "
#define SNAPSHOT_VERSION "1"
#define SNAPSHOT_CHECKSUM "checksum\t"
#define SNAPSHOT_CHANGES "changes\t"
enum { SNAPSHOT_SUM_LENGTH = 16, SNAPSHOT_LAST_LENGTH = sizeof SNAPSHOT_CHECKSUM - 1 + SNAPSHOT_SUM_LENGTH + 1 };

struct hold_word {
    unsigned hold;
    const char *word;
};

static const struct hold_word HOLD_WORDS[] = {
    {HOLD_LIMIT, "limit"}, {HOLD_LAST, "last"},       {HOLD_DIRECTORY, "directory"}, {HOLD_REJECTED, "rejected"},
    {HOLD_OLD, "old"},     {HOLD_REFUSED, "refused"}, {HOLD_DISABLED, "disabled"},
};
enum { N_HOLD_WORDS = sizeof HOLD_WORDS / sizeof *HOLD_WORDS };

/* The whole text, and where it ends. */
int snapshot_format_whole(const struct snapshot *snapshot, struct buffer *out, struct snapshot_mark *mark);
/* The batch that follows what ends at `mark`, which moves to its end. */
int snapshot_format_batch(const struct snapshot *changes, struct buffer *out, struct snapshot_mark *mark);
/* The first line of a batch. Returns its sum. */
uint64_t snapshot_format_head(struct buffer *out, size_t bytes, uint64_t sum_before);

/* The lines between the first one and the checksum, with the number of the line before them. Returns 0, or
 * SNAPSHOT_DAMAGED, or -ENOMEM. `batch`: files may be gone. */
int snapshot_parse_lines(const char *text, size_t length, unsigned line, bool batch, struct snapshot **ret,
                         struct buffer *why);
/* All of the text, and its end to append to; a zeroed mark if nothing can be appended as it is. Returns like
 * snapshot_parse(). */
int snapshot_read(const char *text, size_t length, struct snapshot **ret, struct snapshot_mark *mark,
                  struct buffer *why);
