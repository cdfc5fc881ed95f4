/* What the fuzzers share. Each is one function for libFuzzer; make fuzz runs them. */
#pragma once

#include "base/diagnostic.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_ASSERT(EXPRESSION) ((EXPRESSION) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #EXPRESSION))

static inline void fuzz_failed(const char *file, int line, const char *expression) {
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, expression);
    abort();
}

/* Readers are promised a zero byte behind the text. */
static inline char *fuzz_text(const uint8_t *bytes, size_t size) {
    char *text = malloc(size + 1);
    FUZZ_ASSERT(text);
    memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

static inline void fuzz_format(const struct diagnostics *diagnostics) {
    struct buffer out = {0};
    diagnostics_format(diagnostics, "x.yaml", &out);
    buffer_free(&out);
}
