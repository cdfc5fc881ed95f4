#include "seldon/kinds.h"

#include <stddef.h>

const struct kind KINDS[] = {
    {"Model", ROLE_MODEL},
    {"Pipeline", ROLE_PIPELINE},
    {"ModelList", ROLE_MODEL_LIST},
    {"PipelineList", ROLE_PIPELINE_LIST},
    {"Experiment", ROLE_NO_TOPICS},
    {"Server", ROLE_NO_TOPICS},
    {"ServerConfig", ROLE_NO_TOPICS},
    {"SeldonConfig", ROLE_NO_TOPICS},
    {"SeldonRuntime", ROLE_NO_TOPICS},
    {"ExperimentList", ROLE_NO_TOPICS},
    {"ServerList", ROLE_NO_TOPICS},
    {"ServerConfigList", ROLE_NO_TOPICS},
    {"SeldonConfigList", ROLE_NO_TOPICS},
    {"SeldonRuntimeList", ROLE_NO_TOPICS},
    {NULL, ROLE_NO_TOPICS},
};
