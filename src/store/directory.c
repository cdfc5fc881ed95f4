#include "store/directory.h"

#include "base/name.h"
#include "base/sorted.h"
#include "store/entry.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

struct entries {
    ARRAY(struct entry) list; /* sorted by name, unique */
};

struct listing {
    struct arena arena;
    ARRAY(const char *) names; /* sorted, unique */
};

struct directory {
    char *path;
    char *topic_prefix, *default_namespace;
    struct manifest_options options; /* refers to the two above */
    struct entries known;            /* as the last complete look found them */
};

/* Errors in words, for whoever reads the status. NULL when memory is exhausted. */
static char *explain(const char *path, const char *what, int error) {
    const char *words = strerrordesc_np(error), *advice = "";
    if (error == ENOENT)
        advice = ": create it, or correct the path";
    else if (error == EACCES || error == EPERM)
        advice = ": make it readable for the user that topicd runs as";
    else if (error == EMFILE || error == ENFILE)
        advice = ": raise the limit of open files";
    char *text;
    if (asprintf(&text, "the manifests directory %s %s (%s)%s", path, what, words ? words : "unknown error", advice) <
        0)
        return NULL;
    return text;
}

static void entry_release(struct entry *entry) {
    name_unref(entry->name);
    manifest_unref(entry->manifest);
}

static void entries_free(struct entries *entries) {
    for (size_t i = 0; i < entries->list.count; i++)
        entry_release(&entries->list.items[i]);
    array_free(&entries->list);
}

bool directory_name_counts(const char *name) {
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    if (name[0] == '.' || name[0] == '#')
        return false;
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && memcmp(name + length - ending, endings[i], ending) == 0)
            return true;
    }
    return false;
}

static int copy_options(struct directory *directory, const struct manifest_options *options) {
    char *prefix = strdup(options->topic_prefix), *namespace = strdup(options->default_namespace);
    if (!prefix || !namespace) {
        free(prefix);
        free(namespace);
        return -ENOMEM;
    }
    free(directory->topic_prefix);
    free(directory->default_namespace);
    directory->topic_prefix = prefix;
    directory->default_namespace = namespace;
    directory->options = *options;
    directory->options.topic_prefix = prefix;
    directory->options.default_namespace = namespace;
    return 0;
}

int directory_new(const char *path, const struct manifest_options *options, struct directory **ret) {
    struct directory *directory = calloc(1, sizeof *directory);
    if (!directory)
        return -ENOMEM;
    directory->path = strdup(path);
    if (!directory->path || copy_options(directory, options) < 0) {
        directory_free(directory);
        return -ENOMEM;
    }
    *ret = directory;
    return 0;
}

struct directory *directory_free(struct directory *directory) {
    if (!directory)
        return NULL;
    entries_free(&directory->known);
    free(directory->path);
    free(directory->topic_prefix);
    free(directory->default_namespace);
    free(directory);
    return NULL;
}

int directory_set_options(struct directory *directory, const struct manifest_options *options) {
    int r = copy_options(directory, options);
    if (r == 0)
        entries_free(&directory->known);
    return r;
}

/* Lists the names that count. A file that is renamed meanwhile may be listed twice or not at all, whatever the file
 * system: that one scan does not prove absence is why D2 asks for two, and there is nothing to do about it here. */
static int list_names(DIR *dir, struct listing *listing) {
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(dir);
        if (!found)
            return -errno;
        if (!directory_name_counts(found->d_name))
            continue;
        const char *name = arena_strdup(&listing->arena, found->d_name);
        if (!name || array_push(&listing->names, name) < 0)
            return -ENOMEM;
    }
}

static void listing_free(struct listing *listing) {
    array_free(&listing->names);
    arena_free(&listing->arena);
}

static void sort_unique(struct listing *listing) {
    listing->names.count = sorted_unique_texts(listing->names.items, listing->names.count);
}

/* Reads what has this name into a new entry of the list, unless there is no such thing any more. Returns 0; a negative
 * errno when the machine failed. */
static int add_entry(struct entry_look *look, const char *name, const struct entry *known, struct entries *entries) {
    struct entry entry = {.name = known ? name_ref(known->name) : name_new(name)};
    int r = entry.name ? entry_read(look, &entry, known) : -ENOMEM;
    if (r == 0)
        r = array_push(&entries->list, entry);
    if (r != 0)
        entry_release(&entry);
    return r < 0 ? r : 0;
}

