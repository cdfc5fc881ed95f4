/* Lets the n-th allocation of a test binary fail. To be included once by a test: it defines malloc and its kin, which
 * take the place of libc's (or gcc's sanitizer's, which they call; clang's is linked in such a way that this cannot
 * be). */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Allocations that still succeed; negative: all do. */
static long alloc_left = -1;
static bool alloc_failed;

static inline void alloc_fail_after(long count) {
    alloc_left = count;
    alloc_failed = false;
}

/* No more failures. True if there was one. */
static inline bool alloc_reset(void) {
    alloc_left = -1;
    return alloc_failed;
}

static bool alloc_refused(void) {
    if (alloc_left < 0)
        return false;
    if (alloc_left-- > 0)
        return false;
    alloc_left = -1; /* one at a time; what comes after it succeeds */
    alloc_failed = true;
    errno = ENOMEM;
    return true;
}

static void *alloc_next(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size) {
    static void *(*next)(size_t);
    if (!next)
        *(void **)&next = alloc_next("malloc");
    return alloc_refused() ? NULL : next(size);
}

void *calloc(size_t count, size_t size) {
    static void *(*next)(size_t, size_t);
    if (!next)
        *(void **)&next = alloc_next("calloc");
    return alloc_refused() ? NULL : next(count, size);
}

void *realloc(void *memory, size_t size) {
    static void *(*next)(void *, size_t);
    if (!next)
        *(void **)&next = alloc_next("realloc");
    return alloc_refused() ? NULL : next(memory, size);
}

/* A sanitizer's strdup() would go past the malloc() above. */
char *strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *strndup(const char *text, size_t max) {
    size_t length = strnlen(text, max);
    char *copy = malloc(length + 1);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}
