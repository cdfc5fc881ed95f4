#!/usr/bin/env bats
# Three brokers, all of them controllers as well, of which some die and come back (L5).
load helper

setup_file() {
  record_requests
  broker_format --brokers 3 --controllers 3
  "$KAFKA" start-nodes "$CLUSTER" 1 2 >&2 # the first test has the third one come
}
teardown_file() { broker_stop; }
setup() {
  daemon_setup
  configure 1
  echo 'resyncPeriodSeconds: 5 # no try waits for longer' >>"$CONFIG"
  sed -i 's/^kafka:/&\n  topics: {replicationFactor: 3}/' "$CONFIG"
}
teardown() {
  daemon_teardown
  "$KAFKA" start "$CLUSTER" >&2
}

# What one node's log says stands in no order with what the others say.
all_requests() {
  local node
  for node in 1 2 3; do requests "$node"; done
}

kill_nodes() { # NODE...
  "$KAFKA" stop-nodes "$CLUSTER" KILL "$@"
}

# So many models, in one step.
drop_many() { # PREFIX COUNT
  local i
  for ((i = 1; i <= $2; i++)); do echo --- && model "$1$i"; done | drop "$1.yaml"
}

all_there() { # PREFIX COUNT
  local i
  for ((i = 1; i <= $2; i++)); do printf "seldon.$NAMESPACE.model.$1%d.%s\n" $i inputs $i outputs; done |
    topics ask - | awk '$1 != "present" { print >"/dev/stderr"; bad = 1 } END { exit bad }'
}

# Which topics topicd has asked to be deleted, each once.
asked_to_delete() {
  all_requests | sed -n 's/^delete //p' | tr ' ' '\n' | sort -u | paste -sd ' '
}

in_time() { # SECONDS JQ-FILTER
  eventually "$1" says "$2" || {
    cat "$R/status.json" >&2
    return 1
  }
}

@test "L5 more replicas than brokers are refused, and made when the missing broker comes" {
  drop_models a
  daemon_start
  in_time 15 '.failedTopics | length == 2 and all(.error | test("INVALID_REPLICATION_FACTOR"))'
  says '.inSync == false and (.summary | test("Kafka refuses seldon.*replication factor"))'
  logged_times 2 "cannot be created.*eplication factor"
  "$KAFKA" start-nodes "$CLUSTER" 3 >&2
  in_time 20 '.inSync and .failedTopics == []'
  [[ $(topics describe "seldon.$NAMESPACE.model.a.inputs") == *" rf=3 "* ]]
}

@test "L5 a broker dies and comes back, with creations and a due deletion at the time" {
  local leader victim
  drop_models a b
  daemon_start
  in_sync
  leader=$("$KAFKA" leader "$CLUSTER")
  victim=$((leader % 3 + 1))
  rm "$M/a.yaml"
  drop_many x 50
  kill_nodes $victim
  # Three replicas may be put on two brokers: the third one is expected back.
  in_time 60 '.inSync and .deletions == [] and .counts.topics == 102'
  drop_many y 50
  in_time 60 '.inSync and .counts.topics == 202'
  "$KAFKA" start-nodes "$CLUSTER" $victim >&2
  drop_models c
  in_time 30 '.inSync and .counts.topics == 204'
  all_there x 50
  all_there y 50
  [[ $(topics ask "seldon.$NAMESPACE.model."{a,b}.inputs | cut -d' ' -f1 | paste -sd ' ') == "absent present" ]]
  [[ $(asked_to_delete) == "model.a.inputs model.a.outputs" ]]
}

@test "L5 the active controller dies in the middle of creations and a due deletion, and comes back" {
  local leader
  drop_models kept a
  daemon_start
  in_sync
  leader=$("$KAFKA" leader "$CLUSTER")
  rm "$M/a.yaml"
  eventually 5 says '.deletions | length == 2'
  sleep "0.$((RANDOM % 10))"
  drop_many x 50
  kill_nodes "$leader"
  in_time 60 '.inSync and .deletions == [] and .counts.topics == 102'
  [[ $("$KAFKA" leader "$CLUSTER") != "$leader" ]]
  "$KAFKA" start-nodes "$CLUSTER" "$leader" >&2
  drop_models b
  in_time 30 '.inSync and .counts.topics == 104'
  all_there x 50
  [[ $(topics ask "seldon.$NAMESPACE.model."{a,b,kept}.inputs | cut -d' ' -f1 | paste -sd ' ') == "absent present present" ]]
  [[ $(asked_to_delete) == "model.a.inputs model.a.outputs" ]]
}

@test "L5 without a majority of controllers nothing can be done: it waits, says so, and goes on" {
  drop_models a b
  daemon_start
  in_sync
  kill_nodes 2 3
  drop_models c
  rm "$M/a.yaml"
  eventually 10 says '.inSync == false and (.deletions | length == 2)'
  sleep 5
  says '.inSync == false and (.deletions | length == 2 and all(.state == "sending" or .state == "retrying"))'
  within 2500 0 topicd reload
  "$KAFKA" start-nodes "$CLUSTER" 2 3 >&2
  in_time 60 '.inSync and .deletions == []'
  expect_list model.{b,c}.{inputs,outputs}
  [[ $(asked_to_delete) == "model.a.inputs model.a.outputs" ]]
}
