#!/usr/bin/env bats
# What is said of deletions that a person is asked about, and how they are answered: by a daemon that waits for Kafka.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0
load helper

setup() {
  cli_setup
  printf 'deletion: {enabled: false, gracePeriodSeconds: 2}\n' >topicd.yaml
  model other >manifests.d/other.yaml
  model a true >manifests.d/a.yaml
  model b true >manifests.d/b.yaml
  timeout 60 "$TOPICD" run --bootstrap 127.0.0.1:1 --config topicd.yaml --manifests manifests.d --state state \
    --runtime run 2>log 3>&- &
  daemon=$!
  until_status '.counts.models == 3'
}

teardown() {
  kill "$daemon"
  wait "$daemon" || :
}

until_status() { # JQ-FILTER
  for _ in {1..80}; do
    topicd status --json --config topicd.yaml
    if jq -e "$1" <<<"$output" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  echo "$output"
  return 1
}

# As by a rename, for a daemon that looks on.
drop() { # FILE
  cat >"manifests.d/.$1"
  mv "manifests.d/.$1" "manifests.d/$1"
}

say() { # COMMAND ARG...
  topicd "$@" --config topicd.yaml
}

MESH=seldon.seldon-mesh

@test "D6 what awaits approval and is in use needs a person, too: explain and plan say so" {
  rm manifests.d/{a,b}.yaml
  until_status '.deletions | length == 4 and all(.id)'
  local id
  id=$(jq -r '.deletions[0].id' <<<"$output")
  say plan --offline
  expect_output "  topicd approve $id   deletes 4 topics"$'\n'
  pipeline p a | drop p.yaml
  until_status '[.deletions[] | select(.alsoReason)] | length == 2'
  say plan --offline
  expect_output "deletes 4 topics, 2 of them only when nothing else holds them (needed by Pipeline/seldon-mesh/p)"
  say explain $MESH.model.a.inputs
  expect_output "stays: it is needed" "(rules D1, D3)" "a person has to say yes, too (rule D6): deletion.enabled is false" \
    "to delete it: topicd approve $id" "to keep it: topicd deny $id, or put the file back" \
    "either command answers all that await approval ('topicd plan' lists them)"
  pipeline q b | drop q.yaml
  until_status '[.deletions[] | select(.alsoReason)] | length == 4'
  say plan --offline
  expect_output "deletes 4 topics, all of them only when nothing else holds them (needed by Pipeline/seldon-mesh/"
  say status
  expect_output "deletes these topics, all of them only when nothing else holds them (needed by Pipeline/seldon-mesh/"
}

@test "D6 what was approved and waits for its grace period again says so, and once that it was approved" {
  rm manifests.d/a.yaml
  until_status '.deletions | length == 2 and all(.id)'
  say approve "$(jq -r '.deletions[0].id' <<<"$output")"
  expect_status 0
  until_status '.deletions | all(.state == "sending")'
  say explain $MESH.model.a.inputs
  expect_output "nothing holds it, and it goes as soon as Kafka answers"
  pipeline p a | drop p.yaml
  until_status '.deletions | all(.state == "in-use")'
  rm manifests.d/p.yaml
  until_status '.deletions | all(.state == "grace-period")'
  say explain $MESH.model.a.inputs
  expect_output "nothing but its grace period holds it (rule D2); goes in " "it was approved; to keep it: topicd deny " \
    "'topicd deny' keeps all that was approved and not sent ('topicd plan' shows how many)"
  [[ $output != *"it was approved"*"it was approved"* && $output != *"as soon as Kafka"* ]]
}
