#!/bin/bash
# The campaign while its broker is in trouble: every few seconds it is killed and started again, or paused for longer
# than topicd waits for an answer. usage: broker-trouble.sh CLUSTER kill|pause TITLE OPTION...; CLUSTER is a kafka.sh DIR
# that runs, TITLE the row's, the options are main.c's. Prints a row of doc/reliability.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
kafka=$PWD/tests/kafka/kafka.sh
cluster=$1 trouble=$2 title=$3
CAMPAIGN_BOOTSTRAP=$("$kafka" bootstrap "$cluster")
export CAMPAIGN_BOOTSTRAP
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

trouble() {
  until [[ -e $work/enough ]]; do
    sleep $((1 + RANDOM % 4))
    case $trouble in
      kill) "$kafka" stop "$cluster" KILL && "$kafka" start "$cluster" ;;
      pause) "$kafka" pause "$cluster" && sleep $((1 + RANDOM % 12)) && "$kafka" resume "$cluster" ;;
    esac
    echo "$trouble" >>"$work/times"
  done
}
trouble >&2 &

status=0
tests/campaign/run.sh "${@:4}" || status=$?
touch "$work/enough"
wait
times=$(wc -l <"$work/times")
printf 'the broker was in trouble %d times\n' "$times"
((status == 0)) || exit "$status"
((times > 0))
printf 'row\t%s\t%d\t0\t0\t%d\n' "$title" "$times" "$times"
