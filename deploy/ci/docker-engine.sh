#!/usr/bin/env bash
# Sees to it that a Docker engine answers while the tests run.
#
#	settings=$(docker-engine.sh start)   an engine that answers already is used and nothing is started
#	eval "$settings"                     (in two steps: `eval "$(...)"` would lose the exit status)
#	docker-engine.sh stop                stops what start started, with its containers; never another engine
#	docker-engine.sh status              says which engine answers
#
# On stdout: only what the caller has to export. Exit status: 0; 2 wrong usage; 3 no engine can be had.
#
# The engine it starts is for tests only. It has its own socket, and it leaves the host's firewall and
# routing alone: a published port is reachable from this host at 127.0.0.1, and containers reach nobody.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(realpath -m "${ERP_CI_CACHE:-/var/cache/erp-ci}")/docker
data=$cache/data       # images: kept between runs
log=$cache/dockerd.log # of the last start
run=/run/erp-ci-docker # not below the cache: the path of a socket may have no more than 107 bytes
pidfile=$run/dockerd.pid
socket=unix://$run/docker.sock

say() { echo "docker-engine: $*" >&2; }
none() {
	say "no engine can be had: $*"
	exit 3
}

# answers [HOST] prints the engine's version. `docker info` exits 0 without an engine in some releases.
answers() {
	timeout 10 docker ${1:+--host "$1"} version --format '{{.Server.Version}}' 2>/dev/null
}

# is_ours PID: a process id is reused after a crash or a reboot, so the file's word is not enough.
is_ours() {
	[[ $(cat "/proc/$1/comm" 2>/dev/null) =~ ^(dockerd|containerd|containerd-shim.*)$ ]] &&
		tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$run/"
}

engine_pid() {
	local pid
	pid=$(cat "$pidfile" 2>/dev/null) && [ -n "$pid" ] && is_ours "$pid" && echo "$pid"
}

# A process that has ended stays in /proc until its parent asks for it, and some hosts' init is slow at that.
alive() { grep -qs '^State:.[^ZX]' "/proc/$1/status"; }

# gone PID SECONDS waits until the process has ended.
gone() {
	local deadline=$((SECONDS + $2))
	while alive "$1"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

# until_answers PID SECONDS waits while the process lives.
until_answers() {
	local deadline=$((SECONDS + $2))
	while alive "$1" && ((SECONDS < deadline)); do
		[ ! -S "${socket#unix://}" ] || ! answers "$socket" >/dev/null || return 0
		sleep 0.1
	done
	return 1
}

use() {
	echo "export DOCKER_HOST=$socket"
	say "$1 (Docker $(answers "$socket"), $socket)"
}

lock() {
	mkdir -p "$run" "$cache"
	exec 9>"$run/lock"
	flock -w 300 9 || { say "another start or stop does not end"; exit 1; }
}

# Containers in an engine of ours are tests': whoever was killed before removing them will not come back.
remove_containers() {
	local containers
	containers=$(timeout 10 docker --host "$socket" ps -aq 2>/dev/null) || return 0
	[ -z "$containers" ] ||
		timeout 60 xargs docker --host "$socket" rm --force --volumes <<<"$containers" >/dev/null || true
}

end_engine() {
	local pid
	pid=$(engine_pid) || return 0
	remove_containers
	kill -TERM "$pid" 2>/dev/null || true
	gone "$pid" 20 || say "dockerd ($pid) does not end by itself"
}

# What an engine that was killed leaves behind: containerd, a shim above each container, mounts.
clear_leftovers() {
	local pid children
	# shellcheck disable=SC2013 # process ids, not lines
	for pid in $(grep -lsF -- "$run/" /proc/[0-9]*/cmdline | cut -d/ -f3); do
		is_ours "$pid" || continue
		children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true)
		case $(cat "/proc/$pid/comm" 2>/dev/null) in
		containerd-shim*) # shellcheck disable=SC2086 # a list of ids
			kill -KILL $children 2>/dev/null || true ;;
		esac
		kill -KILL "$pid" 2>/dev/null || true
		gone "$pid" 10 || say "process $pid does not end"
	done
	# dockerd mounts its data root on itself; a volume that somebody mounted there has / as its root, and stays
	awk -v run="$run/" -v data="$data" 'index($5, run) == 1 || index($5, data "/") == 1 ||
		$5 == data && $4 != "/" { print $5 }' /proc/self/mountinfo |
		sort -r | xargs -r -d '\n' umount --lazy 2>/dev/null || true
	# dockerd refuses to start while its pid file names any living process, whoever that is
	rm -rf --one-file-system "$pidfile" "${socket#unix://}" "$run/exec"
}

install_packages() {
	local packages=()
	if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
		packages+=(docker.io)
	fi
	# with AppArmor in the kernel and no parser for its profiles, no container starts
	if grep -qs Y /sys/module/apparmor/parameters/enabled && ! command -v apparmor_parser >/dev/null; then
		packages+=(apparmor)
	fi
	[ ${#packages[@]} = 0 ] && return
	say "installing ${packages[*]}"
	bash "$here/apt-install.sh" "${packages[@]}" >&2 || return
	hash -r
}

# launch DRIVER. Published ports on the loopback address go through docker's own proxy in any case, so
# the firewall rules and the forwarding that the engine would set up on the host serve nothing here.
launch() {
	echo "--- storage driver $1" >>"$log"
	echo '{}' >"$run/daemon.json" # the host's own daemon.json is for another engine
	setsid dockerd --config-file="$run/daemon.json" --host="$socket" --pidfile="$pidfile" \
		--exec-root="$run/exec" --data-root="$data" --storage-driver="$1" \
		--ip=127.0.0.1 --iptables=false --ip-masq=false --ip-forward=false \
		--shutdown-timeout=10 </dev/null >>"$log" 2>&1 9>&- &
	if until_answers $! 60; then
		remove_containers # of a run that was killed
		use "started with $1"
		return
	fi
	say "dockerd does not start with $1"
	kill -TERM $! 2>/dev/null || true
	gone $! 10 || true
	clear_leftovers
	return 1
}

start() {
	local pid version driver
	if version=$(answers); then
		say "an engine answers already (Docker $version)"
		return
	fi
	[ "$(id -u)" = 0 ] || none "none answers, and only root can start one"
	lock
	if pid=$(engine_pid) && until_answers "$pid" 30; then
		use "runs already"
		return
	fi
	end_engine
	clear_leftovers
	install_packages || none "docker.io cannot be installed"
	if version=$(env -u DOCKER_HOST timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null); then
		echo "unset DOCKER_HOST"
		say "the package started the host's own engine (Docker $version)"
		return
	fi
	: >"$log"
	for driver in overlay2 vfs; do
		launch "$driver" && return
	done
	none "dockerd fails: $(grep -v '^---' "$log" | tail -n 1 | cut -c 1-300) (see $log)"
}

stop() {
	if [ "$(id -u)" != 0 ] || [ ! -d "$run" ]; then
		say "nothing to stop" # only root starts one
		return
	fi
	lock
	end_engine
	clear_leftovers
	say "stopped"
}

status() {
	local version
	if version=$(answers "$socket"); then
		say "started by this script (Docker $version, DOCKER_HOST=$socket)"
	elif version=$(answers); then
		say "the host's own engine answers (Docker $version)"
	else
		say "no engine answers"
		exit 3
	fi
}

case ${1:-} in
start | stop | status) "$1" ;;
*)
	say "usage: docker-engine.sh start|stop|status"
	exit 2
	;;
esac
