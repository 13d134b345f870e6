#!/usr/bin/env bash
# Installs Debian or Ubuntu packages without asking anything.
#
#	apt-install.sh PACKAGE...
#
# Fails within minutes, not hours, when the package mirror does not answer.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "not root, so cannot install: $*" >&2; exit 1; }
command -v apt-get >/dev/null || { echo "no apt-get here, so cannot install: $*" >&2; exit 1; }

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
options=(-qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold
	-o Acquire::Retries=0 -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15)

# A bound for the download alone: dpkg cut off halfway leaves a broken system.
download() {
	timeout 180 apt-get "${options[@]}" install --yes --no-install-recommends --download-only "$@"
}

# The package lists may be missing (a fresh host) or older than the mirror's packages.
download "$@" || { timeout 60 apt-get "${options[@]}" update && download "$@"; } ||
	{ echo "apt-get cannot fetch: $*" >&2; exit 1; }
trap '' INT TERM # which dpkg inherits, for the same reason
exec apt-get "${options[@]}" install --yes --no-install-recommends "$@"
