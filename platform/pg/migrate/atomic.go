package migrate

import (
	"fmt"
	"io"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
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
	recording int
	recorded  bool
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
	record := fmt.Sprintf("\n;DELETE FROM %s.%s", schema, table)
	if a.recording != database.NilVersion {
		record += fmt.Sprintf(";INSERT INTO %s.%s (version, dirty) VALUES (%d, false)", schema, table, a.recording)
	}
	if err := a.Driver.Run(io.MultiReader(migration, strings.NewReader(record))); err != nil {
		return fmt.Errorf("to version %d: %w", a.recording, err)
	}
	a.recorded = true
	return nil
}
