#!/usr/bin/env bats
# topicd.prom of a daemon that works, as a real node_exporter hands it on.
bats_require_minimum_version 1.5.0
# shellcheck disable=SC2154 # set by run
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() {
  [[ ! ${EXPORTER:-} ]] || { kill "$EXPORTER" && wait "$EXPORTER"; } || true
  daemon_teardown
}

metric() { # NAME[{LABELS}]
  awk -v name="$1" '$1 == name { print $2 }' "$R/topicd.prom"
}

expect_metric() { # NAME[{LABELS}] VALUE
  [[ $(metric "$1") == "$2" ]] || {
    echo "$1 is '$(metric "$1")' and not $2" >&2
    return 1
  }
}

@test "C metrics count what is done, and how long it took" {
  model early | drop early.yaml
  daemon_start
  in_sync
  expect_metric topicd_in_sync 1
  expect_metric topicd_desired_topics 2
  expect_metric topicd_ready_topics 2
  expect_metric 'topicd_topic_requests_total{operation="create",result="done"}' 2
  expect_metric topicd_change_to_topic_seconds_count 2
  topics create "seldon.$NAMESPACE.model.late.inputs"
  model late clean | drop late.yaml
  in_sync
  expect_metric 'topicd_topic_requests_total{operation="create",result="done"}' 3
  expect_metric 'topicd_topic_requests_total{operation="create",result="exists"}' 1
  expect_metric topicd_change_to_topic_seconds_count 4
  awk -v sum="$(metric topicd_change_to_topic_seconds_sum)" 'BEGIN { exit !(sum > 0 && sum < 40) }'
  rm "$M/late.yaml"
  eventually 20 expect_metric 'topicd_topic_requests_total{operation="delete",result="done"}' 2
  echo nonsense | drop bad.yaml
  eventually 20 expect_metric topicd_rejected_files 1
  awk -v then="$(metric topicd_last_reconciliation_timestamp_seconds)" -v now="$(date +%s)" \
    'BEGIN { exit !(then <= now + 1 && then > now - 60) }'
}

@test "S3 what the snapshot has already is no change that took time" {
  model early | drop early.yaml
  daemon_start
  in_sync
  daemon_stop
  daemon_start
  in_sync
  # Both topics were there when the last process ended: they are asked about, one of them first.
  expect_metric 'topicd_topic_requests_total{operation="ask",result="exists"}' 2
  expect_metric 'topicd_topic_requests_total{operation="create",result="exists"}' 0
  expect_metric topicd_change_to_topic_seconds_count 0
}

@test "C metrics name the broker's refusals" {
  sed -i 's/^namespace/  topics: {replicationFactor: 3}\n&/' "$CONFIG"
  model iris | drop iris.yaml
  daemon_start
  eventually 20 expect_metric topicd_failed_topics 2
  [[ $(metric 'topicd_topic_errors_total{operation="create",code="INVALID_REPLICATION_FACTOR"}') -ge 1 ]]
  expect_metric topicd_in_sync 0
}

scrape() { # URL: by hand, so that nothing has to be installed for it
  local host=${1%%/*}
  exec 9<>"/dev/tcp/${host/://}" || return
  printf 'GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n' "${1#*/}" "$host" >&9
  cat <&9
  exec 9>&-
}

@test "C node_exporter picks topicd.prom up" {
  local address
  address=127.0.0.1:$("$KAFKA" port)
  model iris | drop iris.yaml
  daemon_start
  in_sync
  mkdir "$HOME_DIR/textfiles"
  ln -s "$R/topicd.prom" "$HOME_DIR/textfiles"
  prometheus-node-exporter --web.listen-address="$address" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$HOME_DIR/textfiles" 3>&- 2>"$HOME_DIR/exporter" &
  EXPORTER=$!
  eventually 10 scrape "$address/metrics" >/dev/null 2>&1
  scrape "$address/metrics" | tr -d '\r' >"$HOME_DIR/scraped"
  sed 's/^/# exporter: /' "$HOME_DIR/exporter" >&2
  grep -qx 'node_textfile_scrape_error 0' "$HOME_DIR/scraped"
  grep -q 'node_textfile_mtime_seconds{file=".*topicd.prom"}' "$HOME_DIR/scraped"
  grep -qx 'topicd_ready_topics 2' "$HOME_DIR/scraped"
  grep -qx 'topicd_change_to_topic_seconds_bucket{le="+Inf"} 2' "$HOME_DIR/scraped"
  # Nothing of it got lost.
  diff <(grep -oE '^topicd_[a-z_]+' "$R/topicd.prom" | sort -u) <(grep -oE '^topicd_[a-z_]+' "$HOME_DIR/scraped" | sort -u)
}
