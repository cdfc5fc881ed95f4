/* What `check` found, as text and as JSON. Pure.
 *
 * May use: base, seldon's manifest, reconcile, jansson. */
#pragma once

#include "base/array.h"
#include "base/buffer.h"
#include "reconcile/catalog.h"
#include "seldon/manifest.h"

struct checked_file {
    const char *path;                     /* as a person would open it */
    const struct manifest *manifest;      /* what it says, warnings included */
    const struct rejected_file *rejected; /* why it would not be accepted; NULL if it would be */
    struct diagnostics remarks;           /* warnings about how it stands to the other files */
};

/* Refers to manifests and catalogs, which must outlive it. */
struct check_report {
    ARRAY(struct checked_file) files;
    size_t n_rejected, n_models, n_pipelines;
    size_t n_topics; /* that the accepted ones need, each counted once */
};

/* Errors and warnings, as compilers print them. */
void check_format_diagnostics(const struct check_report *report, struct buffer *out);
/* One line: what there is. */
void check_format_summary(const struct check_report *report, struct buffer *out);
/* {"files":[{"file","accepted","resources":[…],"errors":[…],"warnings":[…]}]}. Returns 0 or -ENOMEM. */
int check_format_json(const struct check_report *report, struct buffer *out);
