#!/usr/bin/env bats
# What the daemon tells systemd (N1 to N3).
load helper

setup_file() { broker_start --policy; }
teardown_file() { broker_stop; }
setup() {
  "$KAFKA" start "$CLUSTER" >&2 # the first test may have failed half-way
  daemon_setup
}
teardown() {
  "$KAFKA" resume "$CLUSTER"
  [[ ! ${NOTIFY:-} ]] || kill "$NOTIFY"
  daemon_teardown
}

# Starts the daemon under what stands in for systemd: $SAID has a line for each message.
service_start() {
  SAID=$HOME_DIR/said
  "$BUILD/tests/notify" "$HOME_DIR/notify" "$SAID" 3>&- &
  NOTIFY=$!
  eventually 5 test -S "$HOME_DIR/notify"
  NOTIFY_SOCKET=$HOME_DIR/notify WATCHDOG_USEC=400000 daemon_start
}

# Whether systemd was told so, in a message that matches as a whole.
told() { # PATTERN
  grep -qP "^\d+ $1\$" "$SAID"
}

count_told() { # PATTERN
  grep -cP "^\d+ $1\$" "$SAID" || true
}

# The messages that say what state the service is in, in order.
states() {
  grep -oP '^\d+ \K(READY|RELOADING|STOPPING)(?==1)' "$SAID" | paste -sd ' '
}

expect_states() { # STATE...
  [[ $(states) == "$*" ]] || {
    states >&2
    return 1
  }
}

pings_go_on() {
  local before
  before=$(count_told WATCHDOG=1)
  eventually 5 eval "((\$(count_told WATCHDOG=1) >= $before + 3))"
}

@test "N1 no broker: the start is extended, and the status says what is awaited; then ready, after the topics" {
  "$KAFKA" stop "$CLUSTER"
  model iris | drop iris.yaml
  service_start
  eventually 10 told 'STATUS=.*Kafka.*Connect(ion)? .*refused.*'
  told 'EXTEND_TIMEOUT_USEC=\d+'
  # Reloading is something that only a service that is ready does (N3).
  topicd reload
  kill -HUP "$DAEMON"
  eventually 5 logged_times 2 "read anew"
  pings_go_on
  expect_states
  says '.phase == "starting" and .inSync == false and .kafka.reachable == false'
  "$KAFKA" start "$CLUSTER" >&2
  eventually 5 expect_states READY
  topics ask "seldon.$NAMESPACE.model.iris."{inputs,outputs} >&2
  expect_list model.iris.inputs model.iris.outputs
  says '.phase == "running"'
  # In the log, which is in order: the topics first.
  [[ $(grep -n 'topicd: ready' "$LOG" | cut -d: -f1) -gt $(grep -n 'outputs: created' "$LOG" | cut -d: -f1) ]]
  told 'STATUS=.*all in sync.*'
}

@test "N1 a hanging broker: not ready before it answers" {
  model iris | drop iris.yaml
  "$KAFKA" pause "$CLUSTER"
  service_start
  pings_go_on
  expect_states
  told 'EXTEND_TIMEOUT_USEC=\d+'
  "$KAFKA" resume "$CLUSTER"
  eventually 20 expect_states READY
  expect_list model.iris.inputs model.iris.outputs
}

@test "N1 a topic that is refused keeps nobody from being ready" {
  configure 1
  sed -i 's/^kafka:/kafka:\n  topicPrefix: denied/' "$CONFIG"
  model iris | drop iris.yaml
  service_start
  eventually 10 expect_states READY
  told 'STATUS=.*no topic may start with denied.*'
}

@test "N1 without a directory the service is not ready, and says so" {
  rmdir "$M"
  service_start
  eventually 10 told 'STATUS=.*manifests\.d.*No such file.*'
  eventually 10 says .kafka.reachable
  expect_states
  mkdir "$M"
  eventually 10 expect_states READY
}

@test "N1 an empty directory is ready when Kafka was reached" {
  service_start
  eventually 10 expect_states READY
}

@test "N2 the status is one line that names what is wrong, and says it once" {
  service_start
  in_sync
  echo 'kind: x' | drop bad.yaml
  eventually 5 told 'STATUS=.*rejected bad\.yaml.*'
  local said
  said=$(count_told 'STATUS=.*')
  topicd wait --timeout 0.1 || [[ $? == 3 ]]
  topicd wait --timeout 0.1 || [[ $? == 3 ]]
  [[ $(count_told 'STATUS=.*') == "$said" ]]
  rm "$M/bad.yaml"
  in_sync
}

@test "N3 a reload is framed by RELOADING with the time, and READY" {
  service_start
  in_sync
  expect_states READY
  kill -HUP "$DAEMON"
  eventually 5 expect_states READY RELOADING READY
  topicd reload
  eventually 5 expect_states READY RELOADING READY RELOADING READY
  sed -n 's/RELOADING=1\tMONOTONIC_USEC=//p' "$SAID" | awk '{ good += $2 <= $1 && $2 > $1 - 2000000 } END { exit good != 2 }'
  # Also if the configuration is bad: the service goes on.
  echo 'nonsense: 1' >>"$CONFIG"
  kill -HUP "$DAEMON"
  eventually 5 expect_states READY RELOADING READY RELOADING READY RELOADING READY
  eventually 5 told 'STATUS=.*nonsense.*'
}

@test "N3 a reload is over when the manifests were looked at again" {
  service_start
  in_sync
  kill -STOP "$DAEMON" # so that the signal comes together with what is to be seen
  model iris | drop iris.yaml
  kill -HUP "$DAEMON"
  kill -CONT "$DAEMON"
  eventually 5 expect_states READY RELOADING READY
  told 'STATUS=1 manifest.*'
  [[ $(grep -n 'STATUS=1 manifest' "$SAID" | head -n1 | cut -d: -f1) -lt $(grep -n READY=1 "$SAID" | tail -n1 | cut -d: -f1) ]]
}

@test "N3 STOPPING is the last word" {
  service_start
  in_sync
  daemon_stop
  [[ ${DAEMON_EXIT:-0} == 0 ]]
  expect_states READY STOPPING
  says '.phase == "stopping"'
}

@test "N3 the watchdog is fed while the broker hangs with a request in flight, and no more when the daemon hangs" {
  service_start
  in_sync
  "$KAFKA" pause "$CLUSTER"
  model iris | drop iris.yaml
  eventually 5 says '.counts.topics == 2'
  pings_go_on
  pings_go_on
  kill -STOP "$DAEMON"
  local before
  sleep 0.5
  before=$(count_told WATCHDOG=1)
  sleep 1
  [[ $(count_told WATCHDOG=1) == "$before" ]]
  kill -CONT "$DAEMON"
  pings_go_on
}