/* Classifies every name, beside what was known of it: both lists are sorted. */
static int read_entries(struct entry_look *look, const struct listing *listing, const struct entries *known,
                        struct entries *entries) {
    int r = array_reserve(&entries->list, listing->names.count);
    for (size_t i = 0, k = 0; i < listing->names.count && r == 0; i++) {
        int order = -1;
        while (k < known->list.count && (order = strcmp(known->list.items[k].name, listing->names.items[i])) < 0)
            k++;
        bool same = k < known->list.count && order == 0;
        r = add_entry(look, listing->names.items[i], same ? &known->list.items[k] : NULL, entries);
    }
    return r;
}

/* Who the directory is, over restarts of the machine too: the inode alone does not tell, as the root of every ext4 is
 * inode 2, and a device number depends on the order in which disks were found; so the file system's own id (for most
 * a digest of its UUID) stands beside it, and the time at which the directory was made, since a directory that was
 * removed and made anew often has the same inode. */
static int identify(int dirfd, const struct stat *st, char **ret) {
    struct statfs fs;
    unsigned id[2];
    static_assert(sizeof id == sizeof fs.f_fsid, "the file system's id is two words");
    if (fstatfs(dirfd, &fs) < 0)
        return -errno;
    memcpy(id, &fs.f_fsid, sizeof id);
    struct statx birth = {0}; /* zero where the file system does not know it */
    if (statx(dirfd, "", AT_EMPTY_PATH, STATX_BTIME, &birth) < 0 || !(birth.stx_mask & STATX_BTIME))
        birth.stx_btime = (struct statx_timestamp){0};
    char *text;
    if (asprintf(&text, "%ju@%08x%08x@%lld.%09u", (uintmax_t)st->st_ino, id[1], id[0],
                 (long long)birth.stx_btime.tv_sec, birth.stx_btime.tv_nsec) < 0)
        return -ENOMEM;
    *ret = text;
    return 0;
}

/* Whether the path still leads to the directory that was read: it was not replaced or mounted over meanwhile. */
static int still_there(const char *path, const struct stat *read, const char **ret_what) {
    struct stat st;
    *ret_what = "cannot be found again";
    if (stat(path, &st) < 0)
        return -errno;
    *ret_what = "was replaced while it was being read";
    return st.st_dev == read->st_dev && st.st_ino == read->st_ino ? 0 : -ESTALE;
}

/* Looks at all of the open directory. Returns 0 when the look is complete; a negative errno, and in *ret_what what
 * could not be done. */
static int look_at(const struct directory *directory, DIR *dir, struct scan *scan, struct entries *entries,
                   struct entry_look *look, const char **ret_what) {
    struct stat st;
    *ret_what = "cannot be looked at";
    int r = fstat(dirfd(dir), &st) < 0 ? -errno : identify(dirfd(dir), &st, &scan->directory);
    if (r < 0)
        return r;
    *ret_what = "cannot be listed";
    struct listing listing = {0};
    r = list_names(dir, &listing);
    if (r == 0) {
        sort_unique(&listing);
        *ret_what = "cannot be read completely";
        r = read_entries(look, &listing, &directory->known, entries);
    }
    listing_free(&listing);
    if (r < 0)
        return r;
    return still_there(directory->path, &st, ret_what);
}

static int look(const struct directory *directory, struct scan *scan, struct entries *entries, bool *look_again,
                const char **ret_what) {
    *ret_what = "cannot be opened";
    int fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int r = -errno;
        close(fd);
        return r;
    }
    struct entry_look entry_look = {.dirfd = fd, .options = &directory->options, .now_usec = scan->started.wall_usec};
    int r = look_at(directory, dir, scan, entries, &entry_look, ret_what);
    closedir(dir);
    *look_again = entry_look.look_again || r == -ESTALE;
    scan->troubled = entry_look.troubled;
    return r;
}

