#!/bin/bash
# Runs a real Kafka cluster (KRaft, from Maven) on loopback: for tests, the demo and the benchmark. usage() says how.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${KAFKA_VERSION:-4.3.1}
tools_version=${KAFKA_TOOLS_VERSION:-$version}
cache=${KAFKA_CACHE:-$here/../../build/kafka}/$version
archive=$cache/classes.jsa
users=(admin topicd viewer)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

usage() {
  cat <<'END'
usage: kafka.sh COMMAND [DIR] [ARGUMENT]...
  fetch                   copy the jars of $KAFKA_VERSION to $KAFKA_CACHE and dump a class archive (once; 10 s)
  port                    print a port at which a cluster can be started
  format DIR [OPTION]...  write the configuration of a new cluster and format its storage
  start DIR [OPTION]...   fetch and format unless that is done, start the nodes that do not run, wait for all
  stop DIR [SIGNAL]       end its nodes (TERM); a node that is paused goes on first
  start-nodes DIR NODE... the same of some nodes; start waits until all that run answer
  stop-nodes DIR SIGNAL NODE...
  leader DIR              print the node that is the active controller
  certificate DIR [DAYS [NAMES]]
                          make its nodes, when they start next, another certificate: for 0 days, it has expired
  pause DIR, resume DIR   stop its nodes where they stand (SIGSTOP), let them go on
  bootstrap DIR           print the addresses for clients
  admin DIR               print the addresses where everybody is a super user and needs no password
  topics DIR ARG...       kafka-topics, as a super user (0.5 s; tests/kafka/topics.c is faster)
  acls DIR ARG...         kafka-acls
  configs DIR ARG...      kafka-configs
Options:
  --port P         clients connect to 127.0.0.1:P, to node i at P+i-1; P+100 and P+200 on are taken too (a free port)
  --brokers N      all nodes are brokers (1) …
  --controllers N  … and the first N are controllers as well (1)
  --cluster-id ID  (topicd-tests)
  --prop K=V       one more line of server.properties; the last line of a name wins
  --policy         the broker refuses topics whose names begin with "denied" (PrefixPolicy.java)
  --sasl           clients log in by PLAIN or SCRAM-SHA-512 as admin, topicd or viewer, password NAME-secret
  --acl            allow only admin what no ACL allows; implies --sasl
  --tls            clients use TLS; the CA is DIR/tls/ca.pem
Environment: KAFKA_VERSION (4.3.1), KAFKA_TOOLS_VERSION, KAFKA_CACHE (build/kafka), KAFKA_HEAP (256m; 1g for 10,000 topics), KAFKA_LOG (warn),
  JAVA_HOME
END
}

die() {
  echo "kafka.sh: $*" >&2
  exit 1
}

# Says the line to type if a program is missing.
need() { # PROGRAM DEBIAN-PACKAGE FEDORA-PACKAGE
  if command -v "$1" >/dev/null; then return; fi
  if command -v dnf >/dev/null; then die "$1 is missing: sudo dnf install -y $3"; fi
  die "$1 is missing: sudo apt-get install -y $2"
}

# Runs Java on the jars. With a class archive a node starts in half the time.
jvm() { # ARG...
  local sharing=() path="$cache/jars/*"
  if [[ -d $cache/policy ]]; then path+=:$cache/policy; fi
  if [[ -e $archive ]]; then sharing=("-XX:SharedArchiveFile=$archive"); fi
  exec "$java" "-Xmx${KAFKA_HEAP:-256m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "${sharing[@]}" -Xlog:disable -Xlog:all=error:stderr \
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=${KAFKA_LOG:-warn}" -cp "$path" "$@"
}

