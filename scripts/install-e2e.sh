#!/usr/bin/env bash
# Installs the Debian packages that the end-to-end tests drive: Prometheus and Alertmanager, as programs, not as services.
set -euo pipefail

packages=(prometheus prometheus-alertmanager)
programs=(prometheus promtool prometheus-alertmanager amtool)

missing=0
for program in "${programs[@]}"; do
  command -v "$program" >/dev/null || missing=1
done
if [ "$missing" = 0 ]; then
  echo 'Prometheus and Alertmanager are installed'
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "no apt-get here: install ${programs[*]} by hand" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi

# While this file answers 101, Debian's packages start no service. One that is there already stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 0755 "$policy"
fi

apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }

if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit 2>/dev/null)" ]; then
  apt update
fi
apt install --no-install-recommends "${packages[@]}" || { apt update && apt install --no-install-recommends "${packages[@]}"; }

for program in "${programs[@]}"; do
  command -v "$program" >/dev/null || { echo "$program is still missing" >&2; exit 1; }
done
