#!/usr/bin/env bats
# Usage, help and versions: what every command has in common.
# shellcheck disable=SC2154,SC2016 # set by run; expanded by the inner shell
bats_require_minimum_version 1.5.0
load helper

setup() { cli_setup; }

commands=(run check plan explain status wait approve deny prune reload)

@test "C no command is a usage error" {
  run --separate-stderr "$TOPICD"
  expect_status 2
  [[ -z $output ]]
  [[ ${stderr_lines[1]} == "usage: topicd COMMAND "* ]]
}

@test "C an unknown command is a usage error that names the nearest one" {
  topicd chekc
  expect_status 2
  [[ $stderr == *"unknown command 'chekc'; did you mean check?"* ]]
}

@test "C an unknown option is a usage error that names the nearest one" {
  topicd plan --ofline
  expect_status 2
  [[ $stderr == *"unknown option --ofline; did you mean --offline?"* ]]
  [[ $stderr == *"usage: topicd plan "* ]]
}

@test "C an option of another command is a usage error" {
  topicd status --once
  expect_status 2
  [[ $stderr == *"status does not take --once"* ]]
}

@test "C too few or too many arguments are a usage error" {
  topicd approve
  expect_status 2
  topicd deny a b
  expect_status 2
  topicd plan x
  expect_status 2
}

@test "C every command has its --help with an example" {
  for command in "${commands[@]}"; do
    run --separate-stderr "$TOPICD" "$command" --help
    expect_status 0
    [[ $output == "usage: topicd $command"* ]]
    [[ $output == *"Example:"*"topicd $command"* ]]
    [[ $output == *"--config FILE"* ]]
    [[ -z $stderr ]]
  done
}

@test "C --help names every command" {
  run --separate-stderr "$TOPICD" -h
  expect_status 0
  for command in "${commands[@]}"; do
    grep -q "^  $command " <<<"$output"
  done
}

@test "C --version names topicd and its libraries" {
  run --separate-stderr "$TOPICD" --version
  expect_status 0
  [[ ${lines[0]} =~ ^topicd\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  for library in librdkafka libyaml jansson libsystemd; do
    grep -qE "^$library [0-9]" <<<"$output"
  done
}

@test "C a full disk is reported" {
  run --separate-stderr bash -c '"$0" check --manifests manifests.d >/dev/full' "$TOPICD"
  expect_status 1
  [[ $stderr == *"cannot write to standard output"* ]]
}

@test "C a configuration that was asked for must exist" {
  topicd check --config nowhere.yaml
  expect_status 1
  [[ $stderr == *nowhere.yaml* ]]
}

@test "C a bad configuration is shown with its line" {
  printf 'kafka:\n  bootstrp: x:1\n' >bad.yaml
  topicd check --config bad.yaml
  expect_status 1
  [[ $stderr == *"bad.yaml:2:3: error:"* ]]
}

@test "C without a daemon the commands that need one say so" {
  for command in status "wait --timeout 1" "approve 0123456789ab" "deny 0123456789ab" reload; do
    # shellcheck disable=SC2086 # a command with its arguments
    topicd $command
    expect_status 1
    [[ $stderr == *"no topicd runs on run"* ]]
  done
}

@test "C a status that an earlier daemon left is none" {
  echo '{"version":1,"pid":1,"inSync":true}' >run/status.json
  topicd status
  expect_status 1
}
