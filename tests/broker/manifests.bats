#!/usr/bin/env bats
# Bad manifests over the real daemon: a diagnostic, the last good version stays, nothing is deleted (M1, M4, M6, M7).
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

# Each spoils FILE in its own way, and says after it what the diagnostic is to match.
spoil_empty() { : >"$1"; }                                                            # now holds none
spoil_truncated() { truncate -s 75 "$1"; }                                            # is missing in the map
spoil_binary() { head -c 4096 /dev/zero | tr '\0' '\377' >"$1"; }                     # UTF-8
spoil_zeros() { truncate -s 0 "$1" && truncate -s 4096 "$1"; }                        # NUL byte
spoil_huge() { truncate -s 17M "$1"; }                                                # larger than 16 MiB
spoil_nested() { head -c 100000 /dev/zero | tr '\0' '[' >"$1"; }                      # nested too deeply
spoil_commented() { sed -i 's/^/# /' "$1"; }                                          # now holds none
spoil_no_items() { printf 'apiVersion: v1\nkind: List\nitems: []\n' >"$1"; }          # now holds none
spoil_twice() { echo 'kind: Model' >>"$1"; }                                          # duplicate key "kind"
spoil_misspelt() { sed -i 's/storageUri/storageUrl/' "$1"; }                          # did you mean .*storageUri
spoil_self() { echo '  x: &a [*a]' >>"$1"; }                                          # alias stands inside
spoil_dangling() { link_over "$1" nowhere; }                                          # does not exist
spoil_loop() { link_over "$1" loop.yaml.other && ln -s loop.yaml "$1.other"; }        # circle
spoil_directory() { link_over "$1" .; }                                               # a directory
spoil_device() { link_over "$1" /dev/zero; }                                          # character device
spoil_fifo() { mkfifo "$1.new" && mv "$1.new" "$1"; }                                 # named pipe
spoil_bomb() {
  { # apiVersion and kind are missing
    echo 'a: &a [x,x,x,x,x,x,x,x,x]'
    for x in b c d e f g h i; do
      echo "$x: &$x [*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p]"
      p=$x
    done
  } >"$1"
}

# In one step, so that the name never vanishes.
link_over() { # FILE TARGET
  ln -s "$2" "$1.new" && mv -T "$1.new" "$1"
}

ways() { declare -F | sed -n 's/^declare -f spoil_//p'; }

expectation() { # WAY
  sed -n "/^spoil_$1()/,/^}/s/^.*# //p" "$BATS_TEST_FILENAME" | head -n 1
}

all_rejected() {
  says ".counts.rejectedFiles == $(ways | wc -l) and (.rejectedFiles | length) == .counts.rejectedFiles"
}

every_way_is_named() {
  local way message failed=0
  for way in $(ways); do
    message=$(status ".rejectedFiles[] | select(.file == \"$way.yaml\").errors[].message")
    grep -qP "$(expectation "$way")" <<<"$message" || {
      echo "$way: $message does not match $(expectation "$way")" >&2
      failed=1
    }
  done
  return $failed
}

@test "M6 whatever becomes of a file, its last good version stays, and nothing is deleted, also over restarts" {
  local p=a way
  for way in $(ways); do model "${way//_/-}" clean | drop "$way.yaml"; done
  model good | drop good.yaml
  daemon_start
  in_sync
  [[ $(list | wc -l) == $((2 * $(ways | wc -l) + 2)) ]]
  list >"$HOME_DIR/before"
  for way in $(ways); do "spoil_$way" "$M/$way.yaml"; done
  eventually 10 all_rejected
  every_way_is_named
  says '.inSync == false and .deletions == [] and .phase == "running"'
  within 3000 0 topicd reload # all of that takes no time
  sleep 2.5
  # Others go on: no file is in the way of another one.
  model more | drop more.yaml
  rm "$M/good.yaml"
  eventually 10 says '.counts.topics == 2 + 2 * .counts.rejectedFiles'
  daemon_stop
  daemon_start
  eventually 10 all_rejected
  every_way_is_named
  sleep 2.5
  says '.deletions == []'
  diff "$HOME_DIR/before" <(list | grep -v model.more) >&2
  never_sent delete
  # Repaired, all is well.
  for way in $(ways); do
    rm -rf "${M:?}/$way.yaml"
    model "${way//_/-}" clean | drop "$way.yaml"
  done
  in_sync
  says '.rejectedFiles == []'
  never_sent delete
}

