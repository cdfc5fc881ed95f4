#!/usr/bin/env bats
# plan without a broker. tests/broker/ has the rest.
# shellcheck disable=SC2154,SC2016 # set by run; expanded by the inner shell
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }

@test "C plan --offline without a snapshot creates everything" {
  model iris >manifests.d/iris.yaml
  topicd plan --offline
  expect_status 3
  [[ ${lines[0]} == "iris.yaml" ]]
  [[ ${lines[1]} == "  + seldon.seldon-mesh.model.iris.inputs" ]]
  [[ ${lines[2]} == "  + seldon.seldon-mesh.model.iris.outputs" ]]
  [[ ${lines[-1]} == "2 to create, 0 to delete, 0 awaiting approval, missing topics, orphans and drift unknown (Kafka was not asked)" ]]
}

@test "C plan --offline of nothing has nothing to do" {
  topicd plan --offline
  expect_status 0
}

# Writes ./topicd.yaml, whose rule is for the outputs of LLMs.
with_rule() {
  cat >topicd.yaml <<'END'
kafka:
  topics:
    rules:
    - match: "*.model.llm-*.outputs"
      config: {retention.ms: 86400000, max.message.bytes: null}
END
}

@test "T3 plan shows what a rule gives to a topic" {
  with_rule
  model llm-a >manifests.d/a.yaml
  topicd plan --offline -c topicd.yaml
  expect_status 3
  [[ ${lines[1]} == "  + seldon.seldon-mesh.model.llm-a.inputs" ]]
  [[ ${lines[2]} == "  + seldon.seldon-mesh.model.llm-a.outputs  (rule "* ]]
  [[ ${lines[2]} == *' (rule "*.model.llm-*.outputs": max.message.bytes is left to the broker, retention.ms=86400000)' ]]
  topicd plan --offline --json -c topicd.yaml
  expect_json '.create[0].config == {"max.message.bytes":"1000000000"}'
  expect_json '.create[1].config == {"retention.ms":"86400000"}'
}

@test "T3 a rule cannot set partitions, and a pattern is quoted" {
  with_rule
  sed -i 's/^      config:/      numPartitions: 3\n&/' topicd.yaml
  topicd plan --offline -c topicd.yaml
  expect_status 1
  [[ $stderr == *"topicd.yaml:5:22: error: kafka.topics.rules[0].numPartitions cannot be set by a rule: "* ]]
  echo 'kafka: {topics: {rules: [{match: *.outputs, config: {a: 1}}]}}' >topicd.yaml
  topicd plan --offline -c topicd.yaml
  expect_status 1
  echo "$stderr"
  [[ $stderr == *quote* ]]
}

@test "C plan --json has every key" {
  model iris >manifests.d/iris.yaml
  topicd plan --offline --json
  expect_status 3
  expect_json 'keys_unsorted == ["clusterId","create","delete","held","drift","driftUnknown","orphans","rejectedFiles"]'
  # It did not look.
  expect_json '[.drift, .driftUnknown, .orphans] == [null, null, null]'
  expect_json '.clusterId == null'
  expect_json '.create[0] == {"topic":"seldon.seldon-mesh.model.iris.inputs","partitions":1,"replicationFactor":1,
    "config":{"max.message.bytes":"1000000000"},"neededBy":["Model/seldon-mesh/iris"]}'
}

@test "C a rejected file alone is nothing to create or delete" {
  echo 'kind: x' >manifests.d/bad.yaml
  topicd plan --offline
  expect_status 0
  [[ $output == *"x bad.yaml:1:1: "* ]]
  [[ $output == *"1 manifest rejected" ]]
}

@test "C plan fails where it cannot look" {
  topicd plan --bootstrap 127.0.0.1:1
  expect_status 1
  [[ $stderr == *"127.0.0.1:1"* ]]
  rmdir manifests.d
  topicd plan --offline
  expect_status 1
  [[ $stderr == *manifests.d* ]]
}

@test "S4 plan takes a damaged snapshot for none, says so and leaves it" {
  model iris >manifests.d/iris.yaml
  echo nonsense >state/snapshot
  topicd plan --offline
  expect_status 3
  [[ $stderr == *"does not count"* ]]
  [[ $(<state/snapshot) == nonsense ]]
}

@test "C plan changes nothing" {
  model iris >manifests.d/iris.yaml
  find manifests.d state run -printf '%p %T@ %s\n' | sort >before
  topicd plan --offline
  find manifests.d state run -printf '%p %T@ %s\n' | sort >after
  diff before after
}

@test "C plan has colours on a terminal only, and not with NO_COLOR" {
  model iris >manifests.d/iris.yaml
  topicd plan --offline
  [[ $output != *$'\e['* ]]
  on_terminal() { script -qec "'$TOPICD' plan --offline --manifests manifests.d --state state" /dev/null; }
  run on_terminal
  [[ $output == *$'\e[32m+ seldon.'* ]]
  export NO_COLOR=1
  run on_terminal
  [[ $output != *$'\e['* ]]
}

@test "C plan tells another user how to read the state" {
  [[ $(id -u) -eq 0 ]] || return 0
  chmod 755 . manifests.d
  chmod 700 state
  # Where that user may go.
  local copy
  copy=$(mktemp /tmp/topicd-XXXXXX)
  cp "$TOPICD" "$copy" && chmod 755 "$copy"
  run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups bash -c \
    'cd / && exec "$0" plan --offline --manifests "$1/manifests.d" --state "$1/state"' "$copy" "$PWD"
  rm "$copy"
  expect_status 1
  [[ $stderr == *"Permission denied"* ]]
}
