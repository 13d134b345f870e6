package pg_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/await"
	"erp.internal/platform/pg"
	"erp.internal/platform/pg/pgtest"
)

// changes is a schema with a feed's table. The functions of pretended take the place of the server's own where the
// search path says so.
var changes = fstest.MapFS{
	"000001_changes.up.sql": {Data: []byte(`
		CREATE SCHEMA x;
		CREATE TABLE x.changes (
			id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			key bigint NOT NULL,
			xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
			at timestamptz NOT NULL DEFAULT now()
		);
		CREATE INDEX changes_xid_idx ON x.changes (xid);
		CREATE INDEX changes_at_idx ON x.changes (at);
		CREATE SCHEMA pretended;
		CREATE TABLE pretended.server (ahead interval NOT NULL, started timestamptz NOT NULL, standby boolean NOT NULL);
		INSERT INTO pretended.server VALUES ('0', '2026-01-01Z', false);
		CREATE FUNCTION pretended.now() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT pg_catalog.now() + ahead FROM pretended.server';
		CREATE FUNCTION pretended.pg_postmaster_start_time() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT started FROM pretended.server';
		CREATE FUNCTION pretended.pg_is_in_recovery() RETURNS boolean STABLE LANGUAGE sql AS 'SELECT standby FROM pretended.server'`)},
	"000001_changes.down.sql": {Data: []byte(`DROP SCHEMA x, pretended CASCADE`)},
}

var (
	insertChange = pg.Static("insert", squirrel.Expr("INSERT INTO x.changes (key) VALUES ($1)"))
	cutListeners = pg.Static("cut", squirrel.Expr("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'erp listen' AND datname = current_database()"))
	listeners    = pg.Static("listeners", squirrel.Expr("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'erp listen' AND datname = current_database()"))
)

// follower is somebody who follows a feed.
type follower struct {
	t     *testing.T
	feed  *pg.Feed
	leave func() // ends following and waits for the end

	mu   sync.Mutex
	told []int64
	all  int // how often everything may have changed
}

func follows(t *testing.T, db *pg.DB, log *zap.Logger) *follower {
	t.Helper()
	f := &follower{t: t, feed: pg.NewFeed(db, "x.changes", log)}
	if f.feed.Current(time.Now()) {
		t.Error("it is current before anybody follows")
	}
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() {
		f.feed.Follow(ctx, func(key int64) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.told = append(f.told, key)
		}, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.all++
		})
	})
	f.leave = func() { cancel(); following.Wait() }
	t.Cleanup(f.leave)
	await.That(t, "it is current", func() bool { return f.feed.Current(time.Now()) })
	return f
}

func (f *follower) knows(keys ...int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !slices.ContainsFunc(keys, func(key int64) bool { return !slices.Contains(f.told, key) })
}

func (f *follower) startedOver() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}

// hears waits until a key that changed just now is told. A second after the change, the feed is not current before.
func (f *follower) hears(key int64) {
	f.t.Helper()
	since := time.Now()
	await.That(f.t, "the change is told", func() bool {
		late := time.Since(since) > time.Second
		current := f.feed.Current(time.Now())
		known := f.knows(key)
		if late && current && !known {
			f.t.Fatalf("it is current and %d is not told after %s", key, time.Since(since))
		}
		return known
	})
}