fetch() {
  if [[ -e $archive ]]; then return; fi
  need "$java" openjdk-17-jdk-headless java-17-openjdk-devel
  need mvn maven maven
  mkdir -p "$cache"
  local lock
  exec {lock}>"$cache/lock"
  flock "$lock"
  if [[ ! -e $archive ]]; then
    local words
    words=$(mvn -B -q -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies \
      -DoutputDirectory="$cache/jars" -Dkafka.version="$version" -Dkafka.tools.version="$tools_version" 2>&1) ||
      die "Maven did not bring Kafka $version: $words"
    dump_archive
  fi
  exec {lock}>&-
}

# The classes that a node loads from its start to its end, into the archive.
dump_archive() {
  local dump=$cache/dump
  rm -rf "$dump"
  make_cluster "$dump"
  JAVA_TOOL_OPTIONS="-XX:ArchiveClassesAtExit=$archive.new" start_nodes "$dump"
  stop_nodes "$dump" TERM
  rm -r "$dump"
  [[ -e $archive.new ]] || die "Java wrote no class archive"
  mv "$archive.new" "$archive"
}

# Fails if somebody listens at the port.
free() { # PORT
  ! : 2>/dev/null <>"/dev/tcp/127.0.0.1/$1"
}

# Below the ports that the system gives to outgoing connections.
port() {
  local tries base
  for ((tries = 0; tries < 100; tries++)); do
    base=$((20000 + RANDOM % 11700))
    if free $base && free $((base + 1)) && free $((base + 2)) && free $((base + 100)) && free $((base + 101)) &&
      free $((base + 102)) && free $((base + 200)) && free $((base + 201)) && free $((base + 202)); then
      echo $base
      return
    fi
  done
  die "no free port was found"
}

new_key=(openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

# Makes a CA in DIR.
make_ca() { # DIR
  need openssl openssl openssl
  mkdir -p "$1"
  "${new_key[@]}" -x509 -days 3650 -subj /CN=test-ca -keyout "$1/ca.key" -out "$1/ca.pem" 2>"$1/log"
}

# Makes the nodes' certificate.
certificate() { # DIR [DAYS [NAMES]]
  local dir=$1/tls
  {
    "${new_key[@]}" -subj /CN=kafka -keyout "$dir/server.key" -out "$dir/server.csr"
    openssl x509 -req -days "${2:-3650}" -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial \
      -extfile <(echo "subjectAltName=${3:-IP:127.0.0.1,DNS:localhost}") -out "$dir/server.crt"
  } 2>"$dir/log"
  cat "$dir/server.key" "$dir/server.crt" >"$dir/server.pem"
}

# A create.topic.policy for tests; the compiled class stands beside the jars.
make_policy() {
  need "${java}c" openjdk-17-jdk-headless java-17-openjdk-devel
  if [[ $cache/policy/PrefixPolicy.class -nt $here/PrefixPolicy.java ]]; then return; fi
  "${java}c" -cp "$cache/jars/*" -d "$cache/policy" "$here/PrefixPolicy.java"
}

# Prints the server.properties of one node.
properties() { # DIR NODE CONTROLLERS PORT PROTOCOL ACL [K=V]...
  local dir=$1 node=$2 controllers=$3 port=$4 protocol=$5 acl=$6 user logins='' voters='' i
  for ((i = 1; i <= controllers; i++)); do voters+=,$i@127.0.0.1:$((port + 199 + i)); done
  local listeners=CLIENT://127.0.0.1:$((port + node - 1)),INTERNAL://127.0.0.1:$((port + node + 99))
  cat <<END
node.id=$node
log.dirs=$dir/node-$node/data
advertised.listeners=$listeners
listener.security.protocol.map=CLIENT:$protocol,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
controller.quorum.voters=${voters#,}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
num.network.threads=1
num.io.threads=2
background.threads=2
group.coordinator.threads=1
log.cleaner.enable=false
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=2000
END
  if ((node <= controllers)); then
    printf '%s\n' process.roles=broker,controller "listeners=$listeners,CONTROLLER://127.0.0.1:$((port + 199 + node))"
  else
    printf '%s\n' process.roles=broker "listeners=$listeners"
  fi
  if [[ $protocol == SASL_* ]]; then
    for user in "${users[@]}"; do logins+=" user_$user=\"$user-secret\""; done
    cat <<END
listener.name.client.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required$logins;
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
END
  fi
  if [[ $protocol == *SSL ]]; then
    cat <<END
listener.name.client.ssl.keystore.type=PEM
listener.name.client.ssl.keystore.location=$dir/tls/server.pem
listener.name.client.ssl.truststore.type=PEM
listener.name.client.ssl.truststore.location=$dir/tls/ca.pem
END
  fi
  if [[ $acl ]]; then
    cat <<END
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:admin
END
  fi
  printf '%s\n' "${@:7}"
}

make_cluster() { # DIR [OPTION]...
  local dir=$1 port='' brokers=1 controllers=1 cluster=topicd-tests sasl='' acl='' transport=PLAINTEXT node user
  local props=() scram=()
  shift
  while (($#)); do
    case $1 in
      --port) port=$2 && shift ;;
      --brokers) brokers=$2 && shift ;;
      --controllers) controllers=$2 && shift ;;
      --cluster-id) cluster=$2 && shift ;;
      --prop) props+=("$2") && shift ;;
      --policy) make_policy && props+=(create.topic.policy.class.name=PrefixPolicy) ;;
      --sasl) sasl=SASL_ ;;
      --acl) acl=1 sasl=SASL_ ;;
      --tls) transport=SSL ;;
      *) die "unknown option: $1" ;;
    esac
    shift
  done
  port=${port:-$(port)}
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  if [[ $transport == SSL ]]; then make_ca "$dir/tls" && certificate "$dir"; fi
  if [[ $sasl ]]; then
    for user in "${users[@]}"; do scram+=(--add-scram "SCRAM-SHA-512=[name=$user,password=$user-secret]"); done
  fi
  for ((node = 1; node <= brokers; node++)); do
    local home=$dir/node-$node
    mkdir -p "$home"
    properties "$dir" "$node" "$controllers" "$port" "$sasl$transport" "$acl" "${props[@]}" >"$home/server.properties"
    (jvm kafka.tools.StorageTool format -t "$cluster" -c "$home/server.properties" "${scram[@]}") \
      >"$home/log" 2>&1 || die "$(<"$home/log")"
  done
  echo "$port" >"$dir/port"
}

