#!/usr/bin/env bash
# Starts or kills one component of a cluster that up.sh made.
#
#   component.sh DIR start NAME     from new, and returns when it is healthy
#   component.sh DIR kill NAME      kill -9 of its process group
set -euo pipefail
[ $# = 3 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
cd "$1"
name=$3
[ -x "start/$name" ] || { echo "component.sh: no component $name in $1; there are $(cd start && echo *)" >&2; exit 2; }
# shellcheck source=/dev/null
. ./env
# One at a time: a kill that is still waiting must not take away the pid that a start has just written.
exec 9<"start/$name"
flock 9

killed() {
  local pid state
  pid=$(cat "pid/$name" 2>/dev/null) || return 0
  kill -9 -- "-$pid" 2>/dev/null || true
  # One that is only waiting for its parent's notice (Z) is over: its ports and files are free, once its last thread is gone, too.
  while state=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) && { [ "${state:0:1}" != Z ] || [ -e "$(thread_of "$pid")" ]; }; do sleep 0.02; done
  rm -f "pid/$name"
}
thread_of() { # PID: one of its threads but for the first
  find "/proc/$1/task" -mindepth 1 -maxdepth 1 ! -name "$1" -print -quit 2>/dev/null || true
}
started() {
  local end=$((SECONDS + 60)) pid
  # It writes its own pid before it becomes the program. Once down.sh has taken the folder of pids away, it does not even start.
  # shellcheck disable=SC2016
  setsid sh -c 'echo $$ >"pid/$0" && exec "start/$0"' "$name" >>"log/$name.log" 2>&1 </dev/null 9<&- &
  pid=$!
  until "health/$name" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null || [ $SECONDS -ge $end ]; then
      echo "component.sh: $name did not become healthy; the end of $1/log/$name.log:" >&2
      tail -n 15 "log/$name.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

case $2 in
start)
  killed
  started "$1"
  ;;
kill) killed ;;
*) echo "component.sh: $2 is neither start nor kill" >&2; exit 2 ;;
esac
