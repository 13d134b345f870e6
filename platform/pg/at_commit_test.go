package pg_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgconn"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// A last call that fails rolls all back; its error is explained, and no cache is invalidated.
func TestDB_AtCommit_fails(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things).Storing(map[string]error{"things_name_key": errNameTaken})
	made(t, db, "taken")
	id := made(t, db, "other")
	builder := pg.Changes("empty", pg.Build.Insert("things"))
	var server *pgconn.PgError
	for name, tc := range map[string]struct {
		last pg.Call
		is   func(err error) bool
		says string
	}{
		"a constraint":                   {create.With("taken"), func(err error) bool { return errors.Is(err, errNameTaken) }, ""},
		"no such table":                  {nowhere.With(1), func(err error) bool { return errors.As(err, &server) && server.Code == "42P01" }, "nowhere: "},
		"a check":                        {add.With(-1, id), func(err error) bool { return errors.As(err, &server) && server.Code == "23514" }, "add: "},
		"arguments":                      {add.With("a number", id), func(err error) bool { return err != nil }, "add: "},
		"a statement that was not built": {builder.With(), func(err error) bool { return err != nil }, "empty: "},
	} {
		t.Run(name, func(t *testing.T) {
			for _, first := range []bool{true, false} {
				told, runs := false, 0
				err := db.InTx(t.Context(), func(ctx context.Context) error {
					runs++
					db.AfterCommit(ctx, func() { told = true })
					db.AtCommit(ctx, create.With("before it"))
					db.AtCommit(ctx, tc.last)
					db.AtCommit(ctx, create.With("after it"))
					if !first {
						return nil
					}
					_, err := db.Exec(ctx, create.With("first"))
					return err
				})
				if !tc.is(err) || errors.Is(err, pg.ErrOutcomeUnknown) || first && !strings.HasPrefix(errorText(err), tc.says) {
					t.Errorf("with a statement before COMMIT %v: got %v", first, err)
				}
				if told || runs != 1 {
					t.Errorf("told: %v, runs: %d", told, runs)
				}
				holds(t, db, "other", "taken")
			}
		})
	}
}

// Two transactions of which each sees what the other changes cannot both be serializable: one is run again, whichever
// statement of it finds out, COMMIT included.
func TestDB_AtCommit_runsAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	id := made(t, db, "a")
	runs := 0
	var told []int
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		runs++
		run := runs
		db.AfterCommit(ctx, func() { told = append(told, run) })
		if _, err := db.Exec(ctx, pg.Changes("serializable", squirrel.Expr("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")).With()); err != nil {
			return err
		}
		if _, err := pg.One(ctx, db, amount.With(id), pg.Int, nil); err != nil {
			return err
		}
		if runs == 1 {
			if _, err := db.Exec(t.Context(), add.With(10, id)); err != nil { // another's
				return err
			}
		}
		db.AtCommit(ctx, add.With(1, id))
		return nil
	})
	if err != nil || runs != 2 || !slices.Equal(told, []int{2}) {
		t.Errorf("%v; runs: %d, told of %v", err, runs, told)
	}
	if n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); n != 11 || err != nil {
		t.Errorf("amount %d, %v", n, err)
	}
}

// An answer to COMMIT that is lost is never taken for a failure, also where more was sent with it.
func TestDB_AtCommit_lostAnswer(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		db, wire := wired(t)
		wire.Lose(func(sql string) bool { return sql == "commit" })
		told, runs := false, 0
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			runs++
			db.AfterCommit(ctx, func() { told = true })
			db.AtCommit(ctx, create.With("last"))
			if !first {
				return nil
			}
			_, err := db.Exec(ctx, create.With("first"))
			return err
		})
		if !errors.Is(err, pg.ErrOutcomeUnknown) || !told || runs != 1 || wire.Lost() != 1 {
			t.Errorf("got %v; told: %v, runs: %d, lost: %d", err, told, runs, wire.Lost())
		}
		wire.Lose(nil)
		if first {
			holds(t, db, "first", "last")
		} else {
			holds(t, db, "last")
		}
	}
}

// The connection is lost between the last statement and what is sent with COMMIT: as long as that has to be prepared, it is
// known that nothing was stored.
func TestDB_AtCommit_lostBeforeCommit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	runs := 0
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		runs++
		db.AtCommit(ctx, part.With(nil))
		if _, err := db.Exec(ctx, create.With("a")); err != nil {
			return err
		}
		if runs == 1 {
			pgtest.EndConnections(t, db)
		}
		return nil
	})
	if err != nil || runs != 2 {
		t.Errorf("%v; %d runs", err, runs)
	}
	holds(t, db, "a")
}
