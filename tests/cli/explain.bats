#!/usr/bin/env bats
# explain: three questions, without a daemon and without Kafka. tests/broker/ asks while a daemon runs.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }

MESH=seldon.seldon-mesh

@test "C explain says who needs a topic, and what becomes of it" {
  model iris true >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  remember
  topicd explain $MESH.model.iris.inputs
  expect_status 0
  [[ ${lines[0]} == "$MESH.model.iris.inputs stays: it is needed" ]]
  [[ ${lines[1]} == "  by Model/seldon-mesh/iris (iris.yaml), which owns it" ]]
  [[ ${lines[2]} == "  by Pipeline/seldon-mesh/p (p.yaml)" ]]
  expect_output "it is deleted: iris.yaml says cleanTopicsOnDelete: true (rule D1); 'topicd explain iris.yaml' says whether a person is asked first"
  topicd explain $MESH.pipeline.p.inputs
  expect_output "it stays: p.yaml does not say cleanTopicsOnDelete: true (rule D1)"
  topicd explain $MESH.errors.errors
  expect_output "  by Pipeline/seldon-mesh/p (p.yaml)" "it stays: no manifest here owns it"
}

@test "D3 explain names the last user that holds a deletion" {
  model iris true >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  remember
  rm manifests.d/iris.yaml
  topicd explain $MESH.model.iris.inputs
  expect_output "stays: it is needed" "by Pipeline/seldon-mesh/p (p.yaml)" \
    "it is deleted: iris.yaml, its owner's file, was removed with cleanTopicsOnDelete: true (rules D1, D3)" \
    "to keep it: put the file back"
  topicd explain iris.yaml
  expect_output "iris.yaml is gone; what becomes of its topics" "is held: in use by Pipeline/seldon-mesh/p (p.yaml)" \
    "to keep them: put the file back"
  topicd explain p.yaml
  expect_output "- $MESH.model.iris.inputs  goes" "= $MESH.pipeline.p.outputs  stays: p.yaml does not say"
}

@test "D4 explain names the file that blocks a deletion, and what its removal would let go" {
  model iris true >manifests.d/iris.yaml
  remember
  mv manifests.d/iris.yaml .
  echo 'kind: x' >manifests.d/bad.yaml
  topicd explain $MESH.model.iris.inputs
  expect_status 0
  expect_output "is to be deleted, and its deletion is held" "iris.yaml, which had Model/seldon-mesh/iris, was removed" \
    "held: bad.yaml is rejected and may still need it: repair or remove that file (rule D4)" \
    "to keep it: put the file back"
  topicd explain bad.yaml
  expect_output "bad.yaml is rejected: 1:1: " "no version of it ever counted" "- $MESH.model.iris.inputs  goes" \
    "2 would go, once the directory has rested for 10 s; 0 would be held, 0 would stay"
}

@test "D4 explain of a rejected file says which deletions it blocks, also when it is not the only one" {
  model iris true >manifests.d/iris.yaml
  model other true >manifests.d/other.yaml
  remember
  echo 'kind: x' | tee manifests.d/bad.yaml >manifests.d/worse.yaml
  topicd explain bad.yaml
  expect_output "until it is repaired or removed none is deleted (rule D4); no deletion waits for it now"
  topicd explain other.yaml
  expect_output "is held: bad.yaml and worse.yaml are rejected and may still need it: repair or remove those files (rule D4)"
  mv manifests.d/{iris,other}.yaml .
  topicd explain worse.yaml
  expect_output "(rule D4); it blocks the deletion of $MESH.model.iris.inputs, $MESH.model.iris.outputs, $MESH.model.other.inputs and 1 more"
  topicd explain --json worse.yaml
  [[ $(jq -c .file.blocks <<<"$output") == \
    "[\"$MESH.model.iris.inputs\",\"$MESH.model.iris.outputs\",\"$MESH.model.other.inputs\",\"$MESH.model.other.outputs\"]" ]]
}

