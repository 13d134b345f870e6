package migrate

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgx/v5/pgconn"
)

// Where golang-migrate keeps the version.
const (
	schema = "public"
	table  = "schema_migrations"
)

// atomic makes golang-migrate record a version in the transaction of the migration itself. By itself golang-migrate
// marks the database dirty, migrates, and marks it clean, in three transactions: a process killed in between leaves a
// mark that a person has to clear. Postgres runs the statements of one query string in one transaction.
type atomic struct {
	database.Driver
	stopped   func() error // says why no further migration may begin
	recording int
	recorded  bool
}

// failure is a migration that the server refused.
type failure struct {
	version int
	line    uint // of the file, 0 when the server names none
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

// causeOf gives what golang-migrate wrapped without a way to get at it, and the line it happened in. golang-migrate's
// own text repeats the whole file.
func causeOf(err error) (line uint, cause error) {
	var value database.Error
	var pointer *database.Error
	switch {
	case errors.As(err, &value):
		line, cause = value.Line, value.OrigErr
	case errors.As(err, &pointer):
		line, cause = pointer.Line, pointer.OrigErr
	default:
		return 0, err
	}
	var server *pgconn.PgError
	if errors.As(cause, &server) && server.Position == 0 {
		line = 0 // it says 1 where the server says nothing
	}
	return line, cause
}

// SetVersion remembers a version that is about to be migrated to, and records one that no Run has recorded.
func (a *atomic) SetVersion(version int, dirty bool) error {
	if dirty {
		a.recording, a.recorded = version, false
		return nil
	}
	if a.recorded {
		return nil
	}
	return a.Driver.SetVersion(version, false)
}

// Run runs a migration and records its version.
func (a *atomic) Run(migration io.Reader) error {
	if err := a.stopped(); err != nil {
		return err
	}
	record := fmt.Sprintf("\n;DELETE FROM %s.%s", schema, table)
	if a.recording != database.NilVersion {
		record += fmt.Sprintf(";INSERT INTO %s.%s (version, dirty) VALUES (%d, false)", schema, table, a.recording)
	}
	if err := a.Driver.Run(io.MultiReader(migration, strings.NewReader(record))); err != nil {
		line, cause := causeOf(err)
		return &failure{version: a.recording, line: line, cause: cause}
	}
	a.recorded = true
	return nil
}