format() { # DIR [OPTION]...
  fetch
  make_cluster "$@"
}

# A killed node can be a zombie for a second; its ports are free once its other threads are gone.
running() { # NODE
  local pid state threads
  read -r pid <"$1/pid" && read -r _ _ state _ <"/proc/$pid/stat" && threads=("/proc/$pid/task/"*) &&
    [[ $state != Z || ${#threads[@]} -gt 1 ]]
} 2>/dev/null

# Says whether a Metadata (v1, no topics) answer lists the brokers; a broker is listed once topics can be put on it.
answers() { # PORT BROKERS
  local listed
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return
  printf '\0\0\0\016\0\003\0\001\0\0\0\001\0\0\0\0\0\0' >&3
  listed=$(timeout 2 head -c 12 <&3 | od -An -tu1 -j11)
  exec 3>&-
  ((listed >= $2))
} 2>/dev/null

# A node would answer on its other listeners and die a little later if one of its ports is taken.
check_ports() { # NODE
  local port
  for port in $(sed -n '/^listeners=/s/[^,]*:/ /gp' "$1/server.properties" | tr -d ,); do
    free "$port" || die "port $port is taken"
  done
}

# Starts one node, without the caller's open files: it outlives the caller, who may wait for their end.
start_node() { # NODE
  (
    for fd in /proc/self/fd/*; do
      if ((${fd##*/} > 2)); then eval "exec ${fd##*/}>&-"; fi
    done
    jvm kafka.Kafka "$1/server.properties"
  ) </dev/null >>"$1/log" 2>&1 &
  echo $! >"$1/pid"
}

