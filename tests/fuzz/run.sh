#!/bin/bash
# Fuzzes for a while from what the tests have. usage: run.sh build/fuzz/NAME SECONDS
set -euo pipefail
program=$(realpath "$1") seconds=$2
cd "$(dirname "$0")/../.."
name=$(basename "$program")
corpus=$program.corpus seeds=$program.seeds found=$program.found
mkdir -p "$corpus" "$seeds" "$found"

seed() { # FILE...: flat, as libFuzzer takes them
  local file
  for file; do cp "$file" "$seeds/${file//\//_}"; done
}
case $name in
  manifest) seed tests/golden/manifests/*.{yaml,json} tests/facts/adversarial/* tests/facts/samples/{models,pipelines}/* ;;
  config) seed packaging/topicd.yaml tests/golden/manifests/M4-*.yaml ;;
  snapshot) seed tests/fuzz/seeds/snapshot-* ;;
esac
options=(-max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=20000 -artifact_prefix="$found/" -print_final_stats=1)
if [[ -e tests/fuzz/$name.dict ]]; then options+=(-dict="tests/fuzz/$name.dict"); fi
if ! nice "$program" "${options[@]}" "$corpus" "$seeds" >"$program.log" 2>&1; then
  tail -n 40 "$program.log" >&2
  echo "fuzz: $name failed on $(ls "$found")" >&2
  exit 1
fi
echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$program.log") inputs, nothing found"
