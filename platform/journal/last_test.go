package journal_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/change"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var insertRow = pg.Changes("insert", squirrel.Expr("INSERT INTO numbers (n) VALUES ($1) RETURNING n AS id"))

// putLast stores a number by the last statement of a change, whose event is of the row.
func (h *house) putLast(ctx context.Context, tx *change.Tx, n int64, announced change.Event) (int64, error) {
	got, err := pg.One(tx.Last(ctx, announced), h.db, insertRow.With(n), pg.Int, nil)
	if err != nil {
		return 0, err
	}
	tx.Record(numbered(got))
	return got, nil
}

// numbered is the event of a number, which is what it happened to and where.
func numbered(n int64) change.Event {
	e := thing(n)
	e.Place.Organization = n
	e.Fields = change.Between(nil, change.Values{change.Public("name", "x"), change.Personal("email", "e")})
	return e
}

// Whether the journal's row is stored with the last statement or after it makes no difference but to the round trips.
func TestTx_Last(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	h.Strict()
	kept := func() []string {
		return texts(t, h.db, "SELECT concat_ws(' ', operation, kind, subject_kind, subject_id, user_id, organization_id, department_id, reason, public, personal) FROM journal.entries ORDER BY id")
	}
	ctx := change.With(t.Context(), change.Origin{Operation: "put-number"})
	stored := false
	do := func(n int64, last bool) {
		t.Helper()
		got, err := change.Do(ctx, h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			announced := numbered(change.NewID)
			announced.User = 7
			at := func(e change.Event) change.Event { e.User = 7; return e }
			if !last {
				got, err := pg.One(ctx, h.db, insertRow.With(n), pg.Int, nil)
				tx.Record(at(numbered(got)))
				return got, err
			}
			got, err := pg.One(tx.Last(ctx, announced), h.db, insertRow.With(n), pg.Int, nil)
			tx.Record(at(numbered(got)))
			stored = h.db.Stored(ctx)
			return got, err
		})
		if got != n || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
	}
	do(1, true)
	do(2, false)
	h.stores(t, "1 2", 1, 2)
	if got := kept(); !stored || len(got) != 2 || strings.ReplaceAll(got[0], "1", "2") != got[1] || !strings.Contains(got[0], `{"name": [null, "x"]} {"email": [null, "e"]}`) {
		t.Errorf("stored by the last statement: %v; kept are %q", stored, got)
	}
}

// A last statement with an unknown outcome invalidates caches, though it could record nothing: it may be stored.
func TestTx_Last_outcomeUnknown(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, schema(t)))
	db, err := pg.Open(t.Context(), pgtest.Settings(wire.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	h := housed(t, db)
	wire.Lose(func(sql string) bool { return strings.Contains(sql, "INTO numbers") })
	_, err = change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { return h.putLast(ctx, tx, 1, numbered(1)) })
	wire.Lose(nil)
	if !errors.Is(err, change.ErrOutcomeUnknown) || wire.Lost() != 1 {
		t.Errorf("got %v; lost: %d", err, wire.Lost())
	}
	h.stores(t, "1", 1)
}

// Where more belongs to a change, it is stored with the rest of it.
func TestTx_Last_isNotTheLast(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	h.Strict()
	refused := errors.New("refused")
	h.Subscribe("thing.changed", func(_ context.Context, _ *change.Tx, e change.Event) error {
		if e.Subject.ID == 1 {
			return refused
		}
		return nil
	})
	put := func(n int64) error {
		_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			return h.putLast(ctx, tx, n, numbered(change.NewID))
		})
		return err
	}
	if err := put(1); !errors.Is(err, refused) {
		t.Errorf("a subscriber that refuses: %v", err)
	}
	if err := put(2); err != nil {
		t.Error(err)
	}
	h.stores(t, "2", 2)

	h = housed(t, fresh(t))
	h.Strict()
	_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		_, err := change.Do(ctx, h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			return h.putLast(ctx, tx, 3, numbered(change.NewID))
		})
		if err != nil {
			return 0, err
		}
		return 0, refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("a change inside another: %v", err)
	}
	h.stores(t, "")
	if err := h.twice(t.Context(), 4, 5); err != nil {
		t.Error(err)
	}
	h.stores(t, "4 5", 4, 5)
	_, err = change.Do(change.WithOnce(t.Context(), failingOnce{refused}), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		return h.putLast(ctx, tx, 6, numbered(change.NewID))
	})
	if !errors.Is(err, refused) {
		t.Errorf("an answer that cannot be kept: %v", err)
	}
	h.stores(t, "4 5", 4, 5)
}

// twice stores two numbers in one change.
func (h *house) twice(ctx context.Context, a, b int64) error {
	_, err := change.Do(ctx, h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		if _, err := h.put(ctx, tx, a); err != nil {
			return 0, err
		}
		return h.putLast(ctx, tx, b, numbered(change.NewID))
	})
	return err
}

// failingOnce cannot keep what a change gives.
type failingOnce struct{ err error }

// Begin implements change.Once.
func (failingOnce) Begin(context.Context) error { return nil }

// End implements change.Once.
func (f failingOnce) End(context.Context, any) error { return f.err }

// A change that stores another event than it records is a fault: strict doors say so at once, others in the log.
func TestTx_Last_recordedOtherwise(t *testing.T) {
	t.Parallel()
	wrong := numbered(change.NewID)
	wrong.Fields = nil
	elsewhere := numbered(change.NewID)
	elsewhere.Place.Organization = 0
	for name, announced := range map[string]change.Event{"other fields": wrong, "elsewhere": elsewhere} {
		h := housed(t, fresh(t))
		h.Strict()
		_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			return h.putLast(ctx, tx, 1, announced)
		})
		if err == nil || !strings.Contains(err.Error(), "another event") {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := housed(t, fresh(t))
	for _, record := range []bool{true, false} {
		_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			n, err := pg.One(tx.Last(ctx, elsewhere), h.db, insertRow.With(1), pg.Int, nil)
			if record {
				tx.Record(numbered(n))
			}
			return n, err
		})
		if err != nil {
			t.Error(err)
		}
	}
	var said []string
	for _, line := range h.logs.All() {
		said = append(said, line.Message)
	}
	if len(said) != 2 || slices.ContainsFunc(said, func(s string) bool { return !strings.Contains(s, "another event") }) {
		t.Errorf("logged are %q", said)
	}
}
