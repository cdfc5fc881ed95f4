#!/usr/bin/env bats
# A sample of the campaign; make soak runs all of it.
load ../broker/helper

setup_file() {
  broker_start
  export CAMPAIGN_BOOTSTRAP=$BOOTSTRAP
}
teardown_file() { broker_stop; }

campaign() {
  timeout 400 "$BATS_TEST_DIRNAME/run.sh" "$@" >&2
}

power_cuts() {
  local status=0
  timeout 200 "$BATS_TEST_DIRNAME/power-cuts.sh" "$@" >"$BATS_TEST_TMPDIR/said" || status=$?
  cat "$BATS_TEST_TMPDIR/said" >&2
  if ((status == 77)); then skip "$(<"$BATS_TEST_TMPDIR/said")"; fi
  return $status
}

@test "S2 100 random histories with kills end as a naive model says, and nothing forbidden was sent" {
  campaign --histories 100 --seed "${SEED:-1}"
}

@test "S2 a short life that is killed at its system calls goes on as if nothing had happened" {
  campaign --calls 1 --stride 13
}

@test "S2 a system call that fails does no harm, and is recovered from" {
  for error in EIO ENOSPC EROFS EMFILE ENOMEM EACCES SHORT; do
    campaign --calls 1 --stride 47 --fault $error
  done
}

@test "S2 an allocation that fails does no harm, and is recovered from" {
  campaign --calls 1 --stride 79 --fault MEMORY
}

@test "S1 system calls that fail for long: nothing is sent that is not saved" {
  for error in EIO ENOSPC; do
    campaign --calls 1 --stride 67 --fault $error --lasting
  done
}

@test "L5 a broker that dies, or hangs, under random histories" {
  timeout 300 "$BATS_TEST_DIRNAME/broker-trouble.sh" "$CLUSTER" kill killed --histories 12 --seed "${SEED:-1}" >&2
  timeout 300 "$BATS_TEST_DIRNAME/broker-trouble.sh" "$CLUSTER" pause hangs --histories 12 --seed "${SEED:-1}" >&2
}

@test "S2 power cuts on ext4: the snapshot is the old or the new one" {
  power_cuts ext4 15 "${SEED:-1}"
}

@test "S2 power cuts on xfs: the snapshot is the old or the new one" {
  power_cuts xfs 15 "${SEED:-1}"
}

@test "L2 a long life takes no more memory, threads, descriptors and state at its end than at its beginning" {
  campaign --life 400
}
