#!/bin/bash
# What topicd costs beyond what Kafka itself costs, on one broker in one run. Prints a table.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../build}
topicd=${TOPICD:-$build/topicd}
kafka=$here/../tests/kafka/kafka.sh
rounds=${ROUNDS:-100}
work=$(mktemp -d "$build/bench.XXXXXX")
clean_up() {
  if [[ -e $work/kafka ]]; then "$kafka" stop "$work/kafka" KILL; fi
  rm -rf "$work"
}
trap clean_up EXIT

if [[ -z ${BOOTSTRAP:-} ]]; then
  "$kafka" start "$work/kafka"
  BOOTSTRAP=$("$kafka" bootstrap "$work/kafka")
fi
export BOOTSTRAP

# The value at a percentile of a column.
percentile() { # FILE COLUMN PERCENT
  awk -v c="$2" '{print $c}' "$1" | sort -n | awk -v p="$3" '{v[NR]=$1} END {i=int((NR*p+99)/100); print v[i<1?1:i]}'
}

row() { # TITLE OTHERS
  "$build/bench/drop" "$rounds" "$2" "$topicd" "$work/$2" >"$work/$2.rounds"
  local f50 f99 d50 d99
  f50=$(percentile "$work/$2.rounds" 1 50) f99=$(percentile "$work/$2.rounds" 1 99)
  d50=$(percentile "$work/$2.rounds" 2 50) d99=$(percentile "$work/$2.rounds" 2 99)
  awk -v t="$1" -v a="$f50" -v b="$d50" -v c="$f99" -v d="$d99" \
    'BEGIN {printf "| %s | %.1f | %.1f | +%.1f | %.2f | %.1f | %.1f | %.2f |\n", t, a, b, b-a, b/a, c, d, d/c}'
}

echo "Milliseconds from rename() into manifests.d until both topics of a Model are acknowledged, against one bare"
echo "CreateTopics of two topics by librdkafka; $rounds rounds, one after the other in turn, on one broker."
echo
echo "| manifests in place | floor p50 | topicd p50 | difference | ratio | floor p99 | topicd p99 | ratio |"
echo "|---|---|---|---|---|---|---|---|"
row none 0
row 1,000 1000
row 10,000 10000
