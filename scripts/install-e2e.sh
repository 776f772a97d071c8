#!/usr/bin/env bash
# Installs the Debian packages that the end-to-end tests drive: Prometheus and Alertmanager, as programs, not as services, and faketime, which moves
# the wall clock of one program.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

install_programs 'Prometheus and Alertmanager' 'prometheus prometheus-alertmanager' 'prometheus promtool prometheus-alertmanager amtool'