@test "D2 explain says that without a daemon nothing goes" {
  model iris true >manifests.d/iris.yaml
  remember
  rm manifests.d/iris.yaml
  topicd explain $MESH.model.iris.outputs
  expect_output "$MESH.model.iris.outputs is to be deleted" "no daemon runs; it goes when one has run" \
    "systemctl start topicd"
}

@test "D2 explain says how long what a file that remains let go of has to wait" {
  model iris true >manifests.d/iris.yaml
  { pipeline p iris && echo --- && model z; } >manifests.d/p.yaml
  remember
  rm manifests.d/iris.yaml
  remember
  model z >manifests.d/p.yaml
  topicd explain $MESH.model.iris.inputs
  expect_output "rested for 100 s (rule D2)"
  remember
  topicd plan --offline
  expect_output "(iris.yaml was removed with cleanTopicsOnDelete: true, and p.yaml does not need it any more)"
}

@test "D6 explain says that a removal would be held, and why" {
  for i in {1..11}; do
    model "m$i" true
    echo ---
  done >manifests.d/all.yaml
  model other >manifests.d/other.yaml
  remember
  topicd explain all.yaml
  expect_status 0
  expect_output "all.yaml is accepted: 11 models, 0 pipelines" \
    "! $MESH.model.m1.inputs  is held: 22 topics within 600 s, more than the limit of 20: a person has to say yes (rule D6)" \
    "0 would go; 22 would be held, 0 would stay"
  rm manifests.d/all.yaml
  topicd explain $MESH.model.m1.inputs
  expect_output "held: 22 topics within 600 s, more than the limit of 20: a person" "'topicd status' shows how to approve or deny it"
}

@test "M7 explain of a file whose resource another one claims shows who takes over" {
  model iris true >manifests.d/a.yaml
  remember
  model iris true >manifests.d/b.yaml
  topicd explain manifests.d/a.yaml
  expect_output "= $MESH.model.iris.inputs  stays: needed by Model/seldon-mesh/iris (b.yaml)"
}

@test "C explain of a topic that nothing accounts for" {
  topicd explain $MESH.model.lost.inputs
  expect_status 0
  expect_output "has nothing that accounts for it" "it is an orphan: 'topicd prune'"
}

@test "C explain of an errors topic that no Pipeline needs says that it stays" {
  topicd explain $MESH.errors.errors
  expect_status 1
  [[ $stderr == "topicd: '$MESH.errors.errors' is the errors topic of a namespace: no manifest needs it now, and topicd never deletes it"* ]]
  topicd explain other.errors.errors
  [[ $stderr == *"'other.errors.errors' is neither a manifest in "* ]]
  journal $MESH.errors.errors "created for Pipeline/seldon-mesh/p"
  topicd explain $MESH.errors.errors --journal journal
  expect_status 0
  expect_output "$MESH.errors.errors is the errors topic of a namespace: no manifest needs it now, and topicd never deletes it" \
    "created for Pipeline/seldon-mesh/p"
}

@test "C explain of what nobody knows fails and names what is near" {
  model iris >manifests.d/iris.yaml
  topicd explain iris.yml
  expect_status 1
  [[ $stderr == *"there is no 'iris.yml' in "*"manifests.d, and if there was one, nothing is owed of it; the journal "*"; did you mean iris.yaml?" ]]
  echo 'kind: x' >manifests.d/bad.yaml
  topicd explain bda.yaml
  [[ $stderr == *"did you mean bad.yaml?" ]]
  topicd explain Model/seldon-mesh/irsi
  expect_status 1
  [[ $stderr == *"did you mean Model/seldon-mesh/iris?" && -z $output ]]
  topicd explain other.topic
  expect_status 1
  [[ -z $output ]]
  topicd explain /etc/passwd
  expect_status 1
}

