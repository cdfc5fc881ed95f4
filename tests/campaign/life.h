/* A long life: memory, descriptors, threads and the state file do not grow. */
#pragma once

#include <stdbool.h>

/* Models that come and go. Returns whether all is well; prints what it measured. */
bool life_run(const char *topicd, const char *bootstrap, const char *work, unsigned long changes);
