#!/usr/bin/env bash
# Builds the programs of the test cluster from published Go modules, where they are not in the cache yet.
#
#   build.sh [k8s] [s3] [velero]     what to build; all three when none is named
#
# Prints the folder that holds all programs built so far, and on stderr what it is doing:
#   k8s     etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok (one binary), stages.yaml,
#           other-crds.yaml (VolSync, external-snapshotter)
#   s3      versitygw
#   velero  velero velero-plugin-for-aws
#
# SALVOR_CLUSTER_CACHE   where binaries are kept (default $HOME/.cache/salvor-cluster): a folder per module, named by the
#                        hash of its files and of this script; of each module the two that were used last stay. Worth keeping
#                        between CI runs; Go's own build cache is not.
# SALVOR_CLUSTER_JOBS    parallel compilers (default 2; each may take 3.7 GB of memory)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SALVOR_CLUSTER_CACHE:-${HOME:?}/.cache/salvor-cluster}
needed_go=1.26

key() { (cd "$here" && cat build.sh "programs/$1"/* | sha256sum | cut -c1-16); }
folder_of() { echo "$cache/$1-$(key "$1")"; }
say() { echo "test cluster: $*" >&2; }
version() { go list -m -f '{{.Version}}' "$1"; }
source_of() { go list -m -f '{{.Dir}}' "$1"; }
compile() { # OUTPUT-FOLDER LDFLAGS PACKAGE...
  local out=$1 flags="-s -w $2"
  shift 2
  go build -p "${SALVOR_CLUSTER_JOBS:-2}" -buildvcs=false -trimpath -ldflags "$flags" -o "$out/" "$@"
}

build_k8s() {
  local v minor stamp='' p
  v=$(version k8s.io/kubernetes)
  minor=${v#v1.}
  minor=${minor%%.*}
  for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    stamp="$stamp -X $p.gitVersion=$v -X $p.gitMajor=1 -X $p.gitMinor=$minor -X $p.gitTreeState=clean"
  done
  with_mended_kwok "$1/source"
  GOFLAGS="${GOFLAGS:-} -modfile=$1/source/go.mod" compile "$1" "$stamp -X sigs.k8s.io/kwok/pkg/consts.Version=$(version sigs.k8s.io/kwok)" .
  chmod -R u+w "$1/source"
  rm -r "$1/source"
  mv "$1/k8s" "$1/cluster"
  for p in etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok; do ln -s cluster "$1/$p"; done
  for p in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease node/chaos/node-not-ready \
    pod/fast/pod-ready pod/fast/pod-complete pod/fast/pod-delete pod/chaos/pod-container-running-failed; do
    echo ---
    cat "$(source_of sigs.k8s.io/kwok)/kustomize/stage/$p.yaml"
  done >"$1/stages.yaml"
  (echo --- && cat pod-ready-again.yaml) >>"$1/stages.yaml"
  (cd "$1" && other_crds >other-crds.yaml)
}

# KWOK 0.8.0 starts its controllers in the random order of a Go map. Where the one of pods came first, it never learned which nodes are
# lost, and went on to start and end pods on dead machines. It is handed the question instead of the answer at that moment.
with_mended_kwok() {
  local file=pkg/kwok/controllers/controller.go
  mkdir "$1"
  cp go.mod go.sum "$1"
  cp -r "$(source_of sigs.k8s.io/kwok)" "$1/kwok"
  chmod -R u+w "$1/kwok"
  sed -i 's/ReadOnlyFunc: *c\.readOnlyFunc,/ReadOnlyFunc: func(node string) bool { return c.readOnlyFunc != nil \&\& c.readOnlyFunc(node) },/' "$1/kwok/$file"
  grep -q 'ReadOnlyFunc: func' "$1/kwok/$file" || { say "KWOK is another than the one that is mended here: look at $file"; return 1; }
  go mod edit -replace "sigs.k8s.io/kwok=$1/kwok" "$1/go.mod"
}

# Custom resources of other projects that a disaster recovery tool meets, without their controllers.
# Outside of a module, or their versions would have to agree with the programs'.
other_crds() {
  local module file
  for module in github.com/backube/volsync@v0.14.0 github.com/kubernetes-csi/external-snapshotter/client/v8@v8.7.0; do
    go mod download "$module"
    for file in "$(source_of "$module")"/config/crd/{bases/*.yaml,*.k8s.io_*.yaml}; do
      [ ! -e "$file" ] || { echo --- && cat "$file"; }
    done
  done
}

build_s3() { compile "$1" '' tool; }

build_velero() {
  compile "$1" "-X github.com/vmware-tanzu/velero/pkg/buildinfo.Version=$(version github.com/vmware-tanzu/velero)" . tool
}

check_go() {
  local got
  if ! command -v go >/dev/null; then
    say "Go is missing. Install Go $needed_go or newer (https://go.dev/dl) and put it on the PATH: these programs are built from source, once."
    exit 1
  fi
  got=$(cd "$here/programs/k8s" && go env GOVERSION 2>/dev/null || go env GOVERSION)
  if [ "$(printf '%s\n' "$needed_go" "${got#go}" | sort -V | head -n 1)" != "$needed_go" ]; then
    say "$(command -v go) is $got, too old. Install Go $needed_go or newer (https://go.dev/dl), first on the PATH."
    exit 1
  fi
}

build() { # MODULE EXPECTED-TIME: into a folder that gets its name when it is whole
  local out began=$SECONDS
  out=$(folder_of "$1")
  [ ! -d "$out" ] || return 0
  check_go
  say "building $1 ($2 on 2 cores with nothing cached, half a minute with Go's build cache)"
  part=$(mktemp -d "$cache/partial-XXXXXX")
  trap 'rm -rf "$part"' EXIT
  (cd "$here/programs/$1" && "build_$1" "$part") || { say "building $1 failed; the lines above say why"; exit 1; }
  chmod 755 "$part"
  mv "$part" "$out"
  say "built $1 in $((SECONDS - began)) s"
}

[ $# -gt 0 ] || set -- k8s s3 velero
for module; do
  [ -d "$here/programs/$module" ] || { say "there is no module $module; there are k8s, s3, velero"; exit 2; }
done
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
trap 'exit 130' INT TERM
# Who comes second waits, and finds everything there.
exec 9>"$cache/lock"
flock 9
for module; do
  case $module in
  k8s) build k8s '7 minutes' ;;
  s3) build s3 '1 minute' ;;
  velero) build velero '4 minutes' ;;
  esac
done

# Each is some 450 MB: of what other checkouts and earlier versions have built, only what was used last stays.
forget_old() { # NAME NUMBER-THAT-STAYS
  local old
  # shellcheck disable=SC2012 # the names are ours: letters, digits and dashes
  ls -1dt "$cache/$1"-???????????????? 2>/dev/null | tail -n "+$(($2 + 1))" | while read -r old; do
    say "removing $old, which was not used for a while"
    rm -rf "$old"
  done
}
for module in k8s s3 velero; do
  [ ! -d "$(folder_of "$module")" ] || touch "$(folder_of "$module")"
  forget_old "$module" 2
done

# One folder of links for exactly these versions: checkouts that differ do not share it.
bin=$cache/bin-$(for module in k8s s3 velero; do key "$module"; done | sha256sum | cut -c1-16)
mkdir -p "$bin"
for module in k8s s3 velero; do
  for file in "$(folder_of "$module")"/*; do
    [ ! -e "$file" ] || ln -sfn "$file" "$bin/${file##*/}"
  done
done
touch "$bin"
forget_old bin 2
echo "$bin"
