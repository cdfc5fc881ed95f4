#include "daemon/daemon.h"
#include "daemon/journal.h"

#include <string.h>

#define OLD_USEC (24 * 3600 * USEC_PER_SEC)

static struct scope scope_of(const struct daemon *daemon, const char *cluster_id) {
    return (struct scope){.cluster_id = cluster_id,
                          .prefix = daemon->config->topic_prefix,
                          .namespace = daemon->config->namespace,
                          .manifests = daemon->options.manifests};
}

struct snapshot *daemon_start_anew(const struct daemon *daemon, const char *cluster_id, uint64_t generation) {
    struct scope scope = scope_of(daemon, cluster_id);
    struct snapshot *snapshot = snapshot_new(&scope);
    if (snapshot)
        snapshot->generation = generation;
    return snapshot;
}

int daemon_keep_aside(struct daemon *daemon, const char *reason, const char *why) {
    struct buffer name = {0};
    daemon->mark = (struct snapshot_mark){0};
    int r = snapshot_file_keep_aside(daemon->options.state, reason, &name);
    if (r < 0)
        journal_event(EVENT_SAVE_FAILED, NULL, "%s; but the snapshot in %s cannot be kept aside: %s", why,
                      daemon->options.state, strerror(-r));
    else if (name.data)
        journal_event(EVENT_SNAPSHOT_KEPT_ASIDE, NULL, "%s; it is kept as %s/%s, and nothing is owed", why,
                      daemon->options.state, name.data);
    buffer_free(&name);
    return r;
}

/* D6(d). A clock that went far back says as little of the age as one that went far ahead. */
static bool is_old(const struct snapshot *snapshot, uint64_t wall_usec) {
    uint64_t then = snapshot->scanned_usec;
    return then != 0 && (wall_usec > then ? wall_usec - then : then - wall_usec) > OLD_USEC;
}

static int take_loaded(struct daemon *daemon, struct snapshot *snapshot, struct moment now) {
    struct scope scope = scope_of(daemon, NULL);
    if (!scope_equal(&snapshot->scope, &scope)) {
        uint64_t generation = snapshot->generation;
        snapshot_free(snapshot);
        int r = daemon_keep_aside(daemon, "scope",
                                  "the snapshot is of another topic prefix, namespace or manifests directory");
        if (r < 0)
            return r;
        daemon->now.snapshot = daemon_start_anew(daemon, NULL, generation);
        return daemon->now.snapshot ? 0 : -ENOMEM;
    }
    daemon->old = is_old(snapshot, now.wall_usec);
    daemon->saved_scan_wall_usec = snapshot->scanned_usec;
    daemon->now.snapshot = snapshot;
    return 0;
}

int daemon_load(struct daemon *daemon, struct moment now) {
    struct snapshot *snapshot;
    struct buffer why = {0};
    int r = snapshot_file_load(daemon->options.state, &snapshot, &daemon->mark, &why);
    if (r == SNAPSHOT_LOADED)
        r = take_loaded(daemon, snapshot, now);
    else if (r > 0) {
        bool newer = r == SNAPSHOT_NEWER;
        r = r == SNAPSHOT_ABSENT ? 0
                                 : daemon_keep_aside(daemon, newer ? "newer" : "damaged",
                                                     why.data ? why.data : "the snapshot cannot be read");
        if (r == 0 && !(daemon->now.snapshot = daemon_start_anew(daemon, NULL, 0)))
            r = -ENOMEM;
    }
    buffer_free(&why);
    return r;
}

bool daemon_meet_cluster(struct daemon *daemon, const char *cluster_id) {
    const char *known = daemon->now.snapshot->scope.cluster_id;
    if (known && strcmp(known, cluster_id) == 0)
        return true;
    char *met = strdup(cluster_id);
    if (!met) {
        daemon->failed = true;
        return false;
    }
    free(daemon->met_cluster);
    daemon->met_cluster = met;
    daemon->look = true; /* what is accepted in another scope is what is there now */
    daemon_wake(daemon);
    return false;
}