@test "C explain takes a Model or Pipeline as the other outputs name it" {
  model iris true >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  remember
  topicd explain Model/seldon-mesh/iris
  expect_status 0
  [[ ${lines[0]} == "Model/seldon-mesh/iris is in iris.yaml" ]]
  expect_output "$MESH.model.iris.inputs stays: it is needed" "$MESH.model.iris.outputs stays: it is needed"
  topicd explain --json Pipeline/seldon-mesh/p --journal nowhere
  expect_status 0
  expect_json '.topic == null and .file == null and .resource.resource == "Pipeline/seldon-mesh/p"'
  expect_json '.resource.file == "p.yaml" and [.resource.topics[].state] == ["needed", "needed"]'
  expect_json '[.resource.topics[].topic | split(".")[-1]] == ["inputs", "outputs"]'
  # Gone, and in use; then gone for good.
  mv manifests.d/iris.yaml .
  topicd explain Model/seldon-mesh/iris
  [[ ${lines[0]} == "Model/seldon-mesh/iris is in no accepted manifest here" ]]
  expect_output "stays: it is needed" "by Pipeline/seldon-mesh/p (p.yaml)" "iris.yaml, its owner's file, was removed"
  rm manifests.d/p.yaml
  topicd explain Model/seldon-mesh/iris
  expect_output "$MESH.model.iris.inputs is to be deleted" "$MESH.model.iris.outputs is to be deleted"
  mv iris.yaml manifests.d
  echo broken >>manifests.d/iris.yaml
  topicd explain Model/seldon-mesh/iris
  [[ ${lines[0]} == "Model/seldon-mesh/iris is in iris.yaml, which is rejected: its last good version stays in force" ]]
}

@test "C explain of a Model or Pipeline that nobody has: its users know it, or the journal, or it fails" {
  pipeline p iris >manifests.d/p.yaml
  topicd explain Model/seldon-mesh/iris
  expect_status 0
  expect_output "Model/seldon-mesh/iris is in no accepted manifest here" "by Pipeline/seldon-mesh/p (p.yaml)" \
    "it stays: no manifest here owns it"
  journal $MESH.model.old.outputs "deleted for Model/seldon-mesh/old"
  topicd explain Model/seldon-mesh/old --journal journal
  expect_status 0
  expect_output "Model/seldon-mesh/old is in no accepted manifest here" "deleted for Model/seldon-mesh/old"
  topicd explain Model/iris
  [[ $stderr == *"'Model/iris' is neither a manifest in "*"nor a topic, Model or Pipeline that topicd knows of"* ]]
  for what in Model/seldon-mesh/x Model/x/iris Model/seldon-mesh/ Model//x model/seldon-mesh/iris Model/seldon-mesh/a/b \
    Server/seldon-mesh/iris Model/iris / ''; do
    topicd explain "$what"
    expect_status 1
    [[ -z $output && $stderr == "topicd: '$what' is neither a manifest in "* ]]
  done
}

@test "C explain of a file that was removed says what becomes of its topics, seen by the daemon or not" {
  { model iris true && echo --- && model rose; } >manifests.d/both.yaml
  pipeline p rose >manifests.d/p.yaml
  model other >manifests.d/other.yaml
  remember
  rm manifests.d/{both,p}.yaml
  for name in both.yaml manifests.d/both.yaml "$PWD/manifests.d/both.yaml"; do
    topicd explain "$name"
    expect_status 0
    [[ ${lines[0]} == "both.yaml is gone; what becomes of its topics "* ]]
  done
  expect_output "- $MESH.model.iris.inputs  goes: no daemon runs; it goes when one has run and the directory has rested for 10 s" \
    "= $MESH.model.rose.inputs  stays: both.yaml did not say cleanTopicsOnDelete: true"
  topicd explain p.yaml
  expect_output "= $MESH.pipeline.p.inputs  stays: p.yaml did not say" "= $MESH.model.rose.inputs  stays: no manifest here owns"
  # Seen: what is owed is remembered, what stays is nobody's any more, but the journal's.
  remember
  topicd explain both.yaml
  expect_output "- $MESH.model.iris.outputs  goes: no daemon runs" "to keep them: put the file back"
  [[ $output != *rose* ]]
  topicd explain p.yaml --journal nowhere
  expect_status 1
  [[ $stderr == *"nothing is owed of it; the journal cannot be read: No such file or directory" ]]
  topicd explain bot.yaml
  [[ $stderr == *"did you mean both.yaml, which was removed?" ]]
  journal TOPICD_MANIFEST=p.yaml "p.yaml is gone"
  topicd explain p.yaml --journal journal
  expect_status 0
  expect_output "p.yaml is gone, and nothing is owed of what it had" "Z  p.yaml is gone"
  topicd explain --json p.yaml --journal journal
  expect_json '.file | .state == "gone" and .topics == [] and .journal.entries[0].message == "p.yaml is gone"'
}

