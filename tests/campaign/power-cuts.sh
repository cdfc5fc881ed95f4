#!/bin/bash
# Power cuts on a file system in a loop device (power-cut.c). usage: power-cuts.sh ext4|xfs CUTS SEED
# Ends with 77, and says why, where that cannot be done.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-$PWD/build}
export TOPICD=${TOPICD:-$build/topicd}
missing() {
  echo "no power cuts on $fs here: $*"
  exit 77
}
fs=$1
((EUID == 0)) || missing "only root mounts"
command -v "mkfs.$fs" >/dev/null || missing "mkfs.$fs is not installed"
losetup -f >/dev/null 2>&1 || missing "there are no loop devices"
grep -qw "$fs" /proc/filesystems || missing "the kernel does not know $fs"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/tests/power-cut" "$work" "$@"
