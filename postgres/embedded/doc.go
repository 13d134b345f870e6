// Package embedded runs a PostgreSQL server of our own below DATA_DIR, for `make run` without DATABASE_URL and for tests.
//
// The server uses the PostgreSQL programs installed on the machine (15 or newer), else downloads them. It listens on 127.0.0.1
// only, on a port that changes with every start, with a password made once.
//
// PostgreSQL is never a child of the calling process but of a keeper: a second process of the same binary, which runs as an
// unprivileged user when the caller is root (PostgreSQL refuses to run as root) and which stops PostgreSQL cleanly when the
// caller ends, however it ends. Therefore main and TestMain call RunKeeperIfAsked before anything else.
//
// Below DATA_DIR:
//
//	lock                   flock of the server that uses the directory, holds its process id
//	postgres-password      password of the role erp, which owns the database; that of erp_superuser is made of it
//	postgres.log           link to postgres/postgres.log, the log of this run; postgres.log.1 is the end of the run before
//	keeper.log             empty unless the keeper crashed
//	postgres/              owned by the user PostgreSQL runs as
//	postgres/data          the PostgreSQL data directory
//	postgres/initializing  present while postgres/data is made for the first time and may be thrown away
//	postgres/postgres.lock flock of the keeper, held until PostgreSQL has stopped
//	postgres/programs      downloaded programs, one directory for each version
//	postgres/run, tmp      scratch, emptied at each start
//
// A database that exists is never deleted: what holds no marker "initializing" is used as it is or refused.
//
// Linux and macOS are supported. Windows is not: use WSL, or DATABASE_URL.
package embedded
