#!/usr/bin/env bats
# The documentation's own walk on a real broker, listings compared byte for byte.
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

model_topics=(model.iris.inputs model.iris.outputs)
pipeline_topics=(pipeline.iris-pipeline.inputs pipeline.iris-pipeline.outputs)

@test "D1 the walk: with the flag the right topics go" {
  daemon_start
  in_sync
  expect_list
  cp "$SAMPLES/iris.yaml" "$M"
  in_sync
  expect_list "${model_topics[@]}"
  cp "$SAMPLES/iris-pipeline.yaml" "$M"
  in_sync
  expect_list errors.errors "${model_topics[@]}" "${pipeline_topics[@]}"
  rm "$M/iris-pipeline.yaml"
  eventually 20 expect_list errors.errors "${model_topics[@]}"
  in_sync
  rm "$M/iris.yaml"
  eventually 20 expect_list errors.errors
  in_sync
}

@test "D1 the walk: without the flag everything stays" {
  daemon_start
  sed '/dataflow/,$d' "$SAMPLES/iris.yaml" | drop iris.yaml
  sed '/dataflow/,$d' "$SAMPLES/iris-pipeline.yaml" | drop iris-pipeline.yaml
  in_sync
  expect_list errors.errors "${model_topics[@]}" "${pipeline_topics[@]}"
  rm "$M/iris-pipeline.yaml" "$M/iris.yaml"
  sleep 3
  in_sync
  expect_list errors.errors "${model_topics[@]}" "${pipeline_topics[@]}"
  [[ $(status .counts.owedDeletions) == 0 ]]
}

@test "T3 topics have the configured shape" {
  daemon_start
  cp "$SAMPLES/iris.yaml" "$M"
  in_sync
  run topics describe "seldon.$NAMESPACE.model.iris.inputs"
  echo "$output" >&2
  [[ $output == *max.message.bytes=1000000000* ]]
}
