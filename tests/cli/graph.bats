#!/usr/bin/env bats
# plan --graph: what it says, and that Graphviz takes it. tests/broker/ has drift and orphans.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }

MESH=seldon.seldon-mesh

# Draws $output; ./graph.svg.
draw() {
  timeout 60 dot -Tsvg -o graph.svg <<<"$output" 2>dot.log
  [[ ! -s dot.log ]]
}

# Each is the title of a node or an edge of this picture.
expect_titles() { # SVG TITLE...
  local title
  for title in "${@:2}"; do
    sed 's/&#45;/-/g; s/-&gt;/->/' "$1" | grep -qF "<title>$title</title>" || {
      echo "no $title in:"
      grep -F '<title>' "$1"
      return 1
    }
  done
}

node() { # ID: its line in the graph
  grep -F "  \"$1\" [" <<<"$output"
}

@test "C plan --graph shows manifests, Models, Pipelines and topics by their state" {
  model iris true >manifests.d/iris.yaml
  model gone true >manifests.d/gone.yaml
  pipeline p iris >manifests.d/p.yaml
  remember
  rm manifests.d/{iris,gone}.yaml
  model new >manifests.d/new.yaml
  topicd plan --offline --graph
  expect_status 3
  [[ $(node "topic:$MESH.model.iris.inputs") == *'label="! '*"needed by Pipeline/seldon-mesh/p"* ]]
  [[ $(node "topic:$MESH.model.gone.inputs") == *'label="- '*"gone.yaml was removed with cleanTopicsOnDelete"* ]]
  [[ $(node "topic:$MESH.model.new.inputs") == *dashed*'label="+ '* ]]
  [[ $(node "topic:$MESH.pipeline.p.inputs") == *'tooltip="exists"'* ]]
  [[ $(node "resource:Model/seldon-mesh/gone") == *dotted* ]]
  expect_output 'label="+ to create     - to delete     ! deletion held"'
  draw
  expect_titles graph.svg "file:p.yaml->resource:Pipeline/seldon-mesh/p" \
    "resource:Pipeline/seldon-mesh/p->topic:$MESH.model.iris.inputs" \
    "resource:Model/seldon-mesh/gone->topic:$MESH.model.gone.outputs"
}

@test "C plan --graph leads from a Pipeline to its steps, and shows rejected manifests" {
  model iris >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  echo 'kind: x' >manifests.d/bad.yaml
  topicd plan --offline --graph
  expect_output '"resource:Pipeline/seldon-mesh/p" -> "resource:Model/seldon-mesh/iris" [style=dashed, label="uses"]'
  [[ $(node file:bad.yaml) == *rejected* ]]
  draw
}

@test "C plan --graph quotes whatever a file is called, and is the same each time" {
  local name=$'a"];\\ &lt;\n<b>é\xff.yaml'
  model iris true >"manifests.d/$name"
  model other >manifests.d/other.yaml
  topicd plan --offline --graph
  expect_status 3
  draw
  expect_titles graph.svg 'file:a&quot;];\\ &amp;lt;\\x0a&lt;b&gt;é\\xff.yaml'
  grep -qF '>a&quot;];\ &amp;lt;\x0a&lt;b&gt;é\xff.yaml</text>' graph.svg
  first=$output
  topicd plan --offline --graph
  [[ $output == "$first" ]]
}

@test "C plan --graph of nothing is a graph, and --json is another thing" {
  topicd plan --offline --graph
  expect_status 0
  draw
  topicd plan --offline --graph --json
  expect_status 2
}

@test "C the picture in the README is that of the samples" {
  local root=$BATS_TEST_DIRNAME/../..
  run "$TOPICD" plan --offline --graph --manifests "$root/manifests.d" --config "$root/packaging/topicd.yaml" --state state
  draw
  diff <(grep -F '<title>' graph.svg) <(grep -F '<title>' "$root/doc/samples.svg")
  grep -q 'doc/samples.svg' "$root/README.md"
}