/* Gives the scan its files. What is kept for the next look stays apart, because a scan lives as long as it likes. */
static int fill(struct scan *scan, const struct entries *entries) {
    if (array_reserve(&scan->files, entries->list.count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < entries->list.count; i++) {
        const struct entry *entry = &entries->list.items[i];
        scan->files.items[scan->files.count++] =
            (struct scan_file){.name = name_ref(entry->name), .manifest = manifest_ref(entry->manifest)};
    }
    return 0;
}

int directory_scan(struct directory *directory, struct moment now, struct scan **ret, bool *ret_look_again) {
    struct scan *scan = calloc(1, sizeof *scan);
    if (!scan)
        return -ENOMEM;
    scan->started = now;
    struct entries entries = {0};
    bool look_again = false;
    const char *what;
    int r = look(directory, scan, &entries, &look_again, &what);
    if (r < 0) {
        scan->error = explain(directory->path, what, -r);
        r = scan->error ? 0 : -ENOMEM;
    } else {
        r = fill(scan, &entries);
        if (r == 0) {
            scan->complete = true;
            struct entries old = directory->known;
            directory->known = entries;
            entries = old;
        }
    }
    entries_free(&entries);
    if (r < 0) {
        scan_free(scan);
        return r;
    }
    *ret = scan;
    *ret_look_again = look_again;
    return 0;
}

/* Sorts the names that arrived, without those that do not count or are known. */
static int list_arrived(const struct scan *last, const char *const *names, size_t count, struct listing *arrived) {
    for (size_t i = 0; i < count; i++)
        if (directory_name_counts(names[i]) && !scan_find(last, names[i]) && array_push(&arrived->names, names[i]) < 0)
            return -ENOMEM;
    sort_unique(arrived);
    return 0;
}

/* What cannot be accepted is left to the complete look. */
static void drop_rejected(struct entries *arrived) {
    size_t kept = 0;
    for (size_t i = 0; i < arrived->list.count; i++) {
        struct entry *entry = &arrived->list.items[i];
        if (entry->manifest->resources && entry->manifest->resources->count > 0)
            arrived->list.items[kept++] = *entry;
        else
            entry_release(entry);
    }
    arrived->list.count = kept;
}

static int read_arrived(struct entry_look *look, const struct scan *last, const char *const *names, size_t count,
                        struct entries *arrived) {
    struct listing listing = {0};
    int r = list_arrived(last, names, count, &listing);
    if (r == 0)
        r = read_entries(look, &listing, &(struct entries){0}, arrived);
    if (r == 0)
        drop_rejected(arrived);
    listing_free(&listing);
    return r;
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* The complete look that follows shall know them again. */
static int remember(struct directory *directory, struct entries *arrived) {
    struct entries *known = &directory->known, next = {0};
    struct span from = {known->list.items, known->list.count}, in = {arrived->list.items, arrived->list.count};
    if (array_reserve(&next.list, from.count + in.count) < 0)
        return -ENOMEM;
    next.list.count = sorted_splice(next.list.items, from, (struct span){0}, in, sizeof(struct entry), compare_entries);
    array_free(&known->list);
    *known = next;
    arrived->list.count = 0;
    return 0;
}

static bool is_directory_of(int fd, const struct scan *scan) {
    struct stat st;
    char *identity = NULL;
    bool same = fstat(fd, &st) == 0 && identify(fd, &st, &identity) == 0 && strcmp(identity, scan->directory) == 0;
    free(identity);
    return same;
}

int directory_glance(struct directory *directory, const struct scan *last, const char *const *names, size_t count,
                     struct moment now, struct scan **ret) {
    int fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 1;
    struct entry_look look = {.dirfd = fd, .options = &directory->options, .now_usec = now.wall_usec};
    struct entries arrived = {0};
    int r = is_directory_of(fd, last) ? read_arrived(&look, last, names, count, &arrived) : 0;
    close(fd);
    if (r == 0 && arrived.list.count == 0)
        r = 1;
    struct scan *scan = r == 0 ? calloc(1, sizeof *scan) : NULL;
    if (scan)
        scan->started = now;
    if (r == 0)
        r = scan && fill(scan, &arrived) == 0 ? remember(directory, &arrived) : -ENOMEM;
    if (r == 0)
        *ret = scan;
    else
        scan_free(scan);
    entries_free(&arrived);
    return r;
}

bool directory_needs_polling(const char *path) {
    /* <linux/magic.h> does not know them all. */
    static const uint32_t remote[] = {
        NFS_SUPER_MAGIC,
        SMB_SUPER_MAGIC,
        CIFS_SUPER_MAGIC,
        SMB2_SUPER_MAGIC,
        V9FS_MAGIC,
        FUSE_SUPER_MAGIC,
        CEPH_SUPER_MAGIC,
        AFS_SUPER_MAGIC,
        AFS_FS_MAGIC,
        CODA_SUPER_MAGIC,
        OCFS2_SUPER_MAGIC,
        0x01161970 /* gfs2 */,
        0x0bd00bd0 /* lustre */,
        0x47504653 /* gpfs */,
        0x19830326 /* beegfs */,
        0x20030528 /* orangefs */,
        0x786f4256 /* vboxsf */,
        0xbacbacbc /* vmhgfs */,
        0x564c /* ncpfs */,
    };
    struct statfs fs;
    if (statfs(path, &fs) < 0)
        return false;
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        if ((uint32_t)fs.f_type == remote[i])
            return true;
    return false;
}
