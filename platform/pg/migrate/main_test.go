package migrate_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/platform/pg/migrate"
	"erp.internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// three migrations; each leaves a line in the journal, so that a migration that ran twice is seen.
func three() fstest.MapFS {
	return fstest.MapFS{
		"000001_shop_journal.up.sql":   file("CREATE TABLE journal (line text); INSERT INTO journal VALUES ('one')"),
		"000001_shop_journal.down.sql": file("DROP TABLE journal"),
		"000002_shop_desks.up.sql":     file("CREATE TABLE desks (id int); INSERT INTO journal VALUES ('two')"),
		"000002_shop_desks.down.sql":   file("DROP TABLE desks; DELETE FROM journal WHERE line = 'two'"),
		"000003_shop_chairs.up.sql":    file("CREATE TABLE chairs (id int); INSERT INTO journal VALUES ('three')"),
		"000003_shop_chairs.down.sql":  file("DROP TABLE chairs; DELETE FROM journal WHERE line = 'three'"),
	}
}

func file(sql string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(sql)} }

// with returns three with one of its files replaced.
func with(name, sql string) fstest.MapFS {
	files := three()
	files[name] = file(sql)
	return files
}

// first returns the first n of the three.
func first(n int) fstest.MapFS {
	files := three()
	for name := range files {
		if int(name[5]-'0') > n {
			delete(files, name)
		}
	}
	return files
}

func migrator(url string, files fstest.MapFS) migrate.Migrator {
	return migrate.New(url, files, zap.NewNop())
}

func up(t *testing.T, url string, files fstest.MapFS) {
	t.Helper()
	if err := migrator(url, files).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func stateOf(t *testing.T, url string, files fstest.MapFS) migrate.State {
	t.Helper()
	state, err := migrator(url, files).State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	if _, err := connect(t, url).Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string) T {
	t.Helper()
	var answer T
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// tables returns the names of the tables that the migrations made, with blanks between them.
func tables(t *testing.T, url string) string {
	t.Helper()
	return ask[string](t, connect(t, url), `SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '')
		FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`)
}

// journal returns which migrations ran, in their order.
func journal(t *testing.T, url string) string {
	t.Helper()
	return ask[string](t, connect(t, url), "SELECT string_agg(line, ' ' ORDER BY ctid) FROM journal")
}

// at fails unless the database is usable at the version, and holds the tables and nothing else.
func at(t *testing.T, url string, version uint, wantTables string) {
	t.Helper()
	state := stateOf(t, url, three())
	if state.Version != version || state.Dirty || state.Applied != int(version) {
		t.Errorf("the database is at %+v, not at version %d and clean", state, version)
	}
	if got := tables(t, url); got != wantTables {
		t.Errorf("its tables are %q, not %q", got, wantTables)
	}
}

// oneLine fails unless err is one line that holds each of the parts.
func oneLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
}
