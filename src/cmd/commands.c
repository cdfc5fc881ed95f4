/* The table of commands, and the help that is made of it. */
#include "base/diagnostic.h"
#include "cmd/cmd.h"

#include <stdint.h>
#include <string.h>

const struct command COMMANDS[] = {
    {
        .name = "run",
        .run = cmd_run,
        .options = OPTION_ONCE | OPTION_TIMEOUT,
        .arguments = "",
        .summary = "the daemon: keep the topics in step with the manifests",
        .details = "With --once: reconcile once, grace period and requests included, and exit:\n"
                   "0 in sync, 3 something is rejected, held or in use, 1 it failed.\n",
        .example = "topicd run\n"
                   "topicd run --once --timeout 120\n",
    },
    {
        .name = "check",
        .run = cmd_check,
        .options = OPTION_JSON,
        .arguments = " [FILE|DIR]...",
        .n_max = SIZE_MAX,
        .summary = "validate manifests, without Kafka",
        .details = "Without an argument: the manifests directory. '-' is standard input. What is wrong\n"
                   "goes to standard error, as compilers print it. Of a directory it also remarks what\n"
                   "Pipelines use and no manifest there has. Exits with 0 if all is well, else 1.\n",
        .example = "topicd check iris.yaml\n"
                   "kubectl get model iris -o yaml | topicd check -\n",
    },
    {
        .name = "plan",
        .run = cmd_plan,
        .options = OPTION_JSON | OPTION_GRAPH | OPTION_OFFLINE,
        .arguments = "",
        .summary = "what run would do now; changes nothing",
        .details = "Topics to create and to delete, deletions that are held, drift, and topics that\n"
                   "nothing accounts for. Exits with 3 if there is something to create or delete,\n"
                   "0 if not, 1 if it could not look.\n",
        .example = "topicd plan\n"
                   "topicd plan --offline --json | jq '.delete[].topic'\n"
                   "topicd plan --graph | dot -Tsvg -o topics.svg\n",
    },
    {
        .name = "explain",
        .run = cmd_explain,
        .options = OPTION_JSON | OPTION_JOURNAL,
        .arguments = " TOPIC|KIND/NAMESPACE/NAME|FILE",
        .n_min = 1,
        .n_max = 1,
        .summary = "why a topic is there or went, what removing a file would do",
        .details = "Of a topic: who needs it, or what its deletion waits for and what to type, and what\n"
                   "the journal tells of it; the same of the two topics of a Model or Pipeline. Of a\n"
                   "manifest: which topics would go, be held or stay if it were removed now, or what\n"
                   "becomes of them if it is gone. Needs neither Kafka nor a running daemon, and without\n"
                   "the directory looks at the daemon's memory. Exits with 1 if it could not look, or\n"
                   "knows nothing of it.\n",
        .example = "topicd explain seldon.seldon-mesh.model.iris.inputs\n"
                   "topicd explain Model/seldon-mesh/iris\n"
                   "topicd explain iris.yaml\n"
                   "topicd explain --json iris.yaml | jq '.file.topics'\n",
    },
    {
        .name = "status",
        .run = cmd_status,
        .options = OPTION_JSON,
        .arguments = "",
        .summary = "the running daemon's state",
        .details = "Exits with 0 if all is in sync, 3 if not, 1 if no daemon runs.\n",
        .example = "topicd status\n"
                   "topicd status --json | jq .rejectedFiles\n",
    },
    {
        .name = "wait",
        .run = cmd_wait,
        .options = OPTION_TIMEOUT,
        .arguments = "",
        .summary = "have the daemon look again, and wait until all is in sync",
        .details = "Exits with 0 when all is in sync, 3 when it is not in time, 1 if no daemon runs. It means\n"
                   "all that topicd watches, not what you changed: a deletion that awaits approval, a file\n"
                   "that is rejected or a topic that Kafka refuses, whoever caused it, makes it 3, and is\n"
                   "named. For a script that minds creations only, topicd(8) has an example.\n",
        .example = "cp iris.yaml " DEFAULT_MANIFESTS "/.iris.new    # a dot's name is not looked at\n"
                   "mv " DEFAULT_MANIFESTS "/.iris.new " DEFAULT_MANIFESTS "/iris.yaml && topicd wait --timeout 30\n",
    },
    {
        .name = "approve",
        .run = cmd_approve,
        .arguments = " ID",
        .n_min = 1,
        .n_max = 1,
        .summary = "let deletions that await approval go ahead",
        .details = "The ID stands for exactly one set of deletions: 'topicd status' shows it.\n"
                   "Exits with 0 if it was taken, else 1.\n",
        .example = "topicd approve 0123456789ab\n",
    },
    {
        .name = "deny",
        .run = cmd_deny,
        .arguments = " ID",
        .n_min = 1,
        .n_max = 1,
        .summary = "forget deletions that await approval: the topics stay",
        .details = "The ID stands for exactly one set of deletions: 'topicd status' shows it. That of\n"
                   "deletions that were approved takes this back, as long as nothing was sent.\n"
                   "Exits with 0 if it was taken, else 1.\n",
        .example = "topicd deny 0123456789ab\n",
    },
    {
        .name = "prune",
        .run = cmd_prune,
        .options = OPTION_YES,
        .arguments = " [TOPIC]...",
        .n_max = SIZE_MAX,
        .summary = "list orphans, ask, and delete them",
        .details = "Orphans are topics of a Model's or Pipeline's form, in a namespace in use, that nothing\n"
                   "accounts for. It asks on a terminal only; a script names them and says --yes. It\n"
                   "refuses while a manifest is rejected, no Model or Pipeline is accepted or the directory\n"
                   "cannot be read, or if this is not the world that the daemon knows. Exits with 0 if all\n"
                   "are gone or there were none, else 1.\n",
        .example = "topicd prune\n"
                   "topicd prune --yes seldon.seldon-mesh.model.lost.inputs\n",
    },
    {
        .name = "reload",
        .run = cmd_reload,
        .arguments = "",
        .summary = "read the configuration and all manifests again",
        .details = "Returns when it is done. Exits with 1 if the configuration is bad (the old one\n"
                   "stays in force) or no daemon runs.\n",
        .example = "topicd reload\n",
    },
    {0},
};

