#include "report/summary.h"

#include "report/words.h"

#include <string.h>

/* Names that are spelled out before "and 7 more", and how much of a message fits. */
enum { NAMES_MAX = 3, MESSAGE_MAX = 100 };

#define SEPARATOR "; "

struct line {
    const struct status_report *report;
    struct buffer *out;
    size_t start;
};

static void part(const struct line *line) {
    words_part(line->out, line->start, SEPARATOR);
}

static void and_more(const struct line *line, size_t count) {
    if (count > NAMES_MAX)
        buffer_printf(line->out, " and %zu more", count - NAMES_MAX);
}

static void manifests_and_topics(const struct line *line) {
    const struct catalog *catalog = line->report->catalog;
    const struct plan *plan = line->report->plan;
    if (!catalog || !plan)
        return;
    part(line);
    words_count(catalog->n_files, "manifest", line->out);
    buffer_puts(line->out, ", ");
    words_count(plan->n_topics, "topic", line->out);
    if (plan->n_present < plan->n_topics)
        buffer_printf(line->out, " (%zu missing)", plan->n_topics - plan->n_present);
}

static void world(const struct line *line) {
    const struct status_report *report = line->report;
    for (size_t i = 0; i < report->n_troubles; i++) {
        part(line);
        words_cut(report->troubles[i], 2 * MESSAGE_MAX, line->out);
    }
    if (report->scan.error && !report->scan.complete) {
        part(line);
        words_cut(report->scan.error, 2 * MESSAGE_MAX, line->out);
    }
    if (report->kafka.reachable)
        return;
    part(line);
    buffer_puts(line->out, "waiting for Kafka");
    if (report->kafka.error) {
        buffer_puts(line->out, ": ");
        words_cut(report->kafka.error, MESSAGE_MAX, line->out);
    }
}

static void rejected_files(const struct line *line) {
    const struct catalog *catalog = line->report->catalog;
    for (size_t i = 0; catalog && i < catalog->rejected.count && i < NAMES_MAX; i++) {
        const struct rejected_file *file = &catalog->rejected.items[i];
        if (i == 0)
            part(line);
        buffer_puts(line->out, i == 0 ? "rejected " : ", ");
        words_cut(file->name, MESSAGE_MAX, line->out);
        if (i > 0)
            continue;
        buffer_puts(line->out, " (");
        if (file->errors[0].mark.line)
            buffer_printf(line->out, "line %u: ", file->errors[0].mark.line);
        words_cut(file->errors[0].message, MESSAGE_MAX, line->out);
        buffer_puts(line->out, ")");
    }
    if (catalog)
        and_more(line, catalog->rejected.count);
}

static void failed_topics(const struct line *line) {
    const struct plan *plan = line->report->plan;
    for (size_t i = 0; i < plan->failed.count && i < NAMES_MAX; i++) {
        if (i == 0)
            part(line);
        buffer_puts(line->out, i == 0 ? "Kafka refuses " : ", ");
        words_clean(plan->failed.items[i].topic, line->out);
        if (i > 0)
            continue;
        buffer_puts(line->out, " (");
        words_cut(plan->failed.items[i].error, MESSAGE_MAX, line->out);
        buffer_puts(line->out, ")");
    }
    and_more(line, plan->failed.count);
}

/* The deletions of one state: how many there are, the first of them, and whether all come from one file. */
struct group {
    const struct planned_deletion *first;
    size_t count;
    bool one_file, one_owner, remains; /* a file of them is still there, without their owner */
    uint64_t due_usec;
};

/* `asks`: those in their grace period of which a person will be asked; else those of which none is. */
static struct group find_group(const struct status_report *report, enum deletion_state state, bool asks) {
    const struct plan *plan = report->plan;
    struct group group = {.one_file = true, .one_owner = true, .due_usec = USEC_NEVER};
    for (size_t i = 0; i < plan->deletions.count; i++) {
        const struct planned_deletion *planned = &plan->deletions.items[i];
        if (planned->state != state || (state == DELETION_GRACE_PERIOD && asks != (planned->also != NULL)))
            continue;
        if (!group.first)
            group.first = planned;
        group.count++;
        group.one_file = group.one_file && strcmp(planned->owed->file, group.first->owed->file) == 0;
        group.one_owner = group.one_owner && planned->owed == group.first->owed;
        group.remains = group.remains || deletion_file_remains(report->snapshot, report->catalog, planned->owed->file);
        group.due_usec = planned->due_usec < group.due_usec ? planned->due_usec : group.due_usec;
    }
    return group;
}

/* Whose the topics are, if they are one resource's. */
static void of_owner(const struct line *line, const struct group *group) {
    if (!group->one_owner)
        return;
    const struct owed *owed = group->first->owed;
    buffer_puts(line->out, " of ");
    owner_format(owed->kind, owed->namespace, owed->name, line->out);
}

