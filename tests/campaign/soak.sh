#!/bin/bash
# All of the campaign, half an hour or so, and doc/reliability.md from what it counted. usage: soak.sh; BUILD is the
# build folder. SCALE=10 runs a tenth of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-$PWD/build}
kafka=$PWD/tests/kafka/kafka.sh
scale=${SCALE:-1} seconds=${SECONDS_EACH:-60}
rows=$BUILD/reliability.tsv log=$BUILD/soak.log
: >"$rows"
: >"$log"

work=$(mktemp -d)
trap '"$kafka" stop "$work/kafka" KILL || :; rm -rf "$work"' EXIT

# Runs a part; its row goes to the table, all that it says to the log.
part() { # TITLE COMMAND...
  local start=$SECONDS
  echo "== ${*:2}" >>"$log"
  if ! "${@:2}" >"$work/part" 2>&1; then
    cat "$work/part" >>"$log"
    grep -a 'failed' "$work/part" >&2 || tail -n 20 "$work/part" >&2
    echo "soak: failed: $1" >&2
    exit 1
  fi
  cat "$work/part" >>"$log"
  grep -a $'^row\t' "$work/part" | cut -f2- >>"$rows" || :
  echo "soak: $1: fine, $((SECONDS - start)) s"
}
campaign() { # TITLE OPTION...
  part "$1" tests/campaign/run.sh --row "$@"
}
power_cuts() { # FILE-SYSTEM
  local status=0
  tests/campaign/power-cuts.sh "$1" $((200 / scale)) 1 || status=$?
  ((status == 77)) || return $status
}
fuzzed() { # NAME
  tests/fuzz/run.sh "$BUILD/fuzz/$1" "$seconds"
}

"$kafka" start "$work/kafka" --port "$("$kafka" port)" >&2
CAMPAIGN_BOOTSTRAP=$("$kafka" bootstrap "$work/kafka")
export CAMPAIGN_BOOTSTRAP

campaign "SIGKILL, at random in random histories" --histories $((1000 / scale)) --seed "${SEED:-1}"
campaign "SIGKILL, at every system call in turn" --calls 2 --stride "$scale"
for error in EIO ENOSPC EROFS EMFILE ENOMEM EACCES; do
  campaign "a system call fails once: $error" --calls 1 --stride "$scale" --fault $error
done
campaign "a read or a write does half of its work" --calls 1 --stride "$scale" --fault SHORT
campaign "an allocation fails" --calls 1 --stride $((3 * scale)) --fault MEMORY
for error in EIO ENOSPC EMFILE ENOMEM EACCES; do
  campaign "all system calls fail from one on, until a restart: $error" --calls 1 --stride $((4 * scale)) --fault $error \
    --lasting
done
part "the broker dies and comes back" tests/campaign/broker-trouble.sh "$work/kafka" kill \
  "the broker is killed, and started again, under random histories" --histories $((200 / scale)) --seed "${SEED:-1}"
part "the broker hangs" tests/campaign/broker-trouble.sh "$work/kafka" pause \
  "the broker hangs for 1 to 12 s, under random histories" --histories $((200 / scale)) --seed "${SEED:-1}"
for fs in ext4 xfs; do part "power cut on $fs" power_cuts $fs; done
part "a long life" tests/campaign/run.sh --life $((10000 / scale))
for name in manifest config snapshot; do part "bad input: $name" fuzzed $name; done
life=$(sed -n '/--life/,$p' "$log" | grep -aE '^(after a quarter|at the end): ')
inputs=$(sed -nE 's/^fuzz: ([a-z]+): ([0-9]+) inputs.*/\1 \2/p' "$log")

{
  cat <<END_OF_HEAD
# What topicd has been through

\`make soak\` wrote this file from its own run ($(date -u +%F), topicd $(<VERSION), Kafka ${KAFKA_VERSION:-4.3.1}). Each
row of the first table is a campaign against a real broker. What topicd looks at, saves and sends is recorded from
outside, and held against a naive model of the rules in [rules.md](rules.md): a *forbidden deletion* is one that was sent
and that no reading of what topicd can have seen allows; a *lost topic* is one that should be there and is not, 90 s
later. The first of either ends the run, and the file is not written. \`make check\` runs a part of it; [CONTRIBUTING.md](../CONTRIBUTING.md) says how to replay a history.

| fault | times | forbidden deletions | lost topics | recoveries |
|---|---:|---:|---:|---:|
END_OF_HEAD
  awk -F '\t' '{ printf "| %s | %s | %s | %s | %s |\n", $1, $2, $3, $4, $5 }' "$rows"
  cat <<END_OF_TAIL

A power cut is a recovery when the snapshot that is left is whole and no older than the one that topicd went on from. A
kill or a fault is one when the broker's topics became what the model says, without anybody's help, and so is the trouble
of a broker. A death at the very end of a history has nobody to recover for. What the histories do: files are written in
the ways of editors, package managers and git, changed, broken, repaired, renamed, exchanged, removed, swapped by a link
as Kubernetes does; links dangle, and pipes stand where files were; the directory is replaced, or moved away and back;
the scope changes. In a quarter of them a look takes so long that things change during it.

Bad input (libFuzzer with ASan and UBSan, $seconds s each): $(awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $2, $1 }' <<<"$inputs") inputs; no crash, no leak, no hang.

A month in a minute, $((10000 / scale)) Models that come and go:

    ${life//$'\n'/$'\n'    }
END_OF_TAIL
} >doc/reliability.md
echo "soak: doc/reliability.md is written"
