#!/usr/bin/env bash
# Starts a Kubernetes control plane with fake nodes, an S3 store and Velero as plain processes on 127.0.0.1.
#
#   up.sh DIR [kube|velero]
#
#   kube     etcd, kube-apiserver, kube-controller-manager, kube-scheduler, KWOK and its nodes
#   velero   the same with versitygw (S3) and the Velero server (the default)
#
# Builds the programs when they are not in the cache. Needs openssl, curl and setsid. Everything is kept in DIR:
#   kubeconfig      an administrator's; kubeconfig-NAME: each component's own, so that the audit log tells them apart
#   env             addresses, for `. DIR/env`
#   start/ health/  per component the command, and a question that succeeds when it is healthy; component.sh uses them
#   pid/ log/ s3/   pid/NAME is also the process group; a bucket is a folder of s3/, an object is a file in it
#
# CLUSTER_NODES            number of fake nodes (default 3)
# CLUSTER_NODE_GRACE       seconds without a heartbeat until a node is Unknown (default 8; in the wild 50)
# CLUSTER_EVICT_AFTER      seconds that a pod tolerates such a node (default 5; in the wild 300)
# CLUSTER_BSL_PERIOD       how often Velero checks its storage location (default 1s, which it rounds up to 10; in the wild 1m)
# CLUSTER_AUDIT            1: log/audit.jsonl, one line per request
# CLUSTER_APISERVER_FLAGS  more flags for the API server, separated by spaces
# CLUSTER_VELERO_FLAGS     the same for the Velero server
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
level=${2:-velero}
case $level in
kube) bin=$("$here/build.sh" k8s) ;;
velero) bin=$("$here/build.sh") ;;
*) echo "up.sh: $level is neither kube nor velero" >&2; exit 2 ;;
esac
began=$SECONDS
for program in openssl curl setsid; do
  command -v "$program" >/dev/null || { echo "up.sh: $program is missing; install it" >&2; exit 1; }
done
claims=$(dirname "$bin")/ports
mkdir -p "$1"
state=$(cd "$1" && pwd)
[ ! -e "$state/pid" ] || { echo "up.sh: $state is in use; run down.sh $state first" >&2; exit 1; }
cd "$state"
trap '[ $? = 0 ] || "$here/down.sh" "$state"' EXIT
trap 'exit 130' INT TERM
mkdir -p pid log start health pki s3/velero metadata plugins credentials

# shellcheck source=test/cluster/up/addresses.sh
. "$here/up/addresses.sh"
# shellcheck source=test/cluster/up/keys.sh
. "$here/up/keys.sh"
# shellcheck source=test/cluster/up/components.sh
. "$here/up/components.sh"

start() { "$here/component.sh" "$state" start "$1"; }

start etcd
[ "$level" = kube ] || start versitygw
start kube-apiserver
start kube-controller-manager & controllers=$!
start kube-scheduler & scheduler=$!
start kwok & kwok=$!
nodes | kubectl apply -f - >/dev/null
kubectl apply --server-side -f "$bin/other-crds.yaml" >/dev/null
[ "$level" = kube ] || install_velero
for one in "$controllers" "$scheduler" "$kwok"; do wait "$one"; done
[ "$level" = kube ] || start velero
kubectl wait --for condition=Ready node --all --timeout 60s >/dev/null
[ "$level" = kube ] || kubectl -n velero wait --for jsonpath='{.status.phase}'=Available bsl/default --timeout 60s >/dev/null
echo "ready after $((SECONDS - began)) s: . $state/env"
