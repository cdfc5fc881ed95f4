#!/usr/bin/env bats
# doc/migration.md on a real broker: what Seldon made is taken over as it is, and the first run deletes nothing.
bats_require_minimum_version 1.5.0
# shellcheck disable=SC2154 # set by run
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

# The export, in namespaces of this test's own.
export_objects() {
  sed "s/seldon-mesh/$NAMESPACE/; s/namespace: fraud/namespace: $NAMESPACE-fraud/" tests/migration/all.yaml
}

names() { # NAMESPACE NAME...
  printf "seldon.$1.%s\n" "${@:2}"
}

# As Seldon makes them: those of models without max.message.bytes, those that a pipeline made first with it; one that an
# administrator has given more partitions; and what an earlier model left behind, whose manifest said to delete it.
as_seldon_made_them() {
  names "$NAMESPACE" model.{income,income-explainer,gone}.{inputs,outputs} pipeline.flowers.inputs |
    topics create --partitions 1 -
  names "$NAMESPACE" model.iris.{inputs,outputs} errors.errors pipeline.census.{inputs,outputs} \
    pipeline.flowers.outputs | topics create --partitions 1 --config max.message.bytes=1000000000 -
  names "$NAMESPACE-fraud" model.scorer.{inputs,outputs} errors.errors pipeline.review.{inputs,outputs} |
    topics create --partitions 3 -
}

rejected() { # NUMBER
  [[ $(status .counts.rejectedFiles) == "$1" ]]
}

count() { # NUMBER
  [[ $(topics list --prefix "seldon.$NAMESPACE" | wc -l) == "$1" ]]
}

@test "T5 an export is taken over without a change, and the first run deletes nothing" {
  as_seldon_made_them
  topics describe --prefix "seldon.$NAMESPACE" >"$HOME_DIR/before"
  [[ $(wc -l <"$HOME_DIR/before") == 18 ]]
  export_objects | drop all.yaml
  run topicd plan
  [[ $status == 0 ]]
  [[ ${lines[-1]} == "0 to create, 0 to delete, 0 awaiting approval, 2 orphans, "*" drifted" ]]
  daemon_start
  in_sync
  sleep 3 # more than the grace period
  in_sync
  topics describe --prefix "seldon.$NAMESPACE" | diff "$HOME_DIR/before" -
  [[ $(status '.counts | [.models, .pipelines, .topics, .owedDeletions] | join(" ")') == "4 3 16 0" ]]
  grep -q 'result="exists"} [1-9]' "$R/topicd.prom"
  grep -qx 'topicd_topic_requests_total{operation="create",result="done"} 0' "$R/topicd.prom"
  grep -qx 'topicd_topic_requests_total{operation="delete",result="done"} 0' "$R/topicd.prom"
}

@test "S4 a first run beside an empty directory deletes nothing either" {
  as_seldon_made_them
  daemon_start
  in_sync
  export_objects | drop all.yaml
  in_sync
  count 18
}

@test "T2 what Seldon had not made yet is made" {
  export_objects | drop all.yaml
  topics create "seldon.$NAMESPACE.model.iris.inputs"
  daemon_start
  in_sync
  count 16
}

@test "M7 the export is taken apart while the daemon runs, and nothing is gone in between" {
  export_objects | drop all.yaml
  daemon_start
  in_sync
  python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' <"$M/all.yaml" |
    jq -c '.items[]' | while read -r object; do
      drop "$(jq -r '"\(.kind)-\(.metadata.namespace)-\(.metadata.name).json" | ascii_downcase' <<<"$object")" <<<"$object"
    done
  eventually 10 rejected 7
  rm "$M/all.yaml"
  in_sync
  rejected 0
  sleep 3 # more than the grace period
  in_sync
  count 16
  grep -qx 'topicd_topic_requests_total{operation="delete",result="done"} 0' "$R/topicd.prom"
  # From now on a resource goes by its file.
  rm "$M/model-$NAMESPACE-fraud-scorer.json" "$M/pipeline-$NAMESPACE-fraud-review.json"
  eventually 20 count 14
  run topics list --prefix "seldon.$NAMESPACE-fraud"
  [[ $output == "$(names "$NAMESPACE-fraud" errors.errors pipeline.review.{inputs,outputs})" ]]
}
