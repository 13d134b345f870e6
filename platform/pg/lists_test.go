package pg_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/await"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var (
	backend = pg.Reads("backend", squirrel.Expr("SELECT pg_backend_pid()::bigint"))
	active  = pg.Reads("count what runs", squirrel.Expr(`SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()`))
)

// long is a list that takes longer than any test waits.
func long() pg.Call {
	return pg.ListsOnce("long list", squirrel.Expr("SELECT 1::bigint FROM pg_sleep(600)"))
}

func listing(t *testing.T, change func(*pg.Settings)) *pg.DB {
	t.Helper()
	settings := pgtest.Settings(pgtest.URL(t, things))
	change(&settings)
	db, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func number(t *testing.T, db *pg.DB, statement pg.Statement) int64 {
	t.Helper()
	n, err := pg.One(t.Context(), db, statement.With(), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Lists that take long leave half of the connections to all others. They end when their callers go, on the server too, and so
// do those that wait for their turn.
func TestLists_leaveConnectionsToOthers(t *testing.T) {
	t.Parallel()
	db := listing(t, func(s *pg.Settings) { s.PoolSize = 8 })
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error)
	for range 20 {
		go func() {
			_, err := pg.All(ctx, db, long(), pg.Int)
			ended <- err
		}()
	}
	await.That(t, "half of the connections have a list", func() bool { return number(t, db, active) == 4 })
	for i := range 100 {
		if _, err := db.Exec(t.Context(), one.With()); err != nil {
			t.Fatalf("another statement: %v", err)
		}
		made(t, db, fmt.Sprint("thing ", i))
	}
	if n := number(t, db, active); n != 4 {
		t.Errorf("%d lists run at once", n)
	}
	leave()
	for range 20 {
		if err := <-ended; !errors.Is(err, pg.ErrUnavailable) {
			t.Errorf("a list whose caller went: %v", err)
		}
	}
	await.That(t, "nothing runs for callers who went", func() bool { return number(t, db, active) == 0 })
	if _, err := pg.All(t.Context(), db, pg.ListsOnce("short list", squirrel.Expr("SELECT 1::bigint")), pg.Int); err != nil {
		t.Errorf("a list afterwards: %v", err)
	}
}

// A list that takes too long ends on the server, and its connection serves others.
func TestLists_haveATimeLimit(t *testing.T) {
	t.Parallel()
	db := listing(t, func(s *pg.Settings) { s.PoolSize, s.ListTimeout = 1, 100*time.Millisecond })
	before := number(t, db, backend)
	for _, call := range []pg.Call{long(), pg.ListsOnce("long rows", squirrel.Expr("SELECT n FROM generate_series(1, 3) n, pg_sleep(600)"))} {
		if _, err := pg.All(t.Context(), db, call, pg.Int); !errors.Is(err, pg.ErrUnavailable) {
			t.Errorf("a list that takes too long: %v", err)
		}
		if _, err := pg.One(t.Context(), db, call, pg.Int, nil); !errors.Is(err, pg.ErrUnavailable) {
			t.Errorf("its count: %v", err)
		}
	}
	if after := number(t, db, backend); after != before {
		t.Error("the connection was closed")
	}
	for range 50 { // none of them is hit by a cancellation that comes late
		number(t, db, backend)
	}
}

// A caller with a deadline of their own, of what is no list, waits no longer than that, whatever the server does.
func TestDB_deadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	db := listing(t, func(*pg.Settings) {})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := pg.One(ctx, db, pg.Reads("wait", squirrel.Expr("SELECT 1::bigint FROM pg_sleep(600)")).With(), pg.Int, nil); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// Who waits for the turn of their list waits no longer than for a connection.
func TestLists_thatWait(t *testing.T) {
	t.Parallel()
	db := listing(t, func(s *pg.Settings) {
		address, err := url.Parse(string(s.URL))
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		query.Set("statement_timeout", "600000") // so that the first list goes on
		address.RawQuery = query.Encode()
		s.URL, s.PoolSize, s.StatementTimeout = pg.URL(address.String()), 2, 300*time.Millisecond
	})
	ctx, leave := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := pg.All(ctx, db, long(), pg.Int)
		first <- err
	}()
	await.That(t, "the first list runs", func() bool { return number(t, db, active) == 1 })
	short := pg.ListsOnce("short list", squirrel.Expr("SELECT 1::bigint"))
	gone, goes := context.WithCancel(t.Context())
	goes()
	if _, err := pg.All(gone, db, short, pg.Int); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a caller who went: %v", err)
	}
	if _, err := pg.All(t.Context(), db, short, pg.Int); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a caller who waited: %v", err)
	}
	leave()
	<-first
	if _, err := pg.All(t.Context(), db, short, pg.Int); err != nil {
		t.Errorf("once the first has ended: %v", err)
	}
}

