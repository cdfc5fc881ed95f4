#!/usr/bin/env bats
# The daemon is killed at each of its calls, or each of them fails, while it takes in what changed in its absence; the
# next start must bring it to the same snapshot (S2, S3). No broker: all that counts here happens before one is needed.
bats_require_minimum_version 1.5.0

WRITES=openat,write,fsync,renameat,close,mkdirat

model() { # NAME
  cat <<END
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: $1}
spec: {storageUri: gs://bucket/$1, dataflow: {cleanTopicsOnDelete: true}}
END
}

setup() {
  TOPICD=$(realpath "${TOPICD:-$BATS_TEST_DIRNAME/../../build/topicd}")
  FAILCALL=$(realpath "${BUILD:-$BATS_TEST_DIRNAME/../../build}/tests/failcall.so")
  unset STATE_DIRECTORY RUNTIME_DIRECTORY
  cd "$BATS_TEST_TMPDIR" || return
  mkdir manifests.d before
  model iris >manifests.d/iris.yaml
  model mnist >manifests.d/mnist.yaml
  start before
  stop
  rm manifests.d/mnist.yaml
  model wine >manifests.d/wine.yaml
}

start() { # STATE-DIRECTORY [VARIABLE=VALUE]...: a daemon with an empty runtime directory
  rm -rf run
  mkdir run
  env "${@:2}" "$TOPICD" run --manifests manifests.d --state "$1" --runtime run --bootstrap 127.0.0.1:1 3>&- 2>log &
  DAEMON=$!
  for ((i = 0; i < 100; i++)); do # until it has looked and said so, or ended
    if grep -qs '"complete": *true' run/status.json || ! kill -0 "$DAEMON" 2>/dev/null; then return 0; fi
    sleep 0.05
  done
}

stop() { # [SIGNAL]
  kill "-${1:-TERM}" "$DAEMON" 2>/dev/null || true
  wait "$DAEMON" 2>/dev/null || STATUS=$?
}

# What must be the same: what the snapshot says (the last word on a file, the last batch's on all the rest), but for
# times, and how often the set changed on the way.
facts() { # STATE-DIRECTORY
  awk -F '\t' '
    $1 == "topicd-snapshot" || $1 == "changes" { n = 0 }
    $1 == "scope" || $1 == "directory" || $1 == "owed" || $1 == "sent" { rest[n++] = $0 }
    $1 == "file" { name = $2; files[name] = $0 }
    $1 == "resource" { files[name] = files[name] "\n" $0 }
    $1 == "gone" { delete files[$2] }
    END { for (i = 0; i < n; i++) print rest[i]; fflush(); for (name in files) print files[name] | "sort" }
  ' "$1/snapshot" | sed -E 's/(since|generation)=[0-9]+/\1=/g'
}

# A start in which the n-th call is treated so, then one in which nothing is.
through() { # N ACTION CALLS
  rm -rf state
  cp -a before state
  start state LD_PRELOAD="$FAILCALL" FAIL_CALL="$3" FAIL_PATH="$PWD" FAIL_AT="$1" FAIL_WITH="$2" FAIL_LOG="$PWD/calls"
  STATUS=0
  stop
  if ((STATUS > 1 && STATUS != 137)); then
    echo "$2 at call $1 ($(sed -n "$1p" calls)): exit code $STATUS, $(tail -1 log)"
    return 1
  fi
  start state
  stop KILL
  if ! diff <(facts wanted) <(facts state) || compgen -G "state/snapshot.*" >/dev/null; then
    echo "$2 at call $1 ($(sed -n "$1p" calls)): another snapshot than without it"
    return 1
  fi
}

each_call() { # ACTION [CALLS [STRIDE]]
  local calls=${2:-files}
  cp -a before wanted
  start wanted LD_PRELOAD="$FAILCALL" FAIL_CALL="$calls" FAIL_PATH="$PWD" FAIL_LOG="$PWD/calls"
  stop
  grep -q '^owed' wanted/snapshot
  all=$(wc -l <calls)
  ((all > 5))
  for ((n = 1 + RANDOM % ${3:-1}; n <= all; n += ${3:-1})); do
    rm -f calls
    through "$n" "$1" "$calls"
  done
}

# A kill behind a call is one before the next.
@test "S2 a kill at any call is no matter" { each_call KILL; }
@test "S2 an input or output error of any call is no matter" { each_call EIO; }
@test "S2 a full disk at any call that writes is no matter" { each_call ENOSPC "$WRITES"; }
# Every third call, which make soak does all of.
@test "S2 a read-only file system at any call that writes is no matter" { each_call EROFS "$WRITES" 3; }
@test "S2 want of descriptors at any call is no matter" { each_call EMFILE files 3; }
@test "S2 want of the kernel's memory at any call is no matter" { each_call ENOMEM files 3; }
@test "S2 a right that is missing at any call is no matter" { each_call EACCES files 3; }
@test "S2 a read or a write that does half of its work is no matter" { each_call SHORT read,write; }
