#!/bin/bash
# Prints doc/performance.md from the results of a run: report.sh RESULTS
# shellcheck disable=SC2016 # what stands in backquotes is Markdown
set -euo pipefail

results=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../build}
topicd=${TOPICD:-$build/topicd}
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

p50() { # KEY
  result "$1.p50"
}

say() { # FORMAT EXPRESSION...: of numbers
  local format=$1 values=()
  shift
  for expression; do values+=("$(calculate "$expression")"); done
  # shellcheck disable=SC2059 # the format is the caller's
  LC_ALL=C printf "$format" "${values[@]}"
}

# One row: whether all of the conditions hold, and if not, what is to be said of it.
row() { # WHAT LIMIT MEASURED REMARK CONDITION...
  local verdict=reached condition
  for condition in "${@:5}"; do
    if ! awk "BEGIN { exit !($condition) }"; then verdict=missed; fi
  done
  echo "| $1 | $2 | $3 | $verdict |"
  if [[ $verdict == missed && $4 ]]; then missed+=("**$1**: $4"); fi
}

rows() {
  local a b c d k
  a=$(p50 one.floor) b=$(p50 one.topicd) c=$(result one.floor.p99) d=$(result one.topicd.p99)
  row 'one file, from `rename()` until its topics are acknowledged' 'p50 floor + 2 ms, p99 1.25 × floor' \
    "$(say 'p50 %.1f ms, floor %.1f (%+.1f ms, %.2f ×); p99 %.1f, floor %.1f (%.2f ×)' "$b" "$a" "$b-$a" "$b/$a" "$d" "$c" "$d/$c")" \
    "$REMARK_ONE" "$b <= $a + 2" "$d <= 1.25 * $c"
  a=$(p50 among.floor) b=$(p50 among.topicd)
  row 'the same with 10,000 other manifests in place' 'p50 floor + 10 ms' \
    "$(say 'p50 %.1f ms, floor %.1f (%+.1f ms, %.2f ×)' "$b" "$a" "$b-$a" "$b/$a")" "$REMARK_AMONG" "$b <= $a + 10"
  a=$(p50 burst.floor) b=$(p50 burst.topicd)
  row '1,000 Models moved in at once, until 2,000 topics are acknowledged' '1.15 × floor (one batch and one single request)' \
    "$(say '%.2f × (%.0f ms, floor %.0f)' "$b/$a" "$b" "$a")" "$REMARK_BURST" "$b <= 1.15 * $a"
  a=$(p50 first.floor) b=$(p50 first.topicd) c=$(result curve.10000.cpu)
  row '10,000 Models at the start, none of their topics in Kafka, until READY' '1.25 × floor; parsing, planning, saving 0.5 s of CPU' \
    "$(say '%.2f × (%.1f s, floor %.1f); %.2f s of CPU' "$b/$a" "$b/1000" "$a/1000" "$c/1000")" "$REMARK_FIRST" "$b <= 1.25 * $a" "$c < 500"
  a=$(p50 restart.floor) b=$(p50 restart.topicd)
  row '10,000 Models at the start, all topics there, until READY' '1.2 × (connection and validate-only requests for 20,000 names) + 0.4 s' \
    "$(say '%.2f s, limit %.2f (floor %.2f s, %.2f ×)' "$b/1000" "1.2*$a/1000+0.4" "$a/1000" "$b/$a")" "$REMARK_RESTART" "$b <= 1.2 * $a + 400"
  a=$(p50 delete.floor) b=$(p50 delete.topicd)
  row 'the topics of 1,000 Models deleted, from `topicd approve` on' '1.15 × floor (one connection, one request)' \
    "$(say '%.2f × (%.0f ms, floor %.0f)' "$b/$a" "$b" "$a")" "$REMARK_DELETE" "$b <= 1.15 * $a"
  a=$(result idle.switches) b=$(result idle.own) c=$(result idle.cpu)
  row 'idle, 10,000 manifests, broker up' 'no wake-up of its own; the process 4 context switches a second, 0.1% CPU' \
    "$(say '%.2f switches a second, %.2f of its own thread, %.4f%% CPU' "$a" "$b" "$c")" '' "$a <= 4" "$b <= 0.1" "$c <= 0.1"
  a=$(p50 memory.few.ready) b=$(p50 memory.many.ready) c=$(result memory.many.idle)
  k=$((b > c ? b : c))
  row 'resident memory' '10 MiB with ten manifests, 40 MiB with 10,000' \
    "$(say '%.1f MiB; %.1f at READY, %.1f idle' "$a/1024" "$b/1024" "$c/1024")" "$REMARK_MEMORY" "$a <= 10240" "$k <= 40960"
  a=$(p50 resync.cpu)
  row 'a resync with 10,000 unchanged files' '100 ms of CPU, no snapshot write, no request but questions' \
    "$(say '%.0f ms of CPU' "$a"), writes: $(result resync.writes), other requests: $(result resync.other)" "$REMARK_RESYNC" \
    "$a < 100" "\"$(result resync.writes)\" == \"none\"" "$(result resync.other) == 0"
  a=$(result binary.kib) b=$(p50 spawn.version) c=$(p50 spawn.check) d=$(p50 spawn.true)
  row 'binary and start' '400 KiB stripped; `topicd --version` and `topicd check` of one file 5 ms' \
    "$(say '%.0f KiB; %.1f ms, %.1f ms (`/bin/true`: %.1f ms)' "$a" "$b" "$c" "$d")" "$REMARK_START" "$a < 400" "$b < 5" "$c < 5"
}

