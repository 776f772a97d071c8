# Part of up.sh: what each component is started with and how it says that it is well, and the objects that are there from the start.

command_of() { # NAME COMMAND...
  local name=$1
  shift
  printf '#!/bin/sh\nexec %s\n' "$(printf '%q ' "$@")" >"start/$name"
  chmod +x "start/$name"
}
health_of() { # NAME COMMAND...
  local name=$1
  shift
  printf '#!/bin/sh\n%s\n' "$*" >"health/$name"
  chmod +x "health/$name"
}
answers() { echo "exec curl -sf --max-time 2 --cacert pki/ca.crt $1"; }

command_of etcd etcd --name test --data-dir etcd --unsafe-no-fsync --log-level warn \
  --listen-client-urls "$ETCD_ENDPOINT" --advertise-client-urls "$ETCD_ENDPOINT" \
  --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
  --initial-cluster "test=http://127.0.0.1:$peer"
health_of etcd "$(answers "$ETCD_ENDPOINT/health")"

audit=()
if [ "${CLUSTER_AUDIT:-}" = 1 ]; then
  printf 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n' >audit.yaml
  audit=(--audit-policy-file audit.yaml --audit-log-path log/audit.jsonl)
fi
read -r -a more <<<"${CLUSTER_APISERVER_FLAGS:-}"
# There is no endpoint of the service `kubernetes` to keep: nothing runs in a pod.
command_of kube-apiserver kube-apiserver --etcd-servers "$ETCD_ENDPOINT" \
  --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --endpoint-reconciler-type none --secure-port "${server##*:}" \
  --tls-cert-file pki/server.crt --tls-private-key-file pki/server.key \
  --client-ca-file pki/ca.crt --token-auth-file pki/tokens.csv --authorization-mode RBAC \
  --service-account-issuer "$server" --service-account-key-file pki/sa.key --service-account-signing-key-file pki/sa.key \
  --service-cluster-ip-range 10.96.0.0/16 --allow-privileged --profiling=false \
  --default-not-ready-toleration-seconds "${CLUSTER_EVICT_AFTER:-5}" --default-unreachable-toleration-seconds "${CLUSTER_EVICT_AFTER:-5}" \
  ${audit[@]+"${audit[@]}"} ${more[@]+"${more[@]}"}
health_of kube-apiserver "$(answers "$server/readyz")"

served=(--bind-address 127.0.0.1 --tls-cert-file pki/server.crt --tls-private-key-file pki/server.key --leader-elect=false --profiling=false)
command_of kube-controller-manager kube-controller-manager --kubeconfig kubeconfig-kube-controller-manager \
  --secure-port "$controllers_port" "${served[@]}" --root-ca-file pki/ca.crt --service-account-private-key-file pki/sa.key \
  --node-monitor-period 1s --node-monitor-grace-period "${CLUSTER_NODE_GRACE:-8}s"
health_of kube-controller-manager "$(answers "https://127.0.0.1:$controllers_port/healthz")"
command_of kube-scheduler kube-scheduler --kubeconfig kubeconfig-kube-scheduler --secure-port "$scheduler_port" "${served[@]}"
health_of kube-scheduler "$(answers "https://127.0.0.1:$scheduler_port/healthz")"

# KWOK renews each node's lease every quarter of its duration; node.sh takes a lease away from it.
command_of kwok kwok --kubeconfig kubeconfig-kwok --config "$bin/stages.yaml" \
  --manage-all-nodes --node-lease-duration-seconds "${CLUSTER_NODE_GRACE:-8}" \
  --node-ip 127.0.0.1 --node-port "$kubelet" --server-address "127.0.0.1:$kubelet" \
  --tls-cert-file pki/server.crt --tls-private-key-file pki/server.key --cidr 10.0.0.0/16
health_of kwok "$(answers "https://127.0.0.1:$kubelet/healthz")"

# What a file system cannot hold of an object is in metadata/.
command_of versitygw env ROOT_ACCESS_KEY="$AWS_ACCESS_KEY_ID" ROOT_SECRET_KEY="$AWS_SECRET_ACCESS_KEY" \
  versitygw --port "127.0.0.1:$s3" --region "$AWS_REGION" --health /health posix --sidecar "$state/metadata" "$state/s3"
health_of versitygw "$(answers "$S3_ENDPOINT/health")"

# Credentials in the environment would win over those that a storage location names.
read -r -a more <<<"${CLUSTER_VELERO_FLAGS:-}"
command_of velero env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY AWS_SHARED_CREDENTIALS_FILE="$state/credentials/aws" VELERO_NAMESPACE=velero TMPDIR="$state" \
  velero server --kubeconfig kubeconfig-velero --plugin-dir plugins --metrics-address "127.0.0.1:$metrics" \
  --profiler-address= --store-validation-frequency "${CLUSTER_BSL_PERIOD:-1s}" --backup-sync-period 10s \
  --garbage-collection-frequency 1m --item-operation-sync-frequency 1s --default-repo-maintain-frequency 24h \
  --terminating-resource-timeout 30s ${more[@]+"${more[@]}"}
# It has no health of its own: well is a server that answers a ServerStatusRequest.
health_of velero 'velero version --timeout 10s | grep -A 1 ^Server: | grep -q Version'

nodes() {
  local n
  for n in $(seq 0 $((${CLUSTER_NODES:-3} - 1))); do
    cat <<NODE
---
apiVersion: v1
kind: Node
metadata:
  name: node-$n
  labels: {kubernetes.io/hostname: node-$n, kubernetes.io/os: linux, kubernetes.io/arch: amd64, topology.kubernetes.io/zone: zone-a}
status:
  capacity: &size {cpu: "8", memory: 32Gi, pods: "110"}
  allocatable: *size
NODE
  done
}

# The objects of an ordinary installation. Its Deployment gets a fake pod; the real server runs beside it under the same service
# account. Velero reads that Deployment: without it every restore is PartiallyFailed.
install_velero() {
  printf '[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >credentials/aws
  ln -sf "$bin/velero-plugin-for-aws" plugins/
  velero install --provider aws --plugins velero/velero-plugin-for-aws:v1 \
    --bucket "$S3_BUCKET" --no-secret --use-volume-snapshots=false \
    --backup-location-config "region=$AWS_REGION,s3ForcePathStyle=true,s3Url=$S3_ENDPOINT" >log/velero-install.log
  config -velero "token: $(kubectl -n velero create token velero --duration 24h)"
}
