#!/bin/bash
# Runs the campaign's driver (main.c) on the broker at CAMPAIGN_BOOTSTRAP, or on one of its own.
# usage: run.sh [OPTION of main.c]...; BUILD is the build folder. What failed histories leave stays in BUILD/campaign.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-$PWD/build}
kafka=$PWD/tests/kafka/kafka.sh
work=$build/campaign
export TOPICD=${TOPICD:-$build/topicd}
# The sanitizers want to be first of all libraries, which they are not. Nor do they know what the linker allocates for
# librdkafka's threads, through failcall.so: leaks are for the tests without it.
export CAMPAIGN_PRELOAD=$build/tests/failcall.so:$build/tests/trace.so ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

rm -rf "$work"
mkdir -p "$work"
if [[ -z ${CAMPAIGN_BOOTSTRAP:-} ]]; then
  cluster=$(mktemp -d)
  trap '"$kafka" stop "$cluster/kafka" KILL || :; rm -rf "$cluster"' EXIT
  "$kafka" start "$cluster/kafka" --port "$("$kafka" port)" >&2
  CAMPAIGN_BOOTSTRAP=$("$kafka" bootstrap "$cluster/kafka")
fi
"$build/tests/campaign" "$CAMPAIGN_BOOTSTRAP" "$work" "$@"