static void awaiting_approval(const struct line *line, const struct group *group) {
    part(line);
    words_count(group->count, "deletion", line->out);
    of_owner(line, group);
    buffer_printf(line->out, " %s approval (", group->count == 1 ? "awaits" : "await");
    words_cut(group->first->reason, MESSAGE_MAX, line->out);
    buffer_puts(line->out, ")");
    const struct deletions *deletions = line->report->deletions;
    if (deletions && deletions->id[0])
        buffer_printf(line->out, ": topicd approve %s, or deny", deletions->id);
}

static void deletion_problem(const struct line *line, const struct group *group, const char *verb) {
    part(line);
    words_count(group->count, "deletion", line->out);
    of_owner(line, group);
    buffer_printf(line->out, " %s: ", verb);
    words_cut(group->first->reason, MESSAGE_MAX, line->out);
}

/* What a deletion in its grace period is dropped by: a file, or an owner in a file that is there. */
static void unless(const struct line *line, const struct group *group) {
    buffer_puts(line->out, " unless ");
    if (group->one_file && !group->remains)
        words_cut(group->first->owed->file, MESSAGE_MAX, line->out);
    else
        buffer_puts(line->out, !group->remains ? "their manifests" : group->one_owner ? "it" : "their owners");
    buffer_puts(line->out, group->one_file && (!group->remains || group->one_owner) ? " returns" : " return");
    if (group->one_file && group->remains) {
        buffer_puts(line->out, " to ");
        words_cut(group->first->owed->file, MESSAGE_MAX, line->out);
    }
}

static void grace_period(const struct line *line, bool asks) {
    const struct status_report *report = line->report;
    struct group group = find_group(report, DELETION_GRACE_PERIOD, asks);
    if (group.count == 0)
        return;
    part(line);
    buffer_puts(line->out, asks ? "" : "deletes ");
    words_count(group.count, asks ? "deletion" : "topic", line->out);
    of_owner(line, &group);
    buffer_puts(line->out, asks ? " will await approval" : "");
    if (group.due_usec != USEC_NEVER) {
        buffer_puts(line->out, " at ");
        words_clock(status_wall(&report->now, group.due_usec), line->out);
    }
    unless(line, &group);
}

static void deletions(const struct line *line, enum deletion_state state) {
    struct group group = find_group(line->report, state, false);
    bool one = group.count == 1;
    if (group.count == 0)
        return;
    if (state == DELETION_AWAITING_APPROVAL) {
        awaiting_approval(line, &group);
    } else if (state == DELETION_BLOCKED) {
        deletion_problem(line, &group, one ? "is blocked" : "are blocked");
    } else if (state == DELETION_RETRYING) {
        deletion_problem(line, &group, one ? "is retried" : "are retried");
    } else if (state == DELETION_IN_USE) {
        deletion_problem(line, &group, one ? "waits" : "wait");
    } else {
        part(line);
        buffer_puts(line->out, "deleting ");
        words_count(group.count, "topic", line->out);
    }
}

/* What happens next to topics that are missing. */
static void creations(const struct line *line) {
    const struct status_report *report = line->report;
    const struct plan *plan = report->plan;
    size_t settled = plan->n_present + plan->n_refused;
    if (report->kafka.reachable && settled < plan->n_topics) {
        part(line);
        buffer_puts(line->out, "creating ");
        words_count(plan->n_topics - settled, "topic", line->out);
    }
    uint64_t retry_usec = USEC_NEVER;
    for (size_t i = 0; i < plan->failed.count; i++)
        if (plan->failed.items[i].retry_usec < retry_usec)
            retry_usec = plan->failed.items[i].retry_usec;
    if (retry_usec == USEC_NEVER)
        return;
    part(line);
    buffer_puts(line->out, "tries again at ");
    words_clock(status_retry(&report->now, retry_usec), line->out);
}

void summary_format(const struct status_report *report, struct buffer *out) {
    struct line line = {.report = report, .out = out, .start = out->length};
    if (report->phase == STATUS_STOPPING) {
        buffer_puts(out, "stopping");
        return;
    }
    manifests_and_topics(&line);
    if (status_in_sync(report)) {
        buffer_puts(out, ", all in sync");
    } else if (!report->catalog && !report->scan.error) {
        part(&line);
        buffer_puts(out, "reading the manifests");
    }
    world(&line);
    rejected_files(&line);
    if (report->plan) {
        /* First what needs somebody, then what happens by itself. */
        failed_topics(&line);
        deletions(&line, DELETION_AWAITING_APPROVAL);
        deletions(&line, DELETION_BLOCKED);
        deletions(&line, DELETION_RETRYING);
        creations(&line);
        deletions(&line, DELETION_SENDING);
        grace_period(&line, false);
        grace_period(&line, true);
        deletions(&line, DELETION_IN_USE);
    }
    if (report->note) {
        part(&line);
        buffer_puts(out, "looks every 5 s: ");
        words_cut(report->note, MESSAGE_MAX, out);
    }
}
