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
up)
  kubectl -n kube-node-lease delete lease "$3"
  kubectl wait --for=condition=Ready "node/$3" --timeout=30s || true
  # KWOK ends the pods that were deleted meanwhile. On a busy machine it can overlook one; a change of the pod makes it look again.
  for round in 1 2 3 4 5 6 7 8; do
    left=$(kubectl get pods -A --field-selector "spec.nodeName=$3" \
      -o jsonpath='{range .items[?(@.metadata.deletionTimestamp)]}{.metadata.namespace}/{.metadata.name} {end}')
    [ -n "$left" ] || break
    sleep 1
    [ "$round" -gt 3 ] || continue
    for pod in $left; do kubectl -n "${pod%/*}" annotate --overwrite pod "${pod#*/}" "cluster.test/look=$round" || true; done
  done
  ;;
*) echo "node.sh: $2 is neither down nor up" >&2; exit 2 ;;
esac
