#!/usr/bin/env bats
# Deletions over the real daemon: what a person is asked about (D6).
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

awaits() { # COUNT
  says ".deletions | length == $1 and all(.state == \"awaiting-approval\" and (.id | length == 12) and .due == null)"
}

id() { status '.deletions[0].id'; }

limit() { # TOPICS
  configure 1 "  limit: {topics: $1, periodSeconds: 600}"
}

@test "D6 over the limit a person is asked; a wrong ID is an error, the right one deletes exactly these" {
  limit 3
  drop_models a b c d
  daemon_start
  in_sync
  remove_models a b
  eventually 8 awaits 4
  says '.inSync == false and .problems == 1 and (.deletions[0].reason | test("topics within 600 s, more than the limit of 3"))'
  # What topicd(8) shows a script that minds its own topics only.
  run topicd wait --timeout 1
  [[ $status == 3 ]]
  says '.kafka.reachable and .scan.complete and .failedTopics == [] and .observedGeneration == .generation
    and all(.rejectedFiles[]; .file != "iris.yaml")'
  logged_times 1 "awaits approval"
  sleep 1.5
  local first
  first=$(id)
  within 5000 1 topicd approve 0123456789ab 2>"$HOME_DIR/err"
  grep -q "no deletion with the ID 0123456789ab .*look at 'topicd status' first" "$HOME_DIR/err"
  [[ $(<"$HOME_DIR/err") != *"$first"* ]] # a person shall look at that set first
  awaits 4
  never_sent delete
  topicd approve "$first"
  settled
  expect_list model.{c,d}.{inputs,outputs}
  within 5000 1 topicd approve "$first"
  within 5000 1 topicd deny "$first"
  logged_times 1 "(uid [0-9]*) approved the deletion of 4 topics: $first"
}

@test "N4 the journal says who approved or denied, and trusts nobody's name" {
  only_for_root
  limit 1
  drop_models a b c d
  daemon_start
  in_sync
  remove_models a
  eventually 8 awaits 2
  local first person="nobody (uid 65534)" login
  login=$(cat /proc/self/loginuid 2>/dev/null) || true
  [[ ${login:-4294967295} == 4294967295 ]] || person="(uid $login)"
  first=$(id)
  SUDO_UID=65534 topicd approve "$first"
  logged_times 1 "$person approved the deletion of 2 topics: $first"
  settled
  remove_models b
  eventually 8 awaits 2
  first=$(id)
  SUDO_UID=65534 topicd deny "$first"
  logged_times 1 "$person denied the deletion of 2 topics: $first"
  SUDO_UID=65534 within 5000 1 topicd deny "$first by root (uid 0)" 2>/dev/null
  logged_times 1 "the request 'deny $first by root (uid 0)' of $person failed"
  # Bytes that a terminal might obey.
  printf 'deny 0 by \xc2\x9b31mred\xff%0200d\n' 0 >"$R/requests/evil.tmp"
  mv "$R/requests/evil.tmp" "$R/requests/evil.request"
  eventually 5 logged "the request 'deny 0' of .xc2.x9b31mred.xff0*… failed"
  [[ $(grep -c $'\xc2\x9b' "$LOG") == 0 ]]
}

approved() { # COUNT STATE
  says ".deletions | length == $1 and all(.state == \"$2\" and (.approvedId | length == 12) and .id == null)"
}

@test "D6 an approval can be taken back while its topics wait" {
  limit 3
  drop_models a b c d
  daemon_start
  in_sync
  remove_models a b
  eventually 8 awaits 4
  # A Pipeline needs one of them again: the other one goes, and this one waits for it.
  pipeline_over a | drop p.yaml
  eventually 8 says '.counts.topics == 9'
  local spent back user="needed by Pipeline/$NAMESPACE/p"
  spent=$(id)
  run topicd status
  [[ $output == *"model.a.inputs (Model/$NAMESPACE/a); also: $user"* ]]
  [[ $output == *"topicd approve $spent   deletes these topics, 2 of them only when nothing else holds them ($user)"* ]]
  run topicd plan
  [[ $output == *"a.yaml (awaits approval; also: $user)"*"b.yaml (awaits approval)"* ]]
  run topicd explain a.yaml
  [[ $output == *"a person has to say yes (rule D6); then it still waits: in use by Pipeline/$NAMESPACE/p (p.yaml)"* ]]
  [[ $(topicd plan --json | jq -r '.held[] | "\(.owner) \(.alsoReason)"' | uniq) == \
    "Model/$NAMESPACE/a $user"$'\n'"Model/$NAMESPACE/b null" ]]
  topicd explain --json "seldon.$NAMESPACE.model.a.inputs" >"$HOME_DIR/explain.json"
  [[ $(jq -r .topic.deletion.alsoReason "$HOME_DIR/explain.json") == "$user" ]]
  python3 tests/schema/validate.py doc/schemas/status.schema.json "$R/status.json" | grep '^accepts '
  python3 tests/schema/validate.py doc/schemas/explain.schema.json "$HOME_DIR/explain.json" | grep '^accepts '
  topicd approve "$spent"
  eventually 8 approved 2 in-use
  back=$(status '.deletions[0].approvedId')
  [[ $back != "$spent" ]]
  within 5000 1 topicd deny "$spent"
  within 5000 1 topicd approve "$back"
  run topicd status
  [[ $output == *"Approved: "*"topicd deny $back      keeps 2 topics after all"* ]]
  run topicd plan
  [[ $output == *"approved ("*"topicd deny $back      keeps 2 topics after all"* ]]
  run topicd explain "seldon.$NAMESPACE.model.a.inputs"
  [[ $output == *"stays: it is needed"*"it was approved; to keep it: topicd deny $back, or put the file back"* ]]
  topicd plan --json >"$HOME_DIR/plan.json"
  [[ $(jq -r '.held[].approvedId' "$HOME_DIR/plan.json" | uniq) == "$back" ]]
  python3 tests/schema/validate.py doc/schemas/status.schema.json "$R/status.json" | grep '^accepts '
  python3 tests/schema/validate.py doc/schemas/plan.schema.json "$HOME_DIR/plan.json" | grep '^accepts '
  daemon_stop KILL
  daemon_start
  eventually 8 approved 2 in-use
  topicd deny "$back"
  logged_times 1 "denied the deletion of 2 topics that had been approved: $back"
  says '.deletions == []'
  within 5000 1 topicd deny "$back"
  rm "$M/p.yaml"
  in_sync
  sleep 2
  expect_list errors.errors model.{a,c,d}.{inputs,outputs} pipeline.p.{inputs,outputs}
}

