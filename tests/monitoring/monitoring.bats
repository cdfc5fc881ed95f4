#!/usr/bin/env bats
# What packaging/monitoring/ offers, held against Prometheus' own tools and against what topicd writes. No broker.
# shellcheck disable=SC2016 # Grafana's variables
bats_require_minimum_version 1.5.0

MONITORING=$BATS_TEST_DIRNAME/../../packaging/monitoring

# A topicd.prom of a daemon that never reaches a broker.
setup_file() {
  export PROM=$BATS_FILE_TMPDIR/run/topicd.prom
  TOPICD=${TOPICD:-$BATS_TEST_DIRNAME/../../build/topicd}
  cd "$BATS_FILE_TMPDIR" || return
  mkdir manifests.d state run
  echo 'kind: x' >manifests.d/bad.yaml
  "$TOPICD" run --bootstrap 127.0.0.1:1 --manifests manifests.d --state state --runtime run 3>&- 2>log &
  local daemon=$!
  for ((i = 0; i < 200; i++)); do
    grep -qs '^topicd_rejected_files 1$' "$PROM" && break
    sleep 0.02
  done
  kill "$daemon"
  wait "$daemon"
}

# Names of metrics in a text, without what a histogram adds.
names() {
  grep -oE '\btopicd_[a-z_]+' | sed -E 's/_(bucket|sum|count)$//' | sort -u
}

@test "C topicd.prom passes Prometheus' own check" {
  run promtool check metrics <"$PROM"
  echo "$output"
  [[ $status == 0 && ! $output ]]
}

@test "C topicd.prom is readable by all and says what it could not do yet" {
  [[ $(stat -c %a "$PROM") == 644 ]]
  grep -qx 'topicd_last_reconciliation_timestamp_seconds 0.000000' "$PROM"
  grep -qx 'topicd_kafka_reachable 0' "$PROM"
  grep -qE '^topicd_build_info\{version="[0-9.]+",librdkafka="[0-9.]+"\} 1$' "$PROM"
  grep -qE "^topicd_start_time_seconds $(($(date +%s) / 1000))[0-9]{3}\.[0-9]{6}$" "$PROM"
}

@test "C the alerts fire when they should, and not when all is well" {
  promtool check rules "$MONITORING/topicd.rules.yaml"
  promtool test rules "$BATS_TEST_DIRNAME/alerts.yaml"
}

@test "C alerts and dashboard ask for metrics that there are" {
  names <"$PROM" >"$BATS_TEST_TMPDIR/written"
  [[ -s $BATS_TEST_TMPDIR/written ]]
  run comm -13 "$BATS_TEST_TMPDIR/written" <(cat "$MONITORING"/topicd.rules.yaml <(expressions) | names | grep -v '^topicd_prom$')
  echo "$output"
  [[ ! $output ]]
}

expressions() {
  jq -r '.panels[].targets[].expr' "$MONITORING/topicd.dashboard.json"
}

@test "C the dashboard's expressions are valid, and its panels do not overlap" {
  expressions | sed 's/\$__rate_interval/5m/g; s/\$instance/.*/g' |
    jq -R '{record: "x", expr: .}' | jq -s '{groups: [{name: "x", rules: .}]}' >"$BATS_TEST_TMPDIR/rules.yaml"
  [[ $(jq '.groups[0].rules | length' "$BATS_TEST_TMPDIR/rules.yaml") -gt 10 ]]
  # They are all recorded under one name here, which promtool reports and which is no error.
  promtool check rules --lint=none "$BATS_TEST_TMPDIR/rules.yaml"
  jq -e '[.panels[].gridPos | . as $p | range($p.x; $p.x + $p.w) as $x | range($p.y; $p.y + $p.h) as $y | [$x, $y]]
    | length == (unique | length)' "$MONITORING/topicd.dashboard.json"
  jq -e '[.panels[] | .title, .description] | all(length > 0)' "$MONITORING/topicd.dashboard.json"
}