# Waits until every node that runs lists as many brokers as there are nodes that run.
await_nodes() { # DIR
  local dir=$1 node tries nodes=()
  for node in "$dir"/node-*; do
    if [[ -e $node/pid ]]; then nodes+=("$node"); fi
  done
  for node in "${nodes[@]}"; do
    for ((tries = 0; ; tries++)); do
      if answers $(($(<"$dir/port") + 99 + ${node##*-})) ${#nodes[@]}; then break; fi
      running "$node" || die "$node ended: $(tail -n 5 "$node/log")"
      ((tries < 600)) || die "the cluster in $dir does not answer"
      sleep 0.05
    done
  done
}

start_nodes() { # DIR [NODE]...
  local node nodes=("${@:2}")
  if (($# == 1)); then mapfile -t nodes < <(nodes_of "$1"); fi
  for node in "${nodes[@]}"; do
    if running "$1/node-$node"; then continue; fi
    check_ports "$1/node-$node"
    start_node "$1/node-$node"
  done
  await_nodes "$1"
}

start() { # DIR [OPTION]...
  if [[ ! -e $1/port ]]; then format "$@"; fi
  start_nodes "$1"
}

nodes_of() { # DIR
  printf '%s\n' "$1"/node-* | sed 's/.*-//'
}

signal() { # SIGNAL DIR [NODE]...
  local node nodes=("${@:3}")
  if (($# == 2)); then mapfile -t nodes < <(nodes_of "$2"); fi
  for node in "${nodes[@]}"; do
    if running "$2/node-$node"; then kill -"$1" "$(<"$2/node-$node/pid")"; fi
  done
}

stop_nodes() { # DIR SIGNAL [NODE]...
  local node nodes=("${@:3}")
  if (($# == 2)); then mapfile -t nodes < <(nodes_of "$1"); fi
  signal "$2" "$1" "${nodes[@]}"
  signal CONT "$1" "${nodes[@]}"
  for node in "${nodes[@]}"; do
    while running "$1/node-$node"; do sleep 0.02; done
    rm -f "$1/node-$node/pid"
  done
}

# As the youngest of the votes that the nodes remember says.
leader() { # DIR
  grep -ho '"leaderId":.*,"votedId"' "$1"/node-*/data/__cluster_metadata-0/quorum-state |
    sed -E 's/.*:(-?[0-9]+),.*:([0-9]+),.*/\2 \1/' | sort -n | sed -n '$s/.* //p'
}

pause() { # DIR
  local node pid state
  signal STOP "$1"
  for node in "$1"/node-*; do
    pid=$(<"$node/pid") || return
    until read -r _ _ state _ <"/proc/$pid/stat" && [[ $state == T ]]; do sleep 0.01; done
  done
}

addresses() { # DIR FIRST-PORT
  local node out=''
  for node in $(nodes_of "$1"); do out+=,127.0.0.1:$(($2 + node - 1)); done
  echo "${out#,}"
}

bootstrap() { # DIR
  addresses "$1" "$(<"$1/port")"
}

admin() { # DIR
  addresses "$1" $(($(<"$1/port") + 100))
}

tool() { # CLASS DIR ARG...
  jvm "$1" --bootstrap-server "$(admin "$2")" "${@:3}"
}

acl_class=org.apache.kafka.tools.AclCommand
[[ $version == 3.* ]] && acl_class=kafka.admin.AclCommand

case ${1:-help} in
  fetch | port | format | start | pause | leader | certificate | bootstrap | admin) "$@" ;;
  stop) stop_nodes "$2" "${3:-TERM}" ;;
  start-nodes) start_nodes "${@:2}" ;;
  stop-nodes) stop_nodes "${@:2}" ;;
  resume) signal CONT "$2" ;;
  topics) tool org.apache.kafka.tools.TopicCommand "${@:2}" ;;
  acls) tool "$acl_class" "${@:2}" ;;
  configs) tool kafka.admin.ConfigCommand "${@:2}" ;;
  *) usage ;;
esac
