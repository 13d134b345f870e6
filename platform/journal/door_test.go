package journal_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/change"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// house is a door with what is behind it, on a database that has a table of numbers.
type house struct {
	*change.Door
	db   *pg.DB
	logs *observer.ObservedLogs

	mu      sync.Mutex
	heard   []int64       // the subjects that caches heard of
	storing map[int64]int // those of changes that are being stored
	// unannounced are those of changes that were stored while caches had heard of none
	unannounced []int64
}

// Storing implements change.Caches.
func (h *house) Storing(notices []change.Notice) (end func()) {
	count := func(more int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, n := range notices {
			if h.storing[n.Subject.ID] += more; h.storing[n.Subject.ID] == 0 {
				delete(h.storing, n.Subject.ID)
			}
		}
	}
	count(1)
	return func() { count(-1) }
}

// Invalidate implements change.Caches.
func (h *house) Invalidate(notices []change.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range notices {
		h.heard = append(h.heard, n.Subject.ID)
		if len(h.storing) == 0 {
			h.unannounced = append(h.unannounced, n.Subject.ID)
		}
	}
}

func housed(t *testing.T, db *pg.DB) *house {
	t.Helper()
	run(t, db, "CREATE TABLE public.numbers (n bigint)")
	core, logs := observer.New(zap.InfoLevel)
	h := &house{db: db, logs: logs, storing: map[int64]int{}}
	h.Door = change.NewDoor(db, journal.New(db, zap.NewNop()), h, zap.New(core))
	return h
}

// stores fails the test unless these numbers are stored and these things are in the journal, and caches heard of the latter.
func (h *house) stores(t *testing.T, numbers string, things ...int64) {
	t.Helper()
	if got := strings.Join(texts(t, h.db, "SELECT n::text FROM numbers ORDER BY n"), " "); got != numbers {
		t.Errorf("stored are %q, want %q", got, numbers)
	}
	got, err := pg.All(t.Context(), h.db, journalled.With(), pg.Int)
	if err != nil || !slices.Equal(got, things) {
		t.Errorf("in the journal are %v, %v; want %v", got, err, things)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.heard, things) {
		t.Errorf("caches heard of %v, want %v", h.heard, things)
	}
	if len(h.storing) > 0 || len(h.unannounced) > 0 {
		t.Errorf("caches still wait for %v, and did not hear before the commit of %v", h.storing, h.unannounced)
	}
}

var (
	journalled = pg.Reads("journalled", pg.Build.Select("subject_id").From("journal.entries").OrderBy("id"))
	insert     = pg.Changes("insert", pg.Build.Insert("numbers").Columns("n").Values(squirrel.Expr("?")))
)

var errBoom = errors.New("boom")

// put stores a number and records a thing.
func (h *house) put(ctx context.Context, tx *change.Tx, n int64) (int64, error) {
	if _, err := h.db.Exec(ctx, insert.With(n)); err != nil {
		return 0, err
	}
	tx.Record(thing(n))
	return n * 10, nil
}

func TestDoor_Do(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	origin := change.Origin{Actor: change.Actor{Kind: change.User, ID: 5}, Operation: "put-number", RequestID: "r", SessionID: 6, Address: "192.0.2.1"}
	got, err := change.Do(change.With(t.Context(), origin), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		got, err := h.put(ctx, tx, 1)
		if len(h.heard) > 0 {
			t.Error("caches heard before the commit")
		}
		return got, err
	})
	if got != 10 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	h.stores(t, "1", 1)
	from := texts(t, h.db, "SELECT concat_ws(' ', actor_kind, actor_id, operation, request_id, session_id, host(address)) FROM journal.entries")
	if want := []string{"user 5 put-number r 6 192.0.2.1"}; !slices.Equal(from, want) {
		t.Errorf("from %q, want %q", from, want)
	}
	got, err = change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		got, _ := h.put(ctx, tx, 2)
		return got, errBoom
	})
	if got != 0 || !errors.Is(err, errBoom) {
		t.Errorf("what fails gives %d, %v", got, err)
	}
	got, err = change.Do(t.Context(), h.Door, func(context.Context, *change.Tx) (int64, error) { return 3, nil })
	if got != 3 || err != nil {
		t.Errorf("what changes nothing gives %d, %v", got, err)
	}
	h.stores(t, "1", 1)
}

func TestDoor_Do_panics(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	func() {
		defer func() {
			if got := recover(); got != "boom" {
				t.Errorf("it panics with %v", got)
			}
		}()
		_, _ = change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			_, _ = h.put(ctx, tx, 1)
			panic("boom")
		})
	}()
	h.stores(t, "")
	if _, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { return h.put(ctx, tx, 2) }); err != nil {
		t.Error(err)
	}
	h.stores(t, "2", 2)
}

