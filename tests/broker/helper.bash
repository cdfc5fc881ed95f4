# What the tests against a real broker share: a broker a file, a daemon a test.
# shellcheck shell=bash disable=SC2034

# No test may hang.
export BATS_TEST_TIMEOUT=90

broker_format() { # [OPTION]...: a broker of this file's own that is not started yet, at $BOOTSTRAP
  cd "$BATS_TEST_DIRNAME/../.." || return
  export BUILD=${BUILD:-$PWD/build}
  export TOPICD=${TOPICD:-$BUILD/topicd} KAFKA=$PWD/tests/kafka/kafka.sh SAMPLES=$PWD/manifests.d
  export CLUSTER=$BATS_FILE_TMPDIR/kafka
  "$KAFKA" format "$CLUSTER" --port "$("$KAFKA" port)" "$@" >&2
  BOOTSTRAP=$("$KAFKA" bootstrap "$CLUSTER")
  ADMIN=$("$KAFKA" admin "$CLUSTER")
  export BOOTSTRAP ADMIN
}

broker_start() { # [OPTION]...: the same, and it runs
  broker_format "$@"
  "$KAFKA" start "$CLUSTER" >&2
}

broker_stop() {
  "$KAFKA" stop "$CLUSTER" KILL
}

# To be called before a broker starts: it logs every request, for requests() to show.
record_requests() {
  export JAVA_TOOL_OPTIONS=-Dorg.slf4j.simpleLogger.log.kafka.request.logger=debug
}

