/* What a scalar's text means, as kubectl's YAML library sees it (YAML 1.1 with Go's notion of numbers).
 *
 * May use: node. */
#pragma once

#include "yaml/node.h"

/* Sets type and value of a scalar from its text, as for a scalar without quotes. */
void scalar_resolve(struct node *node);
/* Sets them as `tag` says. False if it is not one of YAML's core tags, or if the text does not fit it. */
bool scalar_resolve_tag(struct node *node, const char *tag);
