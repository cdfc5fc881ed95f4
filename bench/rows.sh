# The rows of the benchmark, a function each.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2154

# One file, and one with 10,000 others in place. The first is one after the other; the second waits until all have come
# to rest, as its daemon looks at all of them again after each, and a broker with so many topics is slower after each.
row_drop() { # KEY ROUNDS PAUSE-MS HOME NAMESPACE
  "$build/bench/drop" "$2" "$3" "$topicd" "$work/$4" "$5" >"$work/$1.samples"
  awk '{ print $1 }' "$work/$1.samples" >"$work/$1.floor"
  awk '{ print $2 }' "$work/$1.samples" >"$work/$1.drop"
  summarize "$1.floor" "$work/$1.floor"
  summarize "$1.topicd" "$work/$1.drop"
}

# A broker that has acknowledged topics goes on making them, and whoever comes next waits for it.
rest() {
  sleep 2
}

# 1,000 files at once, and their deletion after approval.
row_burst() {
  local i single batch took
  for ((i = 0; i < few; i++)); do
    rest
    batch=$("$build/bench/floor" create-batch 1000 "seldon.burst$i.model.floor" | value_of requests)
    rest
    single=$("$build/bench/floor" create-one 1 "seldon.burst$i.model.single" | value_of requests)
    calculate "$batch + $single" >>"$work/burst.floor"
    echo >>"$work/burst.floor"
    home "burst$i" "burst$i" 'deletion: {gracePeriodSeconds: 1}'
    models 3 "$work/burst$i/manifests.d" stays
    models 1000 "$work/burst$i/next" burst clean
    rest
    took=$("$build/bench/burst" 1000 "$topicd" "$work/burst$i")
    value_of create <<<"$took" >>"$work/burst.topicd"
    value_of delete <<<"$took" >>"$work/delete.topicd"
    # With its connection: topicd opens one for it, as a deletion wants to know which cluster this is now (D5).
    rest
    "$build/bench/floor" delete-batch 1000 "seldon.burst$i.model.floor" | total >>"$work/delete.floor"
  done
  for i in burst delete; do
    summarize $i.floor "$work/$i.floor"
    summarize $i.topicd "$work/$i.topicd"
  done
}

# 10,000 files at the start, none of the topics there; each time on a broker that has seen nothing. Leaves the last one,
# with all topics, for the rows that follow.
row_first_start() {
  local i
  for ((i = 0; i < few; i++)); do
    cluster_start floor
    "$build/bench/floor" create-batch 10000 seldon.bench.model.other >"$work/first.out"
    total <"$work/first.out" >>"$work/first.floor"
    cluster_end floor
    if ((i > 0)); then cluster_end many; fi
    rm -rf "$work/many.home/state" "$fast/run.many.home"
    cluster_start many
    home many.home bench
    if ((i == 0)); then models 10000 "$work/many.home/manifests.d" other; fi
    "$build/bench/start" "$topicd" "$work/many.home" | awk '{ print $1 }' >>"$work/first.topicd"
  done
  summarize first.floor "$work/first.floor"
  summarize first.topicd "$work/first.topicd"
}

# 10,000 files at the start, all topics there.
row_restart() {
  local i
  for ((i = 0; i < few; i++)); do
    "$build/bench/floor" ask-batch 10000 seldon.bench.model.other | total >>"$work/restart.floor"
    "$build/bench/start" "$topicd" "$work/many.home" >"$work/restart.out"
    awk '{ print $1 }' "$work/restart.out" >>"$work/restart.topicd"
    awk '{ print $2 }' "$work/restart.out" >>"$work/restart.cpu"
    awk '{ print $3 }' "$work/restart.out" >>"$work/restart.kib"
  done
  summarize restart.floor "$work/restart.floor"
  summarize restart.topicd "$work/restart.topicd"
  summarize restart.cpu "$work/restart.cpu"
  summarize memory.many.ready "$work/restart.kib"
}

row_memory_few() {
  home few.home few
  models 10 "$work/few.home/manifests.d" few
  local i
  for ((i = 0; i < few; i++)); do
    "$build/bench/start" "$topicd" "$work/few.home" | awk '{ print $3 }' >>"$work/few.kib"
  done
  summarize memory.few.ready "$work/few.kib"
}

# What it does when nothing happens, with 10,000 manifests; then what a resync takes.
row_idle() {
  local switches own cpu seconds=20
  sleep 65 # a session that was quiet for a minute is let go
  switches=$(context_switches "$daemon") cpu=$(processor_msec "$daemon")
  own=$(awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$daemon/task/$daemon/status")
  sleep $seconds
  note idle.switches "$(calculate "($(context_switches "$daemon") - $switches) / $seconds")"
  note idle.own "$(calculate "($(awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$daemon/task/$daemon/status") - $own) / $seconds")"
  note idle.cpu "$(calculate "($(processor_msec "$daemon") - $cpu) / $seconds / 10")"
  note memory.many.idle "$(resident_kib "$daemon")"
}

# Answers that it got to questions, and to other requests.
answers() { # HOME [!]
  awk -F '[ ]' '/^topicd_topic_requests_total/ && '"${2:-}"'/operation="ask"/ { sum += $2 } END { print sum + 0 }' \
    "$work/$1/run/topicd.prom"
}

await_resync() { # HOME
  local before
  before=$(answers "$1")
  until (($(answers "$1") >= before + 20000)); do sleep 0.1; done
}

row_resync() {
  local other cpu i stamp
  stamp=$(stat -c '%i %s %Y' "$work/many.home/state/snapshot") other=$(answers many.home !)
  home many.home bench 'resyncPeriodSeconds: 4'
  kill -HUP "$daemon"
  await_resync many.home
  for ((i = 0; i < few; i++)); do
    sleep 1
    cpu=$(processor_msec "$daemon")
    await_resync many.home
    sleep 0.5
    calculate "$(processor_msec "$daemon") - $cpu" >>"$work/resync.cpu"
    echo >>"$work/resync.cpu"
  done
  summarize resync.cpu "$work/resync.cpu"
  note resync.writes "$([[ $(stat -c '%i %s %Y' "$work/many.home/state/snapshot") == "$stamp" ]] && echo none || echo some)"
  note resync.other "$(($(answers many.home !) - other))"
}

row_binary() {
  strip -o "$work/stripped" "$topicd"
  note binary.kib "$(calculate "$(stat -c %s "$work/stripped") / 1024")"
  "$build/bench/spawn" "$rounds" "$topicd" --version >"$work/version"
  "$build/bench/spawn" "$rounds" "$topicd" check "$here/../manifests.d/iris.yaml" >"$work/check"
  "$build/bench/spawn" "$rounds" /bin/true >"$work/true"
  summarize spawn.version "$work/version"
  summarize spawn.check "$work/check"
  summarize spawn.true "$work/true"
}

# topicd alone, against a broker that is not there.
row_curve() {
  local n work=$fast
  for n in 10 100 1000 10000 100000; do
    BOOTSTRAP=127.0.0.1:1 home "curve$n" curve
    models "$n" "$work/curve$n/manifests.d" other
    sleep 0.2
    "$build/bench/start" "$topicd" "$work/curve$n" saved >"$work/curve.out"
    {
      read -r start cpu _
      read -r change change_cpu kib
    } <"$work/curve.out"
    note "curve.$n.start" "$start"
    note "curve.$n.cpu" "$cpu"
    note "curve.$n.change" "$change"
    note "curve.$n.change.cpu" "$change_cpu"
    note "curve.$n.kib" "$kib"
    rm -rf "${work:?}/curve$n"
  done
}
