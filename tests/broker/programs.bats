#!/usr/bin/env bats
# What programs do to a directory of manifests: editors, git, rsync. Only what they mean to remove goes (M6, D1).
load helper

setup_file() {
  record_requests
  broker_start
}
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() { daemon_teardown; }

# Longer than a grace period and what comes behind it.
nothing_goes() {
  sleep 2.5
  says '.deletions == []'
  never_sent delete
}

needs() { # PROGRAM
  command -v "$1" >/dev/null || skip "there is no $1 here"
}

in_git() {
  git -C "$M" -c user.name=x -c user.email=x@localhost "$@" >&2
}

rsync_delete() { # FROM TO: by rsync, or as it does it: each file under a name of its own, then what is too much
  local name
  if command -v rsync >/dev/null; then
    rsync -a --delete "$1/" "$2/"
    return
  fi
  for name in $(cd "$1" && echo *); do
    cmp -s "$1/$name" "$2/$name" && continue
    cp -p "$1/$name" "$2/.$name.Xq7R2a" && mv "$2/.$name.Xq7R2a" "$2/$name"
  done
  for name in $(cd "$2" && echo *); do
    [[ -e $1/$name ]] || rm "$2/$name"
  done
}

# As they save FILE, of which the new content is on standard input, with a pause wherever the file is not what it was
# or is going to be.
save_by_renaming() { cat >"$1.new" && sleep 0.3 && mv "$1.new" "$1"; }                      # packages, kate, sed -i
save_in_place() { : >"$1" && sleep 0.3 && cat >"$1"; }                                      # nano, cp, shells
save_with_backup() { mv "$1" "$1~" && sleep 0.3 && cat >"$1"; }                             # emacs, vim with backup
save_with_linked_backup() { ln -f "$1" "$1~" && cat >"$1.new" && sleep 0.3 && mv "$1.new" "$1"; } # joe, mcedit
save_anew() { rm "$1" && sleep 0.3 && cat >"$1"; }                                          # git checkout, tar
save_with_swap() { # vim: a swap file beside it, which goes last
  touch "${1%/*}/.${1##*/}.swp" "${1%/*}/4913" && rm "${1%/*}/4913"
  mv "$1" "$1~" && cat >"$1" && sleep 0.3 && rm "$1~" "${1%/*}/.${1##*/}.swp"
}

@test "M6 an editor's save removes nothing, however it is done" {
  drop_models a b
  daemon_start
  in_sync
  local way
  for way in $(declare -F | sed -n 's/^declare -f save_/save_/p'); do
    { model a clean && echo "# $way"; } | "$way" "$M/a.yaml"
    in_sync
    says '.counts.models == 2 and .deletions == []'
  done
  nothing_goes
  expect_list model.{a,b}.{inputs,outputs}
}

@test "D1 git checkout of another branch: what it lacks goes, and nothing if one comes back in time" {
  needs git
  configure 3
  drop_models a b c
  in_git init -q -b one
  in_git add .
  in_git commit -qm one
  in_git checkout -qb two
  rm "$M/b.yaml"
  echo '# other' >>"$M/c.yaml"
  model d clean >"$M/d.yaml"
  in_git add -A
  in_git commit -qm two
  in_git checkout -q one
  daemon_start
  in_sync
  for _ in 1 2; do
    in_git checkout -q two
    eventually 3 says '.counts.topics == 6 and (.deletions | map(.owner) | unique | map(.[-1:]) == ["b"])'
    in_git checkout -q one
    eventually 3 says '.counts.topics == 6 and (.deletions | map(.owner) | unique | map(.[-1:]) == ["d"])'
  done
  eventually 10 says '.inSync and .deletions == []'
  expect_list model.{a,b,c}.{inputs,outputs}
  in_git checkout -q two
  eventually 10 expect_list model.{a,c,d}.{inputs,outputs}
  ! requests | grep -q '^delete .*model\.[ac]\.' || return 1
}

@test "D1 rsync --delete: what the source lacks goes, and nothing else" {
  drop_models a b c
  daemon_start
  in_sync
  cp -a "$M" "$HOME_DIR/source"
  rm "$HOME_DIR/source/b.yaml"
  model d clean >"$HOME_DIR/source/d.yaml"
  echo '# changed' >>"$HOME_DIR/source/c.yaml"
  rsync_delete "$HOME_DIR/source" "$M"
  settled
  expect_list model.{a,c,d}.{inputs,outputs}
  ! requests | grep -q '^delete .*model\.[ac]\.' || return 1
}
