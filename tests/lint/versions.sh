#!/bin/bash
# The packages are of the version that VERSION says. Run in the top folder.
set -euo pipefail
version=$(<VERSION)
failed=0
same() { # WHERE WHAT-IT-SAYS
  if [[ $2 != "$version" ]]; then
    echo "$1: version $2, but VERSION says $version" >&2
    failed=1
  fi
}
same packaging/deb/changelog "$(sed -nE '1s/^topicd \(([^)]*)\).*/\1/p' packaging/deb/changelog)"
same packaging/rpm/topicd.spec "$(sed -nE 's/^Version: *//p' packaging/rpm/topicd.spec)"
same packaging/rpm/topicd.spec:%changelog "$(sed -nE '/^%changelog/,$s/^\* .* ([^ ]+)-[0-9]+$/\1/p' packaging/rpm/topicd.spec | head -n 1)"
exit $failed
