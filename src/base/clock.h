/* Time as a value. Pure code receives a moment as an argument; only store/, daemon/ and cmd/ read a clock. */
#pragma once

#include <stdint.h>
#include <time.h>

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_NEVER UINT64_MAX

struct moment {
    uint64_t monotonic_usec; /* CLOCK_MONOTONIC: for waiting */
    uint64_t wall_usec;      /* CLOCK_REALTIME: for what outlives a process */
};

static inline uint64_t clock_usec(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

static inline struct moment moment_now(void) {
    return (struct moment){.monotonic_usec = clock_usec(CLOCK_MONOTONIC), .wall_usec = clock_usec(CLOCK_REALTIME)};
}
