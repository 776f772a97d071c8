#!/usr/bin/env bash
# Installs what the browser tests and the pictures need: Debian's Chromium, and fonts for letters, signs and emoji of every kind of name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./debian.sh

packages=(chromium fonts-dejavu-core fonts-noto-color-emoji)

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" = 0 ]; then
  echo "Chromium and its fonts are installed: ${packages[*]}"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "no apt-get here: install Chromium and fonts by hand (${missing[*]})" >&2
  exit 1
fi
echo "installs ${missing[*]}"
apt_install "${missing[@]}"

mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" = 0 ] || { echo "still missing: ${missing[*]}" >&2; exit 1; }
