#!/usr/bin/env bats
# failcall.so does what its head says; and a command survives each failing call.
# shellcheck disable=SC2154 # set by run
bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || return
  BUILD=${BUILD:-$PWD/build}
  FAILCALL=$BUILD/tests/failcall.so TOPICD=${TOPICD:-$BUILD/topicd}
  M=$BATS_TEST_TMPDIR/manifests.d LOG=$BATS_TEST_TMPDIR/calls
  mkdir "$M"
  for name in iris mnist; do
    cat >"$M/$name.yaml" <<END
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: $name}
spec: {storageUri: "gs://bucket/$name"}
END
  done
}

check() { # VARIABLE=VALUE...
  run --separate-stderr timeout 10 env LD_PRELOAD="$FAILCALL" "$@" "$TOPICD" check "$M"
}

calls() { # VARIABLE=VALUE...: how many calls count
  rm -f "$LOG"
  check "$@" FAIL_LOG="$LOG"
  wc -l <"$LOG"
}

@test "calls are counted by name, path and caller" {
  (($(calls FAIL_CALL=openat FAIL_PATH="$M") == 2))
  grep -q "^1 openat $M/iris.yaml$" "$LOG"
  (($(calls FAIL_CALL=openat FAIL_PATH=mnist) == 1))
  (($(calls FAIL_CALL=open,openat FAIL_PATH="$M") == 3))
  (($(calls FAIL_CALL=files) < $(calls FAIL_CALL=all)))
  (($(calls FAIL_CALL=malloc) < $(calls FAIL_CALL=malloc FAIL_FROM=any)))
}

@test "the n-th call fails, and as many after it as were asked for" {
  check FAIL_CALL=openat FAIL_PATH="$M" FAIL_AT=2 FAIL_WITH=EIO
  [[ $status -eq 1 && $output == *"(1 rejected)"* && $stderr == *mnist.yaml*"Input/output error"* ]]
  check FAIL_CALL=openat FAIL_PATH="$M" FAIL_AT=1 FAIL_TIMES=all FAIL_WITH=EIO
  [[ $status -eq 1 && $output == *"(2 rejected)"* ]]
  check FAIL_CALL=openat FAIL_PATH="$M" FAIL_AT=3 FAIL_WITH=EIO
  [[ $status -eq 0 ]]
}

@test "a program is killed before the call or behind it" {
  check FAIL_CALL=openat FAIL_PATH="$M" FAIL_AT=1 FAIL_WITH=KILL
  [[ $status -eq 137 && -z $output ]]
  check FAIL_CALL=openat FAIL_PATH="$M" FAIL_AT=2 FAIL_WITH=KILL-AFTER
  [[ $status -eq 137 ]]
}

@test "an error that is none is refused" {
  check FAIL_CALL=openat FAIL_WITH=EWHATEVER
  [[ $status -eq 125 && $stderr == *EWHATEVER* ]]
}

@test "S2 check says what failed, whichever call it is" {
  all=$(calls FAIL_CALL=all)
  ((all > 50))
  for error in EIO EMFILE ENOMEM; do
    for ((n = 1; n <= all; n++)); do
      check FAIL_CALL=all FAIL_AT="$n" FAIL_WITH="$error"
      if [[ $status -eq 0 && $output == "2 files: 2 models, 0 pipelines, 4 topics" ]]; then continue; fi
      if [[ $status -eq 1 && -n $stderr ]]; then continue; fi
      sed -n "${n}p" "$LOG"
      echo "$error: exit code $status, $output, $stderr"
      return 1
    done
  done
}

@test "S2 check reads on after a short read" {
  for ((n = 1; n <= $(calls FAIL_CALL=read); n++)); do
    check FAIL_CALL=read FAIL_AT="$n" FAIL_WITH=SHORT
    [[ $status -eq 0 && $output == "2 files: 2 models, 0 pipelines, 4 topics" ]]
  done
}
