#include "yaml/version.h"

#include <yaml.h>

const char *yaml_library_version(void) {
    return yaml_get_version_string();
}
