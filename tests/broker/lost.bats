#!/usr/bin/env bats
# The broker is not there, goes, comes back, is another one, or does not know us.
load helper

setup_file() {
  record_requests
  broker_start
  export OTHER=$BATS_FILE_TMPDIR/other # another cluster, at the same address
  "$KAFKA" format "$OTHER" --port "${BOOTSTRAP#*:}" --cluster-id another-cluster >&2
}
teardown_file() {
  "$KAFKA" stop "$OTHER" KILL
  broker_stop
}
setup() {
  "$KAFKA" stop "$OTHER"
  "$KAFKA" start "$CLUSTER" >&2
  daemon_setup
}
teardown() { daemon_teardown; }

unreachable() { says '.kafka.reachable == false and (.kafka.error | length > 0) and .inSync == false'; }

@test "L5 an idle daemon notices that the broker goes, says so once, and that it is back" {
  model iris | drop iris.yaml
  daemon_start
  in_sync
  "$KAFKA" stop "$CLUSTER"
  eventually 5 unreachable
  says '.summary | test("Kafka")'
  sleep 2
  says '.problems == 1'
  [[ $(count_log "topicd: Kafka at") -le 2 ]]
  logged_times 0 "security.protocol" # which has worked until now
  "$KAFKA" start "$CLUSTER" >&2
  eventually 5 says '.kafka.reachable and .inSync'
  [[ $(count_log "connected to Kafka") == 2 ]]
}

@test "L5 what happens while the broker is away is done when it is back" {
  model one clean | drop one.yaml
  model two | drop two.yaml
  daemon_start
  in_sync
  "$KAFKA" stop "$CLUSTER" KILL
  model three | drop three.yaml
  rm "$M/one.yaml"
  eventually 5 unreachable
  eventually 5 says '.deletions | length == 2 and all(.state == "sending" or .state == "retrying")'
  topicd wait --timeout 0.5 || [[ $? == 3 ]]
  sleep 3 # tries, and tries less and less often
  "$KAFKA" start "$CLUSTER" >&2
  eventually 5 says '.inSync and .deletions == []'
  expect_list model.{three,two}.{inputs,outputs}
}

@test "L5 the broker dies with a creation in flight: the controller is asked before anything else" {
  daemon_start
  in_sync
  "$KAFKA" pause "$CLUSTER"
  model iris | drop iris.yaml
  eventually 5 says '.counts.topics == 2'
  "$KAFKA" stop "$CLUSTER" KILL
  eventually 5 unreachable
  "$KAFKA" start "$CLUSTER" >&2
  eventually 10 says .inSync
  expect_list model.iris.inputs model.iris.outputs
  requests >&2
  [[ $(sent_about model.iris.inputs) == "ask create" && $(sent_about model.iris.outputs) == "ask create" ]]
}

@test "L5 the broker dies with a deletion in flight: the controller is asked, and what is owed stays owed" {
  model iris clean | drop iris.yaml
  model other | drop other.yaml
  daemon_start
  in_sync
  rm "$M/iris.yaml"
  eventually 2 says '.deletions | length == 2'
  "$KAFKA" pause "$CLUSTER"
  eventually 5 says '.deletions | length == 2 and all(.state == "sending")'
  "$KAFKA" stop "$CLUSTER" KILL
  eventually 5 unreachable
  says '.deletions | length == 2 and all(.state == "retrying")'
  local before
  before=$(requests | wc -l)
  "$KAFKA" start "$CLUSTER" >&2
  eventually 10 expect_list model.other.inputs model.other.outputs
  # The first request may still be carried out: until the controller was asked again in a minute, nobody can tell.
  eventually 5 says '.deletions | length == 2 and all(.state == "retrying" and .due != null)'
  requests >&2
  [[ $(sent_about model.iris.inputs "$before") == "ask delete" ]]
  [[ $(sent_about model.iris.outputs "$before") == "ask delete" ]]
}

@test "L5 the broker dies in the middle of a thousand creations: all are there in the end" {
  local i
  daemon_start
  in_sync
  for i in {1..500}; do printf -- '---\napiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: m%d}\nspec: {storageUri: x}\n' "$i"; done |
    drop m.yaml
  eventually 5 says '.counts.topics == 1000'
  "$KAFKA" stop "$CLUSTER" KILL
  "$KAFKA" start "$CLUSTER" >&2
  eventually 20 says '.inSync and .counts.topics == 1000'
  [[ $(printf "seldon.$NAMESPACE.model.m%d.outputs\n" {1..500} | topics ask - | grep -c ^present) == 500 ]]
}

