#!/bin/bash
# No file of code over 450 lines. usage: size.sh FILE...
set -euo pipefail
wc -l "$@" | awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines are more than 450"; bad = 1 } END { exit bad }' >&2
