/* Time as a value. Pure code receives a moment as an argument; only daemon/ and cmd/ read a clock. */
#pragma once

#include <stdint.h>

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_NEVER UINT64_MAX

struct moment {
    uint64_t monotonic_usec; /* CLOCK_MONOTONIC: for waiting */
    uint64_t wall_usec;      /* CLOCK_REALTIME: for what outlives a process */
};