@test "L5 a wrong address: says so, keeps trying, and ends at once when told to" {
  sed -i 's/bootstrap: .*/bootstrap: 127.0.0.1:1/' "$CONFIG"
  model iris | drop iris.yaml
  daemon_start
  eventually 5 says '.kafka.error | test("127.0.0.1:1\\b.*Connection refused")'
  says '.phase == "starting" and .counts.topics == 2 and .failedTopics == []'
  sleep 2
  [[ $(count_log "Connection refused") == 1 ]]
  within 1500 0 daemon_stop
  grep -q iris "$S/snapshot"
}

@test "L5 a name that cannot be looked up is said in words" {
  sed -i 's/bootstrap: .*/bootstrap: no-such-host.invalid:9092/' "$CONFIG"
  daemon_start
  eventually 20 says '.kafka.error | test("no-such-host.invalid")'
  within 2500 0 daemon_stop
}

@test "L5 a broker that is none: what listens there is not Kafka" {
  python3 - 3>&- <<'END' >"$HOME_DIR/port" 2>/dev/null &
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(50)
print(s.getsockname()[1], flush=True)
s.settimeout(20)
while True:
    c = s.accept()[0]; c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"); c.close()
END
  local listener=$!
  eventually 5 test -s "$HOME_DIR/port"
  sed -i "s/bootstrap: .*/bootstrap: 127.0.0.1:$(<"$HOME_DIR/port")/" "$CONFIG"
  daemon_start
  eventually 10 unreachable || { kill $listener && return 1; }
  sleep 3
  kill $listener
  cat "$R/status.json" >&2
  [[ $(count_log 'Kafka at') -le 4 ]]
  # CPU time in hundredths of a second: it does not burn.
  (($(awk '{ print $14 + $15 }' "/proc/$DAEMON/stat") < 60))
  within 1500 0 daemon_stop
}

@test "D5 another cluster at the address: nothing of the old one is owed, the topics are made there" {
  configure 2
  model kept | drop kept.yaml
  model gone clean | drop gone.yaml
  model broken clean | drop broken.yaml
  daemon_start
  in_sync
  echo 'kind: x' | drop broken.yaml
  rm "$M/gone.yaml"
  eventually 5 says '.deletions | length == 2'
  "$KAFKA" stop "$CLUSTER"
  "$KAFKA" start "$OTHER" >&2
  topics create "seldon.$NAMESPACE.model."{gone,broken}.{inputs,outputs}
  eventually 10 says '.kafka.clusterId == "another-cluster"'
  eventually 10 says '.deletions == [] and .counts.models == 1'
  eventually 10 expect_list model.{broken,gone,kept}.{inputs,outputs}
  grep -q topicd-tests "$S/snapshot.scope-1"
  grep -q another-cluster "$S/snapshot"
  [[ $(count_log "is the cluster another-cluster now") == 1 ]]
  # What was accepted there is not accepted here: the file's last good version is of another world.
  says '.rejectedFiles[0].file == "broken.yaml"'
  sleep 2.5
  expect_list model.{broken,gone,kept}.{inputs,outputs}
  daemon_stop
  # And back: what is in the directory now is what counts there.
  "$KAFKA" stop "$OTHER"
  "$KAFKA" start "$CLUSTER" >&2
  rm "$M/broken.yaml"
  daemon_start
  eventually 10 says '.kafka.clusterId == "topicd-tests" and .inSync'
  sleep 2.5
  expect_list model.{broken,gone,kept}.{inputs,outputs}
  grep -q another-cluster "$S/snapshot.scope-2"
}

@test "D5 another cluster appears while the daemon is down with deletions owed" {
  model kept | drop kept.yaml
  model gone clean | drop gone.yaml
  daemon_start
  in_sync
  daemon_stop
  rm "$M/gone.yaml"
  "$KAFKA" stop "$CLUSTER"
  "$KAFKA" start "$OTHER" >&2
  topics create "seldon.$NAMESPACE.model.gone."{inputs,outputs}
  daemon_start
  eventually 10 says '.kafka.clusterId == "another-cluster" and .inSync'
  sleep 2
  expect_list model.{gone,kept}.{inputs,outputs}
  grep -q gone "$S/snapshot.scope-1"
  never_sent delete
}

@test "D5 a hold does not survive into another cluster, nor does its ID" {
  configure 1 '  enabled: false'
  model kept | drop kept.yaml
  model gone clean | drop gone.yaml
  daemon_start
  in_sync
  rm "$M/gone.yaml"
  eventually 10 says '.deletions | length == 2 and all(.state == "awaiting-approval")'
  local id
  id=$(status '.deletions[0].id')
  "$KAFKA" stop "$CLUSTER"
  "$KAFKA" start "$OTHER" >&2
  topics create "seldon.$NAMESPACE.model.gone."{inputs,outputs}
  eventually 10 says '.deletions == [] and .inSync'
  within 5000 1 topicd approve "$id"
  expect_list model.{gone,kept}.{inputs,outputs}
}
