package pg_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/errs"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var (
	names   = pg.Reads("names", pg.Build.Select("name").From("things").OrderBy("name"))
	nowhere = pg.Changes("nowhere", squirrel.Expr("UPDATE nowhere SET x = $1"))
	several = pg.Changes("several", squirrel.Expr("INSERT INTO things (name) SELECT unnest($1::text[]) RETURNING id"))
)

// holds fails the test unless the things are those of the names given, in their order.
func holds(t *testing.T, db *pg.DB, want ...string) {
	t.Helper()
	got, err := pg.All(t.Context(), db, names.With(), func(s *string) []any { return []any{s} })
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("there are %q, %v; want %q", got, err, want)
	}
}

// BEGIN is sent with the first statement, and what is left with COMMIT.
func TestInTx_roundTrips(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, things))
	settings := pgtest.Settings(wire.URL())
	settings.PoolSize = 1
	db := openedWith(t, settings)
	id := made(t, db, "a")
	boom := errors.New("boom")
	adds := func(ctx context.Context) error { _, err := db.Exec(ctx, add.With(1, id)); return err }
	for name, tc := range map[string]struct {
		do    func(ctx context.Context) error
		trips int
		err   error
	}{
		"no statement":               {do: func(context.Context) error { return nil }, trips: 0},
		"no statement, and it fails": {do: func(context.Context) error { return boom }, trips: 0, err: boom},
		"a statement that changes":   {do: adds, trips: 2},
		"a statement that gives a row": {trips: 2, do: func(ctx context.Context) error {
			_, err := pg.One(ctx, db, amount.With(id), pg.Int, nil)
			return err
		}},
		"a statement that gives rows": {trips: 2, do: func(ctx context.Context) error {
			_, err := pg.All(ctx, db, amount.With(id), pg.Int)
			return err
		}},
		"two statements":                       {trips: 3, do: func(ctx context.Context) error { return errors.Join(adds(ctx), adds(ctx)) }},
		"a statement, and it fails afterwards": {trips: 2, err: boom, do: func(ctx context.Context) error { return errors.Join(adds(ctx), boom) }},
		"a statement, and two with COMMIT": {trips: 2, do: func(ctx context.Context) error {
			db.AtCommit(ctx, add.With(1, id))
			db.AtCommit(ctx, add.With(1, id))
			return adds(ctx)
		}},
		"two with COMMIT alone": {trips: 1, do: func(ctx context.Context) error {
			db.AtCommit(ctx, add.With(1, id))
			db.AtCommit(ctx, add.With(1, id))
			return nil
		}},
	} {
		if err := db.InTx(t.Context(), tc.do); !errors.Is(err, tc.err) { // what is prepared takes one more
			t.Fatalf("%s: %v", name, err)
		}
		before := wire.RoundTrips()
		if err := db.InTx(t.Context(), tc.do); !errors.Is(err, tc.err) {
			t.Fatalf("%s: %v", name, err)
		}
		if trips := wire.RoundTrips() - before; trips != tc.trips {
			t.Errorf("%s: %d round trips, want %d", name, trips, tc.trips)
		}
	}
	if n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); n != 16 || err != nil {
		t.Errorf("amount %d, %v; want every addition that was stored", n, err)
	}
}

