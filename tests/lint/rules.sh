#!/bin/bash
# Every rule of doc/rules.md has a test whose name begins with its number, and no test names a rule that is not there.
# In C that is cmocka_unit_test(M4_…), in bats @test "M4 …", of a golden test the name of its file, M4-….
# Run in the top folder.
set -euo pipefail

rules=$(grep -oP '^- \*\*\K[A-Z][0-9]+(?=\*\*)' doc/rules.md | sort -u)
named() {
  {
    grep -rhoP 'cmocka_unit_test\w*\(\s*\K[A-Z][0-9]+(?=_)' tests --include='*.c' || :
    grep -rhoP '^\s*@test\s+["\x27]\K[A-Z][0-9]+(?=[^0-9A-Za-z])' tests --include='*.bats' || :
    find tests/golden -name '[A-Z][0-9]*' -type f -printf '%f\n' 2>/dev/null | grep -oP '^[A-Z][0-9]+(?=[^0-9A-Za-z])' || :
  } | sort -u
}

failed=0
for rule in $(comm -23 <(echo "$rules") <(named)); do
  echo "doc/rules.md: no test's name begins with $rule" >&2
  failed=1
done
for rule in $(comm -13 <(echo "$rules") <(named)); do
  echo "tests: $rule is no rule of doc/rules.md" >&2
  failed=1
done
exit $failed
