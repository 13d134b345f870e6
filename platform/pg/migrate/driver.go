package migrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Where golang-migrate keeps the version.
const (
	schema = "public"
	table  = "schema_migrations"
)

// driver is golang-migrate's access to the database. It needs nothing of a session, so that each of its messages may run
// on another connection of a pooler: no session lock, no prepared statement, no startup parameter.
//
// It records a version in the transaction of the migration itself. golang-migrate means drivers to mark the database
// dirty, to migrate, and to mark it clean, in three transactions: a process killed in between leaves a mark that a person
// has to clear. Postgres runs the statements of one query string in one transaction.
type driver struct {
	ctx       context.Context //nolint:containedctx // golang-migrate passes none on
	conn      *pgx.Conn
	at        int // the version that the database had last
	recording int
	recorded  bool
}

// newDriver makes the table of versions where it is missing.
func newDriver(ctx context.Context, conn *pgx.Conn) (*driver, error) {
	d := &driver{ctx: ctx, conn: conn, at: database.NilVersion}
	var exists bool
	err := conn.QueryRow(ctx, fmt.Sprintf("SELECT to_regclass('%s.%s') IS NOT NULL", schema, table)).Scan(&exists)
	if err != nil || exists {
		return d, err
	}
	return d, d.exec(fmt.Sprintf("%s; CREATE TABLE IF NOT EXISTS %s.%s (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)", workLock, schema, table))
}

// workLock lets one transaction at a time change the schema, should two migrators believe that it is their turn: one
// loses its turn when its connection is cut.
var workLock = fmt.Sprintf("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(%d)", int64(advisoryLock)+1)

// overtaken is the SQLSTATE by which guard says that another migrator was faster.
const overtaken = "ERP01"

// guard fails unless the database is at the version.
func guard(version int) string {
	return fmt.Sprintf("DO $guard$ BEGIN IF coalesce((SELECT max(version) FROM %s.%s), %d) <> %d THEN RAISE 'another server has migrated meanwhile' USING ERRCODE = '%s'; END IF; END $guard$",
		schema, table, database.NilVersion, version, overtaken)
}

// record makes a version that of the database.
func record(version int) string {
	sql := fmt.Sprintf("DELETE FROM %s.%s", schema, table)
	if version != database.NilVersion {
		sql += fmt.Sprintf(";INSERT INTO %s.%s (version, dirty) VALUES (%d, false)", schema, table, version)
	}
	return sql
}

// exec sends one message, whose statements are one transaction. It waits for the result even if the caller is gone.
func (d *driver) exec(sql string) error {
	_, err := d.conn.PgConn().Exec(context.WithoutCancel(d.ctx), sql).ReadAll()
	return err
}

// failure is a migration that the server refused.
type failure struct {
	version int
	line    int  // of the file, 0 when the server names none
	unknown bool // whether it was applied
	cause   error
}

func (f *failure) Error() string {
	if f.line > 0 {
		return fmt.Sprintf("to version %d, in line %d: %v", max(0, f.version), f.line, f.cause)
	}
	return fmt.Sprintf("to version %d: %v", max(0, f.version), f.cause)
}

func (f *failure) Unwrap() error { return f.cause }

// lineOf returns the line of a text that an error points to, 0 when it points to none.
func lineOf(text string, err error) int {
	var server *pgconn.PgError
	if !errors.As(err, &server) || server.Position <= 0 {
		return 0
	}
	runes := []rune(text) // PostgreSQL counts characters, from 1
	return 1 + strings.Count(string(runes[:min(int(server.Position)-1, len(runes))]), "\n")
}

// Run runs a migration and records its version. Once the context is done, it begins none.
func (d *driver) Run(migration io.Reader) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	file, err := io.ReadAll(migration)
	if err != nil {
		return err
	}
	before := fmt.Sprintf("%s; %s; SET LOCAL lock_timeout = %d; ", workLock, guard(d.at), lockTimeout.Milliseconds()) // in one line, for lineOf
	text := before + string(file) + "\n;" + record(d.recording)
	if err := d.exec(text); err != nil {
		return &failure{version: d.recording, line: lineOf(text, err), cause: err}
	}
	d.at, d.recorded = d.recording, true
	return nil
}

// SetVersion remembers a version that is about to be migrated to, and records one that no Run has recorded.
func (d *driver) SetVersion(version int, dirty bool) error {
	if dirty {
		d.recording, d.recorded = version, false
		return nil
	}
	if d.recorded {
		return nil
	}
	if err := d.exec(fmt.Sprintf("%s; %s; %s", workLock, guard(d.at), record(version))); err != nil {
		return &failure{version: version, cause: err}
	}
	d.at = version
	return nil
}

// Version returns the version that the database has.
func (d *driver) Version() (version int, dirty bool, err error) {
	err = d.conn.QueryRow(context.WithoutCancel(d.ctx), fmt.Sprintf("SELECT version, dirty FROM %s.%s", schema, table)).Scan(&version, &dirty)
	if errors.Is(err, pgx.ErrNoRows) {
		version, err = database.NilVersion, nil
	}
	d.at = version
	return version, dirty, err
}

// Lock does nothing: the Migrator has its turn.
func (d *driver) Lock() error { return nil }

// Unlock does nothing.
func (d *driver) Unlock() error { return nil }

// Close does nothing: the connection is the Migrator's.
func (d *driver) Close() error { return nil }

// errNotHere is why a driver does not do what no Migrator asks for.
var errNotHere = errors.New("not for a migrator of this program")

// Open refuses: a driver is made on a connection.
func (d *driver) Open(string) (database.Driver, error) { return nil, errNotHere }

// Drop refuses to delete everything.
func (d *driver) Drop() error { return errNotHere }
