/* What `explain` prints: why a topic is still there, or what removing a file would do. Pure.
 *
 * May use: base, reconcile, the rest of report/. */
#pragma once

#include "reconcile/preview.h"
#include "report/status_text.h"

struct explain_facts {
    const struct preview *preview; /* of now; for a topic, compared with that topic alone as if it existed */
    const struct deletion_rules *rules;
    uint64_t wall_usec;
    bool daemon_runs;
    const struct status_document *status; /* what the daemon says; NULL: nothing */
    bool colourful;
};

/* Appends why the topic is there, or what its deletion waits for. Returns 0; 1 when there is nothing to say, because no
 * manifest, no deletion and no namespace in use has to do with it; -ENOMEM. */
int explain_topic_format(const struct explain_facts *facts, const char *topic, struct buffer *out);
/* Appends what the file is, and what would happen if it were removed: `without` is the preview of that, made from the
 * other's snapshot. Returns 0; 1 when nothing is known of such a file; -ENOMEM. */
int explain_file_format(const struct explain_facts *facts, const char *file, const struct preview *without,
                        struct buffer *out);