// Whatever a transaction's function makes of a statement's failure: nothing of it is stored, and that is an error. A
// statement that cannot be prepared, or whose arguments do not fit, is not sent, and BEGIN with it: those that come after
// it must not be stored by themselves.
func TestInTx_swallowedError(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	made(t, db, "taken")
	for name, fail := range map[string]func(ctx context.Context) error{
		"one that gives nothing": func(ctx context.Context) error { _, err := db.Exec(ctx, create.With("taken")); return err },
		"one that gives a row": func(ctx context.Context) error {
			_, err := pg.One(ctx, db, create.With("taken"), pg.Int, nil)
			return err
		},
		"one that gives rows": func(ctx context.Context) error {
			_, err := pg.All(ctx, db, several.With([]string{"a", "taken"}), pg.Int)
			return err
		},
		"one that cannot be prepared": func(ctx context.Context) error { _, err := db.Exec(ctx, nowhere.With(1)); return err },
		"one that gives a row and cannot be prepared": func(ctx context.Context) error {
			_, err := pg.One(ctx, db, nowhere.With(1), pg.Int, nil)
			return err
		},
		"one that gives rows and cannot be prepared": func(ctx context.Context) error {
			_, err := pg.All(ctx, db, nowhere.With(1), pg.Int)
			return err
		},
		"one whose arguments do not fit": func(ctx context.Context) error {
			_, err := db.Exec(ctx, add.With("a number", 1))
			return err
		},
		"one whose result does not fit": func(ctx context.Context) error {
			var none struct{}
			_, err := pg.One(ctx, db, amount.With("a number"), func(*struct{}) []any { return []any{&none} }, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, last := range []bool{false, true} {
				told := false
				err := db.InTx(t.Context(), func(ctx context.Context) error {
					db.AfterCommit(ctx, func() { told = true })
					if err := fail(ctx); err == nil {
						t.Error("it did not fail")
					}
					if _, err := pg.One(ctx, db, create.With("second"), pg.Int, nil); err == nil {
						t.Error("a statement ran after it")
					}
					if _, err := db.Exec(ctx, create.With("third")); err == nil {
						t.Error("another one ran after it")
					}
					if _, err := pg.All(ctx, db, names.With(), pg.Int); err == nil {
						t.Error("a read ran after it")
					}
					if last {
						db.AtCommit(ctx, create.With("last"))
					}
					return nil
				})
				if !errors.Is(err, pgx.ErrTxCommitRollback) || told {
					t.Errorf("with one at COMMIT %v: got %v, told: %v", last, err, told)
				}
				holds(t, db, "taken")
			}
		})
	}
	if err := db.InTx(t.Context(), func(ctx context.Context) error { _, err := db.Exec(ctx, create.With("next")); return err }); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
	holds(t, db, "next", "taken")
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A deferred constraint refuses the commit, and no cache is invalidated.
func TestInTx_commitIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	pgtest.Run(t, db.URL(), "ALTER TABLE parts DROP CONSTRAINT parts_thing_fk, ADD CONSTRAINT parts_thing_fk FOREIGN KEY (thing_id) REFERENCES things DEFERRABLE INITIALLY DEFERRED")
	told := false
	err := db.Storing(map[string]error{"parts_thing_fk": errNotFound}).InTx(t.Context(), func(ctx context.Context) error {
		db.AfterCommit(ctx, func() { told = true })
		_, err := db.Exec(ctx, part.With(7))
		return err
	})
	if !errors.Is(err, errNotFound) || told {
		t.Errorf("got %v, told: %v", err, told)
	}
}

// A connection that is lost with the first statement, or between statements, has stored nothing, and another one serves.
func TestInTx_lostWithItsFirstStatement(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	end := pg.Reads("end", squirrel.Expr("SELECT pg_terminate_backend(pg_backend_pid())"))
	runs := 0
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if runs++; runs == 1 {
			_, err := db.Exec(ctx, end.With())
			return err
		}
		db.AtCommit(ctx, create.With("last"))
		_, err := db.Exec(ctx, create.With("first"))
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("%v; %d runs", err, runs)
	}
	runs = 0
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		runs++
		db.AtCommit(ctx, create.With("swallowed"))
		if runs == 1 {
			_, _ = db.Exec(ctx, end.With()) // and its error is not given
		}
		return nil
	})
	if err != nil || runs != 2 {
		t.Errorf("a swallowed error: %v; %d runs", err, runs)
	}
	holds(t, db, "first", "last", "swallowed")
}

// A panic in the midst of the rows of the first statement leaves a connection that serves others.
func TestInTx_panics(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, things))
	settings.PoolSize = 1
	db := openedWith(t, settings)
	told := false
	func() {
		defer func() {
			if got := recover(); got != "boom" {
				t.Errorf("it panics with %v", got)
			}
		}()
		_ = db.InTx(t.Context(), func(ctx context.Context) error {
			db.AfterCommit(ctx, func() { told = true })
			return pg.Each(ctx, db, several.With([]string{"a", "b", "c"}), pg.Int, func(int64) { panic("boom") })
		})
	}()
	if told {
		t.Error("somebody was told of what was rolled back")
	}
	if n := db.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are in use", n)
	}
	holds(t, db)
}

// Rows of which not all are taken do not stand in the way of the next statement.
func TestInTx_rowsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := pg.One(ctx, db, several.With([]string{"a", "b", "c"}), pg.Int, nil); err != nil {
			return err
		}
		if _, err := pg.One(ctx, db, amount.With(-1), pg.Int, errNotFound); !errors.Is(err, errNotFound) {
			t.Errorf("a row that is missing: %v", err)
		}
		_, err := db.Exec(ctx, create.With("d"))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := pg.One(ctx, db, amount.With(-1), pg.Int, errNotFound); !errors.Is(err, errNotFound) {
			t.Errorf("a first row that is missing: %v", err)
		}
		_, err := db.Exec(ctx, create.With("e"))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	holds(t, db, "a", "b", "c", "d", "e")
}

