#!/usr/bin/env bats
# What people see on a terminal, and what a pipe gets: the same words. tests/broker/ has prune's question.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }
teardown() {
  if [[ ${DAEMON:-} ]]; then kill -KILL "$DAEMON"; fi
}

ESCAPE=$'\e['

# The same as topicd(), on a terminal; $output has both streams, as a terminal shows them.
terminal() { # ARG...
  run script -qefc "$(printf '%q ' timeout --foreground 30 "$TOPICD" "$@" --manifests manifests.d --state state --runtime run)" /dev/null
  output=${output//$'\r\n'/$'\n'}
  output=${output%$'\r'}
}

# Without colours.
plain() {
  printf '%s\n' "$1" | sed 's/\x1b\[[0-9;]*m//g'
}

# A daemon whose Kafka does not answer.
daemon() {
  "$TOPICD" run --bootstrap 127.0.0.1:1 --manifests manifests.d --state state --runtime run 3>&- 2>log &
  DAEMON=$!
  for ((i = 0; i < 100; i++)); do
    if [[ -e run/status.json ]] && jq -e '.kafka.error != null and .counts.topics > 0' run/status.json >/dev/null; then return; fi
    sleep 0.05
  done
  return 1
}

# Both ways: the same words and exit code, and colours only where they belong.
expect_both_ways() { # CODE ARG...
  local words
  topicd "${@:2}"
  expect_status "$1"
  words=$output
  [[ $words != *$'\e'* && -z $stderr ]]
  terminal "${@:2}"
  [[ $status == "$1" && $output == *"$ESCAPE"* ]]
  [[ $(plain "$output") == "$words" ]]
  NO_COLOR=1 terminal "${@:2}"
  [[ $status == "$1" && $output == "$words" ]]
  NO_COLOR='' terminal "${@:2}"
  [[ $output == *"$ESCAPE"* ]]
}

@test "C plan on a terminal and off one" {
  model iris true >manifests.d/iris.yaml
  remember
  rm manifests.d/iris.yaml
  model new >manifests.d/new.yaml
  expect_both_ways 3 plan --offline
  [[ $output == *"${ESCAPE}32m+ seldon"* && $output == *"${ESCAPE}31m- seldon"* ]]
}

@test "C explain on a terminal and off one" {
  model iris true >manifests.d/iris.yaml
  expect_both_ways 0 explain iris.yaml
  [[ $output == *"${ESCAPE}31m- seldon"* ]]
}

@test "C status on a terminal and off one" {
  model iris true >manifests.d/iris.yaml
  echo 'kind: x' >manifests.d/bad.yaml
  daemon
  topicd status
  expect_status 3
  [[ $output != *$'\e'* && -z $stderr ]]
  [[ ${lines[0]} == "● topicd (pid $DAEMON), starting: 2 problems, not in sync" ]]
  expect_output $'\nRejected: what was accepted before stays in force (where nothing was, no topic is deleted until the file is repaired or removed); see '"'topicd check'"
  NO_COLOR=1 terminal status
  [[ $status == 3 && $output != *$'\e'* ]]
  terminal status
  [[ $status == 3 && $output == "${ESCAPE}31m●${ESCAPE}0m topicd"* && $output == *$'\n'"${ESCAPE}31mRejected${ESCAPE}0m: "* ]]
}

@test "C wait has a progress line on a terminal, and one message off it" {
  model iris >manifests.d/iris.yaml
  daemon
  topicd wait --timeout 1
  expect_status 3
  [[ -z $output && $stderr == "topicd: not in sync in time: "*"waiting for Kafka"* && $stderr != *$'\e'* ]]
  terminal wait --timeout 1
  [[ $status == 3 ]]
  # It is drawn over, and wiped away before the message.
  [[ $output == $'\r'"${ESCAPE}K1 manifest"*$'\r'"${ESCAPE}K1 manifest"*$'\r'"${ESCAPE}Ktopicd: not in sync in time: "* ]]
  [[ ${output%%topicd: not*} != *$'\n'* ]]
}

@test "C wait that fails at once leaves no progress line" {
  terminal wait --timeout 1
  [[ $status == 1 && $output == "topicd: no topicd runs on run; "* ]]
}

@test "C check, --json, --graph, --help and errors have no colours anywhere" {
  model iris true >manifests.d/iris.yaml
  echo 'kind: x' >manifests.d/bad.yaml
  for args in check "check --json" "plan --offline --json" "explain --json iris.yaml" "plan --offline --graph" "plan --help" --help "plan --nonsense" status; do
    # shellcheck disable=SC2086 # a command with its arguments
    terminal $args
    [[ -n $output && $output != *$'\e'* ]] || {
      echo "$args: $output"
      return 1
    }
  done
}

@test "C approve, deny and reload say the same both ways" {
  model iris >manifests.d/iris.yaml
  daemon
  for verb in approve deny; do
    topicd $verb 0123456789ab
    expect_status 1
    [[ -z $output && $stderr == "topicd: no deletion with the ID 0123456789ab awaits an answer: the set "*"look at 'topicd status' first" ]]
    words=$stderr
    terminal $verb 0123456789ab
    [[ $status == 1 && $output == "$words" ]]
  done
  topicd reload
  expect_status 0
  [[ -z $output && -z $stderr ]]
  terminal reload
  [[ $status == 0 && -z $output ]]
}

@test "C prune without a Kafka says so both ways" {
  topicd prune --bootstrap 127.0.0.1:1
  expect_status 1
  [[ -z $output && $stderr == "topicd: cannot list the topics of 127.0.0.1:1: "* ]]
  terminal prune --bootstrap 127.0.0.1:1
  [[ $status == 1 && $output == "topicd: cannot list the topics of 127.0.0.1:1: "* ]]
}
