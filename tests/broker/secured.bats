#!/usr/bin/env bats
# A broker that takes passwords over TLS: what is said when a password or a certificate is wrong, and that nothing is
# deleted meanwhile (L5, D5).
load helper

setup_file() {
  record_requests
  broker_start --sasl --tls
}
teardown_file() { broker_stop; }
setup() {
  daemon_setup
  cp "$CLUSTER/tls/ca.pem" "$HOME_DIR/ca.pem"
  configure_as topicd topicd-secret
}
teardown() { daemon_teardown; }

configure_as() { # USER PASSWORD [MECHANISM]
  cat >"$CONFIG" <<END
kafka:
  bootstrap: $BOOTSTRAP
  properties:
    security.protocol: SASL_SSL
    ssl.ca.location: $HOME_DIR/ca.pem
    sasl.mechanism: ${3:-PLAIN}
    sasl.username: $1
    sasl.password: $2
namespace: $NAMESPACE
resyncPeriodSeconds: 5
deletion: {gracePeriodSeconds: 1}
END
  chmod 600 "$CONFIG"
}

# Another certificate for the broker, which has to start anew for it.
renew() { # [DAYS [NAMES]]
  "$KAFKA" certificate "$CLUSTER" "$@"
  "$KAFKA" stop "$CLUSTER"
  "$KAFKA" start "$CLUSTER" >&2
}

# It is said in the status, in plan and in the journal, once; and nothing is in sync.
all_say() { # PATTERN
  eventually 15 says ".kafka.reachable == false and (.kafka.error | test(\"$1\"))" || {
    status .kafka.error >&2
    return 1
  }
  says ".inSync == false and (.summary | test(\"waiting for Kafka: .*127.0.0.1\"))"
  run topicd plan
  [[ $status == 1 ]]
  grep -qE "cannot list the topics of $BOOTSTRAP: .*$1" <<<"$output" || {
    echo "$output" >&2
    return 1
  }
  logged_times 1 "Kafka at $BOOTSTRAP: .*$1" || {
    count_log "$1" >&2
    return 1
  }
}

@test "L5 a password over TLS: topics are made and deleted, and it is said nowhere" {
  drop_models a b
  daemon_start
  in_sync
  remove_models a
  settled
  expect_list model.b.{inputs,outputs}
  run topicd plan
  [[ $status == 0 ]]
  run grep -r topicd-secret "$R" "$S" "$LOG"
  [[ $status == 1 ]]
}

@test "L5 SCRAM over TLS: works, or the status says which library does" {
  local version
  version=$("$TOPICD" --version | sed -n 's/.*librdkafka \([0-9.]*\).*/\1/p')
  configure_as topicd topicd-secret SCRAM-SHA-512
  drop_models a b
  daemon_start
  if [[ ${KAFKA_VERSION:-4} == 3.* || $(printf '%s\n' "$version" 2.6.0 | sort -V | head -n 1) == 2.6.0 ]]; then
    in_sync
    remove_models a
    settled
    expect_list model.b.{inputs,outputs}
    daemon_stop
    rm "$LOG"
    configure_as topicd wrong SCRAM-SHA-512
    daemon_start
    all_say "[Aa]uthentication failed.*invalid credentials"
  else
    all_say "[Aa]uthentication failed.*invalid credentials.*use librdkafka 2.6 or newer, or PLAIN over TLS"
  fi
}

@test "L5 a wrong password over TLS: all say so, nothing is deleted, and with the right one it goes on" {
  drop_models a b
  daemon_start
  in_sync
  daemon_stop
  remove_models a
  configure_as topicd wrong-secret
  rm "$LOG"
  daemon_start
  all_say "[Aa]uthentication failed: Invalid username or password"
  sleep 2
  says '.deletions | length == 2'
  run grep -r wrong-secret "$R" "$S" "$LOG"
  [[ $status == 1 ]]
  daemon_stop
  never_sent delete
  configure_as topicd topicd-secret
  daemon_start
  eventually 10 says '.inSync and .deletions == []'
  expect_list model.b.{inputs,outputs}
}

@test "L5 another CA than the broker's: all say so, nothing is deleted, and with the right one it goes on" {
  drop_models a b
  daemon_start
  in_sync
  daemon_stop
  remove_models a
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -x509 -subj /CN=other -keyout "$HOME_DIR/key" \
    -out "$HOME_DIR/ca.pem" 2>/dev/null
  rm "$LOG"
  daemon_start
  all_say "is of a CA that ssl.ca.location does not hold .subject=/CN=kafka, issuer=/CN=test-ca"
  sleep 2
  says '.deletions | length == 2'
  never_sent delete
  cp "$CLUSTER/tls/ca.pem" "$HOME_DIR/ca.pem"
  eventually 45 says '.inSync and .deletions == []'
  expect_list model.b.{inputs,outputs}
}

@test "L5 the broker's certificate expires: all say so, nothing is deleted, and with a new one it goes on" {
  drop_models a b
  daemon_start
  in_sync
  rm "$LOG"
  daemon_stop
  daemon_start
  in_sync
  renew 0
  remove_models a
  drop_models c
  all_say "a certificate of the broker has expired: renew it there .subject=/CN=kafka"
  sleep 2
  says '.deletions | length == 2 and all(.state == "sending" or .state == "retrying")'
  never_sent delete
  renew
  eventually 20 says '.inSync and .deletions == []'
  expect_list model.{b,c}.{inputs,outputs}
}

@test "L5 a certificate of another host is refused" {
  renew 10 DNS:elsewhere.example
  drop_models a
  daemon_start
  all_say "is of another host than the address names .subject=/CN=kafka"
  renew
  eventually 20 says .inSync
  expect_list model.a.{inputs,outputs}
}
