# Part of up.sh: ports that nobody else has, and the file `env` that names them.

# Sixteen ports in a row, below those that the kernel gives away. The claim is a link to the cluster's folder: it is made at once or
# not at all, so that clusters that start at the same moment do not meet, and it ends with the folder's `pid`.
claim_ports() {
  local port
  mkdir -p "$claims"
  while :; do
    first=$((20000 + RANDOM % 750 * 16))
    [ ! -d "$claims/$first/pid" ] || continue
    rm -f "$claims/$first"
    ln -s "$state" "$claims/$first" 2>/dev/null || continue
    for port in $(seq "$first" $((first + 15))); do
      ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || continue 2
    done
    return
  done
}

claim_ports
server=https://127.0.0.1:$first
peer=$((first + 2))
kubelet=$((first + 3))
controllers_port=$((first + 6))
scheduler_port=$((first + 7))
metrics=$((first + 5))
s3=$((first + 4))
cat >env <<ENV
export KUBECONFIG=$(printf '%q' "$state/kubeconfig")
export KUBE_SERVER=$server
export ETCD_ENDPOINT=http://127.0.0.1:$((first + 1))
export S3_ENDPOINT=http://127.0.0.1:$s3
export S3_BUCKET=velero
export AWS_ACCESS_KEY_ID=test
export AWS_SECRET_ACCESS_KEY=test-secret
export AWS_REGION=us-east-1
export VELERO_METRICS=http://127.0.0.1:$metrics/metrics
export PATH=$(printf '%q' "$bin"):\$PATH
ENV
# shellcheck source=/dev/null
. ./env