// A change inside another is a part of it: they are stored together or not at all.
func TestDoor_Do_inside_another(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	both := func(result error) error {
		_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
			if _, err := h.put(ctx, tx, 1); err != nil {
				return 0, err
			}
			got, err := change.InTurn(ctx, h.Door, change.Turn{Of: "number", ID: 1}, func(ctx context.Context, inner *change.Tx) (int64, error) {
				return h.put(ctx, inner, 2)
			})
			if got != 20 || err != nil || len(h.heard) > 0 {
				t.Errorf("the inner one: %d, %v; caches heard of %v", got, err, h.heard)
			}
			return 0, result
		})
		return err
	}
	if err := both(errBoom); !errors.Is(err, errBoom) {
		t.Error(err)
	}
	h.stores(t, "")
	if err := both(nil); err != nil {
		t.Error(err)
	}
	h.stores(t, "1 2", 1, 2)
}

// A change inside a transaction that did not begin at the door invalidates caches after the commit.
func TestDoor_Do_inside_a_transaction(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	for _, result := range []error{errBoom, nil} {
		err := h.db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := change.Do(ctx, h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { return h.put(ctx, tx, 1) })
			if len(h.heard) > 0 {
				t.Error("caches heard before the commit")
			}
			return errors.Join(err, result)
		})
		if !errors.Is(err, result) {
			t.Error(err)
		}
	}
	h.stores(t, "1", 1)
}

// What is run again records once.
func TestDoor_Do_runs_again(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	var subscribed int
	h.Subscribe("thing.changed", func(context.Context, *change.Tx, change.Event) error { subscribed++; return nil })
	runs := 0
	got, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		runs++
		got, err := h.put(ctx, tx, int64(runs))
		if err == nil && runs == 1 {
			err = execIn(ctx, h.db, "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
		}
		if err == nil && runs == 2 {
			pgtest.EndConnections(t, h.db)
			_, err = h.put(ctx, tx, 99)
		}
		return got, err
	})
	if got != 30 || err != nil || runs != 3 || subscribed != 1 {
		t.Errorf("got %d, %v after %d runs; a subscriber heard %d times", got, err, runs, subscribed)
	}
	h.stores(t, "3", 3)
}

// The journal's row may be what makes the transaction run again, and what refuses it.
func TestDoor_Do_journal_fails(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	run(t, h.db, `CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.subject_id = 1 THEN RAISE SQLSTATE '40001'; END IF;
		IF NEW.subject_id = 9 THEN RAISE 'no'; END IF;
		RETURN NEW; END $$`)
	run(t, h.db, "CREATE TRIGGER fail BEFORE INSERT ON journal.entries FOR EACH ROW EXECUTE FUNCTION public.fail()")
	var runs int64
	_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { runs++; return h.put(ctx, tx, runs) })
	if err != nil || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
	h.stores(t, "2", 2)
	_, err = change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { return h.put(ctx, tx, 9) })
	if err == nil || !strings.Contains(err.Error(), "add to the journal: ") {
		t.Errorf("got %v", err)
	}
	h.stores(t, "2", 2)
}

// A change with an unknown outcome invalidates caches: it may be stored.
func TestDoor_Do_outcome_unknown(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, schema(t))
	wire := pgtest.NewWire(t, address)
	db, err := pg.Open(t.Context(), pgtest.Settings(wire.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	h := housed(t, db)
	wire.Lose(func(sql string) bool { return sql == "commit" })
	runs := 0
	got, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { runs++; return h.put(ctx, tx, 1) })
	wire.Lose(nil)
	if got != 0 || !errors.Is(err, change.ErrOutcomeUnknown) || runs != 1 || wire.Lost() != 1 {
		t.Errorf("got %d, %v; runs: %d, lost: %d", got, err, runs, wire.Lost())
	}
	h.stores(t, "1", 1)
}

// Whatever is made of a statement's failure, what was not stored is not told of.
func TestDoor_Do_swallowed_error(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		_ = execIn(ctx, h.db, "SELECT * FROM nowhere")
		_, _ = h.put(ctx, tx, 1)
		tx.Record(thing(1))
		return 1, nil
	})
	if !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Errorf("got %v", err)
	}
	h.stores(t, "")
}

func TestDoor_Do_caller_goes(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	ctx, goes := context.WithCancel(t.Context())
	if _, err := change.Do(ctx, h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) {
		defer goes()
		return h.put(ctx, tx, 1)
	}); err != nil {
		t.Error(err)
	}
	h.stores(t, "1", 1)
	if _, err := change.Do(ctx, h.Door, func(context.Context, *change.Tx) (int64, error) { t.Error("it ran"); return 0, nil }); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("who has gone before: %v", err)
	}
}

