#!/usr/bin/env bats
# A broker that refuses: one topic, all of them, deletions, or us. Failures are per topic, in the broker's own words (L5).
load helper

setup_file() {
  record_requests
  broker_start --acl --policy
  allow --operation Describe --cluster
}
teardown_file() { broker_stop; }
setup() {
  daemon_setup
  configure_as topicd topicd-secret
}
teardown() {
  [[ ! -e $BATS_TEST_TMPDIR/keeper ]] || "$KAFKA" stop "$BATS_TEST_TMPDIR/keeper" KILL
  daemon_teardown
}

allow() { # ARG...: what topicd may do
  "$KAFKA" acls "$CLUSTER" --add --allow-principal User:topicd "$@" >&2
}

allow_all() { # PREFIX
  allow --operation Create --operation Delete --operation Describe --topic "$1" --resource-pattern-type prefixed
}

configure_as() { # USER PASSWORD [LINE-OF-kafka]...
  cat >"$CONFIG" <<END
kafka:
  bootstrap: $BOOTSTRAP
  properties: {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: $1, sasl.password: $2}
$(printf '  %s\n' "${@:3}")
namespace: $NAMESPACE
resyncPeriodSeconds: 2 # no try waits for longer
deletion: {gracePeriodSeconds: 1}
END
  chmod 600 "$CONFIG"
}

denied_at_least() { # COUNT
  (($(grep -aF '"isForwarded":false' "$CLUSTER/node-1/log" | grep -aF '"validateOnly":false' |
    grep -acF "\"name\":\"denied.$NAMESPACE.") >= $1))
}

@test "L5 a policy refuses a topic: its words are in the status, and in the log once" {
  configure_as admin admin-secret 'topicPrefix: denied'
  model iris | drop iris.yaml
  daemon_start
  eventually 10 says '.counts.failedTopics == 2'
  says '.failedTopics | map(.topic) == ["denied.'"$NAMESPACE"'.model.iris.inputs", "denied.'"$NAMESPACE"'.model.iris.outputs"]'
  says '.failedTopics | all((.error | test("no topic may start with denied.*POLICY_VIOLATION")) and .retryAt != null)'
  says '.inSync == false and .problems == 2 and .phase == "running" and .observedGeneration == .generation'
  logged "ready: 2 topics, 2 of them refused, for 1 Model"
  eventually 10 denied_at_least 4 # it tries again, and the log is none the longer
  [[ $(count_log "no topic may start with denied") == 2 ]]
}

@test "L5 more replicas than brokers: every topic says so" {
  configure_as admin admin-secret 'topics: {replicationFactor: 3}'
  model iris | drop iris.yaml
  daemon_start
  eventually 10 says '.failedTopics | length == 2 and all(.error | test("INVALID_REPLICATION_FACTOR"))'
  expect_list
}

@test "L5 an unknown configuration key: every topic says so" {
  configure_as admin admin-secret 'topics: {config: {no.such.key: 1}}'
  model iris | drop iris.yaml
  daemon_start
  eventually 10 says '.failedTopics | length == 2 and all(.error | test("no.such.key.*INVALID_CONFIG"))'
}

@test "L5 no right to create some: they say so, the others are made, and they are when the right arrives" {
  allow_all "seldon.$NAMESPACE.model."
  model iris | drop iris.yaml
  pipeline_over iris | drop p.yaml
  daemon_start
  eventually 10 says '.counts.failedTopics == 3'
  says '.failedTopics | all(.error | test("TOPIC_AUTHORIZATION_FAILED"))'
  says '.summary | test("5 topics \\(3 missing\\); Kafka refuses .*errors.errors .*Authorization failed")'
  expect_list model.iris.inputs model.iris.outputs
  [[ $(count_log "cannot be created.*Authorization failed") == 3 ]]
  allow_all "seldon.$NAMESPACE."
  in_sync
  expect_list errors.errors {model.iris,pipeline.p}.{inputs,outputs}
}

@test "L5 no right to delete: it stays owed, is retried and named, and goes when the right arrives" {
  allow --operation Create --topic "seldon.$NAMESPACE." --resource-pattern-type prefixed
  model iris clean | drop iris.yaml
  model other | drop other.yaml
  daemon_start
  in_sync
  rm "$M/iris.yaml"
  eventually 10 says '.deletions | length == 2 and all(.state == "retrying")'
  says '.deletions | all((.reason | test("TOPIC_AUTHORIZATION_FAILED")) and .due != null and .id == null)'
  says '.inSync == false and .problems == 2'
  # Over resyncs it stays refused, without a word more in the log.
  eventually 10 sent_at_least 4 ask
  says '.deletions | length == 2 and all(.state == "retrying")'
  [[ $(count_log "cannot be deleted") == 2 ]]
  expect_list model.{iris,other}.{inputs,outputs}
  allow_all "seldon.$NAMESPACE."
  eventually 10 says '.inSync and .deletions == []'
  expect_list model.other.{inputs,outputs}
}

@test "L5 all rights are lost: what exists is not called missing, a deletion stays owed, and all goes on when they return" {
  allow_all "seldon.$NAMESPACE."
  drop_models a b
  daemon_start
  in_sync
  "$KAFKA" acls "$CLUSTER" --remove --force --allow-principal User:topicd --operation Create --operation Delete \
    --operation Describe --topic "seldon.$NAMESPACE." --resource-pattern-type prefixed >&2
  remove_models a
  drop_models c
  eventually 10 says '.failedTopics | length == 2 and all(.topic | test("model.c"))'
  eventually 10 says '.deletions | length == 2 and all(.state == "retrying" and (.reason | test("TOPIC_AUTHORIZATION_FAILED")))'
  sleep 2.5 # a resync
  says '.failedTopics | length == 2'
  [[ $(count_log "is gone although") == 0 ]]
  allow_all "seldon.$NAMESPACE."
  eventually 10 says '.inSync and .deletions == []'
  expect_list model.{b,c}.{inputs,outputs}
}

