/* topicd.yaml's bytes: no crash, no leak; a value or errors. */
#include "config/config.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = fuzz_text(bytes, size);
    struct diagnostics diagnostics = {0};
    struct config *config;
    int r = config_parse(text, size, &config, &diagnostics);
    FUZZ_ASSERT(r == 0 || r == 1);
    FUZZ_ASSERT((r == 1) == (diagnostics.errors > 0));
    fuzz_format(&diagnostics);
    if (r == 0) {
        FUZZ_ASSERT(config->bootstrap[0] && config->topic_prefix[0] && config->namespace[0]);
        config_free(config);
    }
    diagnostics_free(&diagnostics);
    free(text);
    return 0;
}
