/* What the parts of the campaign share: the few Models and Pipelines and files that stand for all, and the random
 * numbers. A set of resources is bits: Models m0 to m3 are 0 to 3, Pipelines p0 to p2 are 4 to 6; topic k of resource i
 * is bit 2 i + k, and the errors topic is the bit above them all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FILES = 5, MODELS = 4, IDS = 7, TOPICS = 2 * IDS + 1, ERRORS = 2 * IDS, SCOPES = 3, ABSENT = -1 };

enum content_kind { CONTENT_GOOD, CONTENT_EMPTY, CONTENT_BROKEN };

/* What a name leads to. What is no text is CONTENT_BROKEN. */
enum form { FORM_TEXT, FORM_DANGLING_LINK, FORM_PIPE, FORMS };

/* What a file can say. Contents are never changed: a number stands for one. */
struct content {
    enum content_kind kind;
    enum form form;
    unsigned ids, clean;
    unsigned char uses[IDS - MODELS]; /* of each Pipeline: the Models of its steps */
};

struct contents {
    struct content *items;
    size_t count;
};

/* What the directory held from some moment between `begin` and `end` (monotonic) until the next state's. */
struct state {
    int content[FILES];
    uint64_t begin, end;
};

struct timeline {
    struct state *items;
    size_t count;
};

static inline const char *file_name(int file) {
    static const char *const names[FILES] = {"a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml"};
    return names[file];
}
static inline int file_number(const char *name) {
    int file = FILES - 1;
    while (file >= 0 && strcmp(file_name(file), name) != 0)
        file--;
    return file; /* -1: none of them */
}

/* ---- random numbers ---- */

struct dice {
    uint64_t state;
};

static inline uint64_t roll(struct dice *dice) {
    uint64_t x = (dice->state += 0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static inline unsigned below(struct dice *dice, unsigned end) {
    return (unsigned)(roll(dice) % end);
}

static inline bool chance(struct dice *dice, unsigned percent) {
    return below(dice, 100) < percent;
}

uint64_t now_usec(void);
void sleep_usec(uint64_t usec);
/* Says why, and ends the program: the test itself is at fault, or the machine. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *need(void *memory);
