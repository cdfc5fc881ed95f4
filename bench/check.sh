#!/bin/bash
# What parsing, planning and saving 1,000 manifests costs, in instructions, against bench/baseline.json. A clock would
# tell of the machine; callgrind counts the same at every run. Counted is what topicd's own code and libyaml execute:
# libc's string functions are other ones on another processor.
#
#     check.sh [--write]      --write puts the counts of now into bench/baseline.json
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../build}
baseline=$here/baseline.json
phases=(parse plan save)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Instructions in the program's and libyaml's own code. A file of callgrind names the object of what follows ("ob=", by
# number after the first time), then its costs, a line each; the line after "calls=" is the callee's.
own_instructions() { # FILE
  awk -F '[ =]' '
    /^ob=/ { if (NF > 2) name[$2] = $3; object = name[$2] }
    /^cob=/ && NF > 2 { name[$2] = $3 }
    /^calls=/ { skip = 1; next }
    /^[0-9+*-]/ { if (!skip && object ~ /\/cost$|libyaml/) sum += $2; skip = 0 }
    END { printf "%d\n", sum }' "$1"
}

count() { # PHASE
  env -i "$(command -v valgrind)" --tool=callgrind --callgrind-out-file="$work/$1" --toggle-collect='measured*' \
    "$build/bench/cost" "$1" 1000 2>"$work/words" || { cat "$work/words" >&2 && return 1; }
  own_instructions "$work/$1"
}

compiler=$("${CC:-cc}" --version | head -n 1)
declare -A now
for phase in "${phases[@]}"; do now[$phase]=$(count "$phase"); done

if [[ ${1:-} == --write ]]; then
  counts=$(for phase in "${phases[@]}"; do echo "$phase ${now[$phase]}"; done | jq -nR '[inputs | split(" ")] | map({(.[0]): .[1] | tonumber}) | add')
  jq --arg compiler "$compiler" --argjson counts "$counts" '.instructions = {$compiler, counts: $counts}' "$baseline" >"$work/new"
  cat "$work/new" >"$baseline"
  exit
fi

# Another compiler makes other instructions of the same program.
tolerance=5
if [[ $compiler != "$(jq -r .instructions.compiler "$baseline")" ]]; then
  tolerance=30
  echo "bench-check: this is $compiler, not $(jq -r .instructions.compiler "$baseline"): up to $tolerance% is let pass"
fi
bad=0
for phase in "${phases[@]}"; do
  then=$(jq ".instructions.counts.$phase" "$baseline")
  change=$(awk -v now="${now[$phase]}" -v then="$then" 'BEGIN { printf "%+.1f", 100 * (now / then - 1) }')
  echo "bench-check: $phase of 1,000 manifests: ${now[$phase]} instructions, $change%"
  if awk -v change="$change" -v most="$tolerance" 'BEGIN { exit !(change > most) }'; then
    echo "bench-check: that is over $tolerance% more than bench/baseline.json has ($then): find out why, or, if it is worth it," \
      "bench/check.sh --write and say so in the commit" >&2
    bad=1
  elif awk -v change="$change" -v most="$tolerance" 'BEGIN { exit !(change < -most) }'; then
    echo "bench-check: well done; bench/check.sh --write keeps it that way"
  fi
done
exit $bad