func announced(t *testing.T, f *follower, keys ...int64) {
	t.Helper()
	if err := f.feed.Announce(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, db *pg.DB, call pg.Call) {
	t.Helper()
	if _, err := db.Exec(t.Context(), call); err != nil {
		t.Fatal(err)
	}
}

func listening(t *testing.T, db *pg.DB) int64 {
	t.Helper()
	n, err := pg.One(t.Context(), db, listeners.With(), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFeed_tells_what_was_committed_once(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	f := follows(t, db, zap.NewNop())
	boom := errors.New("boom")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := f.feed.Announce(ctx, 1); err != nil {
			t.Fatal(err)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		if err := f.feed.Announce(ctx, 2, 3, 2); err != nil {
			return err
		}
		return f.feed.Announce(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	f.hears(2)
	f.hears(3)
	announced(t, f, 4)
	f.hears(4)
	f.leave()
	slices.Sort(f.told)
	if want := []int64{2, 3, 4}; !slices.Equal(f.told, want) {
		t.Errorf("told %v, want %v", f.told, want)
	}
}

// What was begun first and committed last has the lower id and the lower transaction id, and must be told all the same.
// While it goes on, what others commit is told once.
func TestFeed_tells_what_is_committed_out_of_order(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	f := follows(t, db, zap.NewNop())
	begun, commit, done := make(chan error), make(chan struct{}), make(chan error)
	go func() {
		done <- db.InTx(t.Context(), func(ctx context.Context) error {
			begun <- f.feed.Announce(ctx, 1)
			<-commit
			return nil
		})
	}()
	if err := <-begun; err != nil {
		t.Fatal(err)
	}
	for key := int64(2); key < 6; key++ {
		announced(t, f, key)
		f.hears(key)
	}
	if f.knows(1) {
		t.Error("it was told before the commit")
	}
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	f.hears(1)
	announced(t, f, 6)
	f.hears(6)
	f.leave()
	if want := []int64{2, 3, 4, 5, 1, 6}; !slices.Equal(f.told, want) {
		t.Errorf("told %v, want %v", f.told, want)
	}
}

func TestFeed_a_notification_is_quicker_than_the_poll(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	f := follows(t, db, zap.NewNop())
	await.That(t, "it listens", func() bool { return listening(t, db) == 1 })
	const times = 20
	since := time.Now()
	for key := range int64(times) {
		announced(t, f, key)
		f.hears(key)
	}
	if took := time.Since(since); took > times*125*time.Millisecond { // each waits for a poll otherwise, 250 ms after the last
		t.Errorf("%d changes took %s", times, took)
	}
}

func TestFeed_tells_without_notifications(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	f := follows(t, db, zap.NewNop())
	for key := range int64(5) {
		run(t, db, insertChange.With(key))
		f.hears(key)
	}
}

func TestFeed_tells_while_the_listening_connection_is_cut(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	core, logs := observer.New(zap.InfoLevel)
	f := follows(t, db, zap.New(core))
	cut, ended := make(chan struct{}), make(chan int64)
	go func() {
		var times int64
		defer func() { ended <- times }()
		for {
			select {
			case <-cut:
				return
			case <-time.After(5 * time.Millisecond):
			}
			n, err := db.Exec(t.Context(), cutListeners.With())
			if err != nil {
				t.Error(err)
				return
			}
			times += n
		}
	}()
	for key := range int64(12) {
		announced(t, f, key)
		f.hears(key)
	}
	close(cut)
	if times := <-ended; times == 0 {
		t.Error("it was never cut")
	}
	await.That(t, "it listens again", func() bool { return listening(t, db) == 1 })
	await.That(t, "it says so", func() bool {
		warnings := logs.FilterLevelExact(zap.WarnLevel).Len()
		return warnings > 0 && logs.FilterLevelExact(zap.InfoLevel).Len() == warnings
	})
}

func TestFeed_ends_promptly_and_leaves_nothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	f := follows(t, db, zap.NewNop())
	await.That(t, "it listens", func() bool { return listening(t, db) == 1 })
	f.leave()
	if f.feed.Current(time.Now()) {
		t.Error("it is current though nobody follows any more")
	}
	since := time.Now()
	await.That(t, "the listening connection is gone", func() bool { return listening(t, db) == 0 })
	if took := time.Since(since); took > 3*time.Second { // it was collected as garbage
		t.Errorf("the listening connection was there for %s", took)
	}
	if n := db.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are in use", n)
	}
}

func TestFeed_database_that_hangs(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, changes)
	through, hang := proxied(t, address)
	open := func(address string) *pg.DB {
		settings := pgtest.Settings(address)
		settings.StatementTimeout = time.Second // closing gives up what hangs after that
		db, err := pg.Open(t.Context(), settings, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		return db
	}
	direct, db := open(address), open(through)
	t.Cleanup(func() { hang.Store(false) })
	core, logs := observer.New(zap.InfoLevel)
	f := follows(t, db, zap.New(core))
	for key := int64(1); key < 3; key++ {
		hang.Store(true)
		since := time.Now()
		await.That(t, "it is not current any more", func() bool { return !f.feed.Current(time.Now()) })
		if took := time.Since(since); took > 2*time.Second {
			t.Errorf("it noticed after %s", took)
		}
		warned := func() int { return logs.FilterMessage("changes are not known").Len() }
		await.That(t, "it says so", func() bool { return warned() == int(key) })
		run(t, direct, insertChange.With(key))
		hang.Store(false)
		await.That(t, "it is current again", func() bool { return f.feed.Current(time.Now()) })
		if !f.knows(key) {
			t.Error("it is current and a change of the time in between is not told")
		}
	}
	if n := f.startedOver(); n != 1 {
		t.Errorf("everything may have changed %d times, want the first poll alone", n)
	}
	hang.Store(true)
	since := time.Now()
	f.leave()
	if took := time.Since(since); took > 3*time.Second {
		t.Errorf("it ended after %s", took)
	}
}

// Where changes may have been missed, the follower is told to forget all, before the feed is current again.
func TestFeed_changes_that_cannot_be_known(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.URL(t, changes))
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", "pretended,pg_catalog,public")
	u.RawQuery = query.Encode()
	db, err := pg.Open(t.Context(), pgtest.Settings(u.String()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	f := follows(t, db, zap.NewNop())
	if n := f.startedOver(); n != 1 {
		t.Fatalf("current after everything may have changed %d times, want once", n)
	}
	pretend := func(set string) {
		t.Helper()
		run(t, db, pg.Static("pretend", squirrel.Expr("UPDATE pretended.server SET "+set)).With())
	}
	pretend("ahead = '10 minutes'")
	announced(t, f, 1)
	f.hears(1)
	if n := f.startedOver(); n != 1 {
		t.Errorf("a short interruption: everything may have changed %d times", n)
	}
	pretend("ahead = '2 hours'")
	await.That(t, "a long interruption, with changes that were pruned", func() bool { return f.startedOver() == 2 })
	pretend("started = '2026-01-02Z'")
	await.That(t, "another server", func() bool { return f.startedOver() == 3 })
	announced(t, f, 2)
	f.hears(2)
	pretend("standby = true")
	await.That(t, "a standby is not current", func() bool { return !f.feed.Current(time.Now()) })
	pretend("standby = false")
	await.That(t, "it is current again", func() bool { return f.feed.Current(time.Now()) })
	if n := f.startedOver(); n != 3 {
		t.Errorf("everything may have changed %d times, want 3", n)
	}
}

func TestFeed_Prune(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, changes)
	feed := pg.NewFeed(db, "x.changes", zap.NewNop())
	run(t, db, pg.Static("old", squirrel.Expr("INSERT INTO x.changes (key, at) VALUES (1, now() - interval '61 minutes'), (2, now() - interval '59 minutes')")).With())
	if err := feed.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := pg.All(t.Context(), db, pg.Static("left", squirrel.Expr("SELECT key FROM x.changes")).With(), pg.Int)
	if err != nil || !slices.Equal(left, []int64{2}) {
		t.Errorf("left %v, %v; want what is younger than an hour", left, err)
	}
}
