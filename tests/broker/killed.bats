#!/usr/bin/env bats
# SIGKILL in the middle of much work: of the daemon, of the broker, of both (S2, L5).
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() {
  if [[ ${WRITER:-} ]]; then kill "$WRITER" || true; fi
  daemon_teardown
}

MODEL='apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: %s}\nspec: {storageUri: gs://x, dataflow: {cleanTopicsOnDelete: true}}\n'

# One after the other, as fast as they come: what is in flight is never all.
write_models() { # NAME...
  local name
  for name; do
    # shellcheck disable=SC2059 # it is the format
    printf "$MODEL" "$name" >"$M/.$name"
    mv "$M/.$name" "$M/$name.yaml"
    sleep 0.008
  done
}

count_of() { # create|delete
  requests | grep -c "^$1 " || true
}

names_in() { # create|delete: each topic once
  requests | sed -n "s/^$1 //p" | tr ' ' '\n' | sort -u
}

# Kills in the middle of each round: something was created, and there is more to come.
under_creations() { # ROUNDS COMMAND-THAT-KILLS-AND-STARTS
  local round each=$((500 / $1)) seen kind all=(m{100..599})
  daemon_start
  in_sync
  for ((round = 0; round < $1; round++)); do
    seen=$(count_of create)
    write_models "${all[@]:round*each:each}" 3>&- &
    WRITER=$!
    eventually 20 sent_at_least $((seen + 1)) create
    kill -0 "$WRITER"
    "$2"
    wait "$WRITER"
    WRITER=
  done
  in_sync 60
  says '.counts.topics == 1000 and .failedTopics == [] and .deletions == []'
  for kind in inputs outputs; do
    [[ $(printf "seldon.$NAMESPACE.model.%s.$kind\n" "${all[@]}" | topics ask - | grep -c ^present) == 500 ]]
  done
  never_sent delete
  # A broker that is killed does not say what it did last.
  [[ -z $(comm -13 <(printf '%s\n' model.m{100..599}.{inputs,outputs} | sort) <(names_in create)) ]]
}

kill_daemon() {
  daemon_stop KILL
  daemon_start
}
kill_broker() {
  "$KAFKA" stop "$CLUSTER" KILL
  "$KAFKA" start "$CLUSTER" >&2
}
kill_both() {
  daemon_stop KILL
  kill_broker
  daemon_start
}

@test "S2 SIGKILL of the daemon, again and again, in the middle of a thousand creations" {
  under_creations 5 kill_daemon 2>/dev/null
}

@test "L5 SIGKILL of the broker, again and again, in the middle of a thousand creations" {
  under_creations 2 kill_broker
}

@test "S2 SIGKILL of the broker and the daemon at once, in the middle of a thousand creations" {
  under_creations 2 kill_both
}

awaits() { # COUNT
  says ".deletions | length == $1 and all(.state == \"awaiting-approval\")"
}

present() { # NAME...
  local kind
  for kind in inputs outputs; do printf "seldon.$NAMESPACE.model.%s.$kind\n" "$@"; done | topics ask - | grep -c ^present || true
}

# One set after the other; the moment of the kill is another one each time.
@test "D6 SIGKILL in the middle of an approved deletion of hundreds: exactly what was approved goes, and no more than the limit" {
  configure 1 '  limit: {topics: 4, periodSeconds: 600}'
  write_models keep{1..4} {a..e}{10..49}
  daemon_start
  in_sync 40
  local set name gone=()
  for set in a b c d e; do
    for name in "$set"{10..49}; do rm "$M/$name.yaml"; done
    eventually 15 awaits 80
    local before
    before=$(count_of delete)
    topicd approve "$(status '.deletions[0].id')"
    case $set in
      a) ;;
      b | c) eventually 5 sent_at_least $((before + 1)) delete ;;
      *) sleep "0.0$((RANDOM % 10))" ;;
    esac
    daemon_stop KILL
    daemon_start
    eventually 20 says '.inSync and .deletions == []'
    gone+=("$set"{10..49})
    [[ $(present "${gone[@]}") == 0 ]]
  done 2>/dev/null
  [[ $(present keep{1..4}) == 8 ]]
  diff <(printf '%s\n' model.{a..e}{10..49}.{inputs,outputs} | sort) <(names_in delete) >&2
  # What goes by an approval counts: nothing goes without one after it, over restarts too.
  remove_models keep1 keep2
  daemon_stop KILL 2>/dev/null
  daemon_start
  eventually 10 awaits 4
  [[ $(present keep{1..4}) == 8 ]]
}
