#!/bin/bash
# Says what became worse than bench/baseline.json: compare.sh RESULTS [--keep]. What is kept are ratios against the
# floor of the same run, or against what else tells of the machine; --keep keeps those of now, as
# does the first run.
set -euo pipefail

results=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
baseline=$here/baseline.json
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

ratio() { # NAME VALUE FLOOR
  printf '%s %s\n' "$1" "$(calculate "$2 / $3")"
}

ratios() {
  local row
  for row in one among burst first restart delete; do
    ratio "$row" "$(result $row.topicd.p50)" "$(result $row.floor.p50)"
  done
  ratio one-p99 "$(result one.topicd.p99)" "$(result one.floor.p99)"
  ratio resync-cpu "$(result resync.cpu.p50)" "$(result curve.1000.cpu)"
  ratio check "$(result spawn.check.p50)" "$(result spawn.true.p50)"
  ratio memory-few "$(result memory.few.ready.p50)" 10240
  ratio memory-many "$(result memory.many.ready.p50)" 40960
  ratio binary "$(result binary.kib)" 400
}

now=$(ratios | jq -nR '[inputs | split(" ")] | map({(.[0]): .[1] | tonumber}) | add')
if [[ ${2:-} == --keep || $(jq 'has("ratios")' "$baseline") == false ]]; then
  jq --arg version "$(<"$here/../VERSION")" --argjson ratios "$now" '.ratios = {$version, values: $ratios}' "$baseline" >"$results.new"
  cat "$results.new" >"$baseline"
  echo "bench: this run's ratios are in bench/baseline.json now"
  exit
fi
jq -nr --argjson now "$now" --slurpfile baseline "$baseline" '
  ($baseline[0].ratios) as $kept
  | [$now | to_entries[] | select($kept.values[.key] and .value > 1.15 * $kept.values[.key])] as $worse
  | if $worse == [] then "bench: nothing is more than 15% worse than with \($kept.version)"
    else $worse[] | "bench: \(.key) became worse: \(.value), with \($kept.version) \($kept.values[.key])" end'
