#!/usr/bin/env bash
# Installs the Debian packages that the tests of the Redis store drive, as programs, not as services: Redis, and Valkey where Debian has it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

install_programs Redis redis-server redis-server
if command -v valkey-server >/dev/null || has_package valkey-server; then
  install_programs Valkey valkey-server valkey-server
else
  echo 'Valkey: this Debian has no valkey-server; the suite runs on Redis alone'
fi
