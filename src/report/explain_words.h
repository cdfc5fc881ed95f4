/* What the parts of explain.h find out and say (private to explain_*.c). Pure.
 *
 * May use: base, reconcile, words. */
#pragma once

#include "report/explain.h"

/* The owed deletion of this topic that has not happened yet, or NULL. */
const struct deletion *explain_find_deletion(const struct preview *preview, const char *topic);
/* The accepted resource that owns this topic, or NULL; and its file. */
const struct resource *explain_find_owner(const struct snapshot *snapshot, const char *topic, const char **ret_file);
bool explain_owns(const struct resource *resource, const char *topic);
/* The file that an accepted resource is in. */
const char *explain_file_of(const struct snapshot *snapshot, const struct resource *resource);
/* "Model/NS/NAME (FILE)" */
void explain_resource(const struct snapshot *snapshot, const struct resource *resource, struct buffer *out);
/* The file that had what is owed is still there, accepted or rejected, and only its Model or Pipeline is gone. */
bool explain_remains(const struct preview *preview, const struct owed *owed);
/* Why a topic of this owner (or NULL) stays when its last user goes, and nothing is owed. `gone`: so is the file. */
void explain_stays(const struct resource *owner, const char *file, bool gone, struct buffer *out);
/* Why this deletion does not happen at once, and by which rule: a sentence. */
void explain_wait(const struct preview *preview, const struct deletion *deletion, struct buffer *out);
/* The same of one that nothing but time holds; the daemon may know more of it. */
void explain_when(const struct explain_facts *facts, const struct deletion *deletion, const char *topic,
                  struct buffer *out);
/* What to type about this deletion, of "it" or "them". */
void explain_advice(const struct preview *preview, const struct deletion *deletion, const char *what,
                    struct buffer *out);

/* ---- of a topic ---- */

enum explained_state {
    EXPLAINED_NEEDED,
    EXPLAINED_OWED,
    EXPLAINED_DELETED, /* within limit.periodSeconds; later only the journal knows */
    EXPLAINED_ORPHAN,  /* if it exists */
    EXPLAINED_UNKNOWN,
    EXPLAINED_MAX_,
};

/* Refers to the facts. */
struct explained_topic {
    enum explained_state state;
    const struct use *uses;
    size_t n_uses;
    const struct resource *owner; /* in `file`, accepted; NULL */
    const char *file;
    const struct deletion *deletion; /* owed, perhaps of a topic that others need; NULL */
    struct status_deletion said;     /* by the daemon, of that deletion */
    const struct sent *sent;         /* the latest request to delete it; NULL */
};
void explain_topic_look(const struct explain_facts *facts, const char *topic, struct explained_topic *ret);

/* ---- of a file ---- */

enum fate {
    FATE_GOES,
    FATE_HELD,
    FATE_STAYS,
    FATE_MAX_,
};

struct verdict {
    const char *topic;
    enum fate fate;
    const char *reason; /* a sentence for people */
};

/* Refers to the facts and to `without`. */
struct explained_file {
    struct arena arena;
    const struct accepted_file *accepted; /* NULL: no version of it counts */
    const struct rejected_file *rejected; /* NULL: it is not. Neither: it is gone */
    ARRAY(const char *) blocked;          /* topics whose deletion waits for it, as it may want any (D4) */
    uint64_t rest_usec;                   /* how long the directory must rest until all that goes has gone (D2) */
    ARRAY(struct verdict) verdicts;       /* what would become of topics without it, or becomes of them if it is gone */
};
/* Returns 0; 1 when nothing is known of such a file; -ENOMEM. In any case explained_file_free() frees it. */
int explain_file_judge(const struct explain_facts *facts, const char *file, const struct preview *without,
                       struct explained_file *ret);
void explained_file_free(struct explained_file *explained);
