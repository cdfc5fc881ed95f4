#!/bin/bash
# The manual and the completion know every command and option that the program knows.
# usage: words.sh PROGRAM, in the top folder
set -euo pipefail
topicd=$1
failed=0

missing() { # FILE WORD
  echo "$1: $2 is missing, which $topicd --help has" >&2
  failed=1
}

commands=$("$topicd" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
  grep -qE "^\.(It )?Cm (.* )?$command\>" doc/topicd.8 || missing doc/topicd.8 "$command"
  grep -qw "$command" packaging/topicd.bash-completion || missing packaging/topicd.bash-completion "$command"
  for option in $("$topicd" "$command" --help | grep -oE '^ +(-[a-z], )?--[a-z]+' | grep -oE '[a-z]+$'); do
    grep -qE "Fl -$option\>" doc/topicd.8 || missing doc/topicd.8 "--$option"
    grep -qE -- "--$option\>" packaging/topicd.bash-completion || missing packaging/topicd.bash-completion "--$option"
  done
done
exit $failed
