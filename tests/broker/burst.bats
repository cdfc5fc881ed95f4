#!/usr/bin/env bats
# Many topics at once (L3), and topics that somebody deletes (L4).
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

# So many models, each in its file.
many() { # COUNT DIRECTORY
  local i
  for ((i = 1000; i < 1000 + $1; i++)); do
    printf 'apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: m%d}\nspec: {storageUri: gs://x}\n' $i >"$2/m$i.yaml"
  done
}

@test "L4 what somebody deleted is made again by the resync, and said" {
  configure
  echo 'resyncPeriodSeconds: 1' >>"$CONFIG"
  drop_models a b
  daemon_start
  in_sync
  topics delete "seldon.$NAMESPACE.model.a.inputs"
  eventually 5 logged "model.a.inputs: is gone although nothing here deleted it"
  eventually 5 expect_list model.{a,b}.{inputs,outputs}
  in_sync
  logged_times 1 "is gone although"
  # Asking creates nothing: all that was created is what was wanted, once more what was gone.
  [[ $(requests | grep ^create | tr ' ' '\n' | grep -c model) == 5 ]]
}

@test "L4 the daemon asks the controller, and lists nothing" {
  configure
  echo 'resyncPeriodSeconds: 1' >>"$CONFIG"
  drop_models a b
  daemon_start
  in_sync
  eventually 8 sent_at_least 3 ask
  # A Metadata request with "topics" null lists all topics; an empty array lists the brokers alone.
  local listings
  listings=$(grep -a '"clientId":"topicd".*"METADATA"' "$CLUSTER/node-1/log" | grep -ac '"topics":null' || true)
  [[ $listings == 0 ]]
}

@test "L3 three hundred files one after the other are a few requests" {
  daemon_start
  in_sync
  many 300 "$M"
  in_sync
  local requests
  requests=$(requests | grep -c ^create)
  echo "$requests requests" >&2
  ((requests <= 60))
  says '.counts.topics == 600'
  # A listing would take the broker long; its controller knows.
  [[ $(printf "seldon.$NAMESPACE.model.m%d.inputs\n" {1000..1299} | topics ask - | grep -c ^present) == 300 ]]
}

resync_is_24_questions() {
  [[ $(requests | awk '$1 == "ask" && NF > 2 { n += NF - 1 == 250 } END { print n }') == 24 ]]
}

# Last, since a broker with so many topics is a slow one.
@test "L3 three thousand files at once are two requests, and the resync 24 questions" {
  configure
  echo 'resyncPeriodSeconds: 5' >>"$CONFIG"
  mkdir "$M.new"
  many 3000 "$M.new"
  daemon_start
  in_sync
  mv "$M" "$M.old"
  mv "$M.new" "$M"
  in_sync 60
  says '.counts.topics == 6000'
  local sizes
  sizes=$(requests | awk '$1 == "create" { printf "%d ", NF - 1 }')
  [[ $sizes == "3333 2667 " ]] || { echo "create: $sizes" >&2 && false; }
  eventually 30 resync_is_24_questions
}
