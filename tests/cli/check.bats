#!/usr/bin/env bats
# check: validation without Kafka.
# shellcheck disable=SC2154,SC2016 # set by run; expanded by the inner shell
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }

@test "C check of an empty directory is fine" {
  topicd check
  expect_status 0
  [[ $output == "0 files: 0 models, 0 pipelines, 0 topics" ]]
  [[ -z $stderr ]]
}

@test "C check counts topics once" {
  model iris >manifests.d/iris.yaml
  cat >manifests.d/pipes.yaml <<'END'
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: a}
spec: {steps: [{name: iris}], output: {steps: [iris]}}
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: b}
spec: {steps: [{name: iris}], output: {steps: [iris]}}
END
  topicd check
  expect_status 0
  [[ $output == "2 files: 1 model, 2 pipelines, 7 topics" ]]
}

@test "C check prints errors as compilers do, and counts what is left" {
  model iris >manifests.d/a.yaml
  model iris | sed 's/storageUri/storageURI/' >manifests.d/b.yaml
  topicd check
  expect_status 1
  [[ $output == "2 files (1 rejected): 1 model, 0 pipelines, 2 topics" ]]
  [[ ${stderr_lines[0]} == *"/manifests.d/b.yaml:4:7: error: "*storageUri* ]]
  [[ ${stderr_lines[1]} == *"| spec: {storageURI: gs://x"* ]]
  [[ ${stderr_lines[2]} == *"^" ]]
  [[ ${stderr_lines[3]} == *"/manifests.d/b.yaml:4:8: error: "*storageURI* ]]
}

@test "M7 check judges claims over the whole directory" {
  model iris >manifests.d/a.yaml
  model iris >manifests.d/b.yaml
  topicd check
  expect_status 1
  [[ $stderr == *"b.yaml:1:1: error: Model/seldon-mesh/iris is in a.yaml too; remove it from one of the two files"* ]]
}

@test "M7 check blames the file that the daemon would, as far as it can know" {
  model iris >manifests.d/b.yaml
  remember
  model iris >manifests.d/a.yaml
  topicd check
  expect_status 1
  [[ $stderr == *"/a.yaml:1:1: error: Model/seldon-mesh/iris is in b.yaml too; remove it from one of the two files"* ]]
  [[ $stderr != *b.yaml:* ]]
  [[ $output == "2 files (1 rejected): 1 model, 0 pipelines, 2 topics" ]]
  # What it is told to look at, it looks at as it stands; and a snapshot of something else says nothing.
  topicd check manifests.d
  [[ $stderr == *"/b.yaml:1:1: error: Model/seldon-mesh/iris is in a.yaml too; remove it from one of the two files"* ]]
  echo 'kafka: {topicPrefix: lab}' >topicd.yaml
  topicd check -c topicd.yaml
  [[ $stderr == *"/b.yaml:1:1: error: Model/seldon-mesh/iris is in a.yaml too;"* ]]
  echo nonsense >state/snapshot
  topicd check
  expect_status 1
  [[ ${#stderr_lines[@]} -eq 1 && $stderr == *"/b.yaml:1:1: error: "* ]]
}

@test "M6 check says that a file which the daemon knows holds nothing now" {
  model iris >manifests.d/iris.yaml
  remember
  echo '# nothing' >manifests.d/iris.yaml
  topicd check
  expect_status 1
  [[ $stderr == *"/iris.yaml: error: this file held 1 resource and now holds none;"* ]]
  [[ $output == "1 file (1 rejected): 0 models, 0 pipelines, 0 topics" ]]
  topicd check manifests.d
  expect_status 0
}

@test "C check of a directory remarks that a Pipeline calls what no manifest there has" {
  model iris >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  { echo && pipeline q irsi; } >manifests.d/q.yaml
  topicd check
  expect_status 0
  [[ ${#stderr_lines[@]} -eq 1 ]]
  [[ $stderr == *"/q.yaml:2:1: warning: Pipeline/seldon-mesh/q uses Model/seldon-mesh/irsi, which no accepted manifest here "* ]]
  [[ $output == "3 files: 1 model, 2 pipelines, 9 topics" ]]
  topicd check --json
  expect_status 0
  expect_json '[.files[].warnings | length] == [0, 0, 1] and .files[2].warnings[0].line == 2 and all(.files[]; .accepted)'
  # A file alone may well be one of many.
  topicd check manifests.d/q.yaml
  [[ -z $stderr ]]
}

@test "C check takes files, directories and standard input" {
  model iris >one.yaml
  model rose >manifests.d/rose.yaml
  model lily >in
  topicd check one.yaml manifests.d - <in
  expect_status 0
  [[ $output == "3 files: 3 models, 0 pipelines, 6 topics" ]]
}

@test "C check names standard input" {
  echo 'kind: x' >in
  run --separate-stderr bash -c '"$0" check - <in' "$TOPICD"
  expect_status 1
  [[ $stderr == *"<stdin>:1:"* ]]
}

@test "C check of what is not there fails" {
  topicd check nowhere.yaml
  expect_status 1
  [[ $stderr == *"cannot look at nowhere.yaml: No such file or directory"* ]]
  rmdir manifests.d
  topicd check
  expect_status 1
  [[ $stderr == *manifests.d* ]]
}

@test "C check goes on after what is not there" {
  model iris >one.yaml
  topicd check nowhere.yaml one.yaml
  expect_status 1
  [[ $output == "1 file: 1 model, 0 pipelines, 2 topics" ]]
}

@test "M1 check does not hang at a fifo" {
  mkfifo manifests.d/fifo.yaml
  run --separate-stderr timeout 10 "$TOPICD" check --manifests manifests.d
  expect_status 1
  [[ $stderr == *fifo.yaml* ]]
}

@test "C check --json has resources, errors and warnings" {
  model iris true >manifests.d/a.yaml
  model iris | sed 's/storageUri/storageURI/' >manifests.d/b.yaml
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' >manifests.d/c.yaml
  topicd check --json
  expect_status 1
  [[ -z $stderr ]]
  expect_json '.files | length == 3'
  expect_json '.files[0] | .accepted and .errors == [] and .resources == [{"kind":"Model","namespace":"seldon-mesh",
    "name":"iris","cleanTopicsOnDelete":true,
    "topics":["seldon.seldon-mesh.model.iris.inputs","seldon.seldon-mesh.model.iris.outputs"]}]'
  expect_json '.files[1] | (.accepted | not) and .resources == [] and .errors[1].line == 4 and .errors[1].column == 8'
  expect_json '.files[2] | .accepted and (.warnings | length) == 1'
}

@test "C check uses the configuration's prefix, namespace and strictness" {
  model iris | sed 's/storageUri/extra: 1, storageUri/' >manifests.d/a.yaml
  printf 'kafka: {topicPrefix: lab}\nnamespace: north\nvalidation: warn\n' >topicd.yaml
  topicd check -c topicd.yaml --json
  expect_status 0
  expect_json '.files[0].resources[0].topics[0] == "lab.north.model.iris.inputs"'
  expect_json '.files[0].warnings | length == 1'
}

@test "C check keeps a file's name from the terminal" {
  printf 'kind: x\n' >manifests.d/$'a\e[31m\xff.yaml'
  topicd check
  expect_status 1
  [[ $stderr == *'a\x1b[31m\xff.yaml:1:1: error:'* ]]
}
