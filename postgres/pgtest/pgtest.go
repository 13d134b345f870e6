// Package pgtest gives each test a database of its own on a real PostgreSQL server: a clone of a template that has all
// migrations applied.
//
// One server serves all packages of a `go test` run. It is, in this order: the one TEST_DATABASE_URL names; a container
// (image ERP_TEST_POSTGRES_IMAGE) when a Docker engine answers; else a throwaway server from the programs installed on
// the machine. The latter two are kept by a process of their own, which ends them with the run, also when a test
// panics, is interrupted, or is killed. ERP_TEST_REPORT names a file to which the chosen server is written.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/platform/pg"
	"erp.internal/postgres/embedded"
)

// Main is the TestMain of every package that uses this one:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	embedded.RunKeeperIfAsked()
	runKeeperIfAsked()
	os.Exit(m.Run())
}

// New returns a database with the migrations applied, for this test alone; it goes with the test.
func New(tb testing.TB, migrations fs.FS) *pg.DB {
	tb.Helper()
	return open(tb, URL(tb, migrations))
}

// Again opens a test's database again, as another server on it does.
func Again(tb testing.TB, db *pg.DB) *pg.DB {
	tb.Helper()
	return open(tb, db.URL())
}

func open(tb testing.TB, url string) *pg.DB {
	tb.Helper()
	db, err := pg.Open(tb.Context(), Settings(url), zap.NewNop())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(db.Close)
	return db
}

// Settings are those that tests open databases with.
func Settings(url string) pg.Settings {
	return pg.Settings{URL: pg.URL(url), PoolSize: 8, StatementTimeout: 30 * time.Second, ListTimeout: 30 * time.Second}
}

// URL returns the address of a database like New's, for tests that open it themselves.
func URL(tb testing.TB, migrations fs.FS) string {
	tb.Helper()
	server := running(tb)
	template, err := templateOf(tb.Context(), server, migrations)
	if err != nil {
		tb.Fatalf("prepare the template database: %v", err)
	}
	return clone(tb, server, template)
}

// Empty returns the address of a database with nothing in it, for tests that migrate it themselves; it goes with the test.
func Empty(tb testing.TB) string {
	tb.Helper()
	return clone(tb, running(tb), "template0")
}

func running(tb testing.TB) server {
	tb.Helper()
	server, err := shared()
	if err != nil {
		tb.Fatalf("no PostgreSQL server for the tests: %v", err)
	}
	return server
}

func clone(tb testing.TB, server server, template string) string {
	tb.Helper()
	name := "erp_test_" + random()
	if err := server.exec(tb.Context(), "CREATE DATABASE "+quoted(name)+" TEMPLATE "+quoted(template)); err != nil {
		tb.Fatalf("clone the template database: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := server.exec(ctx, "DROP DATABASE "+quoted(name)+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop the test's database: %v", err)
		}
	})
	return server.database(name)
}

// shared is the run's server, found or started when the first test of the process asks.
var shared = sync.OnceValues(func() (server, error) {
	if given := os.Getenv("TEST_DATABASE_URL"); given != "" {
		return server{URL: given, Description: "the server of TEST_DATABASE_URL"}.report()
	}
	return attach()
})

// server is a PostgreSQL server on which databases may be created.
type server struct {
	URL         string // of a database to connect to while creating others
	Description string

	users *flock.Flock // held while the process lives, so that the keeper knows of it
}

// database returns the address of another database of the server.
func (s server) database(name string) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return s.URL // connecting to it will say what is wrong
	}
	u.Path = "/" + name
	return u.String()
}

func (s server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // all is said by then
	_, err = conn.Exec(ctx, sql)
	return err
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

func random() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}
