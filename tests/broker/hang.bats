#!/usr/bin/env bats
# The broker hangs (SIGSTOP): the daemon does not (L2), and afterwards everything gets done.
load helper

setup_file() {
  record_requests
  broker_start --prop broker.session.timeout.ms=60000 # it does not fence itself for having been stopped
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() {
  "$KAFKA" resume "$CLUSTER"
  daemon_teardown
}

# A daemon that has a creation in flight to a broker that hangs.
hang_with_creation() {
  daemon_start
  in_sync
  "$KAFKA" pause "$CLUSTER"
  model iris | drop iris.yaml
  eventually 5 says '.counts.topics == 2'
}

end_daemon() {
  daemon_stop "$@"
  return "${DAEMON_EXIT:-0}"
}

@test "L2 SIGTERM ends the daemon at once" {
  hang_with_creation
  within 1500 0 end_daemon
}

@test "L2 SIGTERM ends the daemon at once when the broker hangs from the start" {
  "$KAFKA" pause "$CLUSTER"
  daemon_start
  eventually 5 says '.phase == "starting"'
  within 1500 0 end_daemon
}

@test "L2 SIGHUP and the commands are answered, and the creation in flight is done in the end" {
  hang_with_creation
  kill -HUP "$DAEMON"
  eventually 2 logged "read anew"
  within 2000 3 topicd status
  within 2000 0 topicd reload
  within 3000 3 topicd wait --timeout 1
  within 2000 1 topicd approve 000000000000
  says '.inSync == false and .counts.files == 1'
  "$KAFKA" resume "$CLUSTER"
  in_sync
  expect_list model.iris.inputs model.iris.outputs
}

@test "L3 what arrives while a request is in flight is the next batch, and one" {
  hang_with_creation
  for i in {10..39}; do
    model "m$i" | drop "m$i.yaml"
    ((i % 10)) || sleep 0.2
  done
  eventually 5 says '.counts.topics == 62'
  "$KAFKA" resume "$CLUSTER"
  in_sync
  requests | cut -c1-100 >&2
  [[ $(requests | grep -c ^create) == 2 ]]
  [[ $(requests | grep ^create | tail -n 1 | wc -w) == 61 ]]
  [[ $(list | wc -l) == 62 ]]
}

deletion_is_in_flight() {
  says '.deletions | length == 2 and all(.state == "sending")'
}

@test "L5 the manifest returns while its deletion is in flight: the topics are there in the end" {
  model iris clean | drop iris.yaml
  daemon_start
  in_sync
  # The session is a moment old: the deletion goes out by it when its time has come, into the void.
  rm "$M/iris.yaml"
  eventually 2 says '.deletions | length == 2'
  "$KAFKA" pause "$CLUSTER"
  eventually 5 deletion_is_in_flight
  model iris clean | drop iris.yaml
  eventually 5 says '.deletions == [] and .counts.files == 1'
  "$KAFKA" resume "$CLUSTER"
  in_sync
  expect_list model.iris.inputs model.iris.outputs
  requests >&2
  [[ $(requests | grep -c ^delete) == 1 ]]
  [[ $(requests | tail -n 1) == "create model.iris.inputs model.iris.outputs" ]]
}

@test "L2 a deletion that became due while the broker hung is done when it is back, once" {
  model iris clean | drop iris.yaml
  model other | drop other.yaml
  daemon_start
  in_sync
  "$KAFKA" pause "$CLUSTER"
  rm "$M/iris.yaml"
  eventually 5 deletion_is_in_flight
  "$KAFKA" resume "$CLUSTER"
  eventually 20 says '.inSync and .deletions == []'
  expect_list model.other.inputs model.other.outputs
  requests >&2
  [[ $(requests | grep -c ^delete) == 1 ]]
}

@test "L5 SIGKILL with a creation in flight: the next start makes what is missing" {
  hang_with_creation
  daemon_stop KILL
  "$KAFKA" resume "$CLUSTER"
  daemon_start
  in_sync
  expect_list model.iris.inputs model.iris.outputs
}

@test "D2 SIGTERM while deletions are due: nothing is sent, and the next start waits anew" {
  model iris clean | drop iris.yaml
  model other | drop other.yaml
  daemon_start
  in_sync
  configure 600
  topicd reload
  rm "$M/iris.yaml"
  eventually 5 says '.deletions | length == 2 and all(.state == "grace-period" and .due != null)'
  within 1500 0 end_daemon
  configure 1
  daemon_start
  eventually 20 says '.inSync and .deletions == [] and .phase == "running"'
  expect_list model.other.inputs model.other.outputs
}

# The longest test of this file: until the client gives its requests up. The old ones are carried out late, or never.
@test "L5 requests that timed out are asked about before anything else, also a deletion whose manifest has returned" {
  drop_models gone other
  daemon_start
  in_sync
  remove_models gone
  eventually 2 says '.deletions | length == 2'
  "$KAFKA" pause "$CLUSTER"
  eventually 5 deletion_is_in_flight
  drop_models gone iris
  eventually 5 says '.deletions == [] and .counts.topics == 6'
  eventually 45 eval '! says .kafka.reachable'
  says '.summary | test("Kafka")'
  says '.inSync == false'
  local before
  before=$(requests | wc -l)
  "$KAFKA" resume "$CLUSTER"
  in_sync 40
  expect_list model.{gone,iris,other}.{inputs,outputs}
  requests >&2
  [[ $(sent_about model.gone.inputs "$before") =~ ^(delete )?ask ]]
  [[ $(sent_about model.iris.inputs "$before") =~ ^(create )?ask ]]
}

@test "D6 an approval can be taken back while the broker does not answer" {
  configure 1 '  limit: {topics: 1}'
  model a clean | drop a.yaml
  model b | drop b.yaml
  daemon_start
  in_sync
  rm "$M/a.yaml"
  eventually 8 says '[.deletions[].state] == ["awaiting-approval", "awaiting-approval"]'
  "$KAFKA" pause "$CLUSTER"
  sleep 5.5 # a deletion wants an answer that is younger
  topicd approve "$(status '.deletions[0].id')"
  eventually 2 says '[.deletions[].state] == ["sending", "sending"] and (.deletions | all(.approvedId != null))'
  within 2000 0 topicd deny "$(status '.deletions[0].approvedId')"
  says '.deletions == []'
  "$KAFKA" resume "$CLUSTER"
  in_sync
  sleep 1
  never_sent delete
  expect_list model.{a,b}.{inputs,outputs}
}
