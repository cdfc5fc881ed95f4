/* The words and the escaping of the snapshot's text (private to snapshot_format.c and snapshot_parse.c).
 *
 *     topicd-snapshot 1
 *     scope       CLUSTER PREFIX NAMESPACE MANIFESTS
 *     directory   IDENTITY
 *     scanned     USEC
 *     generation  N
 *     file        NAME REJECTED-SINCE
 *     resource    KIND NAMESPACE NAME clean|keep INPUTS OUTPUTS NEEDED-TOPIC...     of the file above
 *     owed        KIND NAMESPACE NAME INPUTS there|done OUTPUTS there|done FILE since=USEC generation=N population=N
 *                 circumstances=HOLD,... held=HOLD,... approved=yes|no refused-since=USEC
 *     sent        USEC TOPIC
 *     checksum    16 hexadecimal digits: hash.h's over all before this line
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

struct hold_word {
    unsigned hold;
    const char *word;
};

static const struct hold_word HOLD_WORDS[] = {
    {HOLD_LIMIT, "limit"}, {HOLD_LAST, "last"},       {HOLD_DIRECTORY, "directory"}, {HOLD_REJECTED, "rejected"},
    {HOLD_OLD, "old"},     {HOLD_REFUSED, "refused"}, {HOLD_DISABLED, "disabled"},
};
enum { N_HOLD_WORDS = sizeof HOLD_WORDS / sizeof *HOLD_WORDS };
