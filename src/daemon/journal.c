#include "daemon/journal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION /* a place in the source says nothing to an operator */
#include <systemd/sd-journal.h>

struct row {
    int priority;
    const char *id; /* MESSAGE_ID=, the key of the catalogue */
};

static const struct row rows[] = {
    [EVENT_STARTED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e01"},
    [EVENT_READY] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e02"},
    [EVENT_STOPPED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e03"},
    [EVENT_CONNECTED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e04"},
    [EVENT_DISCONNECTED] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e05"},
    [EVENT_CLIENT] = {LOG_DEBUG, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e06"},
    [EVENT_ACCEPTED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e07"},
    [EVENT_WARNED] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e1f"},
    [EVENT_REMOVED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e08"},
    [EVENT_REJECTED] = {LOG_ERR, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e09"},
    [EVENT_REPAIRED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e0a"},
    [EVENT_TOPIC_CREATED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e0b"},
    [EVENT_TOPIC_ADOPTED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e0c"},
    [EVENT_TOPIC_FAILED] = {LOG_ERR, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e0d"},
    [EVENT_TOPIC_VANISHED] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e0e"},
    [EVENT_DELETION_OWED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e0f"},
    [EVENT_DELETION_CANCELLED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e10"},
    [EVENT_DELETION_HELD] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e11"},
    [EVENT_DELETION_ANSWERED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e12"},
    [EVENT_TOPIC_DELETED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e13"},
    [EVENT_DELETION_FAILED] = {LOG_ERR, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e14"},
    [EVENT_SCOPE_CHANGED] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e15"},
    [EVENT_SNAPSHOT_KEPT_ASIDE] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e16"},
    [EVENT_SAVE_FAILED] = {LOG_CRIT, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e17"},
    [EVENT_SAVE_WORKS] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e18"},
    [EVENT_SCAN_FAILED] = {LOG_ERR, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e19"},
    [EVENT_SCAN_WORKS] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e1a"},
    [EVENT_POLLING] = {LOG_WARNING, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e1b"},
    [EVENT_RELOADED] = {LOG_INFO, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e1c"},
    [EVENT_RELOAD_FAILED] = {LOG_ERR, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e1d"},
    [EVENT_REQUEST_REFUSED] = {LOG_NOTICE, "d5b1c7a0f1a94c0a8d3b6f0e5a7c1e1e"},
};
static_assert(sizeof rows / sizeof *rows == EVENT_MAX_, "every event has a row");

/* By JOURNAL_STREAM=DEVICE:INODE. */
bool journal_is_stderr(void) {
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
           st.st_dev == device && st.st_ino == inode;
}

enum { FIELDS_MAX = 9 };

struct entry {
    struct iovec fields[FIELDS_MAX];
    int count;
};

/* A field without memory for it is left out: the rest of the entry is worth more. */
static void add(struct entry *entry, const char *name, const char *value) {
    char *field;
    if (value && asprintf(&field, "%s=%s", name, value) >= 0)
        entry->fields[entry->count++] = (struct iovec){.iov_base = field, .iov_len = strlen(field)};
}

static void send_entry(const struct row *row, const struct event_fields *fields, const char *message) {
    static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    struct entry entry = {0};
    add(&entry, "MESSAGE", message);
    add(&entry, "MESSAGE_ID", row->id);
    add(&entry, "PRIORITY", digits[row->priority]);
    add(&entry, "SYSLOG_IDENTIFIER", "topicd");
    if (fields) {
        add(&entry, "TOPICD_TOPIC", fields->topic);
        add(&entry, "TOPICD_MANIFEST", fields->manifest);
        add(&entry, "TOPICD_OWNER", fields->owner);
        add(&entry, "TOPICD_KAFKA_ERROR", fields->kafka_error);
        add(&entry, "TOPICD_PERSON", fields->person);
    }
    sd_journal_sendv(entry.fields, entry.count);
    for (int i = 0; i < entry.count; i++)
        free(entry.fields[i].iov_base);
}

void journal_record(enum event event, const struct event_fields *fields, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *message = NULL;
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    if (message)
        send_entry(&rows[event], fields, message);
    free(message);
}

void journal_event(enum event event, const struct event_fields *fields, const char *format, ...) {
    const struct row *row = &rows[event];
    va_list args;
    va_start(args, format);
    char *message = NULL;
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    if (message && journal_is_stderr())
        send_entry(row, fields, message);
    else if (message && row->priority < LOG_DEBUG)
        fprintf(stderr, "topicd: %s\n", message);
    free(message);
}
