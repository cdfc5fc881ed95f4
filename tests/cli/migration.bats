#!/usr/bin/env bats
# doc/migration.md as far as it needs no broker, its commands word for word; the rest is in tests/broker/.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0
load helper

setup() {
  cli_setup
  EXPORT=$BATS_TEST_DIRNAME/../migration/all.yaml
  DOC=$BATS_TEST_DIRNAME/../../doc/migration.md
  # A kubectl that knows one answer, in either format.
  mkdir bin
  cat >bin/kubectl <<END
#!/bin/bash
[[ \$* == "get models,pipelines --all-namespaces -o "* ]] || exit 2
case \${!#} in
  yaml) cat '$EXPORT' ;;
  json) python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' <'$EXPORT' ;;
esac
END
  ln -s "$TOPICD" bin/topicd
  chmod +x bin/kubectl
}

# The commands of the documentation's section.
commands() { # TITLE
  awk -v title="$1" '/^## / { inside = index($0, title) } /^```/ { code = $0 == "```sh"; next } inside && code' "$DOC"
}

follow() { # TITLE
  commands "$1" >script
  [[ -s script ]]
  PATH=$PWD/bin:$PATH run --separate-stderr bash -euo pipefail script
  expect_status 0
}

@test "M2 what kubectl prints of all models and pipelines is accepted as it stands" {
  follow Export
  [[ $output == "1 file: 4 models, 3 pipelines, 16 topics" && ! $stderr ]]
  cmp all.yaml "$EXPORT"
  cp all.yaml manifests.d
  topicd plan --offline --json
  expect_json '.create | map(.topic | split(".")[1]) | unique == ["fraud", "seldon-mesh"]'
  expect_json '.delete == [] and .rejectedFiles == []'
}

@test "M2 an export can be taken apart into files of one resource" {
  follow 'One file'
  [[ $(ls ./*.json) == "./model-fraud-scorer.json
./model-seldon-mesh-income-explainer.json
./model-seldon-mesh-income.json
./model-seldon-mesh-iris.json
./pipeline-fraud-review.json
./pipeline-seldon-mesh-census.json
./pipeline-seldon-mesh-flowers.json" ]]
  topicd check ./*.json
  expect_status 0
  [[ $output == "7 files: 4 models, 3 pipelines, 16 topics" && ! $stderr ]]
}

# An export of one model many times, under as many names, up to so many bytes.
large() { # BYTES
  awk -v most="$1" '
    /^- / { items++ }
    items == 0 { printf "%s\n", $0; size += length($0) + 1 }
    items == 3 { item = item $0 "\n" }
    END {
      tail = "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
      for (i = 1; ; i++) {
        one = item
        gsub(/income/, sprintf("model-%05d", i), one)
        if (size + length(one) + length(tail) > most)
          break
        size += length(one)
        printf "%s", one
      }
      printf "%s#%*s", tail, most - size - length(tail) - 1, ""
    }' "$EXPORT"
}

@test "M1 an export of 16 MiB is one file, and of one byte more is not" {
  large $((16 << 20)) >manifests.d/all.yaml
  [[ $(stat -c %s manifests.d/all.yaml) == $((16 << 20)) ]]
  local models start=$EPOCHREALTIME
  models=$(grep -c '^  kind: Model' manifests.d/all.yaml)
  ((models > 5000))
  topicd check
  expect_status 0
  [[ $output == "1 file: $models models, 0 pipelines, $((2 * models)) topics" && ! $stderr ]]
  echo "# $models models in 16 MiB took $(awk "BEGIN { print $EPOCHREALTIME - $start }") s" >&3
  echo >>manifests.d/all.yaml
  topicd check
  expect_status 1
  [[ $stderr == *"all.yaml: error: "*"16 MiB"* ]]
}
