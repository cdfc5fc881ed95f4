#!/usr/bin/env bats
# What can become of the directory of manifests (M1, M6, D2, D6, L1): nothing that an operator would miss goes.
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() {
  daemon_setup
  configure 1
  echo 'resyncPeriodSeconds: 1' >>"$CONFIG" # a mount gives no event
}
teardown() {
  daemon_teardown
  ! mountpoint -q "$M" || umount "$M"
}

awaits() { # COUNT
  says ".deletions | length == $1 and all(.state == \"awaiting-approval\")"
}

another_directory_is_asked_about() { # COUNT [SECONDS]
  eventually "${2:-8}" awaits "$1"
  says '.deletions[0].reason | test("the manifests directory is not the one it was")'
}

# Longer than a grace period and what comes behind it.
nothing_goes() {
  sleep 2.5
  says '.deletions == []'
  never_sent delete
}

# Starts the daemon with a queue of so many events. It is a setting of the whole machine, which is so for a moment only.
start_with_queue() { # EVENTS
  local setting=/proc/sys/fs/inotify/max_queued_events before code=0
  before=$(<$setting)
  echo "$1" 2>/dev/null >$setting || skip "$setting cannot be written here"
  daemon_start || code=$?
  echo "$before" >$setting
  return $code
}

@test "L1 a queue of 16 events overflows: what happened then is seen" {
  configure 1
  drop_models a b
  start_with_queue 16
  in_sync
  kill -STOP "$DAEMON"
  touch "$M/."{1..40} # of which no manifest's event is left
  remove_models a
  drop_models c
  kill -CONT "$DAEMON"
  eventually 2 says '.counts.models == 2 and .counts.files == 2'
  settled
  expect_list model.{b,c}.{inputs,outputs}
}

@test "D6 unmounted under the daemon: what lies below is another directory, and when the volume is back nothing is owed" {
  only_for_root
  drop_models a b c
  mv "$M" "$HOME_DIR/volume"
  mkdir "$M"
  mount --bind "$HOME_DIR/volume" "$M"
  daemon_start
  in_sync
  umount "$M"
  another_directory_is_asked_about 6
  mount --bind "$HOME_DIR/volume" "$M"
  in_sync
  nothing_goes
  # What is there is watched, and removed as always.
  remove_models a
  settled
  expect_list model.{b,c}.{inputs,outputs}
}

@test "D6 a checkout of nothing, behind a link that is exchanged" {
  drop_models a b c
  mv "$M" "$HOME_DIR/one"
  ln -s one "$M"
  daemon_start
  in_sync
  mkdir "$HOME_DIR/two"
  ln -s two "$M.new"
  mv -T "$M.new" "$M"
  another_directory_is_asked_about 6
  ln -s one "$M.new"
  mv -T "$M.new" "$M"
  in_sync
  nothing_goes
}

@test "D6 the directory is deleted and made anew, empty" {
  drop_models a b c
  cp -a "$M" "$HOME_DIR/backup"
  daemon_start
  in_sync
  rm -r "$M"
  eventually 5 says '.scan.complete == false and .inSync == false'
  mkdir "$M"
  another_directory_is_asked_about 6
  cp -a "$HOME_DIR/backup/." "$M"
  in_sync
  nothing_goes
}

@test "D6 restored from a backup with the same names, times and sizes: what it says counts, what it lacks is asked about" {
  model a clean | drop a.yaml
  model b clean | drop b.yaml
  cp -a "$M" "$HOME_DIR/backup"
  model x clean | drop b.yaml # of the same size, and of the same time
  touch -r "$HOME_DIR/backup/b.yaml" "$M/b.yaml"
  drop_models c d
  daemon_start
  in_sync
  mv "$M" "$HOME_DIR/lost"
  cp -a "$HOME_DIR/backup" "$M"
  another_directory_is_asked_about 6 14 # what was dropped from b.yaml waits ten times as long
  says '.deletions | map(.topic) | unique == ["'"$(printf "seldon.$NAMESPACE.model.%s\",\"" {c,d,x}.{inputs,outputs} | sed 's/,"$//')"']'
  never_sent delete
  topicd deny "$(status '.deletions[0].id')"
  in_sync
  expect_list model.{a,b,c,d,x}.{inputs,outputs}
  # Into the same directory, over what is there, it is a change like any other.
  drop_models e
  in_sync
  rm "$M"/*
  cp -a "$HOME_DIR/backup/." "$M"
  settled
  expect_list model.{a,b,c,d,x}.{inputs,outputs}
}

@test "M6 emptied and then written: nothing goes, however long it takes" {
  drop_models a b
  daemon_start
  in_sync
  : >"$M/a.yaml"
  eventually 5 says '.counts.rejectedFiles == 1'
  nothing_goes
  {
    model a clean | head -n 3
    sleep 2.5
    model a clean | tail -n +4
  } >"$M/a.yaml" 3>&- &
  local writer=$!
  look_while $writer
  in_sync
  nothing_goes
  expect_list model.{a,b}.{inputs,outputs}
}

@test "M1 renamed to what does not count it is removed, and back it was never gone" {
  drop_models a b c
  daemon_start
  in_sync
  local name
  for name in a.yaml~ .a.yaml.swp a.yaml.bak a.yaml.dpkg-new a.yaml.rpmsave '#a.yaml#'; do
    mv "$M/a.yaml" "$M/$name"
    eventually 5 says '.counts.files == 2 and (.deletions | length == 2)'
    mv "$M/$name" "$M/a.yaml"
    eventually 5 says '.counts.files == 3 and .deletions == []'
  done
  nothing_goes
  mv "$M/a.yaml" "$M/a.yaml.rpmsave"
  settled
  expect_list model.{b,c}.{inputs,outputs}
}

# So many files, of which every hundredth is a Model; the others make no topics.
twenty_thousand() { # DIRECTORY
  awk -v dir="$1" 'BEGIN {
    for (i = 10000; i < 30000; i++) {
      file = dir "/f" i ".yaml"
      kind = i % 100 ? "kind: Server" : "kind: Model"
      spec = i % 100 ? "{serverConfig: mlserver}" : "{storageUri: gs://x, dataflow: {cleanTopicsOnDelete: true}}"
      printf "apiVersion: mlops.seldon.io/v1alpha1\n%s\nmetadata: {name: f%d}\nspec: %s\n", kind, i, spec >file
      close(file)
    }
  }'
}

move_all() { # FROM TO
  find "$1" -name 'f*' -exec mv -t "$2" {} +
}

@test "L1 20,000 files at once come, go, which a person is asked about, and come back" {
  local many=$HOME_DIR/many
  drop_models kept
  daemon_start
  in_sync
  mkdir "$many"
  twenty_thousand "$many"
  move_all "$many" "$M"
  in_sync 40
  says '.counts.files == 20001 and .counts.models == 201 and .counts.topics == 402'
  within 3000 0 topicd reload
  move_all "$M" "$many"
  eventually 20 awaits 400
  move_all "$many" "$M"
  in_sync 40
  nothing_goes
  says '.counts.files == 20001 and .counts.topics == 402'
}
