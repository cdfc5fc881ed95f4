#!/usr/bin/env bats
# plan, status, wait, approve, deny and reload against a daemon and a broker.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

plan_json() { # JQ-FILTER
  topicd plan --json >"$HOME_DIR/plan.json" || [[ $? == 3 ]]
  jq -e "$1" "$HOME_DIR/plan.json" >/dev/null || {
    cat "$HOME_DIR/plan.json" >&2
    return 1
  }
}

# Twelve models, whose removal takes more topics than the limit.
many() {
  for i in {10..21}; do model "m$i" clean | drop "m$i.yaml"; done
}

@test "C plan shows creations, then nothing, and creates nothing itself" {
  model iris | drop iris.yaml
  run topicd plan
  [[ $status == 3 ]]
  [[ ${lines[-1]} == "2 to create, 0 to delete, 0 awaiting approval, 0 orphans, 0 drifted" ]]
  expect_list
  daemon_start
  in_sync
  run topicd plan
  [[ $status == 0 ]]
  plan_json '.clusterId == "topicd-tests" and .create == [] and .drift == []'
}

@test "C plan shows a deletion within its grace period" {
  configure 60
  model iris clean | drop iris.yaml
  daemon_start
  in_sync
  rm "$M/iris.yaml"
  eventually 10 says '[.deletions[].state] == ["grace-period", "grace-period"]'
  run topicd plan
  [[ $status == 3 ]]
  local due
  due=$(status '.deletions[0].due')
  [[ $output == *"iris.yaml (goes at ${due:11:8} UTC: iris.yaml was removed with cleanTopicsOnDelete: true)"$'\n'"  - seldon.$NAMESPACE.model.iris.inputs"$'\n'* ]]
  plan_json '.delete | length == 2 and .[0].owner == "Model/'"$NAMESPACE"'/iris" and all(.due == "'"$due"'")'
  daemon_stop # nobody knows when, then
  plan_json '.delete | length == 2 and all(.due == null)'
  run topicd plan
  [[ $output == *"iris.yaml (iris.yaml was removed with cleanTopicsOnDelete: true)"* ]]
  expect_list model.iris.inputs model.iris.outputs
}

@test "C explain says what the daemon does next, and when" {
  configure 60
  model iris clean | drop iris.yaml
  daemon_start
  in_sync
  run topicd explain "seldon.$NAMESPACE.model.iris.inputs"
  [[ $status == 0 && $output == *"stays: it is needed"*"by Model/$NAMESPACE/iris (iris.yaml), which owns it"* ]]
  rm "$M/iris.yaml"
  eventually 10 says '.deletions | length == 2'
  run topicd explain "seldon.$NAMESPACE.model.iris.inputs"
  [[ $status == 0 && $output == *"is to be deleted"*"nothing but its grace period holds it (rule D2); goes in "[1-6]?" s"*"put the file back"* ]]
  daemon_stop
  run topicd explain "seldon.$NAMESPACE.model.iris.inputs"
  [[ $output == *"no daemon runs; it goes when one has run and the directory has rested for 60 s"* ]]
  configure 1
  daemon_start
  eventually 20 expect_list
  run topicd explain "seldon.$NAMESPACE.model.iris.inputs"
  [[ $status == 0 && $output == *"was deleted, and nothing needs it now"*"topicd sent its deletion at "* ]]
}

with_rule() { # CONFIG
  configure
  sed -i "s/^namespace/  topics: {rules: [{match: '*.model.llm-*.outputs', config: {$1}}]}\n&/" "$CONFIG"
}

@test "T3 a rule is applied at creation, is no drift, and needs a restart" {
  with_rule 'retention.ms: 86400000'
  model llm-a | drop llm.yaml
  daemon_start
  in_sync
  run topics describe "seldon.$NAMESPACE.model.llm-a.outputs"
  [[ $output == *retention.ms=86400000* && $output == *max.message.bytes=1000000000* ]]
  run topics describe "seldon.$NAMESPACE.model.llm-a.inputs"
  [[ $output != *retention.ms* ]]
  plan_json '.create == [] and .drift == []'
  with_rule 'retention.ms: 5'
  plan_json '.drift == [{"topic":"seldon.'"$NAMESPACE"'.model.llm-a.outputs","field":"config.retention.ms",
    "wanted":"5","actual":"86400000"}]'
  topicd reload
  grep -q "needs a restart to take effect: kafka.topics.rules" "$LOG"
}

@test "T5 plan shows drift, which is no exit code" {
  topics create "seldon.$NAMESPACE.model.iris.inputs" --partitions 3
  model iris | drop iris.yaml
  daemon_start
  in_sync
  run topicd plan
  [[ $status == 0 ]]
  [[ $output == *"partitions: 3, wanted: 1"* ]]
  plan_json '.drift | map(.field) == ["config.max.message.bytes", "partitions"]'
  run topicd plan --graph
  [[ $status == 0 && $output == *"label=\"~ seldon.$NAMESPACE.model.iris.inputs\\nconfig.max.message.bytes: not set, wanted: 1000000000"* ]]
  plan_json '.drift[0] | .wanted == "1000000000" and .actual == null'
}

