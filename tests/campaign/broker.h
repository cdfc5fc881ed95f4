/* What the broker has: the campaign's own connection. */
#pragma once

#include <stddef.h>

struct broker;

struct broker *broker_open(const char *bootstrap);
void broker_close(struct broker *broker);
/* Bits of those of the names that exist, by the controller's word. */
unsigned broker_has(struct broker *broker, char *const *names, size_t count);
void broker_delete(struct broker *broker, char *const *names, size_t count);
