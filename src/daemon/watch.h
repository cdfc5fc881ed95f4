/* A watch on one directory by inotify. Events are hints (L1): they are drained and collapsed to one fact, "something
 * changed"; names that arrived whole are told before it, for who wants to look at them first. It does not look at what
 * changed, and it does not follow the path: whoever scans arms it anew when the directory under the path is another
 * one.
 *
 * May use: libsystemd. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

struct watch;
typedef void (*watch_handler)(void *userdata);
typedef void (*watch_arrival_handler)(void *userdata, const char *name);

/* Returns 0 or -ENOMEM. The watch watches nothing yet. */
int watch_new(sd_event *event, watch_handler handler, void *userdata, struct watch **ret);
void watch_on_arrival(struct watch *watch, watch_arrival_handler handler);
/* Watches what is at `path` now; keeps the old watch if it is the same directory. Returns 1 if another directory is
 * watched than before (what happened in between is unknown: scan), 0 if the same; a negative errno when it cannot be
 * watched (-ENOENT: absent; -ENOSPC: the user's watches are exhausted; -EMFILE: the instances are): then nothing is. */
int watch_arm(struct watch *watch, const char *path);
bool watch_armed(const struct watch *watch);
struct watch *watch_free(struct watch *watch); /* accepts NULL, returns NULL */
