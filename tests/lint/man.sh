#!/bin/bash
# mandoc -T lint finds nothing, but that our pages, which refer to each other, are not installed here.
set -euo pipefail
for page; do
  name=${page##*/}
  own+=("${name%.?}" "${name##*.}")
done
found=$(mandoc -T lint "$@" 2>/dev/null) || :
found=$(grep -vE "referenced manual not found: Xr ($(printf '|%s %s' "${own[@]}" | cut -c2-))( |$)" <<<"$found") || :
if [[ $found ]]; then
  echo "$found" >&2
  exit 1
fi