@test "D2 explain of a file that remains shows what is owed of what it had before" {
  { model iris true && echo --- && model rose; } >manifests.d/both.yaml
  remember
  model rose >manifests.d/both.yaml
  remember
  topicd explain both.yaml
  expect_output "both.yaml is accepted: 1 model" "= $MESH.model.rose.inputs  stays" \
    "- $MESH.model.iris.inputs  goes: no daemon runs; it goes when one has run and the directory has rested for 100 s"
  topicd explain $MESH.model.iris.inputs
  expect_output "both.yaml, which had Model/seldon-mesh/iris, has been without it since" \
    "to keep it: put Model/seldon-mesh/iris back into both.yaml"
  pipeline p iris >manifests.d/p.yaml
  topicd explain $MESH.model.iris.inputs
  expect_output "it is deleted: its owner was dropped from both.yaml with cleanTopicsOnDelete: true (rules D1, D3)" \
    "to keep it: put Model/seldon-mesh/iris back into both.yaml"
  # Also if no version of the file counts any more.
  echo 'kind: x' >manifests.d/both.yaml
  rm manifests.d/p.yaml
  topicd explain $MESH.model.iris.inputs
  expect_output "to keep it: put Model/seldon-mesh/iris back into both.yaml"
}

@test "C explain answers from the snapshot when the directory cannot be read" {
  model iris true >manifests.d/iris.yaml
  model gone true >manifests.d/gone.yaml
  remember
  rm manifests.d/gone.yaml
  remember
  mv manifests.d away
  topicd explain $MESH.model.iris.inputs
  expect_status 0
  [[ $stderr == *"manifests.d"*"No such file"*"; this is what the snapshot knows of the manifests, and until they can be read nothing is deleted" ]]
  expect_output "stays: it is needed" "by Model/seldon-mesh/iris (iris.yaml), which owns it"
  for name in iris.yaml manifests.d/iris.yaml; do
    topicd explain "$name"
    expect_status 0
    expect_output "iris.yaml is accepted: 1 model" \
      "! $MESH.model.iris.inputs  is held: the manifests directory cannot be read (rule D4)"
  done
  topicd explain gone.yaml
  expect_output "! $MESH.model.gone.inputs  is held: the manifests directory cannot be read (rule D4)"
  topicd explain Model/seldon-mesh/gone
  expect_output "$MESH.model.gone.inputs is to be deleted, and its deletion is held"
  # A snapshot of another directory, or none, knows nothing of this one.
  echo 'namespace: other' >topicd.yaml
  topicd explain iris.yaml -c topicd.yaml
  expect_status 1
  rm state/snapshot
  topicd explain iris.yaml
  expect_status 1
  [[ $stderr == *"No such file"* && ${#stderr_lines[@]} -eq 1 ]]
}

# MESSAGES... as a journal of this topic's own, in ./journal
journal() { # TOPIC|FIELD=VALUE MESSAGE...
  local field=$1 message at=1700000000
  [[ $field == *=* ]] || field=TOPICD_TOPIC=$field
  shift
  mkdir -p journal
  for message; do
    printf '__REALTIME_TIMESTAMP=%d000000\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032d\nMESSAGE=%s\n%s\n\n' \
      $((++at)) $at 1 "$message" "$field"
  done | /usr/lib/systemd/systemd-journal-remote --output=journal/test.journal - 2>/dev/null
}

@test "N4 explain shows what the journal tells of a topic that was deleted" {
  journal other.topic "not this"
  journal x.y "x.y: created for Model/n/m" $'x.y: deleted for \e[31mModel/n/m'
  topicd explain x.y --journal journal
  expect_status 0
  expect_output "x.y is nothing to topicd now" "2023-11-14T22:13:21Z  x.y: created for Model/n/m" \
    '2023-11-14T22:13:22Z  x.y: deleted for \x1b[31mModel/n/m'
  [[ $output != *"not this"* ]]
  [[ ${lines[-1]} == *deleted* ]]
}

@test "C explain --json says the same of topics" {
  model iris true >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  model gone true >manifests.d/gone.yaml
  remember
  rm manifests.d/gone.yaml
  journal $MESH.model.iris.inputs "created"
  topicd explain --json $MESH.model.iris.inputs --journal journal
  expect_status 0
  expect_json '.file == null and .topic.state == "needed" and .topic.afterwards == "goes" and .topic.deletion == null'
  expect_json '.topic.neededBy == [
    {resource: "Model/seldon-mesh/iris", file: "iris.yaml", owns: true},
    {resource: "Pipeline/seldon-mesh/p", file: "p.yaml", owns: false}]'
  expect_json '.topic.journal == {entries: [{time: "2023-11-14T22:13:21Z", message: "created"}], error: null}'
  topicd explain --json $MESH.pipeline.p.inputs --journal nowhere
  expect_json '.topic.afterwards == "stays" and .topic.journal.error == "No such file or directory"'
  topicd explain --json $MESH.model.gone.outputs --journal journal
  expect_json '.topic.state == "owed" and .topic.neededBy == [] and .topic.afterwards == null'
  expect_json '.topic.deletion | .owner == "Model/seldon-mesh/gone" and .file == "gone.yaml" and .state == "grace-period"
    and .reason == "gone.yaml was removed with cleanTopicsOnDelete: true" and .id == null and .due == null'
  journal x.y "deleted"
  topicd explain --json x.y --journal journal
  expect_status 0
  expect_json '.topic.state == "unknown" and .topic.journal.entries[0].message == "deleted"'
}

@test "C explain --json says the same of files" {
  model iris true >manifests.d/iris.yaml
  pipeline p iris >manifests.d/p.yaml
  remember
  topicd explain --json manifests.d/p.yaml
  expect_status 0
  expect_json '.topic == null and .file.file == "p.yaml" and .file.state == "accepted" and .file.errors == []'
  expect_json '.file.resources == ["Pipeline/seldon-mesh/p"]'
  expect_json '.file.topics[] | select(.topic == "seldon.seldon-mesh.pipeline.p.outputs") |
    .fate == "stays" and .reason == "p.yaml does not say cleanTopicsOnDelete: true"'
  rm manifests.d/iris.yaml
  topicd explain --json iris.yaml
  expect_json '.file.state == "gone" and [.file.topics[].fate] == ["held", "held"]'
  topicd explain --json p.yaml
  expect_json '[.file.topics[] | select(.fate == "goes").topic] ==
    ["seldon.seldon-mesh.model.iris.inputs", "seldon.seldon-mesh.model.iris.outputs"]'
  echo 'kind: x' >manifests.d/bad.yaml
  topicd explain --json bad.yaml
  expect_json '.file.state == "rejected" and .file.errors[0].line == 1 and .file.resources == []'
}

@test "C explain --json of what nobody knows prints nothing" {
  for what in iris.yaml other.topic; do
    topicd explain --json $what
    expect_status 1
    [[ -z $output && $stderr == "topicd: "*"'$what'"* ]]
  done
}

@test "C explain says so if the journal cannot be read" {
  model iris >manifests.d/iris.yaml
  topicd explain $MESH.model.iris.inputs --journal nowhere
  expect_status 0
  expect_output "stays: it is needed" "the journal cannot be read: No such file or directory"
}

@test "C explain changes nothing" {
  model iris true >manifests.d/iris.yaml
  remember
  rm manifests.d/iris.yaml
  before=$(find manifests.d state run -type f -exec md5sum {} + | sort)
  topicd explain $MESH.model.iris.inputs
  topicd explain iris.yaml
  [[ $(find manifests.d state run -type f -exec md5sum {} + | sort) == "$before" ]]
}
