#!/bin/bash
# Boots a real systemd as PID 1 in a container, on a host whose own PID 1 need not be systemd. usage() says how.
#
# Needs root, systemd-container, mmdebstrap, overlayfs, and a writable cgroup2 mount (it may sit beside v1 controllers).
set -euo pipefail
base=${SDTEST_DIR:-/var/tmp/topicd-systemd}
cache=$base/cache run=$base/run
cgroups=(/sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup)

usage() {
  cat <<'END'
usage: boot-systemd.sh COMMAND [ARGUMENT]...
  can                               says whether this machine can, and if not, why
  build SUITE PACKAGE,...           a base tree of that Debian in the cache (once; 20 s); prints its key
  boot NAME KEY [NSPAWN-ARGUMENT].. boots a container on a base tree, whose files it does not change
  exec NAME COMMAND...              runs it in the container, not in a unit's control group
  run NAME COMMAND...               runs it as a transient unit, as an administrator's apt or dpkg would
  push NAME SOURCE TARGET           copies a file into it
  reboot NAME                       systemctl reboot
  cut NAME                          power cut: SIGKILL to PID 1 and all with it; the files stay
  stop NAME [KEEP]                  orderly; with KEEP the files stay
  resume NAME [NSPAWN-ARGUMENT]...  boots again what cut or KEEP left
  remove NAME                       power cut, and the files go
  commit NAME KEY                   what a stopped (KEEP) container holds becomes a base tree of that key
  forget KEY                        removes such a tree
  pids NAME UNIT                    the unit's processes, numbered as on this host
  root NAME                         where its files are
Environment: SDTEST_DIR (/var/tmp/topicd-systemd): cache/ may outlive a run. MIRROR: Debian's mirror (this host's own).
END
}

die() {
  echo "boot-systemd.sh: $*" >&2
  exit 1
}

can() {
  local probe
  ((EUID == 0)) || die "a container needs root"
  mkdir -p "$base"
  probe=$(mktemp -d -p "$base")
  mkdir "$probe"/{lower,upper,work,root}
  unshare --mount mount -t overlay probe \
    -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/root" 2>/dev/null || {
    rm -rf "$probe"
    die "no overlay file system can be mounted in $base (see SDTEST_DIR)"
  }
  rm -rf "$probe"
  [[ -w /sys/fs/cgroup/unified/cgroup.procs || -w /sys/fs/cgroup/cgroup.procs ]] || die "no writable cgroup2 mount"
}

# The host's own mirror.
mirror() {
  local codename
  if [[ ${MIRROR:-} ]]; then
    echo "$MIRROR"
    return
  fi
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  apt-get indextargets --format "\$(RELEASE)|\$(COMPONENT)|\$(REPO_URI)" 'Created-By: Packages' |
    awk -F'|' -v suite="$codename" '$1 == suite && $2 == "main" { sub("/$", "", $3); print $3; exit }'
}

build() { # SUITE PACKAGE,...
  local suite=$1 packages=systemd,systemd-sysv,dbus,$2 key tree from lock
  key=$suite-$(sha256sum <<<"$packages" | cut -c1-8) # another list is another tree
  mkdir -p "$cache"
  exec {lock}>"$cache/.$key.lock"
  flock "$lock"
  if [[ ! -e $cache/$key.ok ]]; then
    from=$(mirror)
    [[ $from ]] || die "no mirror of Debian is known (set MIRROR=)"
    tree=$cache/.$key.new
    rm -rf "$tree"
    mmdebstrap --quiet --variant=minbase --include="$packages" \
      --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
      --dpkgopt=force-unsafe-io "$suite" "$tree" "$from" >&2 {lock}>&-
    : >"$tree/etc/machine-id" # a fresh one at each boot
    rm -f "$tree/etc/hostname"
    echo '127.0.0.1 localhost' >"$tree/etc/hosts" # an installer writes it
    mkdir -p "$tree/var/log/journal"
    rm -rf "${cache:?}/$key"
    mv "$tree" "$cache/$key"
    : >"$cache/$key.ok"
  fi
  echo "$key"
}

# A committed tree names the one below it.
layers() { # KEY
  local key=$1 all=
  while :; do
    all+=${all:+:}$cache/$key
    [[ -e $cache/$key.lower ]] || break
    key=$(<"$cache/$key.lower")
  done
  echo "$all"
}

