// Package pg is the one way to Postgres. Every statement of every repository goes through DB, so that what must hold
// for all of them (time limits, tracing, what an error means, later row-level security) has one place.
package pg

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"
)

// OldestServer is the oldest server that is supported, as server_version_num gives it.
const OldestServer = 150000

// DB is a pool of connections to one database.
type DB struct {
	pool         *pgxpool.Pool
	pulse        *pulse
	unwatch      func()
	acquireTimer *acquireTimer
	lists        *lists
	turns        *turns
	prepares     bool // statements, on the server
	pooler       bool // is between us and the server
	constraints  constraints
	compositions *compositions
	gatherer     *gatherer
	listings     *listings
}

// Open connects and makes sure that the server can be used. Behind a connection pooler it opens a pool that suits one,
// and says so in the log.
//
// Errors: one line that says what is wrong with the address, the credentials or the server, and what to do.
func Open(ctx context.Context, s Settings, log *zap.Logger) (*DB, error) {
	config, err := s.poolConfig(log)
	if err != nil {
		return nil, err
	}
	db, found, err := open(ctx, s, config, log)
	pooler := err == nil && found.pooler || refusesParameter(err)
	if pooler {
		if db != nil {
			db.Close()
		}
		if config, err = s.poolConfig(log); err != nil {
			return nil, err
		}
		throughPooler(config)
		db, found, err = open(ctx, s, config, log)
	}
	if err != nil {
		return nil, unreachable(err, config.ConnConfig)
	}
	if err := found.usable(config.ConnConfig); err != nil {
		db.Close()
		return nil, err
	}
	if pooler {
		db.pooler = true
		s.sayPooler(log, found)
	}
	return db, nil
}

// greeting is what a server says about itself.
type greeting struct {
	version   int
	encoding  string
	role      string
	pooler    bool     // it is not the server that let us in
	unlimited []string // those of limitParameters that are not set
}

// usable refuses a server that cannot be used.
//
// Errors: one line.
func (g greeting) usable(config *pgx.ConnConfig) error {
	if g.version < OldestServer {
		return fmt.Errorf("DATABASE_URL: the server is PostgreSQL %d: use %d or newer", g.version/10000, OldestServer/10000)
	}
	if g.encoding != "UTF8" { // names in others would be refused, or stored as something else
		return fmt.Errorf("DATABASE_URL: the encoding of database %q is %s: create one with UTF8 (createdb --encoding=UTF8 --template=template0)", config.Database, g.encoding)
	}
	return nil
}

// greet asks a server about itself, and prepares nothing for that.
func greet(ctx context.Context, pool *pgxpool.Pool) (greeting, error) {
	var g greeting
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return g, err
	}
	defer conn.Release()
	var process int64
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), session_user::text, pg_backend_pid(),
		ARRAY(SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS limits (name, n) WHERE current_setting(name) = '0' ORDER BY n)`,
		pgx.QueryExecModeExec, limitParameters).Scan(&g.version, &g.encoding, &g.role, &process, &g.unlimited)
	g.pooler = process != int64(conn.Conn().PgConn().PID())
	return g, err
}

// open opens a pool and greets the server.
//
// Errors: the driver's.
func open(ctx context.Context, s Settings, config *pgxpool.Config, log *zap.Logger) (*DB, greeting, error) {
	var opened atomic.Pointer[pgxpool.Pool]
	config.ConnConfig.OnPgError = func(conn *pgconn.PgConn, e *pgconn.PgError) bool {
		if pool := opened.Load(); pool != nil && condemnsAll(conn, e) {
			pool.Reset()
		}
		return !condemns(conn, e)
	}
	pulse := newPulse(config.ConnConfig.Copy(), log)
	config.ConnConfig.DialFunc = pulse.dial(s.StatementTimeout + time.Second) // statement_timeout comes first
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, greeting{}, fmt.Errorf("open database: %w", err)
	}
	opened.Store(pool)
	found, err := greet(ctx, pool)
	if err != nil {
		pool.Close()
		return nil, found, err
	}
	watching, unwatch := context.WithCancel(context.WithoutCancel(ctx))
	go pulse.watch(watching)
	db := &DB{
		pool: pool, pulse: pulse, unwatch: unwatch, turns: &turns{lines: map[Turn]*line{}}, compositions: &compositions{}, acquireTimer: &acquireTimer{atMost: s.StatementTimeout},
		lists:    newLists(config.MaxConns, s.ListTimeout),
		listings: &listings{},
		prepares: config.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement,
	}
	db.gatherer = &gatherer{db: db}
	return db, found, nil
}

// Close ends every connection, after the statements under way.
func (db *DB) Close() {
	db.pool.Close()
	db.unwatch()
}

// Stat returns the pool's figures.
func (db *DB) Stat() *pgxpool.Stat { return db.pool.Stat() }

// URL returns the connection string that the pool was opened with; it holds the password.
func (db *DB) URL() string { return db.pool.Config().ConnString() }

// Storing returns the same database, with the errors that stand for violated constraints, by constraint name. Each
// repository passes those of its own tables.
func (db *DB) Storing(violated map[string]error) *DB {
	with := *db
	with.constraints = constraints{errors: violated}
	return &with
}

// Deleting is Storing for statements that delete: there, a foreign key means that a row is still referred to. A key
// that violated does not name, such as that of another module, means ErrInUse.
func (db *DB) Deleting(violated map[string]error) *DB {
	with := *db
	with.constraints = constraints{errors: violated, deleting: true}
	return &with
}

// runner is what a pool and a transaction have in common.
type runner interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// enter returns the runner of a call: the context's transaction, or a free connection, for which it may wait. The caller
// calls leave. It fails if ctx is done.
func (db *DB) enter(ctx context.Context, call Call) (runner, error) {
	if tx := txFrom(ctx, db.pool); tx != nil {
		return tx, ctx.Err()
	}
	if call.reads {
		return db.acquire(ctx)
	}
	return db.acquireToChange(ctx)
}

func (db *DB) leave(on runner) {
	if conn, ok := on.(*pgxpool.Conn); ok {
		conn.Release()
	}
}

func (db *DB) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if db.pulse.hangs.Load() {
		return nil, errHangs
	}
	conn, err := db.pool.Acquire(db.acquireTimer.waiting(ctx))
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		conn.Release()
		return nil, err
	}
	return conn, nil
}
