#!/bin/bash
# What topicd costs beyond what Kafka itself costs: measured side by side in one run, and written to doc/performance.md.
# Takes some minutes.
#
#     run.sh [--keep]      --keep makes this run what later ones are compared with (bench/baseline.json)
#
# ROUNDS (100) of one file, FEW (5) of the long rows.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../build}
topicd=${TOPICD:-$build/topicd}
kafka=$here/../tests/kafka/kafka.sh
rounds=${ROUNDS:-100} few=${FEW:-5}
work=$(mktemp -d "$build/bench.XXXXXX")
# Disks take 100,000 files badly; memory, where there is some, does not mind.
fast=$(mktemp -d "$([[ -w /dev/shm ]] && echo /dev/shm || echo "$build")/topicd-bench.XXXXXX")
results=$build/bench/results
daemon=
: >"$results"
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=rows.sh
. "$here/rows.sh"
# shellcheck source-path=SCRIPTDIR source=neighbours.sh
. "$here/neighbours.sh"

clean_up() {
  local dir
  if [[ $daemon ]]; then kill "$daemon" 2>/dev/null || true; fi
  for dir in "$work"/*/port; do
    if [[ -e $dir ]]; then "$kafka" stop "${dir%/port}" KILL; fi
  done
  rm -rf "$work" "$fast"
}
trap clean_up EXIT

note few "$few"
note rounds "$rounds"
note load.before "$(cut -d' ' -f1 /proc/loadavg)"
"$kafka" fetch
row_binary
cluster_start one
home one.home one
row_drop one "$rounds" 0 one.home one
row_burst
row_memory_few
neighbours
cluster_end one
row_first_start
row_restart
row_drop among 30 300 many.home bench
daemon_start many.home
row_curve &
curve=$!
row_idle
wait $curve
row_resync
daemon_stop
note load.after "$(cut -d' ' -f1 /proc/loadavg)"
"$here/report.sh" "$results" >"$here/../doc/performance.md"
"$here/compare.sh" "$results" "$@"
