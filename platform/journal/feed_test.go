package journal_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/await"
	"erp.internal/platform/change"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/postgres/pgtest"
)

// follower is somebody who follows the journal.
type follower struct {
	t       *testing.T
	journal *journal.Journal
	leave   func() // ends following and waits for the end

	mu    sync.Mutex
	heard []change.Notice
	all   int // how often everything may have changed
}

func follows(t *testing.T, db *pg.DB, log *zap.Logger) *follower {
	t.Helper()
	f := &follower{t: t, journal: journal.New(db, log)}
	if f.journal.Current(time.Now()) {
		t.Error("it is current before anybody follows")
	}
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() {
		f.journal.Follow(ctx, nil, func(notices []change.Notice) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if len(notices) == 0 {
				t.Error("it tells of nothing")
			}
			f.heard = append(f.heard, notices...)
		}, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.all == 0 && f.journal.Current(time.Now()) {
				t.Error("it is current before all was forgotten")
			}
			f.all++
		})
	})
	f.leave = func() { cancel(); following.Wait() }
	t.Cleanup(f.leave)
	f.becomesCurrent()
	return f
}

func (f *follower) becomesCurrent() {
	f.t.Helper()
	await.That(f.t, "it is current", func() bool { return f.journal.Current(time.Now()) })
}

// ids are the subjects of the received events, in order.
func (f *follower) ids() (ids []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range f.heard {
		ids = append(ids, n.Subject.ID)
	}
	return ids
}

func (f *follower) startedOver() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}

// hears waits until a change that was stored just now has arrived. From a second after it, the journal is not current before.
func (f *follower) hears(id int64) {
	f.t.Helper()
	since := time.Now()
	await.That(f.t, "the change is told", func() bool {
		late := time.Since(since) > time.Second
		current := f.journal.Current(time.Now())
		known := slices.Contains(f.ids(), id)
		if late && current && !known {
			f.t.Fatalf("it is current and %d is not told after %s", id, time.Since(since))
		}
		return known
	})
}

func (f *follower) told(want ...int64) {
	f.t.Helper()
	f.leave()
	if got := f.ids(); !slices.Equal(got, want) {
		f.t.Errorf("told %v, want %v", got, want)
	}
}

func TestJournal_Follow_tells_what_was_committed_once(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	record(t, db, 1) // before anybody follows
	f := follows(t, db, zap.NewNop())
	boom := errors.New("boom")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		return errors.Join(f.journal.Append(ctx, change.Origin{}, []change.Event{thing(2)}), boom)
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	event := change.Event{Kind: "grant.given", Subject: change.Subject{Kind: "grant", ID: 3}, User: 4, Place: place.Place{Organization: 5, Department: 6}}
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		return f.journal.Append(ctx, change.Origin{}, []change.Event{event, thing(4)})
	}); err != nil {
		t.Fatal(err)
	}
	f.hears(3)
	record(t, db, 5, 6, 5)
	f.hears(6)
	f.told(3, 4, 5, 6, 5)
	if f.heard[0] != event.Notice() {
		t.Errorf("heard %+v", f.heard[0])
	}
	if n := f.startedOver(); n != 1 {
		t.Errorf("everything may have changed %d times, want the first poll alone", n)
	}
}

// A transaction that begins first and commits last has the lower id and the lower number, and its events must arrive all
// the same. Meanwhile the events of other transactions arrive once.
func TestJournal_Follow_tells_what_is_committed_out_of_order(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	f := follows(t, db, zap.NewNop())
	begun, commit, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- db.InTx(t.Context(), func(ctx context.Context) error {
			run := "INSERT INTO journal.entries (actor_kind, operation, kind, subject_kind, subject_id) VALUES ('', '', 'thing.changed', 'thing', 1)"
			err := execIn(ctx, db, run)
			close(begun)
			<-commit
			return err
		})
	}()
	<-begun
	for id := int64(2); id < 6; id++ {
		record(t, db, id)
		f.hears(id)
	}
	if slices.Contains(f.ids(), 1) {
		t.Error("it was told before the commit")
	}
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	f.hears(1)
	record(t, db, 6)
	f.hears(6)
	f.told(2, 3, 4, 5, 1, 6)
}

