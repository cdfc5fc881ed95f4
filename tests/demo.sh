#!/bin/bash
# The documentation's story, told on a real Kafka: drop a manifest, get its topics; remove it, and the right ones go.
# Uses the broker at BOOTSTRAP=HOST:PORT if there is one, else starts its own. Leaves nothing running, and nothing
# outside the build folder.
# shellcheck disable=SC2016,SC2034 # $samples is expanded when the line that is shown is run
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
samples=$here/../manifests.d # shown as a variable, so that the lines are as one would type them
build=${BUILD:-$here/../build}
topicd=${TOPICD:-$build/topicd}
kafka=$here/kafka/kafka.sh
export KAFKA_CACHE=${KAFKA_CACHE:-$build/kafka}
mkdir -p "$build"
work=$(mktemp -d "$build/demo.XXXXXX")
daemon=

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
clean_up() {
  if [[ $daemon ]]; then
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" || true
  fi
  if [[ -e $work/kafka ]]; then "$kafka" stop "$work/kafka"; fi
  rm -rf "$work"
}
trap clean_up EXIT

# Types a command for the reader to see, then runs it. topicd's exit codes also say what is pending.
type_() {
  printf '$ %s\n' "$*"
  (cd "$work" && eval "$*") || [[ $1 == topicd ]]
}
# As an operator types it, in directories of the demo's own.
directories=(--config "$work/topicd.yaml" --manifests "$work/manifests.d" --state "$work/state" --runtime "$work/run")
topicd() { "$topicd" "$@" "${directories[@]}"; }
# What is on the broker in our namespace; whoever runs the demo on a broker of their own sees only that.
list() { "$build/tests/topics" "$BOOTSTRAP" list --prefix seldon.seldon-mesh. | sed 's/^/    /'; }
# Until everything is there, and what is to go has gone: topicd plan says 3 as long as there is something to do.
settle() {
  topicd wait --timeout 60 || topicd status
  local tries
  for ((tries = 0; tries < 60; tries++)); do
    if topicd plan >/dev/null; then return; fi
    sleep 0.5
  done
}

if [[ -z ${BOOTSTRAP:-} ]]; then
  say "A Kafka of our own (version ${KAFKA_VERSION:-4.3.1}, from Maven) …"
  "$kafka" start "$work/kafka" --port "$("$kafka" port)"
  BOOTSTRAP=$("$kafka" bootstrap "$work/kafka")
fi
export BOOTSTRAP

mkdir "$work/manifests.d" "$work/state" "$work/run"
cat >"$work/topicd.yaml" <<END
kafka:
  bootstrap: $BOOTSTRAP
deletion:
  gracePeriodSeconds: 2 # the default is 10; the demo is in a hurry
END

say "topicd watches an empty directory."
"$topicd" run "${directories[@]}" 2>"$work/log" &
daemon=$!
for ((i = 0; i < 100; i++)); do
  if [[ -e $work/run/status.json ]]; then break; fi
  sleep 0.05
done
settle
type_ topicd status

say "We drop a Model into it. Its two topics appear."
type_ cp '$samples/iris.yaml manifests.d/'
settle
type_ list

say "We drop a Pipeline over that Model. Its own two topics appear, and the errors topic that Pipelines share."
type_ cp '$samples/iris-pipeline.yaml manifests.d/'
settle
type_ list

say "We remove the Model while the Pipeline still uses it. Nothing goes: topicd says why."
type_ rm manifests.d/iris.yaml
settle
type_ topicd plan
type_ cp '$samples/iris.yaml manifests.d/'
settle

say "We remove the Pipeline. Its two topics go; the Model's and the errors topic stay."
type_ rm manifests.d/iris-pipeline.yaml
settle
type_ list

say "We remove the Model. Its topics go; the errors topic stays."
type_ rm manifests.d/iris.yaml
settle
type_ list

say "And the other half: a Model that did not ask for it. It goes, and its topics stay."
type_ sed '/dataflow/,\$d' '$samples/iris.yaml' '> manifests.d/iris.yaml'
settle
type_ rm manifests.d/iris.yaml
settle
type_ list

say "Eleven Models are removed at once. That may be an accident: topicd asks first."
type_ 'for i in {1..11}; do sed "s/name: iris/name: iris-$i/" $samples/iris.yaml > manifests.d/iris-$i.yaml; done'
settle
type_ rm 'manifests.d/iris-*.yaml'
until grep -q awaiting-approval "$work/run/status.json"; do sleep 0.1; done
type_ topicd status
type_ topicd approve "$(sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' "$work/run/status.json" | head -n 1)"
settle
type_ list

say "What topicd said meanwhile:"
sed 's/^/    /' "$work/log"
