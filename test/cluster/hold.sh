#!/usr/bin/env bash
# A cluster for as long as somebody holds our standard input open: whoever started it may end in any way, and nothing remains.
#
#   hold.sh DIR [kube|velero]     prints up.sh's closing line when it is up; when up.sh fails, what it said, and fails
set -uo pipefail
# Bash reads a script while it runs it: as a function this one stays whole when the checkout changes in the meantime.
hold() {
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  mkdir -p "$1"
  # Nobody may listen to us any more, and who writes into a pipe that nobody reads is killed: all of it goes into a file first.
  exec 3>&1 >>"$1/up.log" 2>&1
  # Job control gives each of the two a process group, so that a start can be ended whole.
  set -m
  cat <&0 >/dev/null 3>&- &
  let_go=$!
  "$here/up.sh" "$@" </dev/null 3>&- &
  up=$!
  wait -n -p first "$up" "$let_go"
  code=$?
  if [ "$first" = "$up" ] && [ "$code" = 0 ]; then
    (tail -n 1 "$1/up.log" >&3)
    wait "$let_go"
  fi
  said=$(cat "$1/up.log")
  kill -- "-$up" "-$let_go"
  wait
  "$here/down.sh" "$1" --remove >/dev/null 2>&1
  [ "$first" != "$up" ] || [ "$code" = 0 ] || echo "$said" >&3
  exit "$code"
}
hold "$@"; exit
