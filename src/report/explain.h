/* What `explain` prints, for people and as JSON: why a topic is still there, or what removing a file would do. Pure.
 *
 * May use: base, reconcile, jansson, the rest of report/. */
#pragma once

#include "reconcile/preview.h"
#include "report/status_text.h"

struct explain_facts {
    const struct preview *preview; /* of now; for topics, compared with these alone as if they existed */
    const struct snapshot *last;   /* what that was made from, as loaded; NULL: there is none that counts */
    uint64_t wall_usec;
    bool daemon_runs;
    const struct status_document *status; /* what the daemon says; NULL: nothing */
    bool colourful;
};

/* What the journal tells of a topic or a file. */
struct journal_entry {
    uint64_t wall_usec;
    const char *message;
};
struct history {
    struct arena arena;
    ARRAY(struct journal_entry) entries; /* the latest, oldest first */
    const char *error;                   /* why it cannot be read; NULL */
};

/* Appends why the topic is there, or what its deletion waits for. Returns 0; 1 when there is nothing to say, because no
 * manifest, no deletion and no namespace in use has to do with it; -ENOMEM. */
int explain_topic_format(const struct explain_facts *facts, const char *topic, struct buffer *out);
/* Appends what the file is, and what would happen if it were removed: `without` is the preview of that, made from the
 * other's snapshot. Of a file that is gone: what becomes of its topics. Returns 0; 1 when nothing is known of such a
 * file; -ENOMEM. */
int explain_file_format(const struct explain_facts *facts, const char *file, const struct preview *without,
                        struct buffer *out);

/* The same as JSON documents (doc/schemas/explain.schema.json). What only the journal tells of is something to say,
 * too; of a file that is there nobody asks it, and `history` is NULL. */
int explain_topic_json(const struct explain_facts *facts, const char *topic, const struct history *history,
                       struct buffer *out);
int explain_file_json(const struct explain_facts *facts, const char *file, const struct preview *without,
                      const struct history *history, struct buffer *out);

/* A Model or Pipeline by its identity, and what is asked about it: its own two topics. Refers to the facts. */
struct explained_owner {
    const char *owner;     /* "Model/NS/NAME" */
    const char *file;      /* that has it, accepted; NULL */
    const char *topics[2]; /* as remembered, else as they are named now */
};
int explain_owner_json(const struct explain_facts *facts, const struct explained_owner *owner,
                       const struct history histories[2], struct buffer *out);
