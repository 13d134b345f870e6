package pg_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"erp.internal/platform/await"
	"erp.internal/platform/cache"
	"erp.internal/platform/change"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// feed is current, or not.
type feed struct{ late atomic.Bool }

// Current implements cache.Feed.
func (f *feed) Current(time.Time) bool { return !f.late.Load() }

const thingChanged = "thing.changed"

// thingsByID are the things of a database. Reading one whose amount is 13 fails.
func thingsByID(db *pg.DB) (*pg.Rows[row], *cache.Hub, *feed) {
	f := &feed{}
	hub := cache.NewHub(f, db.Outside)
	return pg.NewRows(db, hub, pg.RowsOptions[row]{
		Name: "things", Query: pg.Build.Select("id", "amount + 0 / (amount - 13)").From("things"),
		Fields: rowFields, ID: func(r *row) int64 { return r.id }, Missing: errMissing,
		Rules:     cache.Rules{thingChanged: cache.OfSubject},
		ForUpdate: "FOR NO KEY UPDATE",
	}), hub, f
}

func changed(id int64) []change.Notice {
	return []change.Notice{{Kind: thingChanged, Subject: change.Subject{Kind: "thing", ID: id}}}
}

// readAll reads rows by id, each in a goroutine, so that all wait for the only connection of a database. Events between them keep
// one from getting what an earlier one asked for.
func readAll(t *testing.T, db *pg.DB, rows *pg.Rows[row], hub *cache.Hub, ids ...int64) []stored {
	t.Helper()
	release := useConnection(t, db)
	results := make([]stored, len(ids))
	var all sync.WaitGroup
	for n, id := range ids {
		all.Go(func() { results[n].row, results[n].err = rows.ByID(t.Context(), id) })
		await.That(t, "it waits", func() bool { return rows.Gathering() == n+1 })
		hub.InvalidateAll()
	}
	release()
	all.Wait()
	return results
}

// A row is read once until an event says that it changed, or until events may be missing.
func TestRows_ByID(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	rows, hub, feed := thingsByID(db)
	id := made(t, db, "a")
	reads := func(what string, amount int64, trips int) {
		t.Helper()
		before := wire.RoundTrips()
		if got, err := rows.ByID(t.Context(), id); err != nil || got != (row{id, amount}) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		if n := wire.RoundTrips() - before; n != trips {
			t.Errorf("%s: %d round trips, want %d", what, n, trips)
		}
	}
	reads("at first", 0, 2) // what is prepared takes one more
	reads("then", 0, 0)
	if _, err := db.Exec(t.Context(), add.With(2, id)); err != nil {
		t.Fatal(err)
	}
	hub.Invalidate(changed(id + 1))
	reads("after another one changed", 0, 0)
	hub.Invalidate(changed(id))
	reads("after it changed", 2, 1)
	reads("then", 2, 0)
	feed.late.Store(true)
	reads("while events may be missing", 2, 1)
	reads("while events may be missing", 2, 1)
	if _, err := rows.ByID(t.Context(), id+1); !errors.Is(err, errMissing) {
		t.Errorf("a missing row: %v", err)
	}
}

// A transaction reads what it has changed, and nobody else does.
func TestRows_ByID_inside(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	rows, _, _ := thingsByID(db)
	id := made(t, db, "a")
	read := func(ctx context.Context, amount int64) {
		t.Helper()
		if got, err := rows.ByID(ctx, id); err != nil || got.amount != amount {
			t.Errorf("got %+v, %v; want %d", got, err, amount)
		}
	}
	read(t.Context(), 0)
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, add.With(5, id)); err != nil {
			return err
		}
		read(ctx, 5)
		read(t.Context(), 0)
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// Rows that are wanted at the same time take one round trip, and each caller has its own.
func TestRows_ByID_together(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	rows, hub, _ := thingsByID(db)
	a, b, c := made(t, db, "a"), made(t, db, "b"), made(t, db, "c")
	for n, id := range []int64{a, b, c} {
		if _, err := db.Exec(t.Context(), add.With(n+1, id)); err != nil {
			t.Fatal(err)
		}
	}
	for prepared := range 2 {
		before := wire.RoundTrips()
		got := readAll(t, db, rows, hub, a, c+100, c, b, c)
		if got[0].row != (row{a, 1}) || !errors.Is(got[1].err, errMissing) || got[2].row != (row{c, 3}) || got[3].row != (row{b, 2}) || got[4].row != (row{c, 3}) {
			t.Errorf("got %+v", got)
		}
		if n := wire.RoundTrips() - before; prepared == 1 && n != 3 { // BEGIN with a statement, COMMIT, and the rows
			t.Errorf("%d round trips", n)
		}
	}
}

// What keeps one row from being read keeps no other.
func TestRows_ByID_togetherWithOneThatFails(t *testing.T) {
	t.Parallel()
	db, _ := oneConnection(t)
	rows, hub, _ := thingsByID(db)
	a, unlucky, b := made(t, db, "a"), made(t, db, "unlucky"), made(t, db, "b")
	if _, err := db.Exec(t.Context(), add.With(13, unlucky)); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, db, rows, hub, a, unlucky, b)
	if got[0].err != nil || got[1].err == nil || got[2].err != nil || got[2].id != b {
		t.Errorf("got %+v", got)
	}
}

// A caller who has gone before its row is read takes no row from others, also when it is the one to read them. More callers wait
// than are read together, so that it is.
func TestRows_ByID_leaderHasGone(t *testing.T) {
	t.Parallel()
	db, _ := oneConnection(t)
	rows, _, _ := thingsByID(db)
	a := made(t, db, "a")
	release := useConnection(t, db)
	gone, goes := context.WithCancel(t.Context())
	goes()
	var others sync.WaitGroup
	wait := func(ctx context.Context, id int64, check func(error)) {
		t.Helper()
		before := rows.Gathering()
		others.Go(func() {
			_, err := rows.ByID(ctx, id)
			check(err)
		})
		await.That(t, "it waits", func() bool { return rows.Gathering() == before+1 })
	}
	const together = 64
	for n := range int64(together) {
		wait(t.Context(), a+1+n, func(err error) {
			if !errors.Is(err, errMissing) {
				t.Errorf("a missing row: %v", err)
			}
		})
	}
	wait(gone, a, func(err error) {
		if err == nil {
			t.Error("a caller who has gone read a row")
		}
	})
	wait(t.Context(), a, func(err error) {
		if err != nil {
			t.Errorf("a caller who stayed: %v", err)
		}
	})
	release()
	others.Wait()
}

// A caller who goes away takes no row from others.
func TestRows_ByID_leaderGoes(t *testing.T) {
	t.Parallel()
	db, _ := oneConnection(t)
	rows, _, _ := thingsByID(db)
	a, b := made(t, db, "a"), made(t, db, "b")
	release := useConnection(t, db)
	ctx, goes := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { _, err := rows.ByID(ctx, a); first <- err }()
	await.That(t, "the first leads", func() bool { return rows.Gathering() == 1 })
	go func() { _, err := rows.ByID(t.Context(), b); second <- err }()
	await.That(t, "the second waits", func() bool { return rows.Gathering() == 2 })
	goes()
	release()
	<-first // the caller has gone, so its answer does not matter
	if err := <-second; err != nil {
		t.Error(err)
	}
}
