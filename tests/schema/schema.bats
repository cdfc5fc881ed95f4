#!/usr/bin/env bats
# The JSON Schemas for editors, held against topicd itself by a validator that topicd has no part in. No broker.
bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || return
  BUILD=${BUILD:-$PWD/build}
  TOPICD=${TOPICD:-$BUILD/topicd}
  SCHEMAS=$BUILD/share/schemas
  mkdir "$BATS_TEST_TMPDIR"/{manifests.d,state,run}
}

validate() { # SCHEMA FILE...
  python3 tests/schema/validate.py "$SCHEMAS/$1.schema.json" "${@:2}"
}

manifests() {
  find tests/golden/manifests tests/facts tests/migration manifests.d \( -name '*.yaml' -o -name '*.json' \) ! -name 'warn-*' | sort
}

# "accepts FILE" or "rejects FILE"
judge() { # FILE COMMAND...
  if "${@:2}" >/dev/null 2>&1; then echo "accepts $1"; else echo "rejects $1"; fi
}

judge_manifest() {
  judge "$1" "$TOPICD" check "$1"
}

judge_config() {
  export CREDENTIALS_DIRECTORY=$BATS_TEST_TMPDIR
  echo secret >"$BATS_TEST_TMPDIR/topicd.kafka-password"
  judge "$1" "$TOPICD" plan --offline --config "$1" --manifests "$BATS_TEST_TMPDIR/manifests.d" \
    --state "$BATS_TEST_TMPDIR/state"
}

# The verdicts of topicd and of the schema side by side, for those files that the validator can read.
compare() { # VERDICTS-OF-TOPICD VERDICTS-OF-SCHEMA
  join -j 2 -o 0,1.1,2.1 <(sort -k2 "$1") <(sed -n 's/^\(accepts\|rejects\) \([^ :]*\).*/\1 \2/p' "$2" | sort -k2)
}

exceptions() { # FOLDER...
  grep -E "^($(IFS='|' && echo "$*"))/" tests/schema/exceptions.txt | sort
}

# What topicd accepts, the schema accepts; what topicd rejects, the schema rejects but for the listed exceptions.
expect_agreement() { # FOLDER...
  cat "$BATS_TEST_TMPDIR/schema"
  compare "$BATS_TEST_TMPDIR/topicd" "$BATS_TEST_TMPDIR/schema" >"$BATS_TEST_TMPDIR/both"
  [[ $(grep -c ' accepts accepts$' "$BATS_TEST_TMPDIR/both") -ge 4 ]]
  [[ $(grep -c ' rejects rejects$' "$BATS_TEST_TMPDIR/both") -ge 10 ]]
  echo '--- accepted by topicd and rejected by the schema:'
  run ! grep ' accepts rejects$' "$BATS_TEST_TMPDIR/both"
  echo '--- rejected by topicd and accepted by the schema, and tests/schema/exceptions.txt:'
  diff <(exceptions "$@") <(sed -n 's/ rejects accepts$//p' "$BATS_TEST_TMPDIR/both")
}

@test "C the manifests' schema agrees with topicd check" {
  local files
  mapfile -t files < <(manifests)
  validate manifest "${files[@]}" >"$BATS_TEST_TMPDIR/schema"
  for file in "${files[@]}"; do judge_manifest "$file"; done >"$BATS_TEST_TMPDIR/topicd"
  # Not everything is YAML to the validator.
  [[ $(grep -c '^cannot read' "$BATS_TEST_TMPDIR/schema") -le 12 ]]
  expect_agreement tests/golden tests/facts
}

@test "C the configuration's schema agrees with topicd" {
  local files=(tests/schema/configs/*.yaml packaging/topicd.yaml)
  validate config "${files[@]}" >"$BATS_TEST_TMPDIR/schema"
  for file in "${files[@]}"; do judge_config "$file"; done >"$BATS_TEST_TMPDIR/topicd"
  run ! grep '^cannot read' "$BATS_TEST_TMPDIR/schema"
  expect_agreement tests/schema
}

@test "C a schema says where and what" {
  run validate manifest tests/facts/adversarial/d33-flag-typo.yaml
  echo "$output"
  [[ $output == *"/spec/dataflow: Additional properties are not allowed"* ]]
}

# Dotted names of all settings.
settings() {
  jq -r 'def names(path): .properties // {} | to_entries[] | (path + [.key]) as $p
    | if .value.properties then .value | names($p) else $p | join(".") end; names([])' "$SCHEMAS/config.schema.json"
}

@test "C every setting stands in the example file and in the manual" {
  [[ $(settings | wc -l) -ge 12 ]]
  python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)' packaging/topicd.yaml \
    >"$BATS_TEST_TMPDIR/example.json"
  for setting in $(settings); do
    echo "$setting"
    jq -e --arg name "$setting" 'getpath($name | split(".")) != null' "$BATS_TEST_TMPDIR/example.json" >/dev/null
    grep -qF "$setting" doc/topicd.yaml.5
  done
}

@test "C every field says what it is" {
  for schema in manifest config; do
    jq -e 'def mute: (.properties // {} | to_entries[] | select(.value.description | not) | .key),
        (.properties // {} | .[] | mute), (.items | values | mute);
      [(., .definitions.Model, .definitions.Pipeline) | values | mute] == []' "$SCHEMAS/$schema.schema.json"
  done
}
