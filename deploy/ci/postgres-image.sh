#!/usr/bin/env bash
# Sees to it that the Docker engine has a Postgres image for the tests.
#
#	image=$(postgres-image.sh [NAME])   NAME without a tag, by default erp-test-postgres
#
# On stdout: only the image's name. Taken in this order: what the engine has already, what can be pulled,
# what can be built here from Debian's (or Ubuntu's) packages. The built image's tag is a hash of its
# recipe, so a changed recipe is built anew. Needs an engine that answers: see docker-engine.sh.
#
#	ERP_CI_POSTGRES_PULL    image to pull, by default postgres:18; empty: never pull
#	ERP_CI_PULL_SECONDS     how long a pull may take, by default 60
#	ERP_CI_DEBIAN_MIRROR    by default the mirror that apt uses on this host
#	ERP_CI_DEBIAN_SUITE     by default this host's release (bookworm, ...)
#	ERP_CI_DEBIAN_KEYRING   file with the mirror's keys, when it signs with its own
#	ERP_CI_CACHE            where the build takes place, by default /var/cache/erp-ci
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(realpath -m "${ERP_CI_CACHE:-/var/cache/erp-ci}")
pull=${ERP_CI_POSTGRES_PULL-postgres:18}

# shellcheck disable=SC1091 # the host's file
release() { (. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}"); }
suite=${ERP_CI_DEBIAN_SUITE:-$(release)}
recipe=$(cat "$here/postgres-image.sh" "$here/postgres/Dockerfile" "$here/postgres/entrypoint.sh" <(echo "$suite") |
	sha256sum | cut -c 1-12)
built=${1:-erp-test-postgres}:$recipe

say() { echo "postgres-image: $*" >&2; }
fail() {
	say "$*"
	exit 1
}

engine_has() { [ -n "$1" ] && docker image inspect "$1" >/dev/null 2>&1; }

use_existing() {
	local image
	for image in "$built" "$pull"; do
		engine_has "$image" || continue
		say "the engine has $image"
		echo "$image"
		return
	done
	return 1
}

# Bounded, because a closed network that drops packets would keep it waiting for minutes.
pull_it() {
	[ -n "$pull" ] || return 1
	say "pulling $pull"
	timeout "${ERP_CI_PULL_SECONDS:-60}" docker pull "$pull" >&2 || {
		say "cannot pull $pull"
		return 1
	}
	echo "$pull"
}

# The mirror of this release in apt's own configuration, whichever file and format that is in.
apt_mirror() {
	# shellcheck disable=SC2016 # apt-get's variables, not the shell's
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(SITE)' 'Created-By: Packages' |
		awk -v suite="$suite" '$1 == suite && $2 == "main" && !found { print $3; found = 1 }'
}

# debootstrap knows apt's proxy only when it is auto-detected.
use_apt_proxy() {
	local proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	[ -z "$proxy" ] || export http_proxy=${http_proxy:-$proxy}
}

make_rootfs() {
	local root=$1 mirror=${ERP_CI_DEBIAN_MIRROR:-}
	[ "$(id -u)" = 0 ] || fail "only root can build an image from packages"
	[ -n "$suite" ] || fail "which release? Set ERP_CI_DEBIAN_SUITE"
	command -v debootstrap >/dev/null || bash "$here/apt-install.sh" debootstrap >&2
	[ -n "$mirror" ] || mirror=$(apt_mirror)
	[ -n "$mirror" ] || fail "apt has no mirror of $suite here: set ERP_CI_DEBIAN_MIRROR"
	use_apt_proxy
	say "building $built from $mirror $suite"
	debootstrap --variant=minbase --include=postgresql,ca-certificates --force-check-gpg \
		${ERP_CI_DEBIAN_KEYRING:+--keyring="$ERP_CI_DEBIAN_KEYRING"} "$suite" "$root" "$mirror" >&2

	ln -s "$(basename "$root"/usr/lib/postgresql/*)" "$root/usr/lib/postgresql/current"
	# the official image's locale, so that texts sort alike on both
	chroot "$root" localedef -i en_US -f UTF-8 en_US.UTF-8
	# the cluster that Debian's package makes, and what no program reads; licences stay
	rm -rf "$root"/var/lib/postgresql/* "$root"/etc/postgresql/* "$root"/var/cache/* "$root"/var/lib/apt/lists/* \
		"$root"/var/log/* "$root"/usr/share/{man,info,locale,i18n}/*
	find "$root/usr/share/doc" ! -type d ! -name copyright -delete
}

build() {
	local root=$1/rootfs base=${built%:*}:rootfs candidate=${built%:*}:candidate
	make_rootfs "$root"
	tar --numeric-owner -C "$root" -c . | docker import - "$base" >&2
	# The classic builder, for clients without buildx. (`docker import --change` knows no STOPSIGNAL before 23.)
	local recipe=(--build-arg "BASE=$base" --tag "$candidate" "$here/postgres")
	DOCKER_BUILDKIT=0 docker build "${recipe[@]}" >&2 || docker build "${recipe[@]}" >&2

	# only an image that runs gets the name that later runs rely on
	# shellcheck disable=SC2016 # for the container's shell
	docker run --rm --network none "$candidate" bash -c \
		'v=$(postgres --version) && echo "$v" && v=${v##*PostgreSQL\) } && ((${v%%.*} >= 15))' >&2 ||
		fail "the image does not run, or its Postgres is older than 15"
	docker tag "$candidate" "$built"
	docker rmi "$candidate" "$base" >/dev/null
	echo "$built"
}

# A debootstrap that was killed leaves /proc mounted in there.
discard() {
	awk -v dir="$1/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
		xargs -r -d '\n' umount --lazy || true
	rm -rf --one-file-system "$1"
}

docker version >/dev/null 2>&1 || fail "no Docker engine answers"
if use_existing || pull_it; then
	exit
fi
mkdir -p "$cache"
exec 9>"$cache/postgres-image.lock"
flock 9 # two builds at once would do the same twice
if use_existing; then
	exit
fi
for killed in "$cache"/postgres-image.??????; do
	[ ! -d "$killed" ] || discard "$killed"
done
work=$(mktemp -d "$cache/postgres-image.XXXXXX")
trap 'discard "$work"' EXIT
trap 'exit 1' INT TERM
build "$work"
