/* From the checked tree of topicd.yaml to the configuration.
 *
 * May use: base, yaml, secret. */
#pragma once

#include "config/config.h"
#include "yaml/node.h"

/* Fills `config` from `root` (NULL: an empty file), which config_fields accepted. With `secrets`, reads their files;
 * otherwise their values are "". What can only be seen now goes to `diagnostics`. Returns 0 or -ENOMEM. */
int config_fill(struct config *config, const struct node *root, bool secrets, struct diagnostics *diagnostics);
