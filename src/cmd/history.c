#include "cmd/history.h"

#include "report/words.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

/* More than a topic's life has, as a rule. */
enum { ENTRIES_MAX = 20 };

static int open_journal(const char *directory, const char *field, const char *value, sd_journal **ret) {
    struct buffer match = {0};
    buffer_printf(&match, "%s=%s", field, value);
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

/* The entry at which the journal stands. Returns 0 or a negative errno. */
static int take_entry(sd_journal *journal, struct history *history) {
    const void *data;
    size_t length, skip = strlen("MESSAGE=");
    struct journal_entry entry;
    int r = sd_journal_get_realtime_usec(journal, &entry.wall_usec);
    if (r >= 0)
        r = sd_journal_get_data(journal, "MESSAGE", &data, &length);
    if (r < 0)
        return r;
    entry.message = arena_strndup(&history->arena, (const char *)data + skip, length - skip);
    return entry.message ? array_push(&history->entries, entry) : -ENOMEM;
}

/* Goes back to the oldest entry to show, then forth. Returns 0 or a negative errno. */
static int take_entries(sd_journal *journal, struct history *history) {
    int r = 0, back = 0;
    while (back < ENTRIES_MAX && (r = sd_journal_previous(journal)) > 0)
        back++;
    for (int i = 0; r >= 0 && i < back; i++) {
        if (i > 0 && (r = sd_journal_next(journal)) <= 0)
            break;
        r = take_entry(journal, history);
        r = r == -ENOENT ? 0 : r; /* an entry without a message */
    }
    return r < 0 ? r : 0;
}

int history_read(const char *directory, const char *field, const char *value, struct history *ret) {
    sd_journal *journal = NULL;
    int r = open_journal(directory, field, value, &journal);
    if (r >= 0)
        r = take_entries(journal, ret);
    sd_journal_close(journal);
    if (r >= 0 || r == -ENOMEM)
        return r < 0 ? r : 0;
    ret->error = arena_strdup(&ret->arena, strerror(-r));
    return ret->error ? 0 : -ENOMEM;
}

/* "2024-05-01T10:20:30Z  MESSAGE" */
void history_format(const struct history *history, bool system, struct buffer *out) {
    if (history->entries.count > 0)
        buffer_puts(out, "the journal tells (times in UTC):\n");
    for (size_t i = 0; i < history->entries.count; i++) {
        buffer_puts(out, "  ");
        words_time(history->entries.items[i].wall_usec, out);
        buffer_puts(out, "  ");
        words_clean(history->entries.items[i].message, out);
        buffer_puts(out, "\n");
    }
    if (history->error)
        buffer_printf(out, "the journal cannot be read: %s\n", history->error);
    else if (history->entries.count == 0)
        buffer_printf(out, "the journal tells nothing of it%s\n",
                      system && geteuid() != 0 ? " to this user: try it as root or in the group systemd-journal" : "");
}

void history_free(struct history *history) {
    array_free(&history->entries);
    arena_free(&history->arena);
}
