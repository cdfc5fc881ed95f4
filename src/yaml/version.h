/* Which libyaml runs: what was loaded, not what was built against.
 *
 * May use: libyaml. */
#pragma once

const char *yaml_library_version(void);
