#!/usr/bin/env bats
# What status, plan and explain write as JSON, in as many states as there are, held against doc/schemas.
bats_require_minimum_version 1.5.0
# shellcheck disable=SC2154 # set by run
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() {
  daemon_setup
  mkdir "$HOME_DIR/json"
}
teardown() { daemon_teardown; }

# Keeps the outputs of now, for expect_valid; explain's of each owed and each refused topic.
look() { # NAME
  local topic
  cp "$R/status.json" "$HOME_DIR/json/status-$1.json"
  topicd plan --json >"$HOME_DIR/json/plan-$1.json" || [[ $? == 3 ]]
  for topic in $(jq -r '(.deletions + .failedTopics)[].topic' "$R/status.json"); do
    topicd explain --json "$topic" >"$HOME_DIR/json/explain-$1-$topic.json"
  done
}

expect_valid() { # SCHEMA
  python3 tests/schema/validate.py "doc/schemas/$1.schema.json" "$HOME_DIR/json/$1"-*.json | tee "$HOME_DIR/verdicts" >&2
  run ! grep -v '^accepts ' "$HOME_DIR/verdicts"
}

# Of all that was kept, the values that this finds.
kept() { # STATUS|PLAN|EXPLAIN JQ-FILTER
  jq -r "$2" "$HOME_DIR/json/$1"-*.json | sort -u | xargs
}

status_is() { # JQ-FILTER VALUE
  [[ $(status "$1") == "$2" ]]
}

state_is() { # STATE: some deletion is in it
  [[ $(status "[.deletions[].state] | index(\"$1\") != null") == true ]]
}

pipeline() { # NAME STEP
  printf 'apiVersion: mlops.seldon.io/v1alpha1\nkind: Pipeline\nmetadata: {name: %s}\nspec: {steps: [{name: %s}]}\n' "$@"
}

@test "C the JSON of status, plan and explain is as its schemas say, whatever the state" {
  configure 3 '  limit: {topics: 2}'
  # Kafka refuses what this asks for.
  sed -i "s/^namespace/  topics: {rules: [{match: '*.model.refused.*', config: {retention.ms: soon}}]}\n&/" "$CONFIG"
  daemon_start
  look empty
  topics create --partitions 3 "seldon.$NAMESPACE.model.drifted.inputs" "seldon.$NAMESPACE.model.lost.inputs"
  for name in used one two; do model "$name" clean | drop "$name.yaml"; done
  model drifted | drop drifted.yaml
  pipeline p used | drop p.yaml
  in_sync
  look synced
  model refused | drop refused.yaml
  eventually 10 status_is .counts.failedTopics 2
  look refused
  rm "$M/used.yaml"
  eventually 10 state_is in-use
  look in-use
  rm "$M/one.yaml"
  eventually 10 state_is grace-period
  look grace
  echo 'kind: x' | drop bad.yaml
  eventually 20 state_is blocked
  look blocked
  rm "$M/bad.yaml" "$M/two.yaml"
  eventually 20 state_is awaiting-approval
  look awaiting
  expect_valid status
  expect_valid plan
  expect_valid explain
  # There was something to judge.
  [[ $(kept status '.deletions[].state') == "awaiting-approval blocked grace-period in-use" ]]
  [[ $(kept status '.deletions[] | .id != null') == "false true" ]]
  [[ $(kept status '.failedTopics[].topic | split(".")[3]') == refused ]]
  [[ $(kept status '.rejectedFiles[].file') == bad.yaml ]]
  [[ $(kept plan '.held[].state') == "awaiting-approval blocked in-use" ]]
  [[ $(kept plan '.drift[].field') == "config.max.message.bytes partitions" ]]
  [[ $(kept explain '.topic.state') == "needed owed" ]]
  [[ $(kept explain '.topic.deletion | .state // empty') == "awaiting-approval blocked grace-period in-use" ]]
  [[ $(kept explain '.topic.deletion | [.id, .due][] | . != null') == "false true" ]]
  [[ $(kept explain '.topic.error != null') == "false true" ]]
  [[ $(kept plan '(.create, .delete, .orphans) | length > 0') == "false true" ]]
}

@test "C the JSON of status is as its schema says without a broker, and at the end" {
  sed -i 's/bootstrap: .*/bootstrap: 127.0.0.1:1/' "$CONFIG"
  daemon_start
  model iris | drop iris.yaml
  cp "$R/status.json" "$HOME_DIR/json/status-early.json"
  eventually 20 status_is '.kafka.error != null' true
  cp "$R/status.json" "$HOME_DIR/json/status-unreachable.json"
  mv "$M" "$M.away"
  topicd reload
  eventually 10 status_is .scan.complete false
  cp "$R/status.json" "$HOME_DIR/json/status-unreadable.json"
  daemon_stop
  cp "$R/status.json" "$HOME_DIR/json/status-stopped.json"
  [[ $(kept status .phase) == "starting stopping" ]]
  [[ $(kept status '.scan.error != null') == "false true" ]]
  expect_valid status
}
