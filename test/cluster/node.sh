#!/usr/bin/env bash
# Makes a fake node die or come back.
#
#   node.sh DIR down|up NODE
#
# KWOK works for a node while it holds the node's lease. "down" gives the lease to a holder that never renews it: heartbeats stop, and
# pods of the node that are deleted stay Terminating, as on a dead machine. renewTime must advance with that write: since Kubernetes
# 1.37 a node whose lease changed without it is never found unreachable. KWOK may renew while this command is on its way, hence the
# five seconds.
set -euo pipefail
[ $# = 3 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
# shellcheck source=/dev/null
. "$1/env"
case $2 in
down)
  kubectl -n kube-node-lease patch lease "$3" --type merge -p \
    '{"spec":{"holderIdentity":"nobody","leaseDurationSeconds":86400,"renewTime":"'"$(date -u -d '5 seconds' +%FT%T.%6NZ)"'"}}'
  ;;
up) kubectl -n kube-node-lease delete lease "$3" ;;
*) echo "node.sh: $2 is neither down nor up" >&2; exit 2 ;;
esac
