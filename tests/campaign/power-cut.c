/* Cuts the power (FS_IOC_SHUTDOWN) of a file system of its own while topicd saves its snapshot
 * there, and looks at what is left: the snapshot must be whole, and no older than the one that topicd went on from.
 *
 *     power-cut WORKDIR ext4|xfs CUTS SEED        as root; TOPICD is the daemon
 *
 * No broker is needed: what was accepted is saved before anything is sent. */
#include "store/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef FS_IOC_SHUTDOWN
#define FS_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#endif
/* The log is written before the power goes, or it is not. */
#define LOG_FLUSH 1u
#define NO_LOG_FLUSH 2u

static const char *work, *type;
static unsigned torn; /* snapshots with a batch that was not written completely */

static void die(const char *what) {
    fprintf(stderr, "power-cut: %s: %s\n", what, strerror(errno));
    exit(2);
}

static const char *in(const char *name, char out[512]) {
    snprintf(out, 512, "%s/%s", work, name);
    return out;
}

static int sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int sh(const char *format, ...) {
    char command[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    return system(command);
}

static void mount_it(void) {
    if (sh("mount -t %s -o loop %s/disk %s/mount", type, work, work) != 0)
        die("mount");
}

static void unmount(void) {
    for (int tries = 0; sh("umount %s/mount", work) != 0; tries++) {
        if (tries == 20)
            die("umount");
        usleep(50000);
    }
}

/* Never of any other file system than ours. */
static void cut_power(void) {
    char path[512];
    struct stat ours, around;
    uint32_t how = random() % 2 ? LOG_FLUSH : NO_LOG_FLUSH;
    int fd = open(in("mount", path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &ours) < 0 || stat(work, &around) < 0)
        die(path);
    if (ours.st_dev == around.st_dev) {
        errno = ENXIO;
        die(path);
    }
    if (ioctl(fd, FS_IOC_SHUTDOWN, &how) < 0)
        die("FS_IOC_SHUTDOWN");
    close(fd);
}

static void put(const char *name, const char *text) {
    char path[512], temporary[512];
    FILE *out = fopen(in("new", temporary), "we");
    if (!out || fputs(text, out) < 0 || fclose(out) != 0 || rename(temporary, in(name, path)) < 0)
        die(name);
}

static void change_manifests(unsigned number) {
    char text[4096] = "", name[64];
    for (unsigned i = 0; i <= number % 7; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "---\napiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: m%u-%u}\n"
                 "spec: {storageUri: gs://x}\n",
                 number % 5, i);
    snprintf(name, sizeof name, "manifests.d/%u.yaml", number % 5);
    put(name, text);
}

static pid_t start(void) {
    char config[512], manifests[512], state[512], runtime[512], log[512];
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child > 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(in("log", log), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    dup2(fd, STDERR_FILENO);
    execl(getenv("TOPICD"), "topicd", "run", "--config", in("topicd.yaml", config), "--manifests",
          in("manifests.d", manifests), "--state", in("mount/state", state), "--runtime", in("run", runtime), NULL);
    _exit(127);
}

/* What topicd has shown is what it has saved. */
static uint64_t shown_generation(void) {
    char path[512];
    json_t *status = json_load_file(in("run/status.json", path), 0, NULL);
    json_int_t generation = status ? json_integer_value(json_object_get(status, "generation")) : 0;
    json_decref(status);
    return (uint64_t)generation;
}

/* Returns the snapshot's generation. */
static uint64_t check_snapshot(unsigned cut, uint64_t at_least) {
    char state[512];
    struct snapshot *snapshot;
    struct snapshot_mark mark = {0};
    struct buffer why = {0};
    int r = snapshot_file_load(in("mount/state", state), &snapshot, &mark, &why);
    uint64_t generation = r == SNAPSHOT_LOADED ? snapshot->generation : 0;
    torn += r == SNAPSHOT_LOADED && mark.length == 0;
    if ((r != SNAPSHOT_LOADED && !(r == SNAPSHOT_ABSENT && at_least == 0)) || generation < at_least) {
        printf("S2: after cut %u on %s: %s; generation %llu, and topicd had gone on from %llu\n", cut, type,
               r == SNAPSHOT_ABSENT ? "there is no snapshot"
               : why.data           ? why.data
                                    : "the snapshot is whole",
               (unsigned long long)generation, (unsigned long long)at_least);
        unmount();
        exit(1);
    }
    if (r == SNAPSHOT_LOADED)
        snapshot_free(snapshot);
    buffer_free(&why);
    return generation;
}

/* Returns the generation that is left. */
static uint64_t cut(unsigned number, uint64_t before) {
    static unsigned change;
    char path[512];
    unlink(in("run/status.json", path));
    pid_t daemon = start();
    for (long steps = random() % 60; steps >= 0; steps--) {
        change_manifests(change++);
        usleep((useconds_t)(random() % 6000));
    }
    uint64_t shown = shown_generation();
    cut_power();
    kill(daemon, SIGKILL);
    waitpid(daemon, NULL, 0);
    unmount();
    mount_it();
    return check_snapshot(number, shown > before ? shown : before);
}

static void set_up(void) {
    char path[512];
    /* A mount of our own goes with us, and nobody else holds it: one that stays mounted somewhere stays cut. */
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        die("unshare");
    static const char *const dirs[] = {"mount", "manifests.d", "run"};
    mkdir(work, 0755);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        mkdir(in(dirs[i], path), 0755);
    put("topicd.yaml", "kafka: {bootstrap: '127.0.0.1:1'}\n");
    if (sh("truncate -s 320M %s/disk && mkfs.%s -q %s/disk", work, type, work) != 0)
        die("mkfs");
    mount_it();
    mkdir(in("mount/state", path), 0755);
    sync();
}

int main(int argc, char **argv) {
    if (argc != 5 || !getenv("TOPICD"))
        return 2;
    work = argv[1];
    type = argv[2];
    unsigned cuts = (unsigned)strtoul(argv[3], NULL, 10);
    srandom((unsigned)strtoul(argv[4], NULL, 10));
    set_up();
    uint64_t generation = 0;
    for (unsigned i = 1; i <= cuts; i++)
        generation = cut(i, generation);
    unmount();
    printf("cuts=%u generations=%llu torn=%u\nrow\tpower cut on %s\t%u\t0\t0\t%u\n", cuts,
           (unsigned long long)generation, torn, type, cuts, cuts);
    return 0;
}