# What topicd sent about topics of this namespace and was answered, in order: "create|ask|delete TOPIC...", with the
# topics as list() shows them.
# shellcheck disable=SC2120 # which node is for the tests with several
requests() { # [NODE]
  grep -a '"isForwarded":false.*"clientId":"topicd"' "$CLUSTER/node-${1:-1}/log" | sed 's/^.*Completed request://' |
    jq -r --arg prefix "seldon.$NAMESPACE." '.requestHeader.requestApiKeyName as $name | .request |
      (if $name == "CREATE_TOPICS" then [if .validateOnly then "ask" else "create" end, .topics[].name]
       elif $name == "DELETE_TOPICS" then ["delete", .topicNames[]] else [] end) |
      select(.[1] // "" | startswith($prefix)) | map(ltrimstr($prefix)) | join(" ")'
}

# A namespace of the test's own, so that tests share a broker without seeing each other.
daemon_setup() {
  HOME_DIR=$BATS_TEST_TMPDIR/topicd NAMESPACE=t$BATS_TEST_NUMBER
  M=$HOME_DIR/manifests.d S=$HOME_DIR/state R=$HOME_DIR/run LOG=$HOME_DIR/log CONFIG=$HOME_DIR/topicd.yaml
  mkdir -p "$M" "$S" "$R"
  configure 1
}

configure() { # [GRACE [MORE-LINES]]
  cat >"$CONFIG" <<END
kafka:
  bootstrap: $BOOTSTRAP
namespace: $NAMESPACE
deletion:
  gracePeriodSeconds: ${1:-1}
${2:-}
END
}

topicd() { # COMMAND [ARG]...
  "$TOPICD" "$@" --config "$CONFIG" --manifests "$M" --state "$S" --runtime "$R"
}

daemon_start() {
  "$TOPICD" run --config "$CONFIG" --manifests "$M" --state "$S" --runtime "$R" "$@" 3>&- 2>>"$LOG" &
  DAEMON=$!
  for ((i = 0; i < 200; i++)); do
    [[ -e $R/status.json && $(jq .pid "$R/status.json") == "$DAEMON" ]] && return
    sleep 0.02
  done
  return 1
}

daemon_stop() { # [SIGNAL]
  [[ ${DAEMON:-} ]] || return 0
  kill "-${1:-TERM}" "$DAEMON" 2>/dev/null || true
  wait "$DAEMON" || DAEMON_EXIT=$?
  DAEMON=
}

daemon_teardown() {
  if [[ -e $LOG ]]; then sed 's/^/# log: /' "$LOG" >&2; fi
  [[ ${DAEMON:-} ]] || return 0
  # Whatever the test did, it ends in order, and at once: under the sanitizers, without a leak.
  kill -CONT "$DAEMON"
  kill -TERM "$DAEMON"
  eventually 5 has_ended || kill -KILL "$DAEMON"
  wait "$DAEMON" || {
    echo "the daemon ended with $?: $(tail -n 50 "$LOG")" >&2
    return 1
  }
}

has_ended() {
  local state=Z
  read -r _ _ state _ 2>/dev/null <"/proc/$DAEMON/stat" || true
  [[ $state == Z ]]
}

topics() { # ARG...: as a super user
  "$BUILD/tests/topics" "$ADMIN" "$@"
}

# This namespace's topics, without the part that they share.
list() {
  topics list --prefix "seldon.$NAMESPACE." | sed "s/^seldon\.$NAMESPACE\.//"
}

# shellcheck disable=SC2120 # how long is for the tests that need another time
in_sync() { # [SECONDS]
  topicd wait --timeout "${1:-20}"
}

# Has the daemon look again and again while a writer stalls, and waits for the writer.
look_while() { # PID
  for _ in {1..5}; do
    sleep 0.4
    topicd wait --timeout 0.1 || [[ $? == 3 ]]
  done
  wait "$1"
}

# Waits until the command that follows succeeds.
eventually() { # SECONDS COMMAND...
  local until=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.1
  done
}

expect_list() { # TOPIC...
  local expected
  expected=$(printf '%s\n' "$@")
  [[ $# -gt 0 ]] || expected=
  diff <(printf '%s' "${expected:+$expected$'\n'}") <(list) >&2
}

status() { # JQ-FILTER
  jq -r "$1" "$R/status.json"
}

# Whether status.json says so.
says() { # JQ-FILTER
  jq -e "$1" "$R/status.json" >/dev/null
}

# How many lines of the daemon's log have this in them.
count_log() { # PATTERN
  grep -c -- "$1" "$LOG" || true
}

logged() { # PATTERN
  grep -q -- "$1" "$LOG"
}

logged_times() { # COUNT PATTERN
  [[ $(count_log "$2") == "$1" ]]
}

# What topicd sent about it after the first N requests, as words.
sent_about() { # TOPIC [N]
  requests | tail -n "+$((${2:-0} + 1))" | grep -F -- "$1" | cut -d' ' -f1 | paste -sd ' '
}

sent_at_least() { # COUNT create|ask|delete
  (($(requests | grep -c "^$2 ") >= $1))
}

never_sent() { # create|ask|delete
  [[ $(requests | grep -c "^$1 ") == 0 ]]
}

only_for_root() {
  ((EUID == 0)) || skip "only root may do what this test does"
}

now_msec() {
  echo $(($(date +%s%N) / 1000000))
}

# Fails if the command takes longer than that, or does not exit as expected.
within() { # MSEC EXIT-CODE COMMAND...
  local start code=0
  start=$(now_msec)
  "${@:3}" || code=$?
  local took=$(($(now_msec) - start))
  if ((took > $1 || code != $2)); then
    echo "${*:3}: exit code $code after $took ms; expected $2 within $1 ms" >&2
    return 1
  fi
}

model() { # NAME [clean]
  printf 'apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: %s}\nspec:\n  storageUri: gs://x\n' "$1"
  if [[ ${2:-} == clean ]]; then printf '  dataflow: {cleanTopicsOnDelete: true}\n'; fi
}

# As an editor or a package does it: the file is whole when it appears.
drop() { # FILE < CONTENT
  cat >"$HOME_DIR/drop.tmp" && mv "$HOME_DIR/drop.tmp" "$M/$1"
}

pipeline_over() { # MODEL
  printf 'apiVersion: mlops.seldon.io/v1alpha1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n  steps: [{name: %s}]\n' "$1"
  printf '  output: {steps: [%s]}\n' "$1"
}

drop_models() { # NAME...
  local name
  for name; do model "$name" clean | drop "$name.yaml"; done
}

remove_models() { # NAME...
  local name
  for name; do rm "$M/$name.yaml"; done
}

# What goes within a grace period of one second goes within this.
settled() {
  in_sync 20 # it has looked
  eventually 6 says '.inSync and .deletions == []'
}
