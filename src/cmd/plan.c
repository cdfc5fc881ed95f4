/* plan: what `run` would do now. Reads the directory, the snapshot, Kafka's listing and status.json; changes nothing.
 */
#include "cmd/cmd.h"
#include "cmd/daemon_status.h"
#include "cmd/survey.h"
#include "report/plan_graph.h"
#include "report/plan_json.h"
#include "report/plan_text.h"

#include <string.h>

/* When grace periods end only the daemon knows, if one runs and has seen these deletions. */
static void find_when(const struct status_document *status, struct previewed_deletion *deletion) {
    struct status_deletion said;
    if (status_document_deletion(status, deletion->topic, &said) && strcmp(said.state, "grace-period") == 0)
        deletion->due_usec = said.due_usec;
}

static void ask_when(struct survey *survey) {
    struct preview *preview = survey->preview;
    struct status_document *status = NULL;
    if (daemon_status_read(survey->options->runtime, &status, NULL) != 0)
        return;
    for (size_t i = 0; i < preview->delete.count; i++)
        find_when(status, &preview->delete.items[i]);
    for (size_t i = 0; i < preview->held.count; i++)
        find_when(status, &preview->held.items[i]);
    status_document_free(status);
}

static int print(const struct survey *survey) {
    const struct preview *preview = survey->preview;
    struct buffer text = {0};
    if (survey->options->graph)
        text.failed = plan_graph_format(preview, &text) < 0 || text.failed;
    else if (survey->options->json)
        plan_json_format(preview, &survey->config->topics, &text);
    else if (plan_text_format(preview, cmd_is_colourful(stdout), &text) < 0)
        text.failed = true;
    return cmd_print(&text, preview->create.count + preview->delete.count > 0 ? EXIT_PENDING : EXIT_FINE);
}

int cmd_plan(const struct options *options) {
    if (options->json && options->graph) {
        cmd_fail("plan takes --json or --graph, not both");
        return EXIT_USAGE;
    }
    struct survey survey = {0};
    int code = survey_open(&survey, options);
    if (code == EXIT_FINE)
        code = options->offline ? survey_offline(&survey) : survey_live(&survey);
    if (code == EXIT_FINE) {
        ask_when(&survey);
        code = print(&survey);
    }
    survey_free(&survey);
    return code;
}
