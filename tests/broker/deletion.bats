#!/usr/bin/env bats
# Deletions over the real daemon (D): what goes, and what waits for what. approval.bats has D6.
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() {
  [[ ! ${CLIENT:-} ]] || kill "$CLIENT"
  daemon_teardown
}

states() { status '.deletions[].state' | sort -u | paste -sd ' '; }

@test "D2 the grace period is in the status with its end, and a return within it cancels" {
  configure 30
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  eventually 5 says '.deletions | length == 2 and all(.state == "grace-period" and .owner == "Model/'"$NAMESPACE"'/a")'
  says '.inSync and .problems == 0 and (.deletions[0].reason | test("a.yaml was removed"))'
  local due now
  due=$(date -d "$(status '.deletions[0].due')" +%s)
  now=$(date +%s)
  ((due > now + 20 && due < now + 40))
  drop_models a
  in_sync
  says '.deletions == []'
  logged "a.inputs: Model/$NAMESPACE/a is back"
  never_sent delete
}

@test "D1 what the last accepted version said counts: the flag may come and go" {
  drop_models a b c
  daemon_start
  in_sync
  model a | drop a.yaml
  model b | drop b.yaml
  in_sync
  drop_models b
  in_sync
  rm "$M/a.yaml" "$M/b.yaml"
  settled
  expect_list model.a.{inputs,outputs} model.c.{inputs,outputs}
}

@test "D3 a model that a pipeline uses waits until the last user goes" {
  drop_models a b
  pipeline_over a | drop p.yaml
  daemon_start
  in_sync
  remove_models a
  eventually 5 says '.deletions | length == 2 and all(.state == "in-use" and (.reason | test("Pipeline/.*/p")))'
  in_sync # it is as it should be
  sleep 1.5
  [[ $(states) == in-use ]]
  never_sent delete
  rm "$M/p.yaml"
  eventually 5 says '.deletions | all(.state == "grace-period")'
  settled
  expect_list errors.errors model.b.{inputs,outputs} pipeline.p.{inputs,outputs}
}

@test "D2 a resource dropped from a file that remains waits ten times as long" {
  configure 2
  {
    model a clean
    echo ---
    model b clean
  } | drop both.yaml
  daemon_start
  in_sync
  model a clean | drop both.yaml
  eventually 5 says '.deletions | length == 2 and all(.state == "grace-period" and (.reason | test("dropped from both.yaml")))'
  local due
  due=$(date -d "$(status '.deletions[0].due')" +%s)
  ((due > $(date +%s) + 15))
  rm "$M/both.yaml" # a file that is gone is gone
  eventually 5 says '.deletions | length == 4'
  due=$(date -d "$(status '.deletions[3].due')" +%s)
  ((due < $(date +%s) + 5))
  eventually 8 expect_list
}

@test "D2 a file that stays rejected does not make the directory a restless one" {
  drop_models a b c
  daemon_start
  in_sync
  ln -s nowhere "$M/.new"
  mv -T "$M/.new" "$M/b.yaml"
  eventually 5 says '.counts.rejectedFiles == 1'
  remove_models a
  eventually 5 says '.deletions | length == 2'
  eventually 5 says '.deletions == []'
  expect_list model.b.{inputs,outputs} model.c.{inputs,outputs}
}

@test "D2 a directory that never rests: ten grace periods are enough" {
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  (
    for _ in {1..60}; do
      touch "$M/noise"
      sleep 0.25
    done
  ) 3>&- &
  local noise=$!
  eventually 5 says '.deletions | length == 2'
  sleep 4
  [[ $(states) == grace-period ]]
  eventually 12 says '.deletions == []'
  kill $noise
  expect_list model.b.{inputs,outputs}
}

@test "D7 deleted once is done: somebody's own topic of that name stays" {
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  settled
  topics create "seldon.$NAMESPACE.model.a."{inputs,outputs}
  daemon_stop
  daemon_start
  in_sync
  sleep 2.5
  in_sync
  expect_list model.{a,b}.{inputs,outputs}
}

# The broker makes topics that somebody asks for, as it does by default.
@test "D7 a client that keeps asking for a topic under deletion: deleted once, and what the client made is an orphan" {
  configure
  echo 'resyncPeriodSeconds: 1' >>"$CONFIG"
  drop_models a b
  daemon_start
  in_sync
  "$BUILD/tests/topics" "$ADMIN" want "seldon.$NAMESPACE.model.a.inputs" 3>&- &
  CLIENT=$!
  remove_models a
  settled
  eventually 5 expect_list model.{a.inputs,b.inputs,b.outputs}
  sleep 2.5 # resyncs
  kill "$CLIENT"
  CLIENT=
  says '.inSync and .deletions == []'
  requests >&2
  [[ $(requests | grep -c ^delete) == 1 ]]
  expect_list model.{a.inputs,b.inputs,b.outputs}
  logged_times 1 "model.a.inputs: deleted for Model/$NAMESPACE/a"
  [[ $(topicd plan --json | jq -c .orphans) == "[\"seldon.$NAMESPACE.model.a.inputs\"]" ]]
  # Its owner's return adopts it, and then its removal deletes it.
  drop_models a
  in_sync
  remove_models a
  settled
  expect_list model.b.{inputs,outputs}
}

@test "N4 each event is logged once, whatever happens around it, and what is no news is not" {
  topics create "seldon.$NAMESPACE.model.b.inputs"
  daemon_start
  in_sync
  drop_models a b
  in_sync
  topicd reload
  touch "$M/a.yaml"
  remove_models a
  settled
  topicd wait --timeout 5
  local event
  for event in "a.yaml is accepted: Model/$NAMESPACE/a (cleanTopicsOnDelete)" "b.yaml is accepted" "a.yaml is gone" \
    model.a.{inputs,outputs}": created for Model/$NAMESPACE/a" model.a.{inputs,outputs}": Model/.* its deletion is owed" \
    model.a.{inputs,outputs}": deleted for" "model.b.inputs: is there already for" "model.b.outputs: created for" \
    "connected to Kafka" "ready: " "watching " "is read anew"; do
    logged_times 1 "$event" || { echo "$event: $(count_log "$event")" >&2 && false; }
  done
  # A restart is two events, or three: it starts, it is connected, it is ready.
  daemon_stop
  local lines
  lines=$(wc -l <"$LOG")
  daemon_start
  in_sync
  [[ $(wc -l <"$LOG") == $((lines + 3)) ]]
}
