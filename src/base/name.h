/* The name of a file, shared by all who speak of it: a text that is reference counted and never changes. As it is not
 * copied, two that are equal are mostly the same pointer, and need not be read to be compared.
 *
 * May use: libc. */
#pragma once

/* A name with one reference, to be given back with name_unref(). NULL when memory is exhausted. */
char *name_new(const char *text);
/* One more reference to what name_new() returned. */
char *name_ref(char *name);
void name_unref(char *name); /* accepts NULL */
/* By bytes, as strcmp(). Any texts will do. */
int name_compare(const char *a, const char *b);
