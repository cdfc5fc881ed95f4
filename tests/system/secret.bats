#!/usr/bin/env bats
# A broker that wants a login: the password comes as a credential.
load helper

setup_file() {
  system_setup --sasl
  install_once
}
teardown_file() { system_teardown; }
setup() { boot; }
teardown() { container_teardown; }

waits_for_login() {
  [ "$(state)" = activating ] && property StatusText | grep -i authentication
}

@test "N1 SASL password by credential: absent, wrong and then right" {
  configure 1 'kafka:
  properties:
    security.protocol: SASL_PLAINTEXT
    sasl.mechanism: PLAIN
    sasl.username: topicd
    sasl.password: {credential: topicd.kafka-password}'
  drop iris
  run ! in_ systemctl start topicd # no such file
  in_ systemctl reset-failed topicd
  mkdir -p "$ROOT/etc/credstore"
  (umask 077 && echo wrong >"$ROOT/etc/credstore/topicd.kafka-password")
  in_ systemctl restart --no-block topicd
  eventually 10 waits_for_login
  expect_list
  echo topicd-secret >"$ROOT/etc/credstore/topicd.kafka-password"
  in_ systemctl restart topicd
  expect_list model.iris.inputs model.iris.outputs
  in_ topicd plan --offline
  run ! in_ journalctl -q --no-pager -u topicd --grep='wrong|topicd-secret'
  run ! grep -rq topicd-secret "$ROOT/run/topicd" "$ROOT/var/lib/topicd"
}
