/* Many Models at once, and their end.
 *
 *     burst COUNT TOPICD DIR
 *
 * COUNT files in DIR/next, of Models that want their topics to be cleaned up, are moved into manifests.d; then they are
 * removed, and the deletion is approved. Prints "create MS", from the first rename() to the last acknowledged topic,
 * and "delete MS", from the start of `topicd approve` to the last acknowledged deletion. */
#include "rig.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The broker goes on making topics after it has acknowledged them. */
enum { REST_USEC = 2000000 };

static const char *topicd, *dir;

static void each_model(int (*act)(const char *from, const char *to), const char *folder) {
    char from[PATH_LENGTH], to[PATH_LENGTH];
    snprintf(from, sizeof from, "%s/%s", dir, folder);
    DIR *open = opendir(from);
    if (!open)
        die(from, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(open));) {
        if (strncmp(entry->d_name, "burst-", 6) != 0)
            continue;
        snprintf(from, sizeof from, "%s/%s/%s", dir, folder, entry->d_name);
        snprintf(to, sizeof to, "%s/manifests.d/%s", dir, entry->d_name);
        if (act(from, to) < 0)
            die(from, strerror(errno));
    }
    closedir(open);
}

static int take_away(const char *from, const char *to) {
    (void)to;
    return unlink(from);
}

/* The ID of the deletion of so many topics, once it awaits approval. */
static void await_question(FILE *log, size_t topics, char id[static 32]) {
    char words[128];
    snprintf(words, sizeof words, "the deletion of %zu topics awaits approval", topics);
    const char *line = wait_for(log, words, 1), *command = strstr(line, "topicd approve ");
    if (!command || sscanf(command, "topicd approve %31[0-9a-f]", id) != 1)
        die("no ID in", line);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fputs("usage: burst COUNT TOPICD DIR\n", stderr);
        return 2;
    }
    size_t topics = 2 * strtoul(argv[1], NULL, 10);
    topicd = argv[2];
    dir = argv[3];
    FILE *log;
    start_daemon(topicd, dir, &log);
    wait_for(log, "ready:", 1);
    double start = now_msec();
    each_model(rename, "next");
    wait_for(log, ": created", topics);
    printf("create %.3f\n", now_msec() - start);
    char id[32];
    each_model(take_away, "manifests.d");
    await_question(log, topics, id);
    usleep(REST_USEC);
    start = now_msec();
    start_command(topicd, dir, "approve", id, STDERR_FILENO);
    wait_for(log, ": deleted", topics);
    printf("delete %.3f\n", now_msec() - start);
    stop_daemon();
    while (wait(NULL) > 0)
        ;
    return 0;
}
