package journal_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/change"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// schema returns the journal's own migrations, and functions that take the place of the server's own where the search path
// says so. The platform imports no migrations: they belong to the modules.
func schema(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{
		"999999_pretended.up.sql": {Data: []byte(`
			CREATE SCHEMA pretended;
			CREATE TABLE pretended.server (ahead interval NOT NULL, started timestamptz NOT NULL, crashed timestamptz NOT NULL, standby boolean NOT NULL);
			INSERT INTO pretended.server VALUES ('0', '2026-01-02Z', '2026-01-01Z', false);
			CREATE FUNCTION pretended.now() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT pg_catalog.now() + ahead FROM pretended.server';
			CREATE FUNCTION pretended.pg_postmaster_start_time() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT started FROM pretended.server';
			CREATE FUNCTION pretended.pg_stat_get_bgwriter_stat_reset_time() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT crashed FROM pretended.server';
			CREATE FUNCTION pretended.pg_is_in_recovery() RETURNS boolean STABLE LANGUAGE sql AS 'SELECT standby FROM pretended.server'`)},
		"999999_pretended.down.sql": {Data: []byte(`DROP SCHEMA pretended CASCADE`)},
	}
	names, err := filepath.Glob("../../migrations/*_journal_*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations of the journal, %v", len(names), err)
	}
	for _, name := range names {
		sql, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: sql}
	}
	return files
}

func fresh(t *testing.T) *pg.DB {
	t.Helper()
	return pgtest.New(t, schema(t))
}

func exec(t *testing.T, db *pg.DB, sql string) error {
	t.Helper()
	return execIn(t.Context(), db, sql)
}

func run(t *testing.T, db *pg.DB, sql string) {
	t.Helper()
	if err := exec(t, db, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// texts returns a query's only column.
func texts(t *testing.T, db *pg.DB, sql string) []string {
	t.Helper()
	all, err := pg.All(t.Context(), db, pg.Changes("test", squirrel.Expr(sql)).With(), func(s *string) []any { return []any{s} })
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func number(t *testing.T, db *pg.DB, sql string) int64 {
	t.Helper()
	n, err := pg.One(t.Context(), db, pg.Changes("test", squirrel.Expr(sql)).With(), pg.Int, nil)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// thing is an event of a thing.
func thing(id int64) change.Event {
	return change.Event{Kind: "thing.changed", Subject: change.Subject{Kind: "thing", ID: id}}
}

// record keeps events of things in a transaction of its own.
func record(t *testing.T, db *pg.DB, ids ...int64) {
	t.Helper()
	j := journal.New(db, zap.NewNop())
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		var events []change.Event
		for _, id := range ids {
			events = append(events, thing(id))
		}
		return j.Append(ctx, change.Origin{Operation: "test"}, events)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// execIn runs SQL in the context's transaction.
func execIn(ctx context.Context, db *pg.DB, sql string) error {
	_, err := db.Exec(ctx, pg.Changes("test", squirrel.Expr(sql)).With())
	return err
}
