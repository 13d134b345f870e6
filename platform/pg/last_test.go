package pg_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var (
	createRow = pg.Changes("create", squirrel.Expr("INSERT INTO things (name, amount) VALUES ($1, $2) RETURNING id, amount"))
	changeRow = pg.Changes("change", squirrel.Expr("UPDATE things SET amount = amount + $1 WHERE id = $2 RETURNING id, amount"))
	partOf    = pg.Changes("part", squirrel.Expr("INSERT INTO parts (thing_id) SELECT CASE $1::bigint WHEN 0 THEN changed.id ELSE $1 END FROM changed"))
	locked    = pg.Reads("lock", squirrel.Expr("SELECT amount FROM things WHERE id = $1 FOR UPDATE"))
)

type row struct{ id, amount int64 }

func rowFields(r *row) []any { return []any{&r.id, &r.amount} }

// parts fails the test unless there are parts of these things.
func parts(t *testing.T, db *pg.DB, want ...int64) {
	t.Helper()
	got, err := pg.All(t.Context(), db, pg.Reads("parts", squirrel.Expr("SELECT thing_id FROM parts ORDER BY thing_id")).With(), pg.Int)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("there are parts of %v, %v; want %v", got, err, want)
	}
}

// The last statement, what belongs to its row, and COMMIT take one round trip together.
func TestDB_Last_roundTrips(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, things))
	settings := pgtest.Settings(wire.URL())
	settings.PoolSize = 1
	db := openedWith(t, settings)
	id := made(t, db, "a")
	change := func(ctx context.Context) error {
		_, err := pg.One(ctx, db, changeRow.With(1, id), rowFields, errNotFound)
		return err
	}
	for name, tc := range map[string]struct {
		do     func(ctx context.Context) error
		trips  int
		stored bool // by the last statement
	}{
		"alone": {trips: 1, stored: true, do: func(ctx context.Context) error { return change(db.Last(ctx, partOf.With(0))) }},
		"after a lock": {trips: 2, stored: true, do: func(ctx context.Context) error {
			if _, err := pg.One(ctx, db, locked.With(id), pg.Int, errNotFound); err != nil {
				return err
			}
			return change(db.Last(ctx, partOf.With(id)))
		}},
		"after a change": {trips: 3, do: func(ctx context.Context) error {
			return errors.Join(change(ctx), change(db.Last(ctx, partOf.With(0))))
		}},
		"with calls for COMMIT": {trips: 2, do: func(ctx context.Context) error {
			db.AtCommit(ctx, add.With(1, id))
			return change(db.Last(ctx, partOf.With(0)))
		}},
		"in a transaction inside another": {trips: 2, do: func(ctx context.Context) error {
			return db.InTx(ctx, func(ctx context.Context) error { return change(db.Last(ctx, partOf.With(0))) })
		}},
		"of a statement that only reads": {trips: 2, do: func(ctx context.Context) error {
			_, err := pg.One(db.Last(ctx, partOf.With(0)), db, amount.With(id), pg.Int, errNotFound)
			return err
		}},
	} {
		stored := false
		do := func(ctx context.Context) error {
			err := tc.do(ctx)
			stored = db.Stored(ctx)
			return err
		}
		if err := db.InTx(t.Context(), do); err != nil { // what is prepared takes one more
			t.Fatalf("%s: %v", name, err)
		}
		before := wire.RoundTrips()
		if err := db.InTx(t.Context(), do); err != nil || stored != tc.stored {
			t.Errorf("%s: %v; stored: %v", name, err, stored)
		}
		if trips := wire.RoundTrips() - before; trips != tc.trips {
			t.Errorf("%s: %d round trips, want %d", name, trips, tc.trips)
		}
	}
	parts(t, db, id, id, id, id)
	if n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); n != 14 || err != nil {
		t.Errorf("amount %d, %v; want every addition", n, err)
	}
}

