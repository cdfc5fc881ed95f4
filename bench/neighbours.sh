# What others need for the same topics, in milliseconds a topic.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2154

sample() { # KEY TOPICS: from "requests MS" on standard input
  calculate "$(value_of requests) / $2" >>"$work/neighbour.$1"
  echo >>"$work/neighbour.$1"
}

neighbours() {
  local i
  neighbour_java_compile
  neighbour_python_install
  for ((i = 0; i < few; i++)); do
    "$build/bench/floor" create-one 50 "n.floor-one-$i" | sample floor.one 100
    "$build/bench/floor" create-batch 500 "n.floor-batch-$i" | sample floor.batch 1000
    neighbour_java one 50 "n.java-one-$i" | sample java.one 50
    neighbour_java batch 1000 "n.java-batch-$i" | sample java.batch 1000
    neighbour_script 2 "n.script-$i" | sample script 2
    if [[ $python ]]; then
      "$python" "$here/neighbour.py" "$BOOTSTRAP" one 50 "n.python-one-$i" | sample python.one 50
      "$python" "$here/neighbour.py" "$BOOTSTRAP" batch 1000 "n.python-batch-$i" | sample python.batch 1000
    fi
  done
  for i in "$work"/neighbour.*; do summarize "neighbour.${i##*/neighbour.}" "$i"; done
}

jars() {
  echo "${KAFKA_CACHE:-$here/../build/kafka}/${KAFKA_VERSION:-4.3.1}/jars/*"
}

neighbour_java_compile() {
  javac -cp "$(jars)" -d "$work/java" "$here/Neighbour.java"
}

neighbour_java() { # one|batch COUNT NAME
  java -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$work/java:$(jars)" Neighbour "$BOOTSTRAP" "$@"
}

# kafka-topics.sh, without what its wrapper adds.
neighbour_script() { # COUNT NAME
  local i start=${EPOCHREALTIME/./}
  for ((i = 0; i < $1; i++)); do
    "$kafka" topics "$work/one" --create --topic "$2-$i" --partitions 1 --replication-factor 1 \
      --config max.message.bytes=1000000000 >/dev/null
  done
  echo "requests $(calculate "(${EPOCHREALTIME/./} - $start) / 1000")"
}

# Only here, and only if pip can: topicd's own tests need no Python.
neighbour_python_install() {
  python=$build/bench/venv/bin/python
  if ! "$python" "$here/neighbour.py" >/dev/null 2>&1; then
    { timeout 120 python3 -m venv "$build/bench/venv" &&
      timeout 120 "$python" -m pip install -q --only-binary :all: confluent-kafka; } >&2 || python=
  fi
  note python.version "${python:+$("$python" "$here/neighbour.py" | tr ' ' _)}"
}
