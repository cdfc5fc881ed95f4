/* The moment at which the tests of reports take place. */
#pragma once

#include "base/clock.h"

/* 2024-05-01T10:20:30Z */
#define NOON_USEC (UINT64_C(1714558830) * USEC_PER_SEC)
