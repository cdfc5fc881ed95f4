#!/usr/bin/env bats
# What can happen to a machine under the installed service: power cuts, full and missing file systems.
load helper

setup_file() {
  system_setup
  install_once
}
teardown_file() { system_teardown; }
setup() {
  boot
  configure
}
teardown() { container_teardown; }

iris=(model.iris.inputs model.iris.outputs)
other=(model.other.inputs model.other.outputs)

remembered() { # NAME
  grep -q "$1" "$S/snapshot"
}
owed() {
  [ "$(status .counts.owedDeletions)" -gt 0 ]
}
active() {
  [ "$(state)" = active ]
}

# The manifest is remembered, and the broker has not been able to hear of it.
between_manifest_and_topics() { # COMMAND...
  in_ systemctl enable --now topicd
  on_net "$KAFKA" pause "$CLUSTER"
  drop iris
  eventually 5 remembered iris
  "$@"
  expect_list_after_resume
}
expect_list_after_resume() {
  on_net "$KAFKA" resume "$CLUSTER"
  eventually 30 expect_list "${iris[@]}"
  eventually 30 active
}

between_removal_and_deletion() { # COMMAND...
  configure 4
  drop iris clean
  drop other
  in_ systemctl enable --now topicd
  rm "$M/iris.yaml"
  eventually 3 owed
  "$@"
  expect_list "${iris[@]}" "${other[@]}"
  eventually 30 expect_list "${other[@]}"
}

power_cut() {
  "$BOOT" cut "$C"
  again resume
}

@test "S2 a reboot between a manifest and its topics" {
  between_manifest_and_topics again reboot
}
@test "S2 a power cut between a manifest and its topics" {
  between_manifest_and_topics power_cut
}
@test "S2 a reboot between a removal and the deletion" {
  between_removal_and_deletion again reboot
}
@test "S2 a power cut between a removal and the deletion" {
  between_removal_and_deletion power_cut
}

# A small file system of its own for the state.
small_state() {
  in_ mkdir -p /var/lib/topicd
  in_ mount -t tmpfs -o size=64k,mode=750 tmpfs /var/lib/topicd
  in_ systemctl start topicd
}
trouble() { # WORDS
  [ "$(status .inSync)" = false ] && status .summary | grep -q "$1"
}

@test "S1 a full state file system: nothing is sent that is not remembered" {
  small_state
  in_ dd if=/dev/zero of=/var/lib/topicd/fill bs=1k status=none || true
  # More than the last page of the snapshot has room for.
  for i in {10..49}; do echo --- && model "c$i"; done >"$M/.new"
  mv "$M/.new" "$M/many.yaml"
  eventually 5 trouble 'cannot be saved'
  expect_list
  in_ rm /var/lib/topicd/fill
  in_sync 30
  expect_list model.c{10..49}.{inputs,outputs}
}

@test "S1 a read-only state file system" {
  in_ systemctl start topicd
  in_ mount -t tmpfs -o ro tmpfs /var/lib/topicd
  drop iris
  eventually 5 trouble 'cannot be saved.*[Rr]ead-only'
  expect_list
  in_ umount /var/lib/topicd
  in_sync 30
  expect_list "${iris[@]}"
}

@test "D6 a file system mounted over the manifests, and unmounted" {
  drop iris clean
  drop other clean
  in_ systemctl start topicd
  in_ mount -t tmpfs tmpfs /etc/topicd/manifests.d
  in_ systemctl reload topicd
  eventually 20 awaiting 4
  expect_list "${iris[@]}" "${other[@]}"
  in_ umount /etc/topicd/manifests.d
  in_ systemctl reload topicd
  in_sync
  [ "$(status .counts.owedDeletions)" = 0 ]
  expect_list "${iris[@]}" "${other[@]}"
}
awaiting() { # TOPICS
  [ "$(status '[.deletions[] | select(.state == "awaiting-approval")] | length')" = "$1" ]
}

# The manifests live on a volume of their own, which systemd mounts by /etc/fstab.
on_volume() {
  mkdir "$ROOT/srv/manifests"
  echo '/srv/manifests /etc/topicd/manifests.d none bind,nofail 0 0' >>"$ROOT/etc/fstab"
  in_ systemctl daemon-reload
  in_ mount /etc/topicd/manifests.d
  drop iris clean
  in_ systemctl enable --now topicd
  mv "$ROOT/srv/manifests" "$ROOT/srv/away"
}
volume_is_back() {
  rm -r "$ROOT/srv/manifests"
  mv "$ROOT/srv/away" "$ROOT/srv/manifests"
  in_ systemctl restart etc-topicd-manifests.d.mount
  in_ systemctl start topicd
  in_sync
  [ "$(status .counts.models)" = 1 ]
  [ "$(status .counts.owedDeletions)" = 0 ]
  expect_list "${iris[@]}"
}

@test "D6 the manifests' volume cannot be mounted at boot: the unit does not start" {
  on_volume
  touch "$ROOT/srv/manifests"
  again reboot
  [ "$(state)" = inactive ]
  volume_is_back
}

@test "D6 the manifests' volume is empty at boot: nothing is deleted" {
  on_volume
  again reboot # systemd makes the missing directory
  eventually 20 awaiting 2
  in_ systemctl stop topicd
  volume_is_back
}

@test "S3 a manifest removed while the unit was stopped" {
  drop iris clean
  drop other
  in_ systemctl start topicd
  in_ systemctl stop topicd
  rm "$M/iris.yaml"
  in_ systemctl start topicd
  eventually 20 expect_list "${other[@]}"
}