children() { # PID
  cat "/proc/$1/task/"*/children 2>/dev/null || :
}

command_of() { # PID
  cat "/proc/$1/comm" 2>/dev/null || :
}

# The supervisor's parent may be slow to reap it, and kill -0 succeeds on a zombie.
alive() { # PID
  local _ state
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" && [[ $state != [ZX] ]]
} 2>/dev/null

ended() { # PID SECONDS
  local tries
  for ((tries = 0; tries < $2 * 50; tries++)); do
    alive "$1" || return 0
    sleep 0.02
  done
  return 1
}

supervisor() { # NAME
  cat "$run/$1/supervisor" 2>/dev/null || die "no container $1 runs"
}

nspawn_of() { # NAME
  local pid
  for pid in $(children "$(supervisor "$1")"); do
    if [[ $(command_of "$pid") == systemd-nspawn ]]; then echo "$pid"; fi
  done
}

# Its PID 1: a reboot gives another one.
leader() { # NAME
  local nspawn pid
  nspawn=$(nspawn_of "$1")
  [[ $nspawn ]] || return 1
  for pid in $(children "$nspawn"); do
    if [[ $(command_of "$pid") == systemd && $(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status" 2>/dev/null) == 1 ]]; then
      echo "$pid"
      return
    fi
  done
  return 1
}

# Up is when the target is reached; a unit may still be starting (topicd, while there is no Kafka).
up() { # NAME
  local tries state pid
  for ((tries = 0; tries < 600; tries++)); do
    alive "$(supervisor "$1")" || break
    if pid=$(leader "$1"); then
      state=$(nsenter -t "$pid" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        systemctl is-active multi-user.target 2>/dev/null) || :
      if [[ $state == active ]]; then return; fi
    fi
    sleep 0.05
  done
  tail -n 20 "$run/$1/console" >&2
  return 1
}

boot() { # NAME KEY [NSPAWN-ARGUMENT]...
  local name=$1 key=$2
  shift 2
  [[ -e $cache/$key.ok ]] || die "no base tree $key"
  [[ ! -e $run/$name ]] || die "$name exists"
  mkdir -p "$run/$name"/{upper,work,root}
  echo "$key" >"$run/$name/key"
  resume "$name" "$@"
}

resume() { # NAME [NSPAWN-ARGUMENT]...
  local name=$1 dir=$run/$1 group groups=()
  shift
  mountpoint -q "$dir/root" || mount -t overlay "topicd-$name" \
    -o "lowerdir=$(layers "$(<"$dir/key")"),upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
  # A control group of its own; else all containers would manage each other's units.
  for group in "${cgroups[@]}"; do
    if [[ -w $group/cgroup.procs ]]; then
      mkdir -p "$group/topicd-$name"
      groups+=("$group/topicd-$name/cgroup.procs")
    fi
  done
  # With --keep-unit nspawn does not reboot by itself, it exits with 133. Without the caller's terminal and files it
  # outlives the caller.
  # shellcheck disable=SC2016 # for the inner shell
  setsid bash -c '
    for fd in /proc/self/fd/*; do if ((${fd##*/} > 2)); then eval "exec ${fd##*/}>&-"; fi; done
    while [[ $1 != -- ]]; do echo $$ >"$1"; shift; done
    shift
    code=133
    while ((code == 133)); do code=0; "$@" || code=$?; done
    exit $code' supervisor "${groups[@]}" -- \
    env -u NOTIFY_SOCKET SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \
    systemd-nspawn -D "$dir/root" -M "$name" --hostname="$name" \
    --register=no --keep-unit --kill-signal=SIGRTMIN+3 \
    --link-journal=no --resolv-conf=off --timezone=off \
    --console=read-only --system-call-filter=bpf "$@" -b </dev/null >>"$dir/console" 2>&1 &
  echo $! >"$dir/supervisor"
  if ! up "$name"; then
    stop "$name"
    die "$name did not come up"
  fi
}