neighbour() { # WHAT KEY
  local value
  value=$(p50 "neighbour.$2")
  if [[ ! $value ]]; then
    echo "| $1 | not measured: it could not be installed | |"
  else
    echo "| $1 | $(say '%.2f' "$value") | $(say '%.1f ×' "$value/$3") |"
  fi
}

neighbour_rows() {
  local one batch
  one=$(p50 neighbour.floor.one) batch=$(p50 neighbour.floor.batch)
  echo "| bare librdkafka, two topics a request | $(say '%.2f' "$one") | 1 |"
  neighbour '`kafka-topics.sh` in a loop' script "$one"
  neighbour 'Java AdminClient, one request a topic' java.one "$one"
  neighbour "confluent-kafka $(result python.version | tr _ ' ' | awk '{ print $1 }'), one request a topic" python.one "$one"
  echo "| **topicd, one file after the other** | $(say '%.2f' "$(p50 one.topicd)/2") | $(say '%.1f ×' "$(p50 one.topicd)/2/$one") |"
  echo "| bare librdkafka, one request for 1,000 topics | $(say '%.2f' "$batch") | 1 |"
  neighbour 'Java AdminClient, one request for 1,000' java.batch "$batch"
  neighbour 'confluent-kafka, one request for 1,000' python.batch "$batch"
  echo "| **topicd, 1,000 files at once** | $(say '%.2f' "$(p50 burst.topicd)/2000") | $(say '%.1f ×' "$(p50 burst.topicd)/2000/$batch") |"
}

curve_rows() {
  local n start cpu
  for n in 10 100 1000 10000 100000; do
    start=$(result "curve.$n.start") cpu=$(result "curve.$n.cpu")
    echo "| ${n/%000/,000} | $(say '%.1f ms | %.1f ms | %.2f µs | %.1f ms | %.1f ms | %.1f MiB' "$start" "$cpu" \
      "1000*$cpu/$n/(log($n)/log(2))" "$(result "curve.$n.change")" "$(result "curve.$n.change.cpu")" "$(result "curve.$n.kib")/1024") |"
  done
}

machine() {
  local model
  model=$(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo)
  echo "$(date -u +%F), on $(nproc) × $model, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r)," \
    "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)."
  echo "$("$topicd" --version | paste -sd, | sed 's/,/, /g'); Kafka ${KAFKA_VERSION:-4.3.1}, $(result brokers) brokers on the same machine, on" \
    "$(java --version | head -n 1)."
  echo "Load when it began: $(result load.before), when it ended: $(result load.after)."
  if awk "BEGIN { exit !($(result load.before) > 1) }"; then
    echo "**The machine was busy with other things, which makes all that waits for a processor slower: run it again.**"
  fi
}

# shellcheck source-path=SCRIPTDIR source=remarks.sh
. "$here/remarks.sh"
missed=()
table=$(mktemp)
trap 'rm -f "$table"' EXIT
rows >"$table"
cat <<END
# What topicd costs

Written by \`make bench\`, not by hand. Everything is measured side by side in one run against one Kafka, and what counts
are the ratios. The floor is bare librdkafka (\`bench/floor.c\`) that sends the same requests, in as few of them as the
broker's limits allow, with the topics spelled out beforehand. Medians of $(result few) rounds; of $(result rounds) for one
file, of 30 with 10,000 others, of $(result rounds) for the start of a command.

$(machine)

| what | must reach | measured | |
|---|---|---|---|
$(cat "$table")

END
if ((${#missed[@]} > 0)); then
  echo "## What was missed, and why"
  echo
  printf '* %s\n' "${missed[@]}"
  echo
fi
cat <<END
## Others

Milliseconds a topic, on the same broker.

| | ms a topic | |
|---|---|---|
$(neighbour_rows)

topicd reads, checks, decides and saves before it sends; the others are told what to do. \`kafka-topics.sh\` starts a JVM
for each.

## The curve

topicd alone, against a broker that is not there: from its start until the snapshot is saved and all that would be sent
is planned, and from a \`rename()\` into the directory until the snapshot has it.

| manifests | start | CPU of it | CPU a manifest and log₂ n | one change | CPU of it, all looks included | memory |
|---|---|---|---|---|---|---|
$(curve_rows)

$KNEE
END
