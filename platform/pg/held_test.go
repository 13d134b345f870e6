package pg_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"erp.internal/platform/pg"
	"erp.internal/platform/pg/pgtest"
)

// told are changes that are all told, or not, and notes what is announced.
type told struct {
	current   atomic.Bool
	announced []int64
}

func (c *told) Current(time.Time) bool { return c.current.Load() }

func (c *told) Announce(_ context.Context, keys ...int64) error {
	c.announced = append(c.announced, keys...)
	return nil
}

// holding gives an empty Held with room for a few, whose changes are all told.
func holding(db *pg.DB, most int) (*pg.Held[string, int], *told) {
	changes := &told{}
	changes.current.Store(true)
	return pg.NewHeld[string, int](db, changes, most), changes
}

func TestHeld_forgetsAnOwner(t *testing.T) {
	t.Parallel()
	held, _ := holding(pgtest.New(t, things), 100)
	for k, owner := range map[string]int64{"a": 1, "b": 1, "c": 2} {
		held.Keep(t.Context(), held.Epoch(), k, owner, 7)
	}
	held.Keep(t.Context(), held.Epoch(), "a", 1, 8)
	if v, ok := held.Find("a", time.Now()); !ok || v != 8 {
		t.Errorf("a is %d, %v", v, ok)
	}
	held.Forget(1)
	for k, want := range map[string]bool{"a": false, "b": false, "c": true} {
		if _, ok := held.Find(k, time.Now()); ok != want {
			t.Errorf("%s is held: %v", k, ok)
		}
	}
	held.ForgetAll()
	if _, ok := held.Find("c", time.Now()); ok {
		t.Error("something is held")
	}
}

// What was read before something was forgotten is not held afterwards: it may be what was forgotten.
func TestHeld_epoch(t *testing.T) {
	t.Parallel()
	held, _ := holding(pgtest.New(t, things), 100)
	for _, forget := range []func(){func() { held.Forget(1) }, held.ForgetAll} {
		epoch := held.Epoch()
		forget()
		held.Keep(t.Context(), epoch, "a", 1, 7)
		if _, ok := held.Find("a", time.Now()); ok {
			t.Error("what is old is held")
		}
	}
}

// While changes may not have been told, nothing is found, and nothing is kept.
func TestHeld_notCurrent(t *testing.T) {
	t.Parallel()
	held, changes := holding(pgtest.New(t, things), 100)
	held.Keep(t.Context(), held.Epoch(), "a", 1, 7)
	changes.current.Store(false)
	if _, ok := held.Find("a", time.Now()); ok {
		t.Error("something is found")
	}
	held.Keep(t.Context(), held.Epoch(), "b", 1, 7)
	changes.current.Store(true)
	if _, ok := held.Find("b", time.Now()); ok {
		t.Error("something was kept")
	}
}

// What is read in a transaction is held once that is committed, and never when it is not; a change in it is forgotten and
// announced with it.
func TestHeld_transactions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	held, changes := holding(db, 100)
	failed := errors.New("failed")
	for _, outcome := range []error{failed, nil} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			held.Keep(ctx, held.Epoch(), "a", 1, 7)
			if _, ok := held.Find("a", time.Now()); ok {
				t.Error("it is held before the commit")
			}
			return outcome
		})
		if _, ok := held.Find("a", time.Now()); !errors.Is(err, outcome) || ok != (outcome == nil) {
			t.Errorf("outcome %v: %v, held: %v", outcome, err, ok)
		}
	}
	for _, outcome := range []error{failed, nil} {
		_ = db.InTx(t.Context(), func(ctx context.Context) error {
			epoch := held.Epoch()
			if err := held.Changed(ctx, 1, 2); err != nil {
				t.Error(err)
			}
			held.Keep(ctx, epoch, "b", 2, 7) // of before the change
			return outcome
		})
		if _, ok := held.Find("a", time.Now()); ok != (outcome != nil) {
			t.Errorf("outcome %v: held: %v", outcome, ok)
		}
	}
	if _, ok := held.Find("b", time.Now()); ok {
		t.Error("what the change overtook is held")
	}
	if len(changes.announced) != 4 {
		t.Errorf("announced: %v", changes.announced)
	}
}

// A full one makes room by dropping some, each with all that its owner has.
func TestHeld_bounded(t *testing.T) {
	t.Parallel()
	held, _ := holding(pgtest.New(t, things), 10)
	for i := range 1000 {
		held.Keep(t.Context(), held.Epoch(), string(rune('a'+i)), int64(i/2), i)
		if v, ok := held.Find(string(rune('a'+i)), time.Now()); !ok || v != i {
			t.Fatalf("%d is not held", i)
		}
	}
	n := 0
	for i := range 1000 {
		if _, ok := held.Find(string(rune('a'+i)), time.Now()); ok {
			n++
		}
	}
	if n < 2 || n > 10 {
		t.Errorf("%d are held", n)
	}
}
