/* The only object that is built with version numbers. */
#include "kafka/version.h"

#include "cmd/cmd.h"
#include "yaml/version.h"

#include <jansson.h>

const char *version_text(void) {
    return TOPICD_VERSION;
}

void version_print(FILE *out) {
    fprintf(out,
            "topicd %s\n"
            "librdkafka %s\n"
            "libyaml %s\n"
            "jansson %s\n"
            "libsystemd %s (built with)\n",
            TOPICD_VERSION, kafka_library_version(), yaml_library_version(), jansson_version_str(),
            TOPICD_SYSTEMD_VERSION);
}
