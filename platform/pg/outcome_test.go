package pg_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/await"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var count = pg.Reads("count", pg.Build.Select("count(*)").From("things"))

func counted(t *testing.T, db *pg.DB) int64 {
	t.Helper()
	n, err := pg.One(t.Context(), db, count.With(), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wired opens a test's database through a wire.
func wired(t *testing.T) (*pg.DB, *pgtest.Wire) {
	t.Helper()
	wire := pgtest.NewWire(t, pgtest.URL(t, things))
	return opened(t, wire.URL()), wire
}

func opened(t *testing.T, address string) *pg.DB {
	t.Helper()
	return openedWith(t, pgtest.Settings(address))
}

// A change that was stored, and whose answer gets lost, is never told as one that was not.
func TestDB_lostAnswer(t *testing.T) {
	t.Parallel()
	inTx := func(db *pg.DB, call pg.Call) func() error {
		return func() error {
			return db.InTx(t.Context(), func(ctx context.Context) error {
				_, err := db.Exec(ctx, call)
				return err
			})
		}
	}
	for name, change := range map[string]func(db *pg.DB) func() error{
		"a commit": func(db *pg.DB) func() error { return inTx(db, create.With("a")) },
		"a statement that gives a row": func(db *pg.DB) func() error {
			return func() error { _, err := pg.One(t.Context(), db, create.With("a"), pg.Int, nil); return err }
		},
		"a statement that gives none": func(db *pg.DB) func() error {
			return func() error { _, err := db.Exec(t.Context(), create.With("a")); return err }
		},
		"a statement without parameters": func(db *pg.DB) func() error {
			return func() error {
				_, err := db.Exec(t.Context(), pg.Changes("create b", squirrel.Expr("INSERT INTO things (name) VALUES ('a')")).With())
				return err
			}
		},
		"a statement that is built for the call": func(db *pg.DB) func() error {
			return func() error {
				_, err := db.Exec(t.Context(), pg.ChangesOnce("create b", pg.Build.Insert("things").Columns("name").Values("a")))
				return err
			}
		},
		"a function's": func(db *pg.DB) func() error {
			return func() error {
				_, err := pg.All(t.Context(), db, create.With("a"), pg.Int)
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, wire := wired(t)
			wire.Lose(func(string) bool { return true })
			if err := change(db)(); !errors.Is(err, pg.ErrOutcomeUnknown) {
				t.Errorf("got %v", err)
			}
			if wire.Lost() != 1 {
				t.Errorf("%d answers were lost: it was sent again, or never", wire.Lost())
			}
			wire.Lose(nil)
			if n := counted(t, db); n != 1 {
				t.Errorf("%d rows are there", n)
			}
		})
	}
}

// What is left for after the commit happens when nobody knows whether there was one.
func TestDB_lostAnswer_AfterCommit(t *testing.T) {
	t.Parallel()
	db, wire := wired(t)
	wire.Lose(func(string) bool { return true })
	done := false
	_ = db.InTx(t.Context(), func(ctx context.Context) error {
		db.AfterCommit(ctx, func() { done = true })
		_, err := db.Exec(ctx, create.With("a"))
		return err
	})
	if !done || wire.Lost() != 1 {
		t.Errorf("done: %v, lost: %d", done, wire.Lost())
	}
}

// A connection that is lost before the COMMIT has stored nothing: the transaction runs again on another one.
func TestDB_InTx_lostBeforeCommit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	runs := 0
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, create.With("a")); err != nil {
			return err
		}
		if runs++; runs == 1 {
			pgtest.EndConnections(t, db)
		}
		_, err := db.Exec(ctx, create.With("b"))
		return err
	})
	if n := counted(t, db); err != nil || runs != 2 || n != 2 {
		t.Errorf("%v; %d runs, %d rows", err, runs, n)
	}
}

// Connections that the server ended while they were idle cost no request.
func TestDB_endedWhileIdle(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	for i := range 20 {
		idle(t, db, 4)
		pgtest.EndConnections(t, db)
		if _, err := pg.One(t.Context(), db, create.With(strings.Repeat("a", i+1)), pg.Int, nil); err != nil {
			t.Errorf("a change: %v", err)
		}
		counted(t, db)
	}
}

// idle makes a pool have so many connections that wait.
func idle(t *testing.T, db *pg.DB, n int) {
	t.Helper()
	hold := make(chan struct{})
	held := make(chan error, n)
	for range n {
		go func() {
			held <- db.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context) error {
				_, err := db.Exec(ctx, one.With())
				<-hold
				return err
			})
		}()
	}
	await.That(t, "the connections are there", func() bool { return db.Stat().AcquiredConns() == int32(n) })
	close(hold)
	for range n {
		if err := <-held; err != nil {
			t.Fatal(err)
		}
	}
}

func openedWith(t *testing.T, settings pg.Settings) *pg.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}
