package pg_test

import (
	"context"
	"slices"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var (
	named   = pg.Reads("named", squirrel.Expr("SELECT id FROM things WHERE name = ANY($1) ORDER BY id"))
	failing = pg.Reads("fail", squirrel.Expr("SELECT id / 0 FROM things"))
)

// Statements that are queued take no round trip of their own, are run before the next one, and give their rows with it.
func TestAtNext(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	a, b := made(t, db, "a"), made(t, db, "b")
	for name, tc := range map[string]struct {
		do    func(ctx context.Context) error
		trips int
	}{
		"before the first statement": {trips: 2, do: func(ctx context.Context) error {
			pg.AtNext(ctx, db, locked.With(a), pg.Nothing)
			rows := pg.AtNext(ctx, db, named.With([]string{"a", "b"}), pg.Int)
			if _, err := db.Exec(ctx, add.With(1, a)); err != nil {
				return err
			}
			if got, err := rows(); err != nil || !slices.Equal(got, []int64{a, b}) {
				t.Errorf("got %v, %v", got, err)
			}
			return nil
		}},
		"before a later one": {trips: 3, do: func(ctx context.Context) error {
			if _, err := pg.One(ctx, db, amount.With(a), pg.Int, nil); err != nil {
				return err
			}
			rows := pg.AtNext(ctx, db, named.With([]string{"b"}), pg.Int)
			got, err := pg.All(ctx, db, named.With([]string{"a"}), pg.Int)
			if queued, err := rows(); err != nil || !slices.Equal(queued, []int64{b}) {
				t.Errorf("got %v, %v", queued, err)
			}
			if !slices.Equal(got, []int64{a}) {
				t.Errorf("the statement after it gives %v", got)
			}
			return err
		}},
		"before the last one": {trips: 2, do: func(ctx context.Context) error {
			pg.AtNext(ctx, db, locked.With(a), pg.Nothing)
			_, err := pg.One(db.Last(ctx, partOf.With(0)), db, changeRow.With(1, a), rowFields, nil)
			return err
		}},
		"before none": {trips: 2, do: func(ctx context.Context) error {
			got, err := pg.AtNext(ctx, db, named.With([]string{"b"}), pg.Int)()
			if !slices.Equal(got, []int64{b}) {
				t.Errorf("got %v", got)
			}
			return err
		}},
		"and nothing wants them": {trips: 0, do: func(ctx context.Context) error {
			pg.AtNext(ctx, db, locked.With(a), pg.Nothing)
			return nil
		}},
	} {
		if err := db.InTx(t.Context(), tc.do); err != nil { // what is prepared takes one more
			t.Fatalf("%s: %v", name, err)
		}
		before := wire.RoundTrips()
		if err := db.InTx(t.Context(), tc.do); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if trips := wire.RoundTrips() - before; trips != tc.trips {
			t.Errorf("%s: %d round trips, want %d", name, trips, tc.trips)
		}
	}
	if got, err := pg.AtNext(t.Context(), db, named.With([]string{"b"}), pg.Int)(); err != nil || !slices.Equal(got, []int64{b}) {
		t.Errorf("outside of a transaction: %v, %v", got, err)
	}
}

// A queued statement that fails fails the next one, and the transaction; its rows are the error, too.
func TestAtNext_fails(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	made(t, db, "a")
	for _, begun := range []bool{false, true} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if begun {
				if _, err := db.Exec(ctx, create.With("b")); err != nil {
					return err
				}
			}
			rows := pg.AtNext(ctx, db, failing.With(), pg.Int)
			_, err := db.Exec(ctx, create.With("c"))
			if _, failed := rows(); failed == nil || err == nil {
				t.Errorf("begun %v: its rows: %v; the next statement: %v", begun, failed, err)
			}
			return nil
		})
		if err == nil {
			t.Errorf("begun %v: it is committed", begun)
		}
	}
	holds(t, db, "a")
}

// A statement that waits behind a lock sees what was committed meanwhile, also if it was sent together with the lock.
func TestAtNext_afterALock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	id := made(t, db, "a")
	got, seen := make(chan int64, 1), make(chan error, 1)
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, add.With(7, id)); err != nil {
			return err
		}
		go func() {
			seen <- db.InTx(t.Context(), func(ctx context.Context) error {
				pg.AtNext(ctx, db, locked.With(id), pg.Nothing)
				n, err := pg.One(ctx, db, amount.With(id), pg.Int, nil)
				got <- n
				return err
			})
		}()
		waitsForALock(t, db)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := <-got, <-seen; n != 7 || err != nil {
		t.Errorf("it sees %d, %v", n, err)
	}
}
