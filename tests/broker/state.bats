#!/usr/bin/env bats
# The snapshot over the real daemon (S): what is not in it is not sent, and whatever happens, the next start goes on.
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() {
  daemon_teardown
  ! mountpoint -q "$S" || umount "$S"
}

cannot_save() { # WHY
  says ".inSync == false and .problems == 1 and (.summary | test(\"cannot be saved.*$1\"))"
}

@test "S1 a full state directory: nothing is created, nothing deleted, the status says why; then it recovers" {
  only_for_root
  mount -t tmpfs -o size=64k topicd-test "$S"
  drop_models a b
  daemon_start
  in_sync
  head -c 100000 /dev/zero >"$S/fill" 2>/dev/null || [[ $? == 1 ]]
  # More than the file's last page has room for.
  for i in {01..40}; do echo --- && model "c$i" clean; done | drop c.yaml
  rm "$M/a.yaml"
  eventually 5 cannot_save "No space left"
  topicd wait --timeout 0.1 || [[ $? == 3 ]]
  topicd reload
  sleep 2.5 # the deletion would be due, and it was tried again
  expect_list model.{a,b}.{inputs,outputs}
  never_sent delete
  logged_times 1 "cannot save the snapshot"
  within 5000 1 topicd approve 000000000000
  rm "$S/fill"
  settled
  expect_list model.b.{inputs,outputs} model.c{01..40}.{inputs,outputs}
  logged_times 1 "can be saved again"
}

@test "S1 a state directory that is gone: nothing is sent until it is back" {
  drop_models a
  daemon_start
  in_sync
  mv "$S" "$S.away"
  drop_models b
  eventually 5 cannot_save "No such file"
  expect_list model.a.{inputs,outputs}
  mv "$S.away" "$S"
  in_sync
  expect_list model.{a,b}.{inputs,outputs}
}

@test "S1 the snapshot names what is sent before it is" {
  daemon_start
  in_sync
  "$KAFKA" pause "$CLUSTER"
  drop_models a
  eventually 5 says '.counts.topics == 2' || { "$KAFKA" resume "$CLUSTER" && false; }
  "$KAFKA" resume "$CLUSTER"
  grep -q "^resource	Model	$NAMESPACE	a	clean	" "$S/snapshot"
  in_sync
  remove_models a
  eventually 10 sent_at_least 1 delete
  grep -q "^sent	.*	seldon.$NAMESPACE.model.a.inputs$" "$S/snapshot"
}

@test "S2 SIGKILL at any moment: the topics are the right ones in the end" {
  configure 1 '  limit: {topics: 1000, periodSeconds: 600}'
  drop_models keep
  local i name
  for i in {1..8}; do
    for name in a b c d; do
      case $((RANDOM % 3)) in
        0) model $name clean | drop $name.yaml ;;
        1) rm -f "$M/$name.yaml" ;;
      esac
    done
    daemon_start
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
    for name in a b c d; do
      case $((RANDOM % 4)) in
        0) model $name clean | drop $name.yaml ;;
        1) rm -f "$M/$name.yaml" ;;
      esac
    done
    sleep "0.0$((RANDOM % 10))"
    ((i % 4)) || sleep 1.2 # for deletions to become due
    daemon_stop KILL
  done 2>/dev/null
  daemon_start
  settled
  local expected=()
  for name in "$M"/*.yaml; do expected+=("model.$(basename "$name" .yaml)."{inputs,outputs}); done
  expect_list "${expected[@]}"
  [[ -z $(find "$S" -name 'snapshot.*') ]]
}

@test "S3 what was changed while the daemon was down is seen at the start, deletions included, after the grace period" {
  configure 3
  drop_models a b
  daemon_start
  in_sync
  daemon_stop
  remove_models a
  drop_models c
  daemon_start
  eventually 5 says '.deletions | length == 2 and all(.state == "grace-period")'
  eventually 2 expect_list model.{a,b,c}.{inputs,outputs}
  eventually 8 says '.inSync and .deletions == []'
  expect_list model.{b,c}.{inputs,outputs}
}

@test "S4 without a snapshot nothing is owed" {
  drop_models a b
  daemon_start
  in_sync
  daemon_stop
  remove_models a
  rm "$S/snapshot"
  daemon_start
  in_sync
  sleep 1.5
  says '.deletions == []'
  expect_list model.{a,b}.{inputs,outputs}
}

damaged_start() { # WORD
  drop_models a b
  daemon_start
  in_sync
  daemon_stop
  remove_models a
  spoil_snapshot
  daemon_start
  in_sync
  sleep 1.5
  says '.deletions == []'
  expect_list model.{a,b}.{inputs,outputs}
  grep -q "model.a.inputs" "$S/snapshot.$1-1"
  logged_times 1 "it is kept as $S/snapshot.$1-1, and nothing is owed"
  daemon_stop
  daemon_start
  in_sync
  remove_models b
  settled
  expect_list model.a.{inputs,outputs}
}

@test "S4 a damaged snapshot is kept aside, and owes nothing" {
  spoil_snapshot() { sed -i 's/model.b/model.x/' "$S/snapshot"; }
  damaged_start damaged
}

@test "S4 a truncated snapshot is kept aside, and owes nothing" {
  spoil_snapshot() { sed -i '/^checksum/,$d' "$S/snapshot"; }
  damaged_start damaged
}

@test "S4 a snapshot of a newer format is kept aside, and owes nothing" {
  spoil_snapshot() { sed -i '1s/1$/2/' "$S/snapshot"; }
  damaged_start newer
}

# No event tells that the way is free, and nothing else is to be done until the resync.
# No file can take the place of a directory. The daemon may be writing just now.
put_directory() {
  rm -f "$1" && mkdir "$1"
}

@test "S2 a status that could not be written is written as soon as it can be; so are the metrics" {
  daemon_start
  in_sync
  eventually 5 put_directory "$R/status.json"
  drop_models a
  eventually 5 expect_list model.a.{inputs,outputs}
  sleep 1
  rmdir "$R/status.json"
  eventually 4 says '.inSync and .counts.topics == 2'
  eventually 5 put_directory "$R/topicd.prom"
  drop_models b
  eventually 5 expect_list model.{a,b}.{inputs,outputs}
  sleep 1
  rmdir "$R/topicd.prom"
  eventually 4 grep -qs '^topicd_ready_topics 4$' "$R/topicd.prom"
}

@test "S5 a second topicd exits at once, and names the first" {
  daemon_start
  in_sync
  run topicd run
  [[ $status == 1 && $output == *"another topicd already runs on $S: pid $DAEMON" ]]
  mkdir "$HOME_DIR/other"
  run "$TOPICD" run --config "$CONFIG" --manifests "$M" --state "$HOME_DIR/other" --runtime "$R"
  [[ $status == 1 && $output == *"another topicd already runs on $R: pid $DAEMON" ]]
  in_sync
  says ".pid == $DAEMON"
}

@test "D5 another prefix is another world: nothing is owed, the old snapshot is kept" {
  drop_models a b
  daemon_start
  in_sync
  daemon_stop
  remove_models a
  sed -i "s/^kafka:/kafka:\n  topicPrefix: other/" "$CONFIG"
  daemon_start
  in_sync
  sleep 1.5
  says '.deletions == []'
  expect_list model.{a,b}.{inputs,outputs}
  [[ $(topics list --prefix "other.$NAMESPACE." | wc -l) == 2 ]]
  grep -q "model.a.inputs" "$S/snapshot.scope-1"
}