@test "M6 new files that are bad make nothing, and block every deletion until they are repaired or go" {
  local p=a way
  model gone clean | drop gone.yaml
  daemon_start
  in_sync
  for way in $(ways); do
    model "${way//_/-}" >"$HOME_DIR/$way.yaml"
    "spoil_$way" "$HOME_DIR/$way.yaml"
    [[ $way == empty || $way == commented || $way == no_items ]] || mv "$HOME_DIR/$way.yaml" "$M"
  done
  rm "$M/gone.yaml"
  eventually 10 says '.counts.rejectedFiles == '$(($(ways | wc -l) - 3))
  sleep 2
  eventually 5 says '.deletions | length == 2 and all(.state == "blocked" and (.reason | test("^binary.yaml, bomb.yaml, dangling.yaml and [0-9]+ more are rejected")))'
  expect_list model.gone.{inputs,outputs}
  rm -r "${M:?}"/*
  eventually 15 expect_list
}

@test "M6 a file that may not be read is rejected, and its last good version stays" {
  local binary=$HOME_DIR/topicd dir
  cp "$TOPICD" "$binary"
  if [[ $(id -u) == 0 ]]; then
    for dir in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"; do chmod a+x "$dir"; done
    chown -R nobody "$HOME_DIR"
    printf '#!/bin/sh\nexec setpriv --reuid=nobody --clear-groups "%s" "$@"\n' "$binary" >"$HOME_DIR/as-nobody"
    binary=$HOME_DIR/as-nobody
    chmod +x "$binary"
  fi
  model iris clean | drop iris.yaml
  TOPICD=$binary daemon_start
  in_sync
  chown root "$M/iris.yaml"
  chmod 0 "$M/iris.yaml"
  eventually 5 says '.rejectedFiles[0].errors[0].message | test("may not be read")'
  sleep 2
  says '.deletions == []'
  expect_list model.iris.{inputs,outputs}
  # Nor may the whole directory be: nothing is known then, nothing goes.
  chown root "$M"
  chmod 0 "$M"
  topicd reload
  says '.scan.complete == false and (.scan.error | test("Permission denied")) and .inSync == false'
  chmod 755 "$M"
  chmod 644 "$M/iris.yaml"
  in_sync
  says '.deletions == []'
}

@test "M6 a slow writer in place, cut between two documents: nothing goes" {
  both() {
    model one clean
    echo ---
    model two clean
  }
  both | drop both.yaml
  daemon_start
  in_sync
  {
    model one clean
    sleep 2.5
    echo ---
    model two clean
  } >"$M/both.yaml" 3>&- &
  local writer=$!
  look_while $writer
  in_sync
  expect_list model.{one,two}.{inputs,outputs}
  never_sent delete
}

@test "M7 two files exchange their resources in one scan" {
  model a clean | drop a.yaml
  model b clean | drop b.yaml
  daemon_start
  in_sync
  kill -STOP "$DAEMON"
  mv "$M/a.yaml" "$M/.c"
  mv "$M/b.yaml" "$M/a.yaml"
  mv "$M/.c" "$M/b.yaml"
  kill -CONT "$DAEMON"
  in_sync
  says '.rejectedFiles == [] and .deletions == []'
  eventually 5 grep -Pzq 'file\ta.yaml\t.*\nresource\tModel\t[a-z0-9]+\tb\t' "$S/snapshot"
  sleep 2
  never_sent delete
  [[ $(count_log rejected) == 0 ]]
}

@test "M7 the second claim is rejected, naming the holder, and takes over with nothing deleted when the holder goes" {
  model iris clean | drop b.yaml
  daemon_start
  in_sync
  model iris clean | drop a.yaml
  eventually 5 says '.rejectedFiles | length == 1 and .[0].file == "a.yaml" and (.[0].errors[0].message | test("b.yaml"))'
  says '.problems == 1'
  rm "$M/b.yaml"
  in_sync
  says '.rejectedFiles == [] and .deletions == []'
  sleep 2
  expect_list model.iris.{inputs,outputs}
  never_sent delete
  # Renaming is the same: the resource never went.
  mv "$M/a.yaml" "$M/z.yml"
  in_sync
  sleep 1.5
  in_sync
  never_sent delete
}

@test "N4 a rejection is logged once, when it has lasted a second; so is that it is over" {
  model iris | drop iris.yaml
  daemon_start
  in_sync
  echo 'kind: x' >"$M/iris.yaml"
  eventually 5 says '.counts.rejectedFiles == 1'
  model iris | drop iris.yaml
  in_sync
  sleep 1.2
  [[ $(count_log "rejected") == 0 ]]
  echo 'kind: x' >"$M/iris.yaml"
  eventually 5 logged "rejected, its last good version stays in force: iris.yaml:1:"
  topicd reload
  touch "$M/iris.yaml"
  sleep 1.5
  [[ $(count_log "rejected") == 1 ]]
  model iris | drop iris.yaml
  in_sync
  [[ $(count_log "iris.yaml is accepted again") == 1 ]]
  [[ $(count_log "rejected") == 1 ]]
}

@test "M4 validation: warn takes effect at a reload, and strict again" {
  model iris | sed 's/^spec:/&\n  nonsense: 1/' | drop iris.yaml
  daemon_start
  eventually 5 says '.counts.rejectedFiles == 1'
  expect_list
  configure 1
  echo 'validation: warn' >>"$CONFIG"
  topicd reload
  in_sync
  expect_list model.iris.{inputs,outputs}
  [[ $(count_log nonsense) -ge 1 ]]
  configure 1
  topicd reload
  eventually 5 says '.counts.rejectedFiles == 1 and .deletions == []'
  expect_list model.iris.{inputs,outputs}
}