@test "T5 plan does not call unread configuration undrifted, and says which right shows it" {
  allow_all "seldon.$NAMESPACE."
  topics create "seldon.$NAMESPACE.model.a.inputs"
  drop_models a
  daemon_start
  in_sync
  run topicd plan
  [[ $status == 0 ]]
  [[ ${lines[-1]} == *" 0 drifted (configuration of 2 topics unknown: is DescribeConfigs allowed?)" ]]
  topicd plan --json 2>"$HOME_DIR/err" >"$HOME_DIR/plan.json"
  jq -e '.drift == [] and .driftUnknown == [("in", "out") | "seldon.'"$NAMESPACE"'.model.a.\(.)puts"]' "$HOME_DIR/plan.json"
  allow --operation DescribeConfigs --topic "seldon.$NAMESPACE.model.a.inputs"
  run topicd plan
  [[ ${lines[-1]} == *" 1 drifted (configuration of 1 topic unknown: is DescribeConfigs allowed?)" ]]
  allow --operation DescribeConfigs --topic "seldon.$NAMESPACE." --resource-pattern-type prefixed
  run topicd plan
  [[ ${lines[-1]} == *" 1 drifted" ]]
}

@test "C prune says what the broker refuses, in its words" {
  allow --operation Create --operation Describe --topic "seldon.$NAMESPACE." --resource-pattern-type prefixed
  topics create "seldon.$NAMESPACE.model.lost.inputs"
  model iris | drop iris.yaml
  daemon_start
  in_sync
  run topicd prune --yes "seldon.$NAMESPACE.model.lost.inputs"
  [[ $status == 1 ]]
  [[ $output != *"deleted seldon"* && $output == *"topicd: seldon.$NAMESPACE.model.lost.inputs cannot be deleted: "*[Aa]uthorization* ]]
  expect_list model.iris.inputs model.iris.outputs model.lost.inputs
  configure_as topicd wrong
  run topicd prune --yes "seldon.$NAMESPACE.model.lost.inputs"
  [[ $status == 1 && $output == *"cannot list the topics"* ]]
}

@test "L5 the manifest returns while its deletion is refused: nothing is failed" {
  allow --operation Create --topic "seldon.$NAMESPACE." --resource-pattern-type prefixed
  model iris clean | drop iris.yaml
  daemon_start
  in_sync
  rm "$M/iris.yaml"
  eventually 10 says '.deletions | length == 2 and all(.state == "retrying")'
  model iris clean | drop iris.yaml
  in_sync 1
  says '.failedTopics == [] and .deletions == []'
}

@test "L5 the right to create goes: what exists is not called missing" {
  allow_all "seldon.$NAMESPACE."
  model iris | drop iris.yaml
  daemon_start
  in_sync
  "$KAFKA" acls "$CLUSTER" --remove --force --allow-principal User:topicd --operation Create --topic "seldon.$NAMESPACE." \
    --resource-pattern-type prefixed >&2
  local before
  before=$(requests | grep -c ^ask)
  eventually 10 eval "((\$(requests | grep -c ^ask) >= $before + 2))"
  says '.inSync and .failedTopics == []'
  [[ $(count_log "is gone although") == 0 ]]
}

@test "L5 a wrong password is said in words, which do not hold it" {
  configure_as topicd not-the-password
  model iris | drop iris.yaml
  daemon_start
  eventually 10 says '.kafka.error | test("[Aa]uthentication failed.*Invalid username or password")'
  says '.kafka.reachable == false and .inSync == false and .phase == "starting"'
  within 4000 3 topicd wait --timeout 1
  sleep 2
  [[ $(count_log "Invalid username or password") == 1 ]]
  run grep -r not-the-password "$R" "$S" "$LOG"
  [[ $status == 1 ]]
  within 1500 0 daemon_stop
}

@test "L5 a plain client at a broker that wants a password is told so" {
  configure
  daemon_start
  eventually 10 says '.kafka.error | test("security.protocol")'
}

@test "D7 a broker that deletes nothing: it stays owed, is retried and named; there is nothing to approve" {
  local keeper=$BATS_TEST_TMPDIR/keeper
  "$KAFKA" start "$keeper" --port "$("$KAFKA" port)" --prop delete.topic.enable=false >&2
  configure
  sed -i "s/bootstrap: .*/bootstrap: $("$KAFKA" bootstrap "$keeper")/" "$CONFIG"
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  eventually 10 says '.deletions | length == 2 and all(.state == "retrying" and (.reason | test("delete.topic.enable")))'
  says '.inSync == false and .problems == 2 and (.summary | test("delete.topic.enable"))'
  within 5000 1 topicd approve 000000000000
  daemon_stop
  daemon_start
  eventually 10 says '.deletions | length == 2 and all(.state == "retrying" and .id == null)'
  [[ $(count_log "cannot be deleted") == 4 ]]
  # The setting is one of a start; the daemon waits for the broker, and nobody has to help.
  sed -i 's/^delete.topic.enable=.*/delete.topic.enable=true/' "$keeper/node-1/server.properties"
  "$KAFKA" stop "$keeper"
  "$KAFKA" start "$keeper" >&2
  # A request that the end of the broker left without an answer is asked about once more, a minute later (L5).
  eventually 75 says '.inSync and .deletions == []'
  logged_times 1 "model.a.inputs: deleted for"
}
