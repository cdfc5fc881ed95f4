# What the tests on a real systemd share: a network and a broker a file, a container a test. SUITE says which Debian.
# shellcheck shell=bash disable=SC2034
bats_require_minimum_version 1.5.0

# The network namespace holds nothing but the file's broker, on the port that topicd has as its default, and the
# file's containers: nothing has to be edited, and no test meets a broker of somebody else.
system_setup() { # [BROKER-OPTION]...
  cd "$BATS_TEST_DIRNAME/../.." || return
  local file=${BATS_TEST_FILENAME##*/}
  export BUILD=${BUILD:-$PWD/build} SAMPLES=$PWD/manifests.d
  export KAFKA=$PWD/tests/kafka/kafka.sh BOOT=$PWD/tests/system/boot-systemd.sh
  export SUITE=${SUITE:-bookworm} PACKAGES=$PWD/build/packages
  export FILE=$SUITE-${file%.bats} CLUSTER=$BATS_FILE_TMPDIR/kafka
  export NET=topicd-$FILE INSTALLED=$FILE-installed
  # One run at a time on a machine, from whatever checkout; what a run that died has left goes.
  exec {lock}>"/run/lock/$NET"
  flock "$lock"
  BASE=$("$BOOT" build "$SUITE" librdkafka1,libyaml-0-2,libjansson4,rpm)
  export BASE
  ip netns del "$NET" 2>/dev/null || true
  ip netns add "$NET"
  ip -n "$NET" link set lo up
  on_net "$KAFKA" start "$CLUSTER" --port 9092 "$@" >&2
}

system_teardown() {
  on_net "$KAFKA" stop "$CLUSTER" KILL
  ip netns del "$NET"
  "$BOOT" forget "$INSTALLED"
}

on_net() { # COMMAND...
  nsenter --net="/run/netns/$NET" "$@"
}

# A base tree in which the package is installed and the unit waits to be started.
install_once() {
  "$BOOT" remove "$FILE"
  "$BOOT" boot "$FILE" "$BASE" --network-namespace-path="/run/netns/$NET"
  "$BOOT" push "$FILE" "$(echo "$PACKAGES"/topicd_*.deb)" /root/topicd.deb
  "$BOOT" run "$FILE" apt-get install -qq -y /root/topicd.deb >&2
  "$BOOT" exec "$FILE" systemctl disable --now topicd >&2
  "$BOOT" exec "$FILE" rm -r /var/lib/topicd
  "$BOOT" stop "$FILE" KEEP
  "$BOOT" commit "$FILE" "$INSTALLED"
}

boot() { # [KEY [NSPAWN-ARGUMENT]...]
  C=$FILE-$BATS_TEST_NUMBER NAMESPACE=t$BATS_TEST_NUMBER
  "$BOOT" remove "$C"
  "$BOOT" boot "$C" "${1:-$INSTALLED}" --network-namespace-path="/run/netns/$NET" "${@:2}"
  ROOT=$("$BOOT" root "$C") M=$ROOT/etc/topicd/manifests.d S=$ROOT/var/lib/topicd
}

again() { # resume | reboot [NSPAWN-ARGUMENT]...
  if [[ $1 == reboot ]]; then "$BOOT" reboot "$C"; else "$BOOT" resume "$C" --network-namespace-path="/run/netns/$NET"; fi
  ROOT=$("$BOOT" root "$C") M=$ROOT/etc/topicd/manifests.d S=$ROOT/var/lib/topicd
}

# A test that failed shows what topicd said.
container_teardown() {
  on_net "$KAFKA" resume "$CLUSTER"
  on_net "$KAFKA" start "$CLUSTER"
  if [[ ! ${BATS_TEST_COMPLETED:-} ]]; then
    in_ journalctl -b -q --no-pager -o short-monotonic -u topicd 2>/dev/null | tail -n 40 | sed 's/^/# journal: /' >&2
  fi
  "$BOOT" remove "$C"
}

# Nothing here takes so long; a start that waits for ever is a failure like another.
in_() { # COMMAND...
  timeout 60 "$BOOT" exec "$C" "$@"
}

# A namespace of the test's own, and a short grace period.
configure() { # [GRACE [MORE-LINES]]
  cat >"$ROOT/etc/topicd/topicd.yaml" <<END
namespace: $NAMESPACE
deletion:
  gracePeriodSeconds: ${1:-1}
${2:-}
END
}

drop_in() { # LINE...: of the unit's [Service]
  mkdir -p "$ROOT/etc/systemd/system/topicd.service.d"
  printf '%s\n' '[Service]' "$@" >"$ROOT/etc/systemd/system/topicd.service.d/test.conf"
  in_ systemctl daemon-reload
}

in_sync() { # [SECONDS]
  in_ topicd wait --timeout "${1:-20}"
}

state() { # the unit's
  in_ systemctl show -P ActiveState topicd
}

property() { # NAME
  in_ systemctl show -P "$1" topicd
}

status() { # JQ-FILTER
  jq -r "$1" "$ROOT/run/topicd/status.json"
}

topics() { # ARG...: as a super user
  on_net "$BUILD/tests/topics" "$(on_net "$KAFKA" admin "$CLUSTER")" "$@"
}

# This namespace's topics, without the part that they share.
list() {
  topics list --prefix "seldon.$NAMESPACE." | sed "s/^seldon\.$NAMESPACE\.//"
}

expect_list() { # TOPIC...
  local expected
  expected=$(printf '%s\n' "$@")
  [[ $# -gt 0 ]] || expected=
  diff <(printf '%s' "${expected:+$expected$'\n'}") <(list) >&2
}

# Waits until the command that follows succeeds.
eventually() { # SECONDS COMMAND...
  local until=$((SECONDS + $1 + 1))
  shift
  until "$@" 2>/dev/null; do
    if ((SECONDS >= until)); then
      "$@"
      return
    fi
    sleep 0.1
  done
}

model() { # NAME [clean]
  printf 'apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: %s}\nspec:\n  storageUri: gs://x\n' "$1"
  if [[ ${2:-} == clean ]]; then printf '  dataflow: {cleanTopicsOnDelete: true}\n'; fi
}

drop() { # NAME [clean]: a manifest of that Model, whole when it appears
  model "$@" >"$M/.new" && mv "$M/.new" "$M/$1.yaml"
}
