#!/usr/bin/env bats
# Every message about manifests and topicd.yaml stands in tests/golden/diagnostics.txt, to be read as prose.
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }

@test "M4 the diagnostics are those that were read: make golden, and read the difference" {
  cd "$BATS_TEST_DIRNAME/../.."
  diff tests/golden/diagnostics.txt <(tests/golden/diagnostics.sh "$TOPICD")
}

@test "M4 a diagnostic is one line, begins in lower case or with what it is about, and has no full stop at its end" {
  cd "$BATS_TEST_DIRNAME/../.."
  run grep -nE '^(error|warning): ([A-Z][a-z]* |.*[.!]$)' tests/golden/diagnostics.txt
  [ "$status" -eq 1 ]
}
