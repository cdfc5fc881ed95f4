#!/bin/bash
# Finds out what is missing on this machine for the named purposes and installs it with apt, saying what, where that can
# be done without asking (root, or sudo without a password); elsewhere it prints the one line to type.
set -euo pipefail

usage() {
  cat <<'END'
usage: install-deps.sh PURPOSE...
  build   compiler and libraries
  check   what the tests need: cmocka, bats, Java and Maven for Kafka, …
  lint    formatter and analysers
  deb     what makes and examines the Debian package
  rpm     what makes and examines the rpm package
  fuzz    clang with libFuzzer
  bench   what counts instructions
  soak    what else the whole campaign wants: file systems to cut the power of
  system  what boots a systemd in a container
END
}

# A row is PURPOSE TEST DEBIAN-PACKAGE FEDORA-PACKAGE. TEST is a program, x.pc for what pkg-config knows,
# x.py for a module of Python's, or x.rt for a library of clang's.
wants() {
  cat <<'END'
build gcc gcc gcc
build make make make
build pkg-config pkg-config pkgconf-pkg-config
build stdlib.h libc6-dev glibc-devel
build rdkafka.pc librdkafka-dev librdkafka-devel
build yaml-0.1.pc libyaml-dev libyaml-devel
build libsystemd.pc libsystemd-dev systemd-devel
build jansson.pc libjansson-dev jansson-devel
check cmocka.pc libcmocka-dev libcmocka-devel
check bats bats bats
check prove perl perl-Test-Harness
check java openjdk-17-jdk-headless java-17-openjdk-devel
check javac openjdk-17-jdk-headless java-17-openjdk-devel
check mvn maven maven
check openssl openssl openssl
check jq jq jq
check dot graphviz graphviz
check promtool prometheus golang-github-prometheus
check prometheus-node-exporter prometheus-node-exporter node-exporter
check jsonschema.py python3-jsonschema python3-jsonschema
check yaml.py python3-yaml python3-pyyaml
check /usr/lib/systemd/systemd-journal-remote systemd-journal-remote systemd-journal-remote
lint clang-format clang-format clang-tools-extra
lint clang-tidy clang-tidy clang-tools-extra
lint cppcheck cppcheck cppcheck
lint shellcheck shellcheck ShellCheck
lint mandoc mandoc mandoc
fuzz clang clang clang
fuzz fuzzer.rt libclang-rt-dev compiler-rt
bench valgrind valgrind valgrind
soak mkfs.ext4 e2fsprogs e2fsprogs
soak mkfs.xfs xfsprogs xfsprogs
deb dpkg-buildpackage dpkg-dev dpkg-dev
deb dh debhelper debhelper
deb fakeroot fakeroot fakeroot
deb lintian lintian lintian
deb blhc blhc blhc
rpm rpmbuild rpm rpm-build
rpm rpmlint rpmlint rpmlint
rpm eu-strip elfutils elfutils
system systemd-nspawn systemd-container systemd-container
system mmdebstrap mmdebstrap mmdebstrap
system ip iproute2 iproute
END
}

# One call of pkg-config answers for all; only if it says no is each asked alone.
present() { # TEST
  case $1 in
    *.pc) pkg-config --exists "${1%.pc}" 2>/dev/null ;;
    *.h) [[ -e /usr/include/$1 ]] ;;
    *.rt) [[ -e $(clang -print-file-name="libclang_rt.${1%.rt}-$(uname -m).a" 2>/dev/null) ]] ||
      [[ -e $(clang -print-runtime-dir 2>/dev/null)/libclang_rt.${1%.rt}-$(uname -m).a ]] ;;
    # Looking is faster than asking.
    *.py) [[ -e /usr/lib/python3/dist-packages/${1%.py} ]] || python3 -c "import ${1%.py}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing() { # COLUMN PURPOSE...
  local column=$1 purpose test debian fedora
  shift
  while read -r purpose test debian fedora; do
    if [[ " $* " != *" $purpose "* ]] || present "$test"; then continue; fi
    if [[ $column == debian ]]; then echo "$debian"; else echo "$fedora"; fi
  done < <(wants) | sort -u
}

for purpose; do
  case $purpose in
    build | check | lint | fuzz | bench | soak | deb | rpm | system) ;;
    *) usage >&2 && exit 2 ;;
  esac
done

if command -v apt-get >/dev/null; then
  mapfile -t packages < <(missing debian "$@")
  install=(apt-get install -y --no-install-recommends)
else
  mapfile -t packages < <(missing fedora "$@")
  install=(dnf install -y)
fi
if ((${#packages[@]} == 0)); then exit 0; fi
install+=("${packages[@]}")

as_root=()
if ((EUID != 0)); then as_root=(sudo -n); fi
if [[ ${install[0]} == dnf ]] || ! "${as_root[@]}" true 2>/dev/null; then
  echo "missing: ${packages[*]}; please type: sudo ${install[*]}" >&2
  exit 1
fi
echo "installing what is missing: ${packages[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Prometheus is here for its checks: it neither starts now nor at the next boot.
get() {
  local policy=/usr/sbin/policy-rc.d services=() package result=0
  if [[ -e $policy ]]; then policy=; fi
  if [[ $policy ]]; then printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"; fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" || result=$?
  if [[ $policy ]]; then "${as_root[@]}" rm -f "$policy"; fi
  for package in "${packages[@]}"; do
    if [[ $package == prometheus* ]]; then services+=("$package"); fi
  done
  if ((${#services[@]})) && command -v systemctl; then "${as_root[@]}" systemctl disable "${services[@]}" || :; fi
  return $result
}

# Package lists may be absent or too old on a new machine.
if ! { "${as_root[@]}" apt-get update && get; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "this failed: ${install[*]}" >&2
  exit 1
fi
