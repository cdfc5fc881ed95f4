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

cluster_start many
home many.home bench
models 10000 "$work/many.home/manifests.d" other
"$build/bench/start" "$topicd" "$work/many.home"
echo $work >/tmp/hold.work; echo $BOOTSTRAP >/tmp/hold.boot
sleep 300