// What belongs to a row has its id, and is not there without it.
func TestDB_Last_row(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	storing := db.Storing(map[string]error{"things_name_key": errNotFound})
	last := func(call pg.Call, lock bool) (made row, err error) {
		err = db.InTx(t.Context(), func(ctx context.Context) error {
			if lock {
				if _, err := pg.One(ctx, db, pg.Reads("any", squirrel.Expr("SELECT count(*) FROM things")).With(), pg.Int, nil); err != nil {
					return err
				}
			}
			made, err = pg.One(db.Last(ctx, partOf.With(0)), storing, call, rowFields, errMissing)
			return err
		})
		return made, err
	}
	for _, lock := range []bool{false, true} {
		name := map[bool]string{false: "a", true: "b"}[lock]
		made, err := last(createRow.With(name, 5), lock)
		if err != nil || made.id == 0 || made.amount != 5 {
			t.Errorf("it gives %+v, %v", made, err)
		}
		if _, err := last(createRow.With(name, 5), lock); !errors.Is(err, errNotFound) {
			t.Errorf("a violated constraint: %v", err)
		}
		if _, err := last(changeRow.With(1, made.id+100), lock); !errors.Is(err, errMissing) {
			t.Errorf("no row: %v", err)
		}
		if _, err := last(createRow.With("no", -1), lock); err == nil {
			t.Error("a refused row is stored")
		}
	}
	holds(t, db, "a", "b")
	if n, err := pg.One(t.Context(), db, pg.Reads("count", squirrel.Expr("SELECT count(*) FROM parts JOIN things ON things.id = thing_id")).With(), pg.Int, nil); n != 2 || err != nil {
		t.Errorf("%d parts of things, %v", n, err)
	}
}

var errMissing = errors.New("missing")

// A statement after the last one is an error; the transaction is committed all the same, and caches are invalidated.
func TestDB_Last_isTheLast(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	for name, after := range map[string]func(ctx context.Context) error{
		"a": func(context.Context) error { return errMissing },
		"b": func(ctx context.Context) error { _, err := db.Exec(ctx, create.With("too late")); return err },
	} {
		told, runs := false, 0
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			runs++
			db.AfterCommit(ctx, func() { told = true })
			if _, err := pg.One(db.Last(ctx, partOf.With(0)), db, createRow.With(name, 0), rowFields, nil); err != nil {
				return err
			}
			return after(ctx)
		})
		if err == nil || !told || runs != 1 {
			t.Errorf("%s: %v; told: %v, %d runs", name, err, told, runs)
		}
	}
	holds(t, db, "a", "b")
}

// A lost answer to the last statement is one to COMMIT: nobody knows, whatever the function makes of it, and it is not run
// again.
func TestDB_Last_lostAnswer(t *testing.T) {
	t.Parallel()
	for _, lock := range []bool{false, true} {
		for _, swallow := range []bool{false, true} {
			db, wire := wired(t)
			wire.Lose(func(string) bool { return true })
			told, runs := false, 0
			err := db.InTx(t.Context(), func(ctx context.Context) error {
				runs++
				db.AfterCommit(ctx, func() { told = true })
				if lock {
					if _, err := pg.One(ctx, db, pg.Reads("any", squirrel.Expr("SELECT count(*) FROM things")).With(), pg.Int, nil); err != nil {
						return err
					}
				}
				_, err := pg.One(db.Last(ctx, partOf.With(0)), db, createRow.With("a", 0), rowFields, nil)
				if swallow {
					return nil
				}
				return err
			})
			if !errors.Is(err, pg.ErrOutcomeUnknown) || !told || runs != 1 || wire.Lost() != 1 {
				t.Errorf("lock %v, swallow %v: %v; told: %v, runs: %d, lost: %d", lock, swallow, err, told, runs, wire.Lost())
			}
			wire.Lose(nil)
			holds(t, db, "a")
		}
	}
}

// A connection that is lost before the last statement was sent has stored nothing, and another one serves; a deadlock is tried
// again.
func TestDB_Last_runsAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	runs := 0
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := pg.One(ctx, db, count.With(), pg.Int, nil); err != nil {
			return err
		}
		if runs++; runs == 1 {
			pgtest.EndConnections(t, db)
		}
		_, err := pg.One(db.Last(ctx, partOf.With(0)), db, createRow.With("a", 0), rowFields, nil)
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("an ended connection: %v; %d runs", err, runs)
	}
	failing := pg.Changes("fail once", squirrel.Expr("INSERT INTO things (name, amount) VALUES ($1, fail_once()) RETURNING id, amount"))
	pgtest.Run(t, db.URL(), `CREATE SEQUENCE tries; CREATE FUNCTION fail_once() RETURNS bigint LANGUAGE plpgsql AS
		$$ BEGIN IF nextval('tries') = 1 THEN RAISE SQLSTATE '40P01'; END IF; RETURN 0; END $$`)
	runs = 0
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		runs++
		_, err := pg.One(db.Last(ctx, partOf.With(0)), db, failing.With("b"), rowFields, nil)
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("a deadlock: %v; %d runs", err, runs)
	}
	holds(t, db, "a", "b")
}
