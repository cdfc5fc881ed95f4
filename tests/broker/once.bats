#!/usr/bin/env bats
# run --once and its exit codes; the commands without a daemon.
load helper

setup_file() { broker_start --policy; }
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

once() { # EXIT-CODE [OPTION]...
  local code=0
  topicd run --once "${@:2}" 2>>"$LOG" || code=$?
  [[ $code == "$1" ]] || {
    echo "exit code $code, expected $1" >&2
    return 1
  }
}

@test "C run --once: 0 when all is in sync, creations and deletions with their grace period included" {
  once 0
  drop_models a b
  once 0
  expect_list model.{a,b}.{inputs,outputs}
  remove_models a
  once 0
  expect_list model.b.{inputs,outputs}
  once 0
  grep -q "model.b.inputs" "$S/snapshot"
}

@test "C run --once: 3 when something is rejected, held or in use" {
  drop_models a b c
  echo 'kind: x' >"$M/bad.yaml"
  once 3
  expect_list model.{a,b,c}.{inputs,outputs}
  rm "$M/bad.yaml"
  pipeline_over a | drop p.yaml
  once 0
  remove_models a
  once 3
  says '.deletions | all(.state == "in-use")'
  drop_models a
  once 0
  rm "$M"/*.yaml
  once 3
  says '.deletions | length == 6 and all(.state == "awaiting-approval")'
  expect_list errors.errors {model.a,model.b,model.c,pipeline.p}.{inputs,outputs}
}

@test "C run --once: 1 when a topic is refused, and says which" {
  sed -i "s/^kafka:/kafka:\n  topicPrefix: denied/" "$CONFIG"
  drop_models a
  once 1 --timeout 20
  logged "denied.$NAMESPACE.model.a.inputs: cannot be created.*no topic may start with denied"
}

@test "C run --once: 1 when there is no broker, no directory, or no time" {
  drop_models a
  within 4000 0 once 1 --timeout 1 --bootstrap 127.0.0.1:1
  logged "not in sync within 1 s: .*127.0.0.1:1.*refused"
  "$KAFKA" pause "$CLUSTER"
  within 4000 0 once 1 --timeout 1 || { "$KAFKA" resume "$CLUSTER" && false; }
  "$KAFKA" resume "$CLUSTER"
  mv "$M" "$M.away"
  within 4000 0 once 1 --timeout 1
  mv "$M.away" "$M"
  once 0
}

@test "C run --once: 1 while a daemon runs, 2 for a bad usage, 1 for a bad configuration" {
  daemon_start
  once 1
  logged "another topicd already runs"
  once 2 --timeout x
  echo 'nonsense: 1' >>"$CONFIG"
  once 1
}

@test "C run --once ends at SIGTERM, with 1" {
  topicd run --once --timeout 30 --bootstrap 127.0.0.1:1 2>>"$LOG" 3>&- &
  local shell=$! code=0
  eventually 5 test -e "$R/status.json"
  kill "$(status .pid)"
  wait $shell || code=$?
  [[ $code == 1 ]]
}

@test "C without a daemon the commands say so, with 1" {
  within 2000 1 topicd status
  within 2000 1 topicd wait --timeout 5
  within 2000 1 topicd reload
  within 2000 1 topicd approve 000000000000
  within 2000 1 topicd deny 000000000000
  # Nor with what a daemon left that was killed.
  daemon_start
  in_sync
  daemon_stop KILL
  within 2000 1 topicd status
  within 2000 1 topicd wait --timeout 5
  within 2000 1 topicd reload
  [[ -z $(ls "$R/requests") ]]
}
