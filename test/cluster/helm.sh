#!/usr/bin/env bash
# Builds Helm from its published Go modules, where it is not in the cache yet, and prints the folder that holds
#   helm
#   crds.yaml   kinds of others that the chart can make, or that its examples do: of the Prometheus operator and of External Secrets
# It lies beside the programs of the test cluster (SALVOR_CLUSTER_CACHE), named by the hash of its files and of this script.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SALVOR_CLUSTER_CACHE:-${HOME:?}/.cache/salvor-cluster}
say() { echo "helm: $*" >&2; }

key=$(cd "$here" && cat helm.sh programs/helm/* | sha256sum | cut -c1-16)
folder=$cache/helm-$key
crds() {
  local module=$1 file
  shift
  go mod download "$module"
  for file; do
    echo ---
    cat "$(go list -m -f '{{.Dir}}' "$module")/$file"
  done
}

if [ ! -d "$folder" ]; then
  command -v go >/dev/null || { say "Go is missing. Install Go 1.26 or newer (https://go.dev/dl) and put it on the PATH: Helm is built from source, once."; exit 1; }
  mkdir -p "$cache"
  # Who comes second waits, and finds it there.
  exec 9>"$cache/helm.lock"
  flock 9
fi
if [ ! -d "$folder" ]; then
  say "building (4 minutes on 2 cores with nothing cached, half a minute with Go's build cache)"
  part=$(mktemp -d "$cache/partial-XXXXXX")
  trap 'rm -rf "$part"' EXIT
  (cd "$here/programs/helm" && go build -p "${SALVOR_CLUSTER_JOBS:-2}" -buildvcs=false -trimpath -ldflags '-s -w' -o "$part/" tool)
  # Outside of a module, or their versions would have to agree with Helm's.
  (
    cd "$part"
    crds github.com/prometheus-operator/prometheus-operator@v0.85.0 \
      example/prometheus-operator-crd/monitoring.coreos.com_{servicemonitors,prometheusrules}.yaml
    crds github.com/external-secrets/external-secrets@v1.3.2 config/crds/bases/external-secrets.io_externalsecrets.yaml
  ) >"$part/crds.yaml"
  chmod 755 "$part"
  rm -rf "$cache"/helm-????????????????
  mv "$part" "$folder"
fi
echo "$folder"
