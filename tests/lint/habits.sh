#!/bin/bash
# Mistakes that were made more than once in tests, and that a look at the text finds. Run in the top folder.
set -euo pipefail
shopt -s globstar
failed=0

none() { # FOUND WHAT: fails if there is any
  if [[ ! $1 ]]; then return; fi
  printf '%s\n' "$1" "^ $2" >&2
  failed=1
}

bats=(tests/**/*.bats tests/**/*.bash)
none "$(grep -nE '[^&]&$' "${bats[@]}" | grep -v '3>&-')" \
  "bats waits for whatever holds its descriptor 3: a job in the background gets 3>&-"
none "$(grep -nE 'script .*\<timeout\>' "${bats[@]}" | grep -v -e '--foreground')" \
  "timeout leaves the terminal's foreground group, unless /bin/sh is a bash: timeout --foreground"
none "$(grep -nE '(^|[^r])/tmp/[^"]' tests/**/*.{bats,bash,sh,c,h} | grep -vE 'XXXXXX|^tests/lint/habits.sh:')" \
  "a fixed name in /tmp is that of another run, too: BATS_TEST_TMPDIR, or mktemp"
exit $failed
