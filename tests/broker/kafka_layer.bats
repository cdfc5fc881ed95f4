#!/usr/bin/env bats
# Runs kafka_layer.c, a test at a time, against two brokers: one with users, rights and a policy, and one that deletes
# nothing. The tests that hurt a broker stand last.

setup_file() {
  cd "$BATS_TEST_DIRNAME/../.." || return
  export BUILD=${BUILD:-$PWD/build}
  export KAFKA=$PWD/tests/kafka/kafka.sh DATA=$BATS_FILE_TMPDIR CLUSTER_ID=layer-test-cluster
  "$KAFKA" start "$DATA/main" --cluster-id $CLUSTER_ID --acl --policy >&2
  "$KAFKA" start "$DATA/keeper" --prop delete.topic.enable=false >&2
  ADMIN=$("$KAFKA" admin "$DATA/main")
  CLIENT=$("$KAFKA" bootstrap "$DATA/main")
  KEEPER=$("$KAFKA" bootstrap "$DATA/keeper")
  DOWN=127.0.0.1:$("$KAFKA" port)
  export ADMIN CLIENT KEEPER DOWN
}

teardown_file() {
  local cluster
  for cluster in "$DATA"/*/; do "$KAFKA" stop "$cluster" KILL; done
}

layer() { # NAME
  PID=$(<"$DATA/${broker:-main}/node-1/pid") CMOCKA_MESSAGE_OUTPUT=TAP "$BUILD/tests/kafka_layer" "$1" >&2
}

@test "L5 create is done once, and then the topic exists" { layer L5_create_is_done_once_and_then_exists; }
@test "D7 a question creates nothing" { layer D7_a_question_creates_nothing; }
@test "D7 delete is done once, and then the topic is missing" { layer D7_delete_is_done_once_and_then_missing; }
@test "L5 a refusal is per topic, in the broker's words" { layer L5_a_refusal_is_per_topic_and_in_the_brokers_words; }
@test "T3 what the settings ask for is refused by name" { layer T3_what_the_settings_ask_for_is_refused_by_name; }
@test "T3 partitions and configuration arrive" { layer T3_partitions_and_configuration_arrive; }
@test "L3 a thousand topics are one request" { layer L3_a_thousand_topics_are_one_request; }
@test "L3 no request meets the broker's limit" { layer L3_no_request_meets_the_brokers_limit; }
@test "L5 every name has a result, even named twice" { layer L5_every_name_has_a_result_even_named_twice; }
@test "L2 closing drops what is in flight" { layer L2_closing_drops_what_is_in_flight; }
@test "L2 bad settings are refused in words" { layer L2_bad_settings_are_refused_in_words; }
@test "L5 without rights the topic is refused" { layer L5_without_rights_the_topic_is_refused; }
@test "N2 a wrong password is named" { layer N2_a_wrong_password_is_named; }
@test "N2 nobody there is named" { layer N2_nobody_there_is_named; }
@test "N2 a listing that fails says why" { layer N2_a_listing_that_fails_says_why; }
@test "D7 disabled deletion is named" { layer D7_disabled_deletion_is_named; }

@test "L5 a hanging broker leaves the outcome unknown" {
  layer L5_a_hanging_broker_leaves_the_outcome_unknown || { "$KAFKA" resume "$DATA/main" && return 1; }
}

@test "D5 the id is that of the cluster that is there now" {
  export OTHER_ID=other-test-cluster
  local port=${CLIENT#*:}
  export SWAP="$KAFKA stop $DATA/main KILL && $KAFKA start $DATA/other --cluster-id $OTHER_ID --port $port"
  layer D5_the_id_is_that_of_the_cluster_there_now
}

@test "L5 a killed broker leaves the outcome unknown at once" {
  local broker=other
  CLUSTER_ID=other-test-cluster layer L5_a_killed_broker_leaves_the_outcome_unknown_at_once
}

@test "every test of kafka_layer.c is run here" {
  diff <("$BUILD/tests/kafka_layer" | sort) <(grep -oP '\blayer \K[A-Z]\w+' "$BATS_TEST_FILENAME" | sort -u)
}
