#!/usr/bin/env bash
# Ends what up.sh started, at once: nothing in it is worth a graceful end.
#
#   down.sh DIR [--remove]     --remove: delete the folder, too; without, its logs remain to be read
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
cd "$1"
# From here on nothing of this cluster can start any more (component.sh).
[ ! -d pid ] || mv pid pid-down
# Each is the leader of a process group; Velero's plugins, which outlive a killed server, are in its group.
pids=$(cat pid-down/* 2>/dev/null || true)
for pid in $pids; do kill -9 -- "-$pid" 2>/dev/null || true; done
# One that is only waiting for its parent's notice (Z) is over: its ports and files are free.
for pid in $pids; do
  while state=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) && [ "${state:0:1}" != Z ]; do sleep 0.02; done
done
rm -rf pid-down etcd
if [ "${2:-}" = --remove ]; then
  gone=$PWD
  cd /
  rm -rf "$gone"
fi
