/* libyaml's syntax errors in words that help, on one line.
 *
 * May use: base, libyaml. */
#pragma once

#include "yaml/text.h"

#include <yaml.h>

/* Reports why `parser` gave up on `text`. */
void syntax_report(const yaml_parser_t *parser, struct text_pieces *pieces, struct diagnostics *diagnostics);
