#!/usr/bin/env bash
# Installs the Debian packages that the end-to-end tests drive, as programs, not as services: Prometheus and Alertmanager, faketime, which moves the wall
# clock of one program, and strace, which tells what a store asks of its disk.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

install_programs 'Prometheus, Alertmanager, faketime and strace' 'prometheus prometheus-alertmanager faketime strace' \
  'prometheus promtool prometheus-alertmanager amtool faketime strace'
