#include "cmd/history.h"

#include "report/words.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

/* More than a topic's life has, as a rule. */
enum { ENTRIES_MAX = 20 };

static int open_journal(const char *directory, const char *topic, sd_journal **ret) {
    struct buffer match = {0};
    buffer_printf(&match, "TOPICD_TOPIC=%s", topic);
    sd_journal *journal = NULL;
    int r = match.failed ? -ENOMEM
            : directory  ? sd_journal_open_directory(&journal, directory, 0)
                         : sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
    if (r >= 0)
        r = sd_journal_add_match(journal, match.data, match.length);
    if (r >= 0)
        r = sd_journal_seek_tail(journal);
    buffer_free(&match);
    if (r < 0)
        sd_journal_close(journal);
    else
        *ret = journal;
    return r;
}

/* "2024-05-01T10:20:30Z  MESSAGE" of the entry at which the journal stands. */
static int entry_format(sd_journal *journal, struct buffer *out) {
    const void *data;
    size_t length, skip = strlen("MESSAGE=");
    uint64_t wall_usec;
    int r = sd_journal_get_realtime_usec(journal, &wall_usec);
    if (r >= 0)
        r = sd_journal_get_data(journal, "MESSAGE", &data, &length);
    if (r < 0)
        return r;
    struct buffer message = {0};
    buffer_append(&message, (const char *)data + skip, length - skip);
    buffer_puts(out, "  ");
    words_time(wall_usec, out);
    buffer_puts(out, "  ");
    words_clean(message.data ? message.data : "", out);
    buffer_puts(out, "\n");
    out->failed = out->failed || message.failed;
    buffer_free(&message);
    return 0;
}

/* Goes back to the oldest entry to show, then forth. Returns how many there are, or a negative errno. */
static int entries_format(sd_journal *journal, struct buffer *out) {
    int r, back = 0, shown = 0;
    while (back < ENTRIES_MAX && (r = sd_journal_previous(journal)) > 0)
        back++;
    for (int i = 0; i < back; i++) {
        if (i > 0 && (r = sd_journal_next(journal)) <= 0)
            return r < 0 ? r : shown;
        if (i == 0)
            buffer_puts(out, "the journal tells (times in UTC):\n");
        r = entry_format(journal, out);
        if (r < 0 && r != -ENOENT)
            return r;
        shown += r == 0;
    }
    return back == 0 ? r : shown;
}

int history_format(const char *directory, const char *topic, struct buffer *out) {
    sd_journal *journal = NULL;
    int r = open_journal(directory, topic, &journal);
    if (r >= 0)
        r = entries_format(journal, out);
    if (r < 0 && r != -ENOMEM)
        buffer_printf(out, "the journal cannot be read: %s\n", strerror(-r));
    else if (r == 0)
        buffer_printf(out, "the journal tells nothing of it%s\n",
                      directory || geteuid() == 0 ? ""
                                                  : " to this user: try it as root or in the group systemd-journal");
    sd_journal_close(journal);
    return r == -ENOMEM || out->failed ? -ENOMEM : r < 0 ? 0 : r;
}