const struct command *command_find(const char *name) {
    for (const struct command *command = COMMANDS; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static void no_command(const char *word, struct buffer *error) {
    if (!word) {
        buffer_puts(error, "which command?");
        return;
    }
    const char *names[sizeof COMMANDS / sizeof *COMMANDS] = {0};
    for (size_t i = 0; COMMANDS[i].name; i++)
        names[i] = COMMANDS[i].name;
    const char *nearest = diagnostic_nearest(word, names);
    buffer_printf(error, "unknown command '%s'", word);
    if (nearest)
        buffer_printf(error, "; did you mean %s?", nearest);
}

bool command_accepts(const struct command *command, const struct options *options, struct buffer *error) {
    if (!command) {
        no_command(options->command, error);
        return false;
    }
    for (const struct option_row *row = OPTIONS; row->name; row++) {
        if (!(row->flag & options->given & ~command->options))
            continue;
        buffer_printf(error, "%s does not take --%s", command->name, row->name);
        return false;
    }
    if (options->arguments.count < command->n_min) {
        buffer_printf(error, "%s needs%s", command->name, command->arguments);
        return false;
    }
    if (options->arguments.count > command->n_max) {
        buffer_printf(error, "%s: one argument too many: '%s'", command->name,
                      options->arguments.items[command->n_max]);
        return false;
    }
    return true;
}

void command_usage(const struct command *command, FILE *out) {
    fprintf(out, "usage: topicd %s", command ? command->name : "COMMAND");
    for (const struct option_row *row = OPTIONS; command && row->name; row++)
        if (row->flag & command->options)
            fprintf(out, " [--%s%s%s]", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
    fprintf(out, " [OPTION]...%s\n", command ? command->arguments : "");
}

static void option_help(const struct option_row *row, FILE *out) {
    char text[64];
    snprintf(text, sizeof text, "--%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
    if (row->letter)
        fprintf(out, "  -%c, %-21s %s\n", row->letter, text, row->summary);
    else
        fprintf(out, "      %-21s %s\n", text, row->summary);
}

static void options_help(unsigned flags, FILE *out) {
    fputs("\nOptions:\n", out);
    for (const struct option_row *row = OPTIONS; row->name; row++)
        if (row->flag == 0 || (row->flag & flags))
            option_help(row, out);
}

static void examples(const char *lines, FILE *out) {
    fputs("\nExample:\n", out);
    for (const char *line = lines; *line;) {
        int length = (int)strcspn(line, "\n");
        fprintf(out, "  %.*s\n", length, line);
        line += length + 1;
    }
}

void command_help(const struct command *command, FILE *out) {
    command_usage(command, out);
    if (command) {
        fprintf(out, "\n%s: %s\n%s", command->name, command->summary, command->details);
        options_help(command->options, out);
        examples(command->example, out);
        return;
    }
    fputs("\ntopicd keeps the Kafka topics of a Seldon Core 2 installation in step with a directory\n"
          "of Model and Pipeline manifests.\n\nCommands:\n",
          out);
    for (const struct command *row = COMMANDS; row->name; row++)
        fprintf(out, "  %-8s %s\n", row->name, row->summary);
    options_help(0, out);
    fputs("\nExit codes: 0 fine, 1 failed, 2 usage, 3 changes pending or not in sync.\n", out);
    examples("topicd check && topicd plan\ntopicd COMMAND --help\n", out);
}