@test "D6 what will be held is foreseen in the grace period" {
  configure 60 "  limit: {topics: 3, periodSeconds: 600}"
  drop_models a b c d
  daemon_start
  in_sync
  remove_models a
  eventually 8 says '.summary | test("all in sync; deletes 2 topics of .* unless a.yaml returns")'
  remove_models b
  eventually 8 says '.summary | test("all in sync; 4 deletions will await approval at .* unless their manifests return")'
  run topicd status
  [[ $output == *"after that all of them will await approval: 4 topics within 600 s, more than the limit of 3"* ]]
  local due
  due=$(status '.deletions[0].due')
  run topicd plan
  [[ $output == *"a.yaml (will await approval at ${due:11:8} UTC)"* ]]
  [[ $(topicd plan --json | jq -r '.held[].due' | uniq) == "$due" ]]
  drop_models b
  eventually 8 says '.summary | test("all in sync; deletes 2 topics")'
}

@test "D6 a set that grows or shrinks has another ID; what returned is not deleted with the rest" {
  limit 3
  drop_models a b c d e
  daemon_start
  in_sync
  remove_models a b
  eventually 8 awaits 4
  local first second third
  first=$(id)
  remove_models c
  eventually 8 awaits 6
  second=$(id)
  [[ $second != "$first" ]]
  within 5000 1 topicd approve "$first"
  drop_models a
  eventually 5 awaits 4
  third=$(id)
  [[ $third != "$first" && $third != "$second" ]]
  within 5000 1 topicd approve "$second"
  never_sent delete
  topicd approve "$third"
  settled
  expect_list model.{a,d,e}.{inputs,outputs}
}

@test "D6 what was sent in the period counts; nor time nor a larger limit releases what is held" {
  limit 3
  drop_models a b c d
  daemon_start
  in_sync
  remove_models a
  settled
  remove_models b
  eventually 8 awaits 2
  limit 100
  topicd reload
  sleep 1.5
  awaits 2
  local before
  before=$(id)
  daemon_stop
  daemon_start
  eventually 5 awaits 2
  [[ $(id) == "$before" ]]
  topicd deny "$before"
  in_sync
  expect_list model.{b,c,d}.{inputs,outputs}
}

@test "D6 deletion.enabled false holds, and true by a reload releases nothing" {
  configure 1 '  enabled: false'
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  eventually 8 awaits 2
  says '.deletions[0].reason | test("deletion.enabled is false")'
  local held
  held=$(id)
  configure 1
  topicd reload
  sleep 1.5
  awaits 2
  [[ $(id) == "$held" ]]
  daemon_stop KILL
  daemon_start
  eventually 5 awaits 2
  [[ $(id) == "$held" ]]
  sleep 1.5
  awaits 2
  topicd approve "$held"
  settled
  expect_list model.b.{inputs,outputs}
}

@test "D6 yesterday's ID does not release the same deletions of today" {
  limit 1
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  eventually 8 awaits 2
  local yesterday today
  yesterday=$(id)
  drop_models a
  in_sync
  remove_models a
  eventually 8 awaits 2
  today=$(id)
  [[ $today != "$yesterday" ]]
  within 5000 1 topicd approve "$yesterday"
  # Nor after it was answered.
  topicd deny "$today"
  drop_models a
  in_sync
  remove_models a
  eventually 8 awaits 2
  within 5000 1 topicd approve "$today"
  within 5000 1 topicd deny "$yesterday"
  awaits 2
  never_sent delete
  topicd approve "$(id)"
  settled
  expect_list model.b.{inputs,outputs}
}