// Many write at the same time, in transactions long and short, some of which are rolled back: the events of each of the
// others arrive once.
func TestJournal_Follow_many_writers(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	f := follows(t, db, zap.NewNop())
	var writers sync.WaitGroup
	const each = 40
	for w := range int64(4) {
		writers.Go(func() {
			for n := range int64(each) {
				_ = db.InTx(t.Context(), func(ctx context.Context) error {
					if n%4 == 0 { // it has its number long before it commits
						if err := execIn(ctx, db, "SELECT pg_current_xact_id(), pg_sleep(0.06)"); err != nil {
							t.Error(err)
						}
					}
					if err := f.journal.Append(ctx, change.Origin{}, []change.Event{thing(w*each + n)}); err != nil {
						t.Error(err)
					}
					if n%5 == 0 {
						return errors.New("rolled back")
					}
					return nil
				})
			}
		})
	}
	writers.Wait()
	record(t, db, -1)
	f.hears(-1)
	f.leave()
	got := f.ids()
	slices.Sort(got)
	want := []int64{-1}
	for id := range int64(4 * each) {
		if id%each%5 != 0 {
			want = append(want, id)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

// The promise is a second; what it takes is the time between two polls.
func TestJournal_Follow_is_quick(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	f := follows(t, db, zap.NewNop())
	const times = 20
	since := time.Now()
	for id := range int64(times) {
		record(t, db, id)
		f.hears(id)
	}
	if took := time.Since(since); took > times*500*time.Millisecond { // a busy machine, too
		t.Errorf("%d changes took %s", times, took)
	}
}

func TestJournal_Follow_ends_promptly(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	f := follows(t, db, zap.NewNop())
	since := time.Now()
	f.leave()
	if took := time.Since(since); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if f.journal.Current(time.Now()) {
		t.Error("it is current though nobody follows any more")
	}
	if n := db.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are in use", n)
	}
}

// Both clocks count: one stands still while the machine sleeps, the other may be set back.
// While nothing asks whether it is current, it hardly polls. The first answer is no, and soon it is yes, with what happened
// meanwhile.
func TestJournal_Follow_rests(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	f := &follower{t: t, journal: journal.New(db, zap.NewNop())}
	f.journal.RestAfter(10 * time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() {
		f.journal.Follow(ctx, nil, func(notices []change.Notice) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.heard = append(f.heard, notices...)
		}, func() {})
	})
	defer func() { cancel(); following.Wait() }()
	f.becomesCurrent()
	polls := func() int64 { return db.Stat().AcquireCount() }
	last, since := polls(), time.Now()
	await.That(t, "it rests", func() bool {
		if n := polls(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond // ten polls if it did not
	})
	record(t, db, 7)
	await.That(t, "nothing is current any more", func() bool { return !f.journal.Current(time.Now()) })
	f.becomesCurrent()
	if ids := f.ids(); !slices.Equal(ids, []int64{7}) {
		t.Errorf("it is current and has heard of %v", ids)
	}
	before := polls()
	await.That(t, "it polls again while it is asked", func() bool { return f.journal.Current(time.Now()) && polls() > before+3 })
}

func TestJournal_Current(t *testing.T) {
	t.Parallel()
	f := follows(t, fresh(t), zap.NewNop())
	now := time.Now()
	if f.journal.Current(now.Add(2 * time.Second)) {
		t.Error("it is current two seconds later")
	}
	if f.journal.Current(now.Round(0).Add(2 * time.Second)) { // without the monotonic clock
		t.Error("it is current when the machine has slept")
	}
	if !f.journal.Current(time.Now()) {
		t.Error("it is not current now")
	}
}

func TestJournal_Follow_database_that_hangs(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, schema(t))
	wire := pgtest.NewWire(t, address)
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
	direct, db := open(address), open(wire.URL())
	t.Cleanup(func() { wire.Hang(false) })
	core, logs := observer.New(zap.InfoLevel)
	f := follows(t, db, zap.New(core))
	for id := int64(1); id < 3; id++ {
		wire.Hang(true)
		since := time.Now()
		await.That(t, "it is not current any more", func() bool { return !f.journal.Current(time.Now()) })
		if took := time.Since(since); took > 2*time.Second {
			t.Errorf("it noticed after %s", took)
		}
		await.That(t, "it says so", func() bool { return logs.FilterMessage("changes are not known").Len() == int(id) })
		record(t, direct, id)
		wire.Hang(false)
		f.becomesCurrent()
		if !slices.Contains(f.ids(), id) {
			t.Error("it is current and a change of the time in between is not told")
		}
		await.That(t, "it says so", func() bool { return logs.FilterMessage("changes are known again").Len() == int(id) })
	}
	if n := f.startedOver(); n != 1 {
		t.Errorf("everything may have changed %d times, want the first poll alone", n)
	}
	wire.Hang(true)
	since := time.Now()
	f.leave()
	if took := time.Since(since); took > 3*time.Second {
		t.Errorf("it ended after %s", took)
	}
}

// Cut connections lose nothing, and later events arrive.
func TestJournal_Follow_connections_that_are_cut(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, schema(t))
	wire := pgtest.NewWire(t, address)
	db, err := pg.Open(t.Context(), pgtest.Settings(wire.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	direct, err := pg.Open(t.Context(), pgtest.Settings(address), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	f := follows(t, db, zap.NewNop())
	var want []int64
	for id := range int64(10) {
		wire.Cut()
		record(t, direct, id)
		f.hears(id)
		want = append(want, id)
	}
	f.told(want...)
}

// When changes may have been missed, all caches are invalidated before the journal is current again.
func TestJournal_Follow_changes_that_cannot_be_known(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.URL(t, schema(t)))
	if err != nil {
		t.Fatal(err)
	}
	direct, err := pg.Open(t.Context(), pgtest.Settings(u.String()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	query := u.Query()
	query.Set("search_path", "pretended,pg_catalog,public")
	u.RawQuery = query.Encode()
	db, err := pg.Open(t.Context(), pgtest.Settings(u.String()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	f := follows(t, db, zap.NewNop())
	pretend := func(set string) { t.Helper(); run(t, direct, "UPDATE pretended.server SET "+set) }
	times := func(want int, when string) {
		t.Helper()
		if n := f.startedOver(); n != want {
			t.Errorf("%s: everything may have changed %d times, want %d", when, n, want)
		}
	}
	times(1, "the first poll")
	pretend("ahead = '10 minutes'")
	record(t, direct, 1)
	f.hears(1)
	times(1, "a short interruption")
	pretend("ahead = '45 minutes'")
	await.That(t, "a long interruption", func() bool { return f.startedOver() == 2 })
	record(t, direct, 2)
	f.hears(2)
	pretend("ahead = '0'") // a clock that is set back
	record(t, direct, 3)
	f.hears(3)
	times(2, "a clock that is set back")
	pretend("started = '2026-01-03Z'")
	await.That(t, "another server", func() bool { return f.startedOver() == 3 })
	pretend("crashed = '2026-01-04Z'")
	await.That(t, "a server that has crashed", func() bool { return f.startedOver() == 4 })
	record(t, direct, 4)
	f.hears(4)
	pretend("standby = true")
	await.That(t, "a standby is not current", func() bool { return !f.journal.Current(time.Now()) })
	record(t, direct, 5)
	pretend("standby = false")
	f.becomesCurrent()
	if !slices.Contains(f.ids(), 5) {
		t.Error("it is current and a change of the time in between is not told")
	}
	times(4, "a standby, and its primary again")
}
