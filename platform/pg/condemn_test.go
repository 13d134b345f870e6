package pg_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// here returns the name of a database.
func here(t *testing.T, db *pg.DB) string {
	t.Helper()
	u, err := url.Parse(db.URL())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// A database that was read-only for a while leaves no connection behind that still is.
func TestDB_readOnlyForAWhile(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	id := made(t, db, "a")
	idle(t, db, 6)
	setting := fmt.Sprintf("ALTER DATABASE %q ", here(t, db))
	pgtest.Run(t, db.URL(), setting+"SET default_transaction_read_only = on")
	pgtest.EndConnections(t, db)

	var puts sync.WaitGroup
	for range 12 {
		puts.Go(func() {
			err := db.InTx(t.Context(), func(ctx context.Context) error { _, err := db.Exec(ctx, add.With(1, id)); return err })
			if !errors.Is(err, pg.ErrUnavailable) {
				t.Errorf("a transaction while it is read-only: %v", err)
			}
			if _, err := db.Exec(t.Context(), add.With(1, id)); !errors.Is(err, pg.ErrUnavailable) {
				t.Errorf("a statement while it is read-only: %v", err)
			}
			if _, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); err != nil {
				t.Errorf("a read while it is read-only: %v", err)
			}
		})
	}
	puts.Wait()

	pgtest.Run(t, db.URL(), "BEGIN READ WRITE; "+setting+"RESET default_transaction_read_only; COMMIT")
	for range 12 {
		puts.Go(func() {
			if err := db.InTx(t.Context(), func(ctx context.Context) error { _, err := db.Exec(ctx, add.With(1, id)); return err }); err != nil {
				t.Errorf("a transaction afterwards: %v", err)
			}
			if _, err := db.Exec(t.Context(), add.With(1, id)); err != nil {
				t.Errorf("a statement afterwards: %v", err)
			}
		})
	}
	puts.Wait()
	if n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); n != 24 || err != nil {
		t.Errorf("amount %d, %v", n, err)
	}
}

// What a connection holds and the server has lost, or the other way round, costs no request: the connection is replaced.
func TestDB_connectionOutOfStep(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"prepared statements are lost": "DEALLOCATE ALL",
		"a cached plan does not fit":   "ALTER TABLE things ADD COLUMN more int",
		"it is read-only":              "SET default_transaction_read_only = on",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := pgtest.Settings(pgtest.URL(t, things))
			settings.PoolSize = 1
			db := openedWith(t, settings)
			everything := pg.Reads("everything", squirrel.Expr("SELECT * FROM things WHERE id = $1"))
			change := pg.Changes("change", squirrel.Expr("UPDATE things SET amount = amount + $1 WHERE id = $2 RETURNING *"))
			id := made(t, db, "a")
			run := func() {
				t.Helper()
				if _, err := db.Exec(t.Context(), everything.With(id)); err != nil {
					t.Errorf("a read: %v", err)
				}
				if _, err := db.Exec(t.Context(), change.With(1, id)); err != nil {
					t.Errorf("a change: %v", err)
				}
				if err := db.InTx(t.Context(), func(ctx context.Context) error { _, err := db.Exec(ctx, change.With(1, id)); return err }); err != nil {
					t.Errorf("a transaction: %v", err)
				}
			}
			run()
			if _, err := db.Exec(t.Context(), pg.Changes("spoil", squirrel.Expr(spoil)).With()); err != nil {
				t.Fatal(err)
			}
			run()
			if n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); n != 4 || err != nil {
				t.Errorf("amount %d, %v", n, err)
			}
		})
	}
}
