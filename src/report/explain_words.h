/* What both halves of explain.h look up and say (private to explain_topic.c and explain_file.c). Pure.
 *
 * May use: base, reconcile, words. */
#pragma once

#include "report/explain.h"

/* The owed deletion of this topic that has not happened yet, or NULL. */
const struct deletion *explain_find_deletion(const struct preview *preview, const char *topic);
/* The accepted resource that owns this topic, or NULL; and its file. */
const struct resource *explain_find_owner(const struct snapshot *snapshot, const char *topic, const char **ret_file);
/* The file that an accepted resource is in. */
const char *explain_file_of(const struct snapshot *snapshot, const struct resource *resource);
/* "Model/NS/NAME (FILE)" */
void explain_resource(const struct snapshot *snapshot, const struct resource *resource, struct buffer *out);
/* Why a topic of this owner (or NULL) stays when its last user goes, and nothing is owed. */
void explain_stays(const struct resource *owner, const char *file, struct buffer *out);
/* Why this deletion does not happen at once, and by which rule: a sentence. */
void explain_wait(const struct preview *preview, const struct deletion *deletion, struct buffer *out);
