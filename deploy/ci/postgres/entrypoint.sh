#!/usr/bin/env bash
# What the tests use of the official postgres image's contract: POSTGRES_PASSWORD (required), POSTGRES_USER,
# POSTGRES_DB, POSTGRES_INITDB_ARGS, PGDATA; arguments are options of postgres, with or without its name.
set -euo pipefail

# PID 1 ignores the signals that it does not handle: without this, a container stopped at once takes 10 s to end
trap 'exit 130' INT TERM

case ${1:-} in
postgres) shift ;;
-* | '') ;;
*) exec "$@" ;; # another program of the image
esac

if [ "$(id -u)" = 0 ]; then
	# PGDATA may be a volume or tmpfs that root owns
	install -d -o postgres -g postgres -m 0700 "$PGDATA"
	install -d -o postgres -g postgres -m 2775 /run/postgresql
	exec setpriv --reuid=postgres --regid=postgres --init-groups bash "$0" postgres "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	: "${POSTGRES_PASSWORD:?must be set}"
	user=${POSTGRES_USER:-postgres}
	database=${POSTGRES_DB:-$user}
	# shellcheck disable=SC2086 # several words
	initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --encoding=UTF8 \
		--auth-local=trust --auth-host=scram-sha-256 --no-sync ${POSTGRES_INITDB_ARGS:-}
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
	if [ "$database" != postgres ]; then
		echo "CREATE DATABASE \"${database//\"/\"\"}\"" | postgres --single -j -c fsync=off postgres
	fi
fi
unset POSTGRES_PASSWORD

exec postgres -c 'listen_addresses=*' "$@"
