#!/bin/bash
# Prints every message that topicd has for what is wrong in a manifest (tests/golden/manifests/*.diag) or in
# topicd.yaml (tests/golden/config/), each once, to be read as prose. Run in the top folder. usage: diagnostics.sh TOPICD
set -euo pipefail
topicd=$1

# What is said, without its place.
messages() {
  sed -nE 's/^.*:[0-9]+:[0-9]+: ((error|warning): .*)$/\1/p; s/^[^ ]*\.(yaml|json): ((error|warning): .*)$/\2/p' |
    LC_ALL=C sort -u
}

echo "== manifests"
cat tests/golden/manifests/*.diag | messages
echo "== topicd.yaml"
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
for config in tests/golden/config/*.yaml; do
  # As a file of its own, since one with a password must not be anybody's to read.
  install -m 644 "$config" "$empty/topicd.yaml"
  mkdir -p "$empty/manifests.d"
  "$topicd" check --config "$empty/topicd.yaml" "$empty/manifests.d" 2>&1 >/dev/null || :
done | messages
