#!/usr/bin/env bats
# prune against a broker, with and without a daemon, on a terminal and off one.
# shellcheck disable=SC2154,SC2030,SC2031 # set by run; BOOTSTRAP and CLUSTER are a test's own
bats_require_minimum_version 1.5.0
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() {
  daemon_setup
  T=seldon.$NAMESPACE
}
teardown() { daemon_teardown; }

# Two orphans beside a model that is needed, and whatever else lives on a broker.
orphans() {
  topics create "$T.model.lost.inputs" "$T.model.lost.outputs" "$T.errors.errors" "$T.model.x" "$T-2.model.lost.inputs" \
    "$T.experiment.lost.inputs"
  model iris | drop iris.yaml
  daemon_start
  in_sync
}

REST=(errors.errors experiment.lost.inputs model.iris.inputs model.iris.outputs)

# On a terminal whose user types what is on standard input.
typed() { # ARG...
  script -qefc "$(printf '%q ' timeout --foreground 30 "$TOPICD" "$@" --config "$CONFIG" --manifests "$M" --state "$S" --runtime "$R")" \
    /dev/null
}

refuses() { # WHAT ARG...: and everything is still there
  local before
  before=$(list)
  run --separate-stderr topicd prune "${@:2}"
  [[ $status == 1 && $stderr == *"$1"* ]] || {
    echo "exit code $status, standard error: $stderr" >&2
    return 1
  }
  [[ $(list) == "$before" ]]
}

@test "C prune off a terminal lists the orphans, and refuses" {
  orphans
  refuses "no terminal to ask on: topicd prune --yes TOPIC..."
  [[ $output == "  $T.model.lost.inputs"$'\n'"  $T.model.lost.outputs" ]]
  run topicd prune --yes
  [[ $status == 2 && $output == *"--yes needs the topics' names"* ]]
}

@test "C prune --yes deletes what is named, and that alone" {
  orphans
  run --separate-stderr topicd prune --yes "$T.model.lost.outputs" "$T.model.lost.outputs"
  [[ $status == 0 && $output == "deleted $T.model.lost.outputs" && -z $stderr ]]
  expect_list "${REST[@]}" model.lost.inputs model.x
  topicd prune --yes "$T.model.lost.inputs"
  expect_list "${REST[@]}" model.x
  [[ $(topics list --prefix "$T-2.") == "$T-2.model.lost.inputs" ]]
  run topicd prune
  [[ $status == 0 && $output == "no orphans" ]]
}

@test "C prune --yes refuses everything if one of the names is no orphan" {
  orphans
  for other in model.iris.inputs errors.errors model.x experiment.lost.inputs; do
    refuses "$T.$other is no orphan; 'topicd explain" --yes "$T.model.lost.inputs" "$T.$other"
  done
  refuses "$T-2.model.lost.inputs is no orphan" --yes "$T-2.model.lost.inputs"
  refuses "$T.model.none.inputs is no orphan: Kafka does not have it" --yes "$T.model.none.inputs"
}

@test "C prune asks on a terminal, how many topics of which cluster: no is the default, yes deletes" {
  orphans
  local id
  id=$(status .kafka.clusterId)
  run typed prune <<<""
  [[ $status == 1 && $output == *"[y/N]"*"nothing was deleted"* ]]
  run typed prune <<<n
  [[ $status == 1 && $output == *"nothing accounts for 2 topics of Kafka at $BOOTSTRAP "*"Delete them"* ]]
  expect_list "${REST[@]}" model.lost.inputs model.lost.outputs model.x
  run typed prune "$T.model.lost.inputs" <<<y
  [[ $status == 0 && $output == *"nothing accounts for 1 topic of Kafka at $BOOTSTRAP (cluster $id). Delete it, and every message in it?"*"deleted $T.model.lost.inputs"* ]]
  expect_list "${REST[@]}" model.lost.outputs model.x
}

@test "D3 prune leaves alone what a manifest needs that came while it asked" {
  orphans
  mkfifo "$HOME_DIR/keys"
  typed prune <"$HOME_DIR/keys" >"$HOME_DIR/out" 3>&- &
  local pruning=$! code=0
  exec 7>"$HOME_DIR/keys"
  eventually 20 grep -q 'y/N' "$HOME_DIR/out"
  sed 's/^kind.*/kind: Model/' <(model lost) | drop lost.yaml
  echo y >&7
  wait $pruning || code=$?
  exec 7>&-
  [[ $code == 1 ]]
  grep -q "$T.model.lost.inputs is left alone: it is no orphan any more" "$HOME_DIR/out"
  in_sync
  expect_list "${REST[@]}" model.lost.inputs model.lost.outputs model.x
}

@test "D1 prune never deletes what is owed, or what the daemon has not seen go" {
  configure 60
  orphans
  model owed clean | drop owed.yaml
  model kept | drop kept.yaml
  in_sync
  daemon_stop
  rm "$M/iris.yaml"
  refuses "$T.model.iris.inputs is no orphan" --yes "$T.model.iris.inputs"
  daemon_start
  rm "$M/owed.yaml"
  eventually 20 says '.deletions | length == 2'
  refuses "$T.model.owed.inputs is no orphan" --yes "$T.model.owed.inputs"
  run --separate-stderr topicd prune
  [[ $output != *owed* && $output == *"$T.model.iris.inputs"* ]]
}

@test "D4 prune refuses while a file is rejected, or the directory cannot be read" {
  orphans
  echo 'kind: x' | drop bad.yaml
  refuses "nothing is pruned: bad.yaml is rejected" --yes "$T.model.lost.inputs"
  mv "$M" "$M.away"
  refuses "manifests.d" --yes "$T.model.lost.inputs"
  mv "$M.away" "$M"
}

@test "D5 prune refuses in another world than the snapshot's" {
  topics create "$T.model.lost.inputs"
  refuses "no snapshot says what belongs to this cluster" --yes "$T.model.lost.inputs"
  daemon_start
  in_sync
  daemon_stop
  mv "$M" "$M.old" && mkdir "$M"
  refuses "the manifests directory is not the one that the daemon knows" --yes "$T.model.lost.inputs"
  rmdir "$M" && mv "$M.old" "$M"
  cp -r "$M" "$HOME_DIR/other.d"
  M=$HOME_DIR/other.d refuses "the snapshot is of another cluster" --yes "$T.model.lost.inputs"
  sed -i 's/^kafka:/&\n  topicPrefix: other/' "$CONFIG"
  refuses "the snapshot is of another cluster" --yes "$T.model.lost.inputs"
  configure
  sed -i 's/topicd-tests/another-one/; /^checksum/d' "$S/snapshot"
  refuses "no snapshot says" --yes "$T.model.lost.inputs" # damaged
}
