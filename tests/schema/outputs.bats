#!/usr/bin/env bats
# What check, plan and explain write as JSON without a broker, held against doc/schemas; tests/broker/json.bats has the rest.
bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || return
  TOPICD=${TOPICD:-${BUILD:-$PWD/build}/topicd}
  W=$BATS_TEST_TMPDIR
  mkdir "$W"/{manifests.d,state}
}

expect_valid() { # SCHEMA FILE...
  python3 tests/schema/validate.py "doc/schemas/$1.schema.json" "${@:2}" >"$W/verdicts"
  cat "$W/verdicts"
  [[ -s $W/verdicts ]]
  run ! grep -v '^accepts ' "$W/verdicts"
}

@test "C the schemas are schemas, in one place each" {
  local schemas=(doc/schemas/*.schema.json)
  [[ ${#schemas[@]} == 4 ]]
  expect_valid check <(echo '{"files": []}')
  for schema in "${schemas[@]}"; do
    jq -e '.title and .description and .additionalProperties == false' "$schema" >/dev/null
  done
}

@test "C check --json is as its schema says, of all that there is to say" {
  "$TOPICD" check --json tests/golden/manifests/*.{yaml,json} manifests.d >"$W/all.json" || [[ $? == 1 ]]
  "$TOPICD" check --json tests/facts/adversarial >"$W/adversarial.json" || [[ $? == 1 ]]
  printf 'a\xff' >"$W/manifests.d/$(printf 'not-\xff-utf8.yaml')"
  "$TOPICD" check --json "$W/manifests.d" >"$W/odd.json" || [[ $? == 1 ]]
  jq -e '[.files[].accepted] | index(true) and index(false)' "$W/all.json"
  jq -e '[.files[] | (.errors, .warnings, .resources) | length] | max > 1' "$W/all.json"
  expect_valid check "$W"/*.json
}

@test "C plan --offline --json is as its schema says" {
  cp manifests.d/*.yaml "$W/manifests.d"
  echo 'kind: x' >"$W/manifests.d/bad.yaml"
  "$TOPICD" plan --offline --json --manifests "$W/manifests.d" --state "$W/state" --config packaging/topicd.yaml \
    >"$W/plan.json" || [[ $? == 3 ]]
  jq -e '(.create | length > 4) and .clusterId == null and (.rejectedFiles | length == 1)' "$W/plan.json"
  expect_valid plan "$W/plan.json"
}

explain() { # NAME TOPIC|FILE
  "$TOPICD" explain --json "$2" --manifests "$W/manifests.d" --state "$W/state" --runtime "$W" --journal "$W" \
    --config packaging/topicd.yaml >"$W/explained-$1.json"
}

@test "C explain --json is as its schema says, of topics and files in every state" {
  cp manifests.d/*.yaml "$W/manifests.d"
  sed 's/name: iris/name: gone/' manifests.d/iris.yaml >"$W/manifests.d/gone.yaml"
  timeout 20 "$TOPICD" run --once --timeout 0.3 --bootstrap 127.0.0.1:1 --manifests "$W/manifests.d" --state "$W/state" \
    --runtime "$W" --config packaging/topicd.yaml 2>/dev/null || :
  rm "$W"/manifests.d/{iris,gone}.yaml
  explain needed seldon.seldon-mesh.model.iris.inputs
  explain owed seldon.seldon-mesh.model.gone.inputs
  explain orphan seldon.seldon-mesh.model.lost.inputs
  explain accepted iris-pipeline.yaml
  explain gone iris.yaml
  echo 'kind: x' >"$W/manifests.d/bad.yaml"
  explain rejected bad.yaml
  explain blocked seldon.seldon-mesh.model.gone.inputs
  explain pipeline Pipeline/seldon-mesh/iris-pipeline
  explain model Model/seldon-mesh/gone
  expect_valid explain "$W"/explained-*.json
  # There was something to judge.
  [[ $(jq -r '.topic.state // .file.state // .resource.topics[].state' "$W"/explained-*.json | sort -u | xargs) == \
    "accepted gone needed orphan owed rejected" ]]
  [[ $(jq -r '(.topic, .resource.topics[]?).deletion.state? // empty' "$W"/explained-*.json | sort -u | xargs) == "blocked grace-period in-use" ]]
  [[ $(jq -r '.file.topics[]?.fate' "$W"/explained-*.json | sort -u | xargs) == "goes held stays" ]]
}

@test "C a schema refuses what is not as it says" {
  "$TOPICD" check --json manifests.d >"$W/good.json"
  for change in '.files[0].accepted = "yes"' '.files[0].more = 1' 'del(.files[0].errors)' \
    '.files[0].resources[0].topics = ["a b"]' '.files[0].resources[0].kind = "Server"'; do
    echo "$change"
    jq "$change" "$W/good.json" >"$W/changed.json"
    run python3 tests/schema/validate.py doc/schemas/check.schema.json "$W/changed.json"
    echo "$output"
    [[ $output == "rejects "* ]]
  done
}
