#!/usr/bin/env bats
# Changes are seen (L1): events, lost events, no events at all, another directory under the path.
load helper

setup_file() { broker_start; }
teardown_file() { broker_stop; }
setup() { daemon_setup; }
teardown() {
  daemon_teardown
  ! mountpoint -q "$M" || umount "$M"
}

# Starts the daemon where the user has only so many of inotify's watches or instances: in a user namespace of its own,
# so that nobody else is short of them.
start_short_of() { # watches|instances COUNT
  unshare -Ur true 2>/dev/null || skip "there are no user namespaces here"
  printf '#!/bin/sh\necho %s >/proc/sys/user/max_inotify_%s && exec "%s" "$@"\n' "$2" "$1" "$TOPICD" >"$HOME_DIR/short"
  printf '#!/bin/sh\nexec unshare -Ur "%s" "$@"\n' "$HOME_DIR/short" >"$HOME_DIR/topicd"
  chmod +x "$HOME_DIR/short" "$HOME_DIR/topicd"
  TOPICD=$HOME_DIR/topicd daemon_start
}

allow_more() { # watches|instances
  nsenter -U -t "$DAEMON" sh -c "echo 1000 >/proc/sys/user/max_inotify_$1"
}

works_by_polling() { # WORD
  eventually 5 says '.phase == "running"'
  says '.inSync and (.summary | test("looks every 5 s: .*'"$1"'.*exhausted"))'
  logged_times 1 "is scanned every 5 s, because the inotify $1 are exhausted"
  drop_models a
  eventually 7 says '.inSync and .counts.models == 1'
  expect_list model.a.{inputs,outputs}
  within 4000 0 topicd reload
  drop_models b
  within 9000 0 topicd wait --timeout 9
  expect_list model.{a,b}.{inputs,outputs}
  remove_models a
  eventually 15 says '.deletions == [] and .counts.models == 1'
  expect_list model.b.{inputs,outputs}
}

@test "L1 without a watch the directory is looked at every 5 s, and says so; with one again, at once" {
  start_short_of watches 0
  works_by_polling watches
  only_for_root
  allow_more watches
  eventually 7 says '.summary | test("looks every") | not'
  drop_models c
  eventually 2 says '.counts.models == 2'
}

@test "L1 without inotify the directory is looked at every 5 s, and says so" {
  start_short_of instances 0
  works_by_polling instances
}

@test "L1 events were lost: what happened then is seen" {
  drop_models a b
  daemon_start
  in_sync
  kill -STOP "$DAEMON"
  for i in {1..4}; do touch "$M/.$i-"{1..1500}; done # three events each, and the queue holds 16384
  drop_models c
  remove_models a
  kill -CONT "$DAEMON"
  eventually 5 says '.counts.models == 2 and .counts.files == 2'
  eventually 8 says '.inSync and .deletions == []'
  expect_list model.{b,c}.{inputs,outputs}
}

# What happens while the daemon stands still, it meets in one turn.
at_once() { # COMMAND...
  GENERATION=$(status .generation)
  kill -STOP "$DAEMON"
  "$@"
  kill -CONT "$DAEMON"
}

grew_by() { # GENERATIONS
  (($(status .generation) == GENERATION + $1))
}

one_comes_one_goes() { drop_models new && remove_models a; }
one_takes_anothers_place() { mv "$M/b.yaml" "$M/other.yaml"; }
it_is_gone_again() { drop_models short && remove_models short; }
with_a_reload() { drop_models newer && remove_models c && kill -HUP "$DAEMON"; }
many() { drop_models m{1..70} && remove_models d; }
into_another_directory() { mv "$M" "$M.old" && mkdir "$M" && drop_models x && mv "$M".old/*.yaml "$M"; }

@test "L1 D2 D6 what arrives is acted upon first; that something is gone is for the look at all of it" {
  configure 1 '  limit: {topics: 1000, periodSeconds: 600}'
  drop_models a b c d e
  daemon_start
  in_sync
  at_once one_comes_one_goes
  eventually 5 grew_by 2
  [[ $(sed -n '/new.yaml is accepted/=' "$LOG") -lt $(sed -n '/a.yaml is gone/=' "$LOG") ]]
  settled
  expect_list model.{b,c,d,e,new}.{inputs,outputs}

  # Who holds something is asked about first: nobody is rejected, nothing is owed.
  at_once one_takes_anothers_place
  eventually 5 says '.counts.models == 5'
  grew_by 1
  says '.deletions == []'

  at_once it_is_gone_again
  in_sync
  grew_by 0

  # Who reloads, or waits, wants all of it to be looked at.
  at_once with_a_reload
  eventually 5 logged 'c.yaml is gone'
  grew_by 1
  settled

  # So does, in effect, who brings many.
  at_once many
  eventually 5 logged 'd.yaml is gone'
  grew_by 1
  settled

  at_once into_another_directory
  eventually 5 says '.counts.files == 75'
  grew_by 1
  says '.deletions == []'
  logged_times 0 rejected
}

@test "L1 a storm of changes: the topics are the right ones in the end" {
  configure 1 '  limit: {topics: 1000, periodSeconds: 600}'
  drop_models keep
  daemon_start
  in_sync
  local i name expected=()
  for i in {1..150}; do
    name=n$((RANDOM % 12))
    case $((RANDOM % 3)) in
      0) rm -f "$M/$name.yaml" ;;
      1) model $name clean >"$M/$name.yaml" ;;
      2) model $name clean | drop $name.yaml ;;
    esac
  done
  settled
  for name in "$M"/*.yaml; do expected+=("model.$(basename "$name" .yaml)."{inputs,outputs}); done
  expect_list "${expected[@]}"
}

@test "L1 a mount over the directory is another directory: a person is asked, and when it goes nothing is owed" {
  only_for_root
  configure
  echo 'resyncPeriodSeconds: 1' >>"$CONFIG"
  drop_models a b c
  daemon_start
  in_sync
  mount -t tmpfs -o size=1m topicd-test "$M"
  eventually 8 says '.deletions | length == 6 and all(.state == "awaiting-approval")'
  says '.deletions[0].reason | test("directory is not the one it was")'
  # It is watched, too.
  drop_models a
  eventually 2 says '.deletions | length == 4'
  umount "$M"
  eventually 5 says '.inSync and .deletions == []'
  sleep 1.5
  expect_list model.{a,b,c}.{inputs,outputs}
  # And the old one is watched again.
  drop_models d
  eventually 2 says '.counts.models == 4'
}

@test "L1 the directory behind a link is exchanged" {
  configure
  echo 'resyncPeriodSeconds: 1' >>"$CONFIG"
  mv "$M" "$M.1"
  ln -s "$M.1" "$M"
  drop_models a b
  daemon_start
  in_sync
  cp -r "$M.1" "$M.2"
  model c | cat >"$M.2/c.yaml"
  ln -s "$M.2" "$M.new"
  mv -T "$M.new" "$M"
  eventually 5 says '.inSync and .counts.models == 3'
  says '.deletions == []'
  drop_models d
  eventually 1 says '.counts.models == 4'
}

@test "L1 the mailbox is removed under the daemon: it makes another one" {
  daemon_start
  in_sync
  rm -r "$R/requests"
  eventually 3 test -d "$R/requests"
  in_sync 5
  topicd reload
}
