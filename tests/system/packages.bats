#!/usr/bin/env bats
# The life of the packages: install, upgrade, downgrade, remove, purge.
load helper

setup_file() { system_setup; }
teardown_file() { system_teardown; }
setup() {
  boot "$BASE"
  # shellcheck disable=SC2034 # helper.bash uses it
  NAMESPACE=seldon-mesh
  DEB=$(echo "$PACKAGES"/topicd_*.deb)
}
teardown() {
  container_teardown
  local left
  mapfile -t left < <(topics list --prefix seldon.)
  topics delete "${left[@]}" # the namespace is the default one in every test
}

iris=(model.iris.inputs model.iris.outputs)

apt() { # ARG...
  "$BOOT" run "$C" apt-get -qq -y "$@" >&2
}
install_deb() { # FILE [APT-OPTION]...
  "$BOOT" push "$C" "$1" /root/topicd.deb
  apt install "${@:2}" /root/topicd.deb
}
# The same package as a newer version.
newer() {
  dpkg-deb -R "$DEB" "$BATS_TEST_TMPDIR/deb"
  sed -i 's/^Version: .*/&+next/' "$BATS_TEST_TMPDIR/deb/DEBIAN/control"
  dpkg-deb -b "$BATS_TEST_TMPDIR/deb" "$BATS_TEST_TMPDIR/newer.deb" >&2
  echo "$BATS_TEST_TMPDIR/newer.deb"
}
pid() {
  property MainPID
}
seconds() { # LIMIT COMMAND...: it must be done by then
  local start=$SECONDS
  "${@:2}"
  ((SECONDS - start <= $1))
}

@test "N1 with no broker, installing, upgrading and removing return within seconds" {
  on_net "$KAFKA" pause "$CLUSTER"
  seconds 10 install_deb "$DEB"
  [ "$(state)" = activating ]
  first=$(pid)
  newer=$(newer)
  seconds 10 install_deb "$newer"
  [ "$(state)" = activating ]
  [ "$(pid)" != "$first" ]
  seconds 10 apt remove topicd
}

@test "installed with nothing edited, it serves a broker on localhost:9092" {
  install_deb "$DEB"
  in_ systemctl enable --now topicd
  in_ cp /usr/share/doc/topicd/examples/iris.yaml /etc/topicd/manifests.d/
  in_sync
  expect_list "${iris[@]}"
  in_ topicd check
}

@test "upgrade and downgrade restart the daemon and touch no topic; remove and purge leave topics and manifests" {
  install_deb "$DEB"
  in_ systemctl start topicd
  drop iris clean
  in_sync
  expect_list "${iris[@]}"
  first=$(pid)
  newer=$(newer)
  install_deb "$newer"
  second=$(pid)
  [ "$second" != "$first" ]
  in_sync
  install_deb "$DEB" --allow-downgrades
  [ "$(pid)" != "$second" ]
  in_sync
  expect_list "${iris[@]}"
  echo '# edited' >>"$ROOT/etc/topicd/topicd.yaml"
  apt remove topicd
  [ "$(state)" = inactive ]
  [ -e "$S/snapshot" ]
  grep edited "$ROOT/etc/topicd/topicd.yaml"
  sleep 2
  expect_list "${iris[@]}"
  install_deb "$DEB"
  eventually 10 in_sync
  grep edited "$ROOT/etc/topicd/topicd.yaml"
  apt purge topicd
  [ ! -e "$S" ]
  [ -e "$M/iris.yaml" ]
  [ ! -e "$ROOT/etc/topicd/topicd.yaml" ]
  expect_list "${iris[@]}"
}

@test "what is disabled stays disabled over an upgrade" {
  install_deb "$DEB"
  in_ systemctl disable --now topicd
  newer=$(newer)
  install_deb "$newer"
  run ! in_ systemctl is-enabled topicd
  [ "$(state)" = inactive ]
}

@test "a reboot with the unit enabled" {
  install_deb "$DEB"
  again reboot
  eventually 10 in_ systemctl is-active topicd
}

@test "systemd has nothing to say against the unit" {
  install_deb "$DEB"
  run -0 in_ systemd-analyze verify --man=no /usr/lib/systemd/system/topicd.service
  [ "$output" = '' ]
  in_ systemd-analyze security --threshold=11 topicd.service >&2
  [ "$(in_ systemd-analyze cat-config sysusers.d/topicd.conf | grep -c _topicd)" = 1 ]
}

@test "the rpm: install, upgrade and erase" {
  rpm=$(echo "$PACKAGES"/topicd-[0-9]*.x86_64.rpm)
  "$BOOT" push "$C" "$rpm" /root/topicd.rpm
  rpm() { "$BOOT" run "$C" rpm --dbpath /var/lib/rpm --nodeps "$@" >&2; }
  on_net "$KAFKA" pause "$CLUSTER"
  seconds 5 rpm -i /root/topicd.rpm
  [ "$(state)" = inactive ]
  in_ systemctl enable topicd
  in_ systemctl start --no-block topicd
  first=$(pid)
  seconds 5 rpm -U --replacepkgs /root/topicd.rpm
  eventually 5 another_pid "$first"
  on_net "$KAFKA" resume "$CLUSTER"
  drop iris
  in_sync
  expect_list "${iris[@]}"
  rpm -V topicd
  echo '# edited' >>"$ROOT/etc/topicd/topicd.yaml"
  rpm -e topicd
  [ "$(state)" = inactive ]
  [ -e "$M/iris.yaml" ]
  grep edited "$ROOT/etc/topicd/topicd.yaml.rpmsave"
  expect_list "${iris[@]}"
}
another_pid() { # PID
  [ "$(pid)" != "$1" ] && [ "$(pid)" != 0 ]
}
