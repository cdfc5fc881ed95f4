/* plan: what `run` would do now. Reads the directory, the snapshot and Kafka's listing; changes nothing. */
#include "cmd/cmd.h"
#include "cmd/survey.h"
#include "report/plan_graph.h"
#include "report/plan_json.h"
#include "report/plan_text.h"

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
    if (code == EXIT_FINE)
        code = print(&survey);
    survey_free(&survey);
    return code;
}
