#!/usr/bin/env bats
# A sample of the campaign; make soak runs all of it.

@test "S2 100 random histories with kills end as a naive model says, and nothing forbidden was sent" {
  timeout 300 "$BATS_TEST_DIRNAME/run.sh" --histories "${HISTORIES:-100}" --seed "${SEED:-1}" --jobs 6 >&2
}

@test "S2 a short life that is killed at its system calls goes on as if nothing had happened" {
  timeout 300 "$BATS_TEST_DIRNAME/run.sh" --calls 1 --stride "${STRIDE:-11}" --jobs 6 >&2
}
