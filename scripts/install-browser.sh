#!/usr/bin/env bash
# Installs what the browser tests and the pictures need: Debian's Chromium, and fonts for letters, signs and emoji of every kind of name.
set -euo pipefail

packages=(chromium fonts-dejavu-core fonts-noto-color-emoji)

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ "${#missing[@]}" = 0 ]; then
  echo "Chromium and its fonts are installed: ${packages[*]}"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "no apt-get here: install Chromium and fonts by hand (${missing[*]})" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }

echo "installs ${missing[*]}"
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit 2>/dev/null)" ]; then
  apt update
fi
apt install --no-install-recommends "${missing[@]}" || { apt update && apt install --no-install-recommends "${missing[@]}"; }

for package in "${packages[@]}"; do
  is_installed "$package" || { echo "$package is still missing" >&2; exit 1; }
done
