package pg_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/errs"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// A row that others refer to stays, and the refusal says how many there are; the transaction goes on.
func TestDB_Remove(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	deleting := db.Deleting(nil)
	id, other := made(t, db, "desk"), made(t, db, "chair")
	for i, want := range []string{"This is still in use: 1 part", "This is still in use: 2 parts"} {
		if _, err := db.Exec(t.Context(), part.With(id)); err != nil {
			t.Fatal(err)
		}
		var refused *errs.Error
		err := deleting.Remove(t.Context(), remove.With(id), id)
		if !errors.Is(err, pg.ErrInUse) || !errors.As(err, &refused) || refused.Message != want {
			t.Errorf("got %v, want %q", err, want)
		} else if diff := cmp.Diff(errs.Params{"what": "parts", "count": int64(i + 1)}, refused.Params); diff != "" {
			t.Error(diff)
		}
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := deleting.Remove(ctx, remove.With(id), id); !errors.Is(err, pg.ErrInUse) {
			t.Errorf("in a transaction: %v", err)
		}
		return deleting.Remove(ctx, remove.With(other), other)
	})
	if err != nil {
		t.Errorf("the transaction did not go on: %v", err)
	}
	if _, err := pg.One(t.Context(), db, amount.With(other), pg.Int, errNotFound); !errors.Is(err, errNotFound) {
		t.Errorf("what nothing refers to is still there: %v", err)
	}
	err = db.Deleting(map[string]error{"parts_thing_fk": errHasParts}).Remove(t.Context(), remove.With(id), id)
	if !errors.Is(err, errHasParts) {
		t.Errorf("a key that has an error of its own: %v", err)
	}
}
