/* Keeps secrets out of what is said about the configuration.
 *
 * May use: base. */
#pragma once

#include "base/diagnostic.h"

/* A property of librdkafka whose value nobody should see. */
bool hide_is_secret(const char *property, size_t length);
/* Takes the source line away from the (finished) diagnostics where it may show a secret. */
void hide_secrets(struct diagnostics *diagnostics, const char *text, size_t length);