@test "C plan shows orphans, and nothing of anybody else" {
  topics create "seldon.$NAMESPACE.model.lost.inputs" "seldon.$NAMESPACE.model.iris.inputs" \
    "seldon.$NAMESPACE.errors.errors" "seldon.$NAMESPACE.model.x" "seldon.$NAMESPACE-2.model.lost.inputs" \
    "other.$NAMESPACE.model.lost.inputs"
  model iris | drop iris.yaml
  plan_json ".orphans == [\"seldon.$NAMESPACE.model.lost.inputs\"]"
  run topicd plan --graph
  [[ $output == *"label=\"? seldon.$NAMESPACE.model.lost.inputs\", tooltip=\"orphan\""* ]]
}

@test "C status and wait: in sync, and not" {
  daemon_start
  model iris | drop iris.yaml
  topicd wait --timeout 20
  run topicd status
  [[ $status == 0 ]]
  [[ $output == *"running: all in sync"* ]]
  echo 'kind: x' | drop bad.yaml
  run --separate-stderr topicd wait --timeout 0.5
  [[ $status == 3 ]]
  [[ $stderr == *"not in sync in time: "*"rejected bad.yaml"* ]]
  run topicd status
  [[ $status == 3 ]]
  [[ $output == *"bad.yaml:1:1: "* ]]
  run topicd status --json
  [[ $status == 3 ]]
  jq -e '.rejectedFiles[0].file == "bad.yaml"' <<<"$output"
}

@test "C wait returns as soon as all is in sync" {
  daemon_start
  echo 'kind: x' | drop iris.yaml
  topicd wait --timeout 30 3>&- &
  sleep 0.5
  model iris | drop iris.yaml
  SECONDS=0
  wait $!
  ((SECONDS < 10))
}

@test "C wait and status notice that the daemon ended" {
  daemon_start
  echo 'kind: x' | drop bad.yaml
  topicd wait --timeout 30 2>"$HOME_DIR/err" 3>&- &
  local waiting=$!
  sleep 0.5
  daemon_stop KILL
  local code=0
  wait $waiting || code=$?
  [[ $code == 1 ]]
  grep -q "no topicd runs" "$HOME_DIR/err"
  run topicd status
  [[ $status == 1 ]]
}

awaits() { [[ $(status '[.deletions[] | select(.state == "awaiting-approval")] | length') == 24 ]]; }

@test "D6 approve deletes, and a spent ID is an error" {
  daemon_start
  many
  in_sync
  rm "$M"/m*.yaml
  eventually 20 awaits
  run topicd plan
  [[ $output == *"awaiting approval (24 topics within "*"topicd approve $(status '.deletions[0].id')   deletes 24 topics"* ]]
  plan_json '.held | length == 24 and all(.state == "awaiting-approval" and .id != null)'
  id=$(status '.deletions[0].id')
  [[ $(jq -r '.held[0].id' "$HOME_DIR/plan.json") == "$id" ]]
  run topicd status
  [[ $status == 3 && $output == *"topicd approve $id"* ]]
  run topicd explain "seldon.$NAMESPACE.model.m10.inputs"
  [[ $status == 0 && $output == *"a person has to say yes (rule D6)"*"to delete it: topicd approve $id"* ]]
  run topicd approve 000000000000
  [[ $status == 1 && $output == *"000000000000"* ]]
  topicd approve "$id"
  eventually 20 expect_list
  run topicd approve "$id"
  [[ $status == 1 ]]
}

@test "D6 deny keeps the topics and forgets the deletions" {
  daemon_start
  many
  in_sync
  rm "$M"/m*.yaml
  eventually 20 awaits
  topicd deny "$(status '.deletions[0].id')"
  in_sync
  [[ $(list | wc -l) == 24 ]]
  run topicd plan
  [[ $status == 0 ]]
  [[ ${lines[-1]} == "0 to create, 0 to delete, 0 awaiting approval, 24 orphans, 0 drifted" ]]
}

@test "C reload says what needs a restart" {
  daemon_start
  run --separate-stderr topicd reload
  [[ $status == 0 && -z $output && -z $stderr ]]
  sed -i 's/^namespace: .*/namespace: another/; s/^kafka:/&\n  topicPrefix: other/' "$CONFIG"
  run --separate-stderr "$TOPICD" reload --runtime "$R"
  [[ $status == 0 && $stderr == "topicd: needs a restart to take effect: kafka.topicPrefix, namespace" ]]
  logged_times 1 "is read anew; needs a restart to take effect: kafka.topicPrefix, namespace"
}

@test "C reload fails with the reason if the configuration is bad" {
  daemon_start
  topicd reload
  echo 'nonsense: 1' >>"$CONFIG"
  run "$TOPICD" reload --runtime "$R"
  [[ $status == 1 ]]
  [[ $output == *"topicd.yaml:"*nonsense* ]]
  configure
  "$TOPICD" reload --runtime "$R"
}

@test "C asking the daemon takes root" {
  [[ $(id -u) == 0 ]] || return 0
  daemon_start
  cp "$TOPICD" "$HOME_DIR/topicd"
  chmod -R a+rX "$HOME_DIR/topicd"
  for dir in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$HOME_DIR" "$R"; do chmod a+x "$dir"; done
  run setpriv --reuid=65534 --regid=65534 --clear-groups "$HOME_DIR/topicd" reload --runtime "$R"
  [[ $status == 1 ]]
  [[ $output == *"only root"* ]]
}
