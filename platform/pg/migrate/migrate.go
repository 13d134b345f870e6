// Package migrate brings a database's schema to the version that the binary was built for, with golang-migrate.
//
// Each file runs in one transaction together with the record of its version, so a migration that fails, or whose
// process is killed, has changed nothing and can simply be run again.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"erp.internal/platform/pg"
)

// lockTimeout bounds how long a migration waits for a table that running servers use: their requests queue behind it.
const lockTimeout = 5 * time.Second

// Migrator migrates one database. Any number of them may run at once, on whichever hosts: they take turns.
type Migrator struct {
	url   string
	files fs.FS
	log   *zap.Logger
}

// New makes a migrator of the database at url; files holds NNNNNN_<module>_<what>.{up,down}.sql.
func New(url string, files fs.FS, log *zap.Logger) Migrator {
	return Migrator{url: url, files: files, log: log}
}

// Up applies every pending migration.
//
// Errors: ErrNewer, ErrDirty, or a line that names the migration that failed.
func (m Migrator) Up(ctx context.Context) error {
	for {
		err := m.locked(ctx, func(state State, run *migrate.Migrate) error {
			if err := state.usable(); err != nil || len(state.Pending) == 0 {
				return err
			}
			m.log.Info("migrating", zap.Uint("from", state.Version), zap.Uint("to", state.Latest))
			return explain(m.outcome(ctx, state, run.Up()))
		})
		if !says(err, overtaken) {
			return err
		}
	}
}

// Down undoes the last n migrations.
//
// Errors: ErrNewer, ErrDirty, a count that is not between 1 and what is applied, or a line that names the migration that failed.
func (m Migrator) Down(ctx context.Context, n int) error {
	return m.locked(ctx, func(state State, run *migrate.Migrate) error {
		if err := state.usable(); err != nil {
			return err
		}
		if n < 1 || n > state.Applied {
			return fmt.Errorf("cannot undo %d migrations: %d are applied", n, state.Applied)
		}
		m.log.Info("undoing migrations", zap.Uint("from", state.Version), zap.Int("count", n))
		return explain(m.outcome(ctx, state, run.Steps(-n)))
	})
}

// locked runs fn while no other migrator works on the database. The turn is a lock of a transaction which stays open,
// and what fn does runs on a connection of its own.
func (m Migrator) locked(ctx context.Context, fn func(State, *migrate.Migrate) error) (err error) {
	turn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer turn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what was not rolled back goes with the connection
	if err := m.lock(ctx, turn); err != nil {
		return err
	}
	defer turn.Exec(context.WithoutCancel(ctx), "ROLLBACK") //nolint:errcheck // as above

	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way on it
	state, err := m.state(ctx, conn)
	if err != nil {
		return err
	}
	run, err := m.runner(ctx, conn)
	if err != nil {
		return err
	}
	defer func() {
		fromSource, fromDatabase := run.Close()
		if err == nil { // else it is why closing fails, too
			err = errors.Join(fromSource, fromDatabase)
		}
	}()
	return fn(state, run)
}

// advisoryLock is the key that all migrators of a database agree on: "erp.migr" in ASCII.
const advisoryLock = 0x6572702e6d696772

// lock takes turns with the other migrators, until the transaction ends in which it leaves the connection. It asks again
// and again instead of waiting inside one statement, which a timeout of the server's or of a proxy's would end, and holds
// no transaction meanwhile, which would keep a pooler's connection from the one that migrates.
func (m Migrator) lock(ctx context.Context, conn *pgx.Conn) error {
	for waiting := false; ; waiting = true {
		if _, err := conn.Exec(ctx, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return fmt.Errorf("lock for migration: %w", err)
		}
		var taken bool
		if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT pg_try_advisory_xact_lock(%d)", int64(advisoryLock))).Scan(&taken); err != nil {
			return fmt.Errorf("lock for migration: %w", err)
		}
		if taken {
			return nil
		}
		if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
			return fmt.Errorf("lock for migration: %w", err)
		}
		if !waiting {
			m.log.Info("waiting for another server that migrates")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for another server that migrates: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// connect returns a connection that works through a pooler of connections as well: it prepares nothing.
func (m Migrator) connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := pg.ConnConfig(m.url)
	if err != nil {
		return nil, err
	}
	pg.WithoutLimits(config)
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect for migration: %w", inOneLine{err})
	}
	return conn, nil
}

// inOneLine is an error that has a line for each address that was tried.
type inOneLine struct{ error }

func (e inOneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e inOneLine) Unwrap() error { return e.error }

// runner makes what migrates. Once ctx is done, it finishes the migration under way and begins no other.
func (m Migrator) runner(ctx context.Context, conn *pgx.Conn) (*migrate.Migrate, error) {
	driver, err := newDriver(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("prepare for migration: %w", err)
	}
	source, err := iofs.New(m.files, ".")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	run, err := migrate.NewWithInstance("iofs", source, "postgres", driver)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare for migration: %w", err), source.Close())
	}
	run.Log = logger{m.log}
	return run, nil
}

// outcome notes of a migration that was not answered with an ERROR whether it may have been applied. Where the server
// said that it ended the session, nothing goes on there, so the version tells; else it may yet be applied. A pooler that
// ends the connection, with an error of class 08, says nothing about the server.
func (m Migrator) outcome(ctx context.Context, before State, err error) error {
	var failed *failure
	if !errors.As(err, &failed) {
		return err
	}
	var server *pgconn.PgError
	answered := errors.As(failed.cause, &server) && !strings.HasPrefix(server.Code, "08")
	if answered && server.SeverityUnlocalized == "ERROR" {
		return err
	}
	failed.unknown = true
	if now, asked := m.State(ctx); answered && asked == nil {
		failed.unknown = now.Version == uint(max(0, failed.version)) && now.Version != before.Version
	}
	return err
}

// explain returns a failed migration in one line.
func explain(err error) error {
	var failed *failure
	switch {
	case err == nil, errors.Is(err, migrate.ErrNoChange):
		return nil
	case says(err, "55P03"):
		return fmt.Errorf("a table stayed in use for %s, so nothing of this migration was applied: try again when fewer requests run", lockTimeout)
	case errors.As(err, &failed) && failed.unknown:
		return fmt.Errorf("the database's answer got lost, so this migration was applied or not: see `erp migrate status`, and run it again where it is pending: %w", inOneLine{failed})
	case errors.As(err, &failed): // without what unlocking and closing said after it
		return fmt.Errorf("nothing of this migration was applied: %w", failed)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("interrupted between two migrations, which does no harm: run it again: %w", err)
	default:
		return fmt.Errorf("nothing of this migration was applied: %w", err)
	}
}

// says reports whether the server refused with a SQLSTATE.
func says(err error, code string) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == code
}

type logger struct{ *zap.Logger }

// Printf implements migrate.Logger.
func (l logger) Printf(format string, args ...any) { l.Sugar().Debugf(format, args...) }

// Verbose implements migrate.Logger.
func (logger) Verbose() bool { return false }