@test "D6 a daemon that is killed and restarted in a loop deletes no more than its limit" {
  limit 4
  drop_models a b c d e f g
  daemon_start
  in_sync
  local name left=7
  for name in a b c d e; do
    daemon_stop KILL
    remove_models $name
    left=$((left - 1))
    daemon_start
    # Killed when its deletion is sent or done, or held.
    eventually 8 says ".counts.models == $left and all(.deletions[]; .state | test(\"sending|retrying|awaiting\"))"
  done 2>/dev/null
  # Two were deleted before the limit was met, if they were sent before the kill.
  eventually 8 says '.deletions | length >= 6 and all(.state == "awaiting-approval")'
  [[ $(requests | sed -n 's/^delete //p' | tr ' ' '\n' | sort -u | wc -l) -le 4 ]]
  topics ask "seldon.$NAMESPACE.model."{c,d,e,f,g}.inputs >"$HOME_DIR/answers"
  [[ $(grep -c ^present "$HOME_DIR/answers") == 5 ]]
  topicd approve "$(id)"
  settled
  expect_list model.{f,g}.{inputs,outputs}
}

# So slow that the directory has not rested for ten grace periods when the last ones go.
@test "D6 a slow rm of 500 files is held as one" {
  local i
  for i in {100..599}; do
    printf 'apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: m%d}\nspec: {storageUri: gs://x, %s}\n' "$i" \
      'dataflow: {cleanTopicsOnDelete: true}' >"$M/m$i.yaml"
  done
  drop_models a b c
  daemon_start
  in_sync 40
  for i in {10..59}; do
    rm "$M/m$i"?.yaml
    sleep 0.25
  done
  eventually 15 awaits 1000
  says '.deletions[0].reason | test("more than the limit of 20")'
  logged_times 1 "the deletion of 1000 topics awaits approval"
  (($(count_log "awaits approval") < 10)) # not with every file
  never_sent delete
  topicd approve "$(id)"
  eventually 20 says '.inSync and .deletions == []'
  # A listing would take the broker long; its controller knows.
  printf "seldon.$NAMESPACE.model.%s.inputs\n" {a..c} m{100..599} | topics ask - >"$HOME_DIR/answers"
  [[ $(grep -c '^present .*model.[abc].inputs$' "$HOME_DIR/answers") == 3 ]]
  [[ $(grep -c '^absent' "$HOME_DIR/answers") == 500 ]]
}

@test "D6 removing everything asks, and the files' return is an answer too" {
  drop_models a b c
  daemon_start
  in_sync
  rm "$M"/*.yaml
  eventually 8 awaits 6
  says '.deletions[0].reason | test("no Model or Pipeline would be left")'
  local held
  held=$(id)
  drop_models a b c
  in_sync
  says '.deletions == []'
  within 5000 1 topicd approve "$held"
  never_sent delete
  expect_list model.{a,b,c}.{inputs,outputs}
}

@test "D6 the last of two goes without a question" {
  drop_models a b
  daemon_start
  in_sync
  rm "$M"/*.yaml
  settled
  expect_list
}

@test "D6 the directory is moved away and comes back: nothing is owed" {
  drop_models a b c
  daemon_start
  in_sync
  mv "$M" "$M.away"
  eventually 5 says '.scan.complete == false and .inSync == false'
  says '.scan.error | test("No such file")'
  sleep 2
  says '.deletions == [] and .counts.topics == 6'
  mv "$M.away" "$M"
  in_sync
  logged_times 1 "can be scanned again"
  sleep 1.5
  never_sent delete
  # The way by the directory is the one that was: what is removed now goes as always.
  remove_models a
  settled
  expect_list model.{b,c}.{inputs,outputs}
}

@test "D6 another directory in its place, with less in it: a person is asked, and the answer takes it" {
  drop_models a b c d
  daemon_start
  in_sync
  mkdir "$M.new"
  cp "$M"/[ab].yaml "$M.new"
  mv "$M" "$M.old"
  mv "$M.new" "$M"
  eventually 8 awaits 4
  says '.deletions[0].reason | test("directory is not the one it was")'
  daemon_stop
  daemon_start
  eventually 5 awaits 4
  sleep 1.5
  awaits 4
  never_sent delete
  topicd approve "$(id)"
  settled
  expect_list model.{a,b}.{inputs,outputs}
  remove_models a
  settled
  expect_list model.b.{inputs,outputs}
}

@test "D6 another directory with the same in it is the known one from then on" {
  drop_models a b c
  daemon_start
  in_sync
  cp -r "$M" "$M.new"
  mv "$M" "$M.old"
  mv "$M.new" "$M"
  sleep 1.5
  in_sync
  says '.deletions == []'
  remove_models a
  settled
  expect_list model.{b,c}.{inputs,outputs}
}

@test "D6 a file that had been rejected for over a second when it vanished" {
  drop_models a b c
  daemon_start
  in_sync
  echo 'kind: x' >"$M/a.yaml"
  eventually 5 logged "rejected, its last good version"
  sleep 0.3
  rm "$M/a.yaml"
  eventually 8 awaits 2
  says '.deletions[0].reason | test("had been rejected before it was removed")'
  drop_models a
  in_sync
  never_sent delete
}
