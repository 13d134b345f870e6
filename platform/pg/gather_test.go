package pg_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/await"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// stored is what became of a change.
type stored struct {
	row
	err error
}

// storeAll stores rows by changes of one statement, each in a goroutine, so that all wait for the only connection of the database
// and are sent together.
func storeAll(t *testing.T, db *pg.DB, calls ...pg.Call) []stored {
	t.Helper()
	release := useConnection(t, db)
	results := make([]stored, len(calls))
	var all sync.WaitGroup
	for n, call := range calls {
		all.Go(func() {
			results[n].err = db.InTx(t.Context(), func(ctx context.Context) (err error) {
				results[n].row, err = pg.One(db.Last(ctx, partOf.With(0)), db.Storing(map[string]error{"things_name_key": errNameTaken}), call, rowFields, errMissing)
				return err
			})
		})
		await.That(t, "it waits", func() bool { return db.Gathering() == n+1 })
	}
	release()
	all.Wait()
	return results
}

// useConnection uses the only connection of a database until release is called.
func useConnection(t *testing.T, db *pg.DB) (release func()) {
	t.Helper()
	hold, held := make(chan struct{}), make(chan error)
	go func() {
		held <- db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, one.With())
			<-hold
			return err
		})
	}()
	await.That(t, "the connection is in use", func() bool { return db.Stat().AcquiredConns() == 1 })
	let := sync.OnceFunc(func() { close(hold) })
	t.Cleanup(let) // also if the test fails before
	return func() {
		let()
		if err := <-held; err != nil {
			t.Error(err)
		}
	}
}

// oneConnection opens a test's database with one connection, through a wire.
func oneConnection(t *testing.T) (*pg.DB, *pgtest.Wire) {
	t.Helper()
	wire := pgtest.NewWire(t, pgtest.URL(t, things))
	settings := pgtest.Settings(wire.URL())
	settings.PoolSize = 1
	return openedWith(t, settings), wire
}

// Changes that arrive together take one round trip, and each has its own row.
func TestDB_Last_together(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	calls := make([]pg.Call, 20)
	for round := range 2 {
		for n := range calls {
			calls[n] = createRow.With(fmt.Sprint(round, n), n)
		}
		before := wire.RoundTrips()
		for n, got := range storeAll(t, db, calls...) {
			if got.err != nil || got.amount != int64(n) {
				t.Errorf("%d: %+v", n, got)
			}
		}
		if trips := wire.RoundTrips() - before; round == 1 && trips != 3 { // BEGIN with a statement, COMMIT, and all the changes
			t.Errorf("%d round trips", trips)
		}
	}
	if n := counted(t, db); n != 40 {
		t.Errorf("%d rows are there", n)
	}
}

// A change that is refused, or has no row, fails alone.
func TestDB_Last_togetherWithOneThatFails(t *testing.T) {
	t.Parallel()
	db, _ := oneConnection(t)
	taken := made(t, db, "taken")
	unfit := pg.Changes("unfit", squirrel.Expr("INSERT INTO things (name, amount) VALUES ($1, $2) RETURNING id, amount"))
	pgtest.Run(t, db.URL(), `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN IF NEW.amount = 13 THEN RAISE 'refused at COMMIT'; END IF; RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
	for name, failing := range map[string]struct {
		call pg.Call
		as   func(error) bool
	}{
		"a taken name":                  {createRow.With("taken", 0), func(err error) bool { return errors.Is(err, errNameTaken) }},
		"a missing row":                 {changeRow.With(1, taken+1000), func(err error) bool { return errors.Is(err, errMissing) }},
		"a deferred trigger":            {createRow.With("unlucky", 13), func(err error) bool { return strings.Contains(err.Error(), "refused at COMMIT") }},
		"what the driver cannot encode": {unfit.With("unfit", struct{}{}), func(err error) bool { return strings.Contains(err.Error(), "encode") }},
	} {
		got := storeAll(t, db, createRow.With("before "+name, 0), failing.call, createRow.With("after "+name, 0))
		if got[0].err != nil || got[1].err == nil || !failing.as(got[1].err) || got[2].err != nil {
			t.Errorf("%s: %v, %v, %v", name, got[0].err, got[1].err, got[2].err)
		}
	}
	got := storeAll(t, db, createRow.With("twice", 0), createRow.With("once", 0), createRow.With("twice", 0))
	if got[1].err != nil || (got[0].err == nil) == (got[2].err == nil) {
		t.Errorf("the same name twice: %+v", got)
	}
	if n := counted(t, db); n != 1+4*2+2 {
		t.Errorf("%d rows are there", n)
	}
}

// Where the answer to changes that were sent together gets lost, the outcome of each is unknown.
func TestDB_Last_togetherLost(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	storeAll(t, db, createRow.With("a", 0)) // prepared
	wire.Lose(func(sql string) bool { return strings.Contains(sql, "INTO parts") })
	for n, got := range storeAll(t, db, createRow.With("b", 0), createRow.With("c", 0), createRow.With("d", 0)) {
		if !errors.Is(got.err, pg.ErrOutcomeUnknown) {
			t.Errorf("%d: %v", n, got.err)
		}
	}
	if wire.Lost() != 1 {
		t.Errorf("%d answers were lost", wire.Lost())
	}
	wire.Lose(nil)
	holds(t, db, "a", "b", "c", "d")
}

// waitsForALock waits until a statement waits for a lock.
func waitsForALock(t *testing.T, db *pg.DB) {
	t.Helper()
	waiting := pg.Reads("waiting", squirrel.Expr("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"))
	await.That(t, "a statement waits for a lock", func() bool {
		n, err := pg.One(t.Context(), db, waiting.With(), pg.Int, nil)
		return err == nil && n > 0
	})
}

// Changes do not wait long for those that wait for a lock.
func TestDB_Last_behindALock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	store := func(name string) error {
		return db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := pg.One(db.Last(ctx, partOf.With(0)), db.Storing(map[string]error{"things_name_key": errNameTaken}), createRow.With(name, 0), rowFields, nil)
			return err
		})
	}
	blocked := make(chan error, 1)
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, create.With("a")); err != nil {
			return err
		}
		go func() { blocked <- store("a") }() // waits for the outcome of this transaction
		waitsForALock(t, db)
		for n := range 5 {
			if err := store(fmt.Sprint(n)); err != nil {
				t.Error(err)
			}
		}
		select {
		case err := <-blocked:
			t.Errorf("it did not wait: %v", err)
		default:
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-blocked; !errors.Is(err, errNameTaken) {
		t.Errorf("got %v", err)
	}
}

// A caller who goes away while others wait for its change leaves them what they asked for.
func TestDB_Last_leaderGoes(t *testing.T) {
	t.Parallel()
	db, _ := oneConnection(t)
	ctx, goes := context.WithCancel(t.Context())
	release := useConnection(t, db)
	store := func(ctx context.Context, name string, done chan<- error) {
		done <- db.InTx(ctx, func(ctx context.Context) error {
			_, err := pg.One(db.Last(ctx, partOf.With(0)), db, createRow.With(name, 0), rowFields, nil)
			return err
		})
	}
	first, second := make(chan error, 1), make(chan error, 1)
	go store(ctx, "a", first)
	await.That(t, "the first leads", func() bool { return db.Gathering() == 1 })
	go store(t.Context(), "b", second)
	await.That(t, "the second waits", func() bool { return db.Gathering() == 2 })
	goes()
	release()
	if err := <-second; err != nil {
		t.Error(err)
	}
	<-first // the caller has gone, so its answer does not matter
	holds(t, db, "a", "b")
}
