/* Kubernetes' way of writing an amount ("1536Mi", "2k", "1e3"), as far as a Model's memory needs it: which amounts
 * Seldon can turn into bytes (R-M3). It uses the fast path of Kubernetes' Quantity only, which knows 18 digits, no
 * fraction left over, and fewer digits the larger a binary suffix is.
 *
 * May use: libc. */
#pragma once

enum quantity_fault {
    QUANTITY_FINE,
    QUANTITY_SYNTAX,    /* no quantity at all */
    QUANTITY_FRACTION,  /* not a whole number of bytes */
    QUANTITY_WRITTEN,   /* a whole number of bytes, but not written so that Seldon can tell */
    QUANTITY_TOO_LARGE, /* over 64 bits */
};

#define QUANTITY_LENGTH_MAX 24

/* For QUANTITY_WRITTEN, `ret_better` is the same amount as it should be written. */
enum quantity_fault quantity_check(const char *text, char ret_better[static QUANTITY_LENGTH_MAX]);
