package pg_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/cache"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var setAmount = pg.Changes("set amount", pg.Build.Update("things").Set("amount", squirrel.Expr("?")).
	Where("id = ?").Where(pg.Assumed).Suffix("RETURNING id, amount"))

// addTo adds to the amount of a row in a transaction, and to attempts for each time that it is run.
func addTo(ctx context.Context, db *pg.DB, rows *pg.Rows[row], id, n int64, attempts *int, before func(ctx context.Context, attempt int) error) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		*attempts++
		thing, err := rows.ToChange(ctx, id)
		if err == nil && before != nil {
			err = before(ctx, *attempts)
		}
		if err != nil {
			return err
		}
		_, err = pg.One(db.Last(ctx, partOf.With(0)), db, setAmount.With(thing.amount+n, id, db.Assumption(ctx)), rowFields, errMissing)
		return err
	})
}

func amountOf(t *testing.T, db *pg.DB, id int64) int64 {
	t.Helper()
	n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A row that is as it was read is changed in one round trip. Whatever else happens, the row is locked, and the transaction is run
// again.
func TestRows_ToChange(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	rows, hub, _ := thingsByID(db)
	id := made(t, db, "a")
	refused := errors.New("refused")
	want := int64(0)
	add := func(what string, attempts int, wanted error, before func(ctx context.Context, attempt int) error) {
		t.Helper()
		if _, err := rows.ByID(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		ran := 0
		if err := addTo(t.Context(), db, rows, id, 10, &ran, before); !errors.Is(err, wanted) || err != nil && wanted == nil {
			t.Errorf("%s: %v", what, err)
		}
		if wanted == nil {
			want += 10
		}
		hub.Invalidate(changed(id))
		if got := amountOf(t, db, id); got != want || ran != attempts {
			t.Errorf("%s: the amount is %d, want %d; run %d times, want %d", what, got, want, ran, attempts)
		}
	}
	add("at first", 1, nil, nil)
	add("when it was changed by SQL", 2, nil, func(_ context.Context, attempt int) error {
		if attempt > 1 {
			return nil
		}
		want++
		_, err := db.Exec(t.Context(), pg.Changes("change", squirrel.Expr("UPDATE things SET amount = amount + 1 WHERE id = $1")).With(id))
		return err
	})
	add("when it is refused", 2, refused, func(context.Context, int) error { return refused })
	add("when another statement is run", 2, nil, func(ctx context.Context, _ int) error {
		_, err := db.Exec(ctx, one.With())
		return err
	})
	add("when the error of another statement is swallowed", 2, nil, func(ctx context.Context, _ int) error {
		_, _ = db.Exec(ctx, one.With())
		return nil
	})
	add("when another is queued", 2, nil, func(ctx context.Context, _ int) error {
		pg.AtNext(ctx, db, one.With(), pg.Int)
		return nil
	})
	if _, err := rows.ByID(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	before, ran := wire.RoundTrips(), 0
	if err := addTo(t.Context(), db, rows, id, 10, &ran, nil); err != nil || ran != 1 {
		t.Errorf("run %d times, %v", ran, err)
	}
	if trips := wire.RoundTrips() - before; trips != 1 {
		t.Errorf("%d round trips", trips)
	}
	parts(t, db, id, id, id, id, id) // none of what follows a queued statement: see Last
	ran = 0
	if err := addTo(t.Context(), db, rows, id+1, 1, &ran, nil); !errors.Is(err, errMissing) {
		t.Errorf("a missing row: %v", err)
	}
	ran = 0
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		ran++
		_, err := rows.ToChange(ctx, id)
		return err
	})
	if err != nil || ran != 2 {
		t.Errorf("a transaction that changes nothing: run %d times, %v", ran, err)
	}
}

// Rows that were made without a lock are never assumed, and never changed without it.
func TestRows_ToChange_withoutALock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	id := made(t, db, "a")
	rows := pg.NewRows(db, cache.NewHub(new(feed), db.Outside), pg.RowsOptions[row]{
		Name: "things", Query: pg.Build.Select("id", "amount").From("things"), Fields: rowFields, ID: func(r *row) int64 { return r.id }, Missing: errMissing,
	})
	attempts := 0
	if err := addTo(t.Context(), db, rows, id, 1, &attempts, nil); err == nil || attempts != 1 {
		t.Errorf("run %d times, %v", attempts, err)
	}
	if n := amountOf(t, db, id); n != 0 {
		t.Errorf("the amount is %d", n)
	}
}

// No change is lost between servers of which none hears what the other does.
func TestRows_ToChange_atOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t, things)
	dbs := []*pg.DB{openedWith(t, pgtest.Settings(url)), openedWith(t, pgtest.Settings(url))}
	id := made(t, dbs[0], "a")
	const adders, times = 4, 50
	var all sync.WaitGroup
	for _, db := range dbs {
		rows, _, _ := thingsByID(db)
		for range adders {
			all.Go(func() {
				for range times {
					attempts := 0
					if err := addTo(t.Context(), db, rows, id, 20, &attempts, nil); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	if got, want := amountOf(t, dbs[0], id), int64(len(dbs)*adders*times*20); got != want {
		t.Errorf("the amount is %d, want %d", got, want)
	}
}
