#!/usr/bin/env bats
# The installed service against a real broker: what systemctl, journalctl and an operator see.
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

model_topics=(model.iris.inputs model.iris.outputs)
pipeline_topics=(pipeline.iris-pipeline.inputs pipeline.iris-pipeline.outputs)

@test "D1 the walk, by cp, rm and systemctl" {
  in_ systemctl start topicd
  expect_list
  cp "$SAMPLES/iris.yaml" "$M"
  in_sync
  expect_list "${model_topics[@]}"
  cp "$SAMPLES/iris-pipeline.yaml" "$M"
  in_ systemctl restart topicd
  expect_list errors.errors "${model_topics[@]}" "${pipeline_topics[@]}"
  rm "$M/iris-pipeline.yaml"
  eventually 20 expect_list errors.errors "${model_topics[@]}"
  rm "$M/iris.yaml"
  eventually 20 expect_list errors.errors
  in_sync
}

@test "D1 the walk without the flag: everything stays" {
  for sample in iris iris-pipeline; do
    sed 's/cleanTopicsOnDelete: true/cleanTopicsOnDelete: false/' "$SAMPLES/$sample.yaml" >"$M/$sample.yaml"
  done
  in_ systemctl start topicd
  rm "$M"/*.yaml
  in_sync
  sleep 3
  expect_list errors.errors "${model_topics[@]}" "${pipeline_topics[@]}"
}

@test "N1 systemctl start returns when the topics exist" {
  cp "$SAMPLES"/*.yaml "$M"
  in_ systemctl start topicd
  expect_list errors.errors "${model_topics[@]}" "${pipeline_topics[@]}"
}

@test "N1 started before Kafka, the unit waits, says so, and is not killed" {
  drop_in TimeoutStartSec=2s
  drop iris
  on_net "$KAFKA" stop "$CLUSTER"
  in_ systemctl start --no-block topicd
  sleep 4
  [ "$(state)" = activating ]
  [ "$(property NRestarts)" = 0 ]
  property StatusText | grep -i kafka
  # What an operator does while it waits.
  in_ timeout 5 topicd reload
  in_ timeout 5 topicd check
  on_net "$KAFKA" start "$CLUSTER"
  eventually 20 expect_list "${model_topics[@]}"
  eventually 5 [ "$(state)" = active ]
  [ "$(property NRestarts)" = 0 ]
}

@test "N1 a boot does not wait for a broker" {
  in_ systemctl enable topicd
  on_net "$KAFKA" pause "$CLUSTER"
  again reboot # returns when multi-user.target is reached
  [ "$(state)" = activating ]
  drop iris
  on_net "$KAFKA" resume "$CLUSTER"
  eventually 30 expect_list "${model_topics[@]}"
}

@test "L2 reload and stop while the broker hangs" {
  drop iris
  in_ systemctl start topicd
  on_net "$KAFKA" pause "$CLUSTER"
  drop other
  sleep 0.5
  in_ timeout 5 systemctl reload topicd
  echo 'nonsense: 1' >>"$ROOT/etc/topicd/topicd.yaml"
  run -1 in_ timeout 5 systemctl reload topicd
  [ "$(state)" = active ]
  in_ timeout 5 systemctl stop topicd
  [ "$(property Result)" = success ]
}

@test "N3 a hung loop is killed by the watchdog, and the state is whole" {
  drop_in WatchdogSec=2s RestartSec=100ms
  drop iris clean
  in_ systemctl start topicd
  in_ systemctl kill -s STOP topicd
  eventually 15 restarted
  in_ journalctl -q -u topicd --no-pager | grep -i watchdog
  in_sync
  expect_list "${model_topics[@]}"
  rm "$M/iris.yaml"
  eventually 20 expect_list
}
restarted() {
  [ "$(property NRestarts)" = 1 ] && [ "$(state)" = active ]
}

@test "S2 kill -9 with a deletion owed" {
  configure 3
  drop_in RestartSec=100ms
  drop iris clean
  drop other
  in_ systemctl start topicd
  rm "$M/iris.yaml"
  eventually 5 owed
  in_ systemctl kill -s KILL topicd
  eventually 15 restarted
  expect_list "${model_topics[@]}" model.other.inputs model.other.outputs
  eventually 20 expect_list model.other.inputs model.other.outputs
}
owed() {
  [ "$(status .counts.owedDeletions)" -gt 0 ]
}

@test "N4 the journal has a topic's history, and explains it" {
  drop iris clean
  in_ systemctl start topicd
  rm "$M/iris.yaml"
  eventually 20 expect_list
  run -0 in_ journalctl -q --no-pager -x "TOPICD_TOPIC=seldon.$NAMESPACE.model.iris.inputs"
  [[ $output == *"Subject: A topic was created"* ]]
  [[ $output == *"Subject: The deletion of a topic is owed"* ]]
  [[ $output == *"Model/$NAMESPACE/iris"* ]]
  [[ $output == *"Subject: A topic was deleted"* ]]
}

@test "N4 explain finds in the journal what prune deleted" {
  drop iris
  in_ systemctl start topicd
  local lost=seldon.$NAMESPACE.model.lost.inputs
  topics create "$lost"
  in_ topicd prune --yes "$lost"
  expect_list "${model_topics[@]}"
  run -0 in_ topicd explain "$lost"
  [[ $output == *"the journal tells"*"$lost: deleted with 'topicd prune' by "*"(uid "*"); nothing accounted for it"* ]]
}

@test "C the README's link for node_exporter is there while topicd runs, and does not dangle" {
  local directory=/var/lib/prometheus/node-exporter
  in_ mkdir -p "$directory"
  mapfile -t lines < <(grep '^Exec' README.md)
  [[ ${#lines[@]} == 2 ]]
  drop_in "${lines[@]}"
  in_ systemctl start topicd
  in_ grep -q '^topicd_in_sync 1$' "$directory/topicd.prom"
  in_ systemctl restart topicd
  in_ grep -q '^topicd_in_sync 1$' "$directory/topicd.prom"
  in_ systemctl stop topicd
  [[ -z $(in_ ls "$directory") ]]
}

@test "N4 a burst of topics is in the journal whole, whatever the journal's own limit is" {
  mkdir -p "$ROOT/etc/systemd/journald.conf.d"
  printf '[Journal]\nRateLimitBurst=5\n' >"$ROOT/etc/systemd/journald.conf.d/burst.conf" # times 6 at most
  in_ systemctl restart systemd-journald
  in_ systemctl start topicd
  for i in {100..299}; do echo --- && model "m$i"; done >"$M/.new"
  mv "$M/.new" "$M/many.yaml"
  in_sync 30
  eventually 10 all_in_journal
}
all_in_journal() {
  [ "$(in_ journalctl -q --no-pager -u topicd -o cat | grep -c ': created for')" = 400 ]
}

@test "N2 who may see what" {
  drop iris
  in_ systemctl start topicd
  in_ setpriv --reuid=65534 --regid=65534 --clear-groups topicd status
  in_ setpriv --reuid=65534 --regid=65534 --groups=_topicd topicd plan --offline
  run ! in_ setpriv --reuid=65534 --regid=65534 --clear-groups topicd plan --offline
  run ! in_ setpriv --reuid=65534 --regid=65534 --clear-groups topicd reload
  [ "$(in_ stat -c %a /run/topicd /run/topicd/status.json /run/topicd/requests /var/lib/topicd | tr '\n' ' ')" = '755 644 700 750 ' ]
}
