#!/bin/bash
# Every message ID of the journal has its entry in the catalogue, and the other way round. Run in the top folder.
set -euo pipefail
code=$(grep -oP '^\s*\[EVENT_\w+\] = \{\w+, "\K[0-9a-f]{32}' src/daemon/journal.c | sort)
catalog=$(grep -oP '^-- \K[0-9a-f]{32}$' units/topicd.catalog | sort)
if ! difference=$(diff <(echo "$code") <(echo "$catalog")); then
  echo "src/daemon/journal.c (<) and units/topicd.catalog (>) differ:" >&2
  echo "$difference" >&2
  exit 1
fi