// A context that outlives its transaction reaches no connection: that serves others by then.
func TestInTx_contextThatOutlivesIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	for _, result := range []error{nil, errNotFound} {
		var after context.Context
		if err := db.InTx(t.Context(), func(ctx context.Context) error { after = ctx; return result }); !errors.Is(err, result) {
			t.Fatal(err)
		}
		if _, err := db.Exec(after, create.With("a")); !errors.Is(err, pg.ErrUnavailable) {
			t.Errorf("a change: %v", err)
		}
		if _, err := pg.One(after, db, amount.With(1), pg.Int, nil); !errors.Is(err, pg.ErrUnavailable) {
			t.Errorf("a row: %v", err)
		}
		if _, err := pg.All(after, db, amount.With(1), pg.Int); !errors.Is(err, pg.ErrUnavailable) {
			t.Errorf("rows: %v", err)
		}
	}
	holds(t, db)
}

// A caller who goes away does not undo what is about to be stored, and begins nothing more.
func TestInTx_callerGoes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	ctx, goes := context.WithCancel(t.Context())
	err := db.InTx(ctx, func(ctx context.Context) error {
		db.AtCommit(ctx, create.With("last"))
		_, err := db.Exec(ctx, create.With("first"))
		goes()
		return err
	})
	if err != nil {
		t.Error(err)
	}
	holds(t, db, "first", "last")
	if err := db.InTx(ctx, func(context.Context) error { t.Error("it ran"); return nil }); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("one that is gone before: %v", err)
	}
}

func TestDB_Changed(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	used, id := made(t, db, "used"), made(t, db, "a")
	if _, err := db.Exec(t.Context(), part.With(used)); err != nil {
		t.Fatal(err)
	}
	deleting := db.Deleting(nil)
	for name, tc := range map[string]struct {
		do      func(ctx context.Context)
		changed bool
	}{
		"nothing":                     {func(context.Context) {}, false},
		"a read":                      {func(ctx context.Context) { _, _ = pg.All(ctx, db, names.With(), pg.Int) }, false},
		"a change of nothing":         {func(ctx context.Context) { _, _ = db.Exec(ctx, add.With(1, -1)) }, false},
		"a change":                    {func(ctx context.Context) { _, _ = db.Exec(ctx, add.With(1, id)) }, true},
		"a change that gives a row":   {func(ctx context.Context) { _, _ = pg.One(ctx, db, create.With("b"), pg.Int, nil) }, true},
		"a change that gives no rows": {func(ctx context.Context) { _, _ = pg.All(ctx, db, several.With([]string{}), pg.Int) }, false},
		"a change that gives rows":    {func(ctx context.Context) { _, _ = pg.All(ctx, db, several.With([]string{"c"}), pg.Int) }, true},
		"a removal":                   {func(ctx context.Context) { _ = deleting.Remove(ctx, remove.With(id), id) }, true},
		"a removal of nothing":        {func(ctx context.Context) { _ = deleting.Remove(ctx, remove.With(-1), -1) }, false},
		"a removal that is refused":   {func(ctx context.Context) { _ = deleting.Remove(ctx, remove.With(used), used) }, false},
	} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if tc.do(ctx); db.Changed(ctx) != tc.changed {
				t.Errorf("%s: changed: %v", name, !tc.changed)
			}
			return errNotFound
		})
		if !errors.Is(err, errNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if db.Changed(t.Context()) || db.Inside(t.Context()) {
		t.Error("there is a transaction where there is none")
	}
}

// The first call of a transaction may be one that may fail.
func TestDB_Remove_first(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	used := made(t, db, "used")
	if _, err := db.Exec(t.Context(), part.With(used)); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		for range 2 {
			var refused *errs.Error
			if err := db.Deleting(nil).Remove(ctx, remove.With(used), used); !errors.As(err, &refused) || refused.Code != pg.ErrInUse.Code {
				t.Errorf("got %v", err)
			}
		}
		db.AtCommit(ctx, create.With("last"))
		_, err := db.Exec(ctx, create.With("next"))
		return err
	})
	if err != nil {
		t.Errorf("the transaction did not go on: %v", err)
	}
	holds(t, db, "last", "next", "used")
}

// The log of statements has those that are sent together, too.
func TestOpen_echoesTransactions(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, things))
	settings.Echo = true
	core, logs := observer.New(zap.InfoLevel)
	db, err := pg.Open(t.Context(), settings, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	logs.TakeAll()
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		db.AtCommit(ctx, add.With(1, 1))
		_, err := db.Exec(ctx, create.With("a"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range logs.TakeAll() {
		statement, _ := entry.ContextMap()["statement"].(string)
		got = append(got, strings.Fields(statement)[0])
	}
	if want := []string{"begin", "INSERT", "UPDATE", "commit"}; !slices.Equal(got, want) {
		t.Errorf("logged %q, want %q", got, want)
	}
	_ = db.InTx(t.Context(), func(ctx context.Context) error { _, err := db.Exec(ctx, nowhere.With(1)); return err })
	if failed := logs.All(); len(failed) != 1 || failed[0].ContextMap()["failed"] != true {
		t.Errorf("a first statement that fails is logged as %v", failed)
	}
}
