/* plan --graph: manifests, Models, Pipelines and topics as a graph in Graphviz' DOT. Pure.
 *
 * May use: base, reconcile, words. */
#pragma once

#include "reconcile/preview.h"

/* Appends the graph; the same preview gives the same text. Returns 0 or -ENOMEM. */
int plan_graph_format(const struct preview *preview, struct buffer *out);
