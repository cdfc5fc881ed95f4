# What the rows of the benchmark share. Results are lines "KEY VALUE" in $results.
# shellcheck shell=bash disable=SC2154

note() { # KEY VALUE
  echo "$1 $2" >>"$results"
  echo "bench: $1 $2" >&2
}

result() { # KEY
  awk -v key="$1" '$1 == key { value = $2 } END { print value }' "$results"
}

# The value at a percentile of the numbers on standard input.
percentile() { # PERCENT
  sort -n | awk -v p="$1" '{ v[NR] = $1 } END { i = int((NR * p + 99) / 100); print v[i < 1 ? 1 : i] }'
}

# Of samples that were noted as KEY, "p50 p99 count" under KEY.p50 and KEY.p99.
summarize() { # KEY FILE-WITH-A-NUMBER-A-LINE
  note "$1.p50" "$(percentile 50 <"$2")"
  note "$1.p99" "$(percentile 99 <"$2")"
}

calculate() { # EXPRESSION
  awk "BEGIN { printf \"%.3f\", $1 }"
}

# A broker of the run's own; several where one may not open a file for each of 24,000 topics.
cluster_start() { # NAME
  local files brokers=1
  ulimit -S -n "$(ulimit -H -n)"
  files=$(ulimit -n)
  if [[ $files != unlimited ]] && ((files < 26000)); then brokers=$((1 + 24000 / (files - files / 10))); fi
  KAFKA_HEAP=1g "$kafka" start "$work/$1" --brokers "$brokers" >&2
  BOOTSTRAP=$("$kafka" bootstrap "$work/$1")
  export BOOTSTRAP
  note brokers "$brokers"
}

cluster_end() { # NAME
  "$kafka" stop "$work/$1" KILL >&2
  rm -rf "${work:?}/$1"
}

# A daemon's directories and configuration. What it publishes is in memory, as /run is; what it has to remember is not.
home() { # NAME NAMESPACE [MORE-LINES]
  mkdir -p "$work/$1"/{manifests.d,next,state} "$fast/run.$1"
  ln -sfn "$fast/run.$1" "$work/$1/run"
  printf 'kafka: {bootstrap: "%s"}\nnamespace: %s\n%s\n' "$BOOTSTRAP" "$2" "${3:-}" >"$work/$1/topicd.yaml"
}

models() { # COUNT FOLDER NAME [clean]
  awk -v n="$1" -v folder="$2" -v name="$3" -v clean="${4:-}" 'BEGIN {
    for (i = 0; i < n; i++) {
      file = folder "/" name "-" i ".yaml"
      printf "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata:\n  name: %s-%d\nspec:\n", name, i >file
      printf "  storageUri: gs://models/%s/%d\n  requirements: [sklearn]\n  memory: 100Ki\n", name, i >file
      if (clean) printf "  dataflow: {cleanTopicsOnDelete: true}\n" >file
      close(file)
    }
  }'
}

# The value of a word in a program's output: "requests 12.3".
value_of() { # WORD
  awk -v word="$1" '$1 == word { print $2 }'
}

# The sum of all values in a program's output.
total() {
  awk '{ sum += $2 } END { printf "%.3f\n", sum }'
}

daemon_start() { # HOME
  "$topicd" run --config "$work/$1/topicd.yaml" --manifests "$work/$1/manifests.d" --state "$work/$1/state" \
    --runtime "$work/$1/run" 2>>"$work/$1/log" &
  daemon=$!
  until [[ $(jq -r '"\(.pid) \(.phase)"' "$work/$1/run/status.json" 2>/dev/null) == "$daemon running" ]]; do sleep 0.1; done
}

daemon_stop() {
  kill "$daemon"
  wait "$daemon" || true
  daemon=
}

# Of all its threads.
context_switches() { # PID
  cat /proc/"$1"/task/*/status | awk '/ctxt_switches/ { sum += $2 } END { print sum }'
}

processor_msec() { # PID
  cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.3f", sum / 1e6 }'
}

resident_kib() { # PID
  awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}
