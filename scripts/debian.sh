# Sourced by the scripts that install what tests drive: Debian packages as programs, never as services.

# install_programs NAME "packages" "programs": does nothing where all programs are there.
install_programs() {
  local name=$1 program missing=0
  local -a packages programs as_root=()
  read -ra packages <<<"$2"
  read -ra programs <<<"$3"
  for program in "${programs[@]}"; do
    command -v "$program" >/dev/null || missing=1
  done
  if [ "$missing" = 0 ]; then
    echo "$name: installed"
    return 0
  fi
  if ! command -v apt-get >/dev/null; then
    echo "no apt-get here: install ${programs[*]} by hand" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi

  # While this file answers 101, Debian's packages start no service. One that is there already stays.
  local policy=/usr/sbin/policy-rc.d made=0
  if [ ! -e "$policy" ]; then
    made=1
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 0755 "$policy"
  fi
  local status=0
  apt_install "${packages[@]}" || status=$?
  if [ "$made" = 1 ]; then "${as_root[@]}" rm -f "$policy"; fi
  [ "$status" = 0 ] || return "$status"

  for program in "${programs[@]}"; do
    command -v "$program" >/dev/null || { echo "$program is still missing" >&2; return 1; }
  done
}

apt_install() {
  local -a as_root=()
  if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
  apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }
  if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit 2>/dev/null)" ]; then
    apt update
  fi
  apt install --no-install-recommends "$@" || { apt update && apt install --no-install-recommends "$@"; }
}

# Whether Debian's lists have a package at all.
has_package() {
  command -v apt-cache >/dev/null && [ -n "$(apt-cache --quiet policy "$1" 2>/dev/null | grep Candidate | grep -v '(none)')" ]
}