// A generic call has one plan for all arguments from the first time on, and leaves no other statement without its own.
func TestCall_Generic(t *testing.T) {
	t.Parallel()
	db := listing(t, func(s *pg.Settings) { s.PoolSize = 1 })
	id := made(t, db, "thing")
	for range 3 {
		call := pg.ListsOnce("generic", squirrel.Expr("SELECT id FROM things WHERE id = $1 AND name IS NOT NULL", id)).Generic()
		if found, err := pg.All(t.Context(), db, call, pg.Int); err != nil || len(found) != 1 || found[0] != id {
			t.Fatal(found, err)
		}
	}
	plans := pg.Reads("plans", squirrel.Expr("SELECT generic_plans * 10 + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%name IS NOT NULL'"))
	if n := number(t, db, plans); n != 30 {
		t.Errorf("generic and custom plans: %d", n)
	}
	mode := pg.Reads("mode", squirrel.Expr("SELECT count(*) FROM pg_settings WHERE name = 'plan_cache_mode' AND setting = 'auto'"))
	if number(t, db, mode) != 1 {
		t.Error("other statements have it too")
	}
	wrong := pg.ListsOnce("wrong", squirrel.Expr("SELECT id FROM things WHERE id = $1 AND 1 / (id - $1) > 0", id)).Generic()
	if _, err := pg.All(t.Context(), db, wrong, pg.Int); err == nil {
		t.Error("an error of the server is lost")
	}
	if found, err := pg.All(t.Context(), db, pg.ListsOnce("absent", squirrel.Expr("SELECT id FROM things WHERE id = -$1::bigint", id)).Generic(), pg.Int); err != nil || len(found) != 0 {
		t.Error(found, err)
	}
}

// Lists of one request run at the same time as far as that leaves half of the connections of lists to others.
func TestDB_AtOnce(t *testing.T) {
	t.Parallel()
	db := listing(t, func(s *pg.Settings) { s.PoolSize = 12 }) // six of them for lists
	ctx, leave := context.WithCancel(t.Context())
	var ran atomic.Int64
	list := func(call pg.Call) func(context.Context) error {
		return func(ctx context.Context) error {
			ran.Add(1)
			_, err := pg.All(ctx, db, call, pg.Int)
			return err
		}
	}
	short, ended := list(pg.ListsOnce("short list", squirrel.Expr("SELECT 1::bigint"))), make(chan error)
	go func() { ended <- db.AtOnce(ctx, list(long()), list(long()), list(long()), list(long()), list(long())) }()
	await.That(t, "half of them run", func() bool { return number(t, db, active) == 3 })
	for range 3 {
		if err := db.AtOnce(t.Context(), short, short, short, short); err != nil {
			t.Error("others: ", err)
		}
	}
	if n := number(t, db, active); n != 3 || ran.Load() != 3+12 {
		t.Errorf("%d lists run, %d have begun", n, ran.Load())
	}
	leave()
	if err := <-ended; !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("lists whose caller went: %v", err)
	}
	await.That(t, "nothing runs for callers who went", func() bool { return number(t, db, active) == 0 })

	failed := errors.New("failed")
	if err := db.AtOnce(t.Context(), list(long()), func(context.Context) error { return failed }, list(long())); !errors.Is(err, failed) {
		t.Errorf("one that fails ends the others: %v", err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error { return db.AtOnce(ctx, short, short, short) })
	if err != nil {
		t.Errorf("in a transaction: %v", err)
	}
	for range 20 { // in the caller's goroutine, or beside it
		err := func() (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("%w: %v", failed, p)
				}
			}()
			return db.AtOnce(t.Context(), short, func(context.Context) error { panic("mistake") }, short)
		}()
		if err == nil || !strings.Contains(err.Error(), "mistake") {
			t.Errorf("a panic is lost: %v", err)
		}
	}
	ran.Store(0)
	if err := db.AtOnce(t.Context(), short, short, short, short); err != nil || ran.Load() != 4 {
		t.Errorf("afterwards: %d, %v", ran.Load(), err)
	}
}