# In all namespaces of the container, in a clean environment. nsenter keeps the caller's capabilities: without this,
# "exec NAME date -s ..." would set the host's clock.
enter() { # NAME COMMAND...
  local pid bounds number drop=
  pid=$(leader "$1") || die "no container $1 runs"
  shift
  bounds=$(awk '/^CapBnd:/ { print $2 }' "/proc/$pid/status")
  for number in {0..40}; do
    if ! (((16#$bounds >> number) & 1)); then drop+=${drop:+,}-cap_$number; fi
  done
  exec nsenter -t "$pid" -a setpriv --inh-caps="${drop:--cap_63}" --bounding-set="${drop:--cap_63}" env -i \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
    SYSTEMD_PAGER= SYSTEMD_COLORS=0 DEBIAN_FRONTEND=noninteractive "$@"
}

run_unit() { # NAME COMMAND...
  local name=$1
  shift
  enter "$name" systemd-run --quiet --pipe --wait --collect \
    -E DEBIAN_FRONTEND=noninteractive -E LC_ALL=C.UTF-8 -- "$@"
}

push() { # NAME SOURCE TARGET
  cp -a "$2" "/proc/$(leader "$1")/root$3"
}

reboot() { # NAME
  local before tries
  before=$(leader "$1")
  (enter "$1" systemctl reboot) >/dev/null 2>&1 || : # the connection may be reset
  for ((tries = 0; tries < 1200; tries++)); do
    if [[ $(leader "$1") != "$before" ]]; then break; fi
    sleep 0.05
  done
  up "$1"
}

pids() { # NAME UNIT
  local group found
  for group in "${cgroups[@]}"; do
    found=$(find "$group/topicd-$1" -type d -name "$2" -print -quit 2>/dev/null) || :
    if [[ $found ]]; then
      cat "$found/cgroup.procs"
      return
    fi
  done
  return 1
}

# After its end: its control groups, and its files unless KEEP is said.
sweep() { # NAME [KEEP]
  local group
  for group in "${cgroups[@]}"; do
    if [[ -d $group/topicd-$1 ]]; then find "$group/topicd-$1" -depth -type d -exec rmdir {} \; 2>/dev/null || :; fi
  done
  rm -f "$run/$1/supervisor"
  if [[ ${2:-} == KEEP ]]; then return; fi
  umount -R "$run/$1/root" 2>/dev/null || umount -l "$run/$1/root" 2>/dev/null || :
  rm -rf "${run:?}/$1"
}

cut_power() { # NAME [KEEP]
  local pid
  pid=$(supervisor "$1")
  kill -KILL "$(leader "$1")" 2>/dev/null || :
  ended "$pid" 5 || kill -KILL "$pid"
  sweep "$@"
}

stop() { # NAME [KEEP]
  local pid
  if [[ -e $run/$1/supervisor ]]; then
    pid=$(supervisor "$1")
    kill -TERM "$(nspawn_of "$1")" 2>/dev/null || : # nspawn then asks PID 1 to power off
    if ! ended "$pid" 20; then
      kill -KILL "$(leader "$1")" 2>/dev/null || :
      ended "$pid" 2 || kill -KILL "$pid"
    fi
  fi
  sweep "$@"
}

remove() { # NAME
  if [[ -e $run/$1/supervisor ]]; then cut_power "$1"; elif [[ -e $run/$1 ]]; then sweep "$1"; fi
}

commit() { # NAME KEY
  local dir=$run/$1
  [[ ! -e $dir/supervisor ]] || die "stop $1 KEEP first"
  umount "$dir/root"
  : >"$dir/upper/etc/machine-id"
  rm -rf "$dir/upper/var/log/journal"/*
  forget "$2"
  mv "$dir/upper" "$cache/$2"
  cp "$dir/key" "$cache/$2.lower"
  : >"$cache/$2.ok"
  rm -rf "$dir"
}

forget() { # KEY
  rm -rf "${cache:?}/$1" "$cache/$1.lower" "$cache/$1.ok"
}

case ${1:-help} in
  can | build | boot | resume | push | reboot | pids | stop | remove | commit | forget) "$@" ;;
  exec) enter "${@:2}" ;;
  run) run_unit "${@:2}" ;;
  cut) cut_power "$2" KEEP ;;
  root) echo "/proc/$(leader "$2")/root" ;;
  *) usage ;;
esac