// Subscribers hear of each event once, in the transaction; they record more, change more, and refuse all of it.
func TestDoor_Subscribe(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	h.Strict()
	follow := func(kind string, id int64) change.Event {
		return change.Event{Kind: kind, Subject: change.Subject{Kind: "thing", ID: id}}
	}
	var heard []string
	note := func(who string) change.Subscriber {
		return func(_ context.Context, _ *change.Tx, e change.Event) error {
			heard = append(heard, who+" "+e.Kind)
			return nil
		}
	}
	h.Subscribe("thing.changed", note("first"))
	h.Subscribe("thing.changed", func(ctx context.Context, tx *change.Tx, e change.Event) error {
		if e.Subject.ID == 9 {
			return errBoom
		}
		tx.Record(follow("thing.followed", 100+e.Subject.ID))
		_, err := change.Do(ctx, h.Door, func(ctx context.Context, inner *change.Tx) (int64, error) {
			inner.Record(follow("thing.ended", 200+e.Subject.ID))
			return h.db.Exec(ctx, insert.With(100+e.Subject.ID))
		})
		return err
	})
	h.Subscribe("thing.followed", note("second"))
	h.Subscribe("thing.other", note("nobody"))
	put := func(n int64) error {
		_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { return h.put(ctx, tx, n) })
		return err
	}
	if err := put(1); err != nil {
		t.Error(err)
	}
	h.stores(t, "1 101", 1, 101, 201)
	if diff := cmp.Diff([]string{"first thing.changed", "second thing.followed"}, heard); diff != "" {
		t.Error(diff)
	}
	if err := put(9); !errors.Is(err, errBoom) {
		t.Errorf("a refusal: %v", err)
	}
	h.stores(t, "1 101", 1, 101, 201)
}

// A change that records nothing is a fault: it is refused by a strict door, and logged by any other.
func TestDoor_unrecorded(t *testing.T) {
	t.Parallel()
	ctx := change.With(t.Context(), change.Origin{Operation: "put-number"})
	silent := func(h *house) error {
		_, err := change.Do(ctx, h.Door, func(ctx context.Context, _ *change.Tx) (int64, error) { return h.db.Exec(ctx, insert.With(1)) })
		return err
	}
	reads := func(h *house) error {
		_, err := change.Do(ctx, h.Door, func(ctx context.Context, _ *change.Tx) (int64, error) {
			return pg.One(ctx, h.db, pg.Reads("count", pg.Build.Select("count(*)").From("numbers")).With(), pg.Int, nil)
		})
		return err
	}
	strict := housed(t, fresh(t))
	strict.Strict()
	if err := silent(strict); err == nil || !strings.Contains(err.Error(), "put-number") {
		t.Errorf("a strict one: %v", err)
	}
	if err := reads(strict); err != nil {
		t.Errorf("a strict one, of what only reads: %v", err)
	}
	strict.stores(t, "")
	if strict.logs.Len() != 0 {
		t.Errorf("a strict one logs %v", strict.logs.All())
	}
	h := housed(t, fresh(t))
	if err := errors.Join(silent(h), reads(h)); err != nil {
		t.Error(err)
	}
	h.stores(t, "1")
	logged := h.logs.All()
	if len(logged) != 1 || logged[0].Level != zapcore.ErrorLevel || logged[0].ContextMap()["operation"] != "put-number" {
		t.Errorf("logged is %v", logged)
	}
}

// A strict door refuses kinds of events that nobody declares, and no kind is declared twice.
func TestDoor_Declare(t *testing.T) {
	t.Parallel()
	h := housed(t, fresh(t))
	put := func(n int64) error {
		_, err := change.Do(t.Context(), h.Door, func(ctx context.Context, tx *change.Tx) (int64, error) { return h.put(ctx, tx, n) })
		return err
	}
	if err := h.Declare(change.Kind{Name: "thing.moved"}, change.Kind{Name: "thing.made"}); err != nil {
		t.Fatal(err)
	}
	if err := put(1); err != nil {
		t.Errorf("a door that is not strict: %v", err)
	}
	h.Strict()
	if err := put(2); err == nil || !strings.Contains(err.Error(), "thing.changed") {
		t.Errorf("an undeclared kind: %v", err)
	}
	if err := h.Declare(change.Kind{Name: "thing.changed"}); err != nil {
		t.Fatal(err)
	}
	if err := put(3); err != nil {
		t.Errorf("a declared kind: %v", err)
	}
	h.stores(t, "1 3", 1, 3)
	if err := h.Declare(change.Kind{Name: "thing.moved"}); err == nil || !strings.Contains(err.Error(), "thing.moved") {
		t.Errorf("a kind that is declared twice: %v", err)
	}
	if kinds := h.Kinds(); len(kinds) != 3 || kinds[0].Name != "thing.changed" {
		t.Errorf("declared are %v", kinds)
	}
}
