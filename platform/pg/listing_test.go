package pg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/await"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// The gate is an advisory lock: a list of behindTheGate waits for it, after it has begun.
var (
	lockGate   = pg.Reads("lock the gate", squirrel.Expr("SELECT 1::bigint FROM pg_advisory_lock(7)"))
	unlockGate = pg.Reads("unlock the gate", squirrel.Expr("SELECT 1::bigint FROM pg_advisory_unlock(7)"))
	atTheGate  = pg.Reads("count who waits at the gate", squirrel.Expr("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
)

// outcome is what a caller of a list got.
type outcome struct {
	page page.Page[thing]
	err  error
}

func (o outcome) names() string {
	var names string
	for _, item := range o.page.Items {
		names += item.Name
	}
	return names
}

func namesOfThings() squirrel.SelectBuilder {
	return pg.Build.Select("id", "name", "amount").From("things")
}

// behindTheGate is a list that begins, and then waits until the gate is open.
func behindTheGate() squirrel.SelectBuilder {
	return namesOfThings().Where("(SELECT count(*) FROM (SELECT pg_advisory_lock_shared(7), pg_advisory_unlock_shared(7)) AS gate) = 1")
}

var byID = page.Request{Limit: 10, Sort: page.ParseSort("id")}

// ask asks for a page in a goroutine, and returns when it is under way or waits.
func ask(ctx context.Context, t *testing.T, db *pg.DB, query squirrel.SelectBuilder, request page.Request) <-chan outcome {
	t.Helper()
	_, before := db.Listing()
	asked := make(chan outcome, 1)
	go func() {
		found, err := thingList.Page(ctx, db, query, request)
		asked <- outcome{found, err}
	}()
	await.That(t, "the page is asked for", func() bool { _, callers := db.Listing(); return callers == before+1 })
	return asked
}

// closeGate closes the gate, in a connection of its own, until open is called.
func closeGate(t *testing.T, db *pg.DB) (open func()) {
	t.Helper()
	hold, locked, unlocked := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		unlocked <- db.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context) error {
			_, err := pg.One(ctx, db, lockGate.With(), pg.Int, nil)
			close(locked)
			<-hold
			_, failed := pg.One(ctx, db, unlockGate.With(), pg.Int, nil)
			return errors.Join(err, failed)
		})
	}()
	<-locked
	let := sync.OnceFunc(func() {
		close(hold)
		if err := <-unlocked; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(let)
	return let
}

func waitingAtTheGate(t *testing.T, db *pg.DB, n int64) {
	t.Helper()
	await.That(t, fmt.Sprint(n, " lists wait at the gate"), func() bool { return number(t, db, atTheGate) == n })
}

// Callers who wait for equal pages get them by one statement; others have theirs.
func TestList_Page_together(t *testing.T) {
	t.Parallel()
	db, wire := oneConnection(t)
	made(t, db, "a")
	made(t, db, "b")
	for _, query := range []squirrel.SelectBuilder{namesOfThings(), namesOfThings().Where("name = ?", "b")} {
		if _, err := thingList.Page(t.Context(), db, query, byID); err != nil {
			t.Fatal(err)
		}
	}
	useConnection(t, db)() // all statements are prepared now
	release := useConnection(t, db)
	var all, some []<-chan outcome
	for range 9 {
		all = append(all, ask(t.Context(), t, db, namesOfThings(), byID))
		some = append(some, ask(t.Context(), t, db, namesOfThings().Where("name = ?", "b"), byID))
	}
	reversed := ask(t.Context(), t, db, namesOfThings(), page.Request{Limit: 10, Sort: page.ParseSort("-id")})
	if pages, callers := db.Listing(); pages != 3 || callers != 19 {
		t.Errorf("%d callers want %d pages", callers, pages)
	}
	before := wire.RoundTrips()
	release()
	for n := range all {
		for want, got := range map[string]outcome{"ab": <-all[n], "b": <-some[n]} {
			if got.err != nil || got.names() != want || got.page.Shared == nil {
				t.Errorf("%s: %q, %v, shared %v", want, got.names(), got.err, got.page.Shared)
			}
		}
	}
	if got := <-reversed; got.err != nil || got.names() != "ba" || got.page.Shared != nil {
		t.Errorf("the one that is not wanted twice: %q, %v, shared %v", got.names(), got.err, got.page.Shared)
	}
	if trips := wire.RoundTrips() - before; trips != 1+3+1 { // COMMIT of what used the connection; the pages; to prepare the last one
		t.Errorf("%d round trips", trips)
	}
	if pages, _ := db.Listing(); pages != 0 {
		t.Errorf("%d pages are left", pages)
	}
}

// A page is no older than its caller's question: it is not that of a statement which began before.
func TestList_Page_afterAnother(t *testing.T) {
	t.Parallel()
	db := listing(t, func(s *pg.Settings) { s.PoolSize = 8 })
	made(t, db, "a")
	open := closeGate(t, db)
	first := ask(t.Context(), t, db, behindTheGate(), byID)
	waitingAtTheGate(t, db, 1)
	made(t, db, "b")
	second := ask(t.Context(), t, db, behindTheGate(), byID)
	open()
	if got := <-first; got.err != nil || got.names() != "a" {
		t.Errorf("the first: %q, %v", got.names(), got.err)
	}
	if got := <-second; got.err != nil || got.names() != "ab" {
		t.Errorf("the second: %q, %v", got.names(), got.err)
	}
}

// A caller who goes takes the page from nobody, whether the statement has begun or not. When all have gone, it ends on the server.
func TestList_Page_whenCallersGo(t *testing.T) {
	t.Parallel()
	t.Run("before it begins", func(t *testing.T) {
		t.Parallel()
		db, _ := oneConnection(t)
		made(t, db, "a")
		release := useConnection(t, db)
		ctx, leave := context.WithCancel(t.Context())
		first, second := ask(ctx, t, db, namesOfThings(), byID), ask(t.Context(), t, db, namesOfThings(), byID)
		leave()
		if got := <-first; !errors.Is(got.err, pg.ErrUnavailable) {
			t.Errorf("who went: %v", got.err)
		}
		release()
		if got := <-second; got.err != nil || got.names() != "a" {
			t.Errorf("who stayed: %q, %v", got.names(), got.err)
		}
	})
	t.Run("while it runs", func(t *testing.T) {
		t.Parallel()
		db := listing(t, func(s *pg.Settings) { s.PoolSize = 2 }) // one for the gate, one for lists
		made(t, db, "a")
		open := closeGate(t, db)
		ctx, leave := context.WithCancel(t.Context())
		lock := useList(t, db)
		first, second, third := ask(ctx, t, db, behindTheGate(), byID), ask(t.Context(), t, db, behindTheGate(), byID), ask(ctx, t, db, behindTheGate(), byID)
		lock()
		await.That(t, "the list runs", func() bool { return db.Stat().AcquiredConns() == 2 })
		leave()
		open()
		<-first
		<-third
		if got := <-second; got.err != nil || got.names() != "a" {
			t.Errorf("who stayed: %q, %v", got.names(), got.err)
		}
	})
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		db := listing(t, func(s *pg.Settings) { s.PoolSize = 8 })
		closeGate(t, db)
		ctx, leave := context.WithCancel(t.Context())
		asked := []<-chan outcome{ask(ctx, t, db, behindTheGate(), byID)}
		waitingAtTheGate(t, db, 1)
		asked = append(asked, ask(ctx, t, db, behindTheGate(), byID), ask(ctx, t, db, behindTheGate(), byID))
		await.That(t, "the others no longer wait for the first", func() bool { return number(t, db, atTheGate) > 1 })
		leave()
		for _, one := range asked {
			if got := <-one; !errors.Is(got.err, pg.ErrUnavailable) {
				t.Errorf("got %v", got.err)
			}
		}
		waitingAtTheGate(t, db, 0)
	})
}

// useList uses the connections of lists until it is called.
func useList(t *testing.T, db *pg.DB) (release func()) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := pg.All(ctx, db, long(), pg.Int)
		ended <- err
	}()
	await.That(t, "a list runs", func() bool { return db.Stat().AcquiredConns() == 2 })
	return func() {
		leave()
		<-ended
	}
}

// All callers who wait for a page that cannot be read learn why. In a transaction it is read by itself, as of its own changes.
func TestList_Page_errorsAndTransactions(t *testing.T) {
	t.Parallel()
	db, _ := oneConnection(t)
	made(t, db, "a")
	release := useConnection(t, db)
	var asked []<-chan outcome
	for range 3 {
		asked = append(asked, ask(t.Context(), t, db, namesOfThings().Where("1 / amount = 1"), byID))
	}
	release()
	for _, one := range asked {
		if got := <-one; got.err == nil || errors.Is(got.err, pg.ErrUnavailable) {
			t.Errorf("got %v", got.err)
		}
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := pg.One(ctx, db, create.With("b"), pg.Int, nil); err != nil {
			return err
		}
		found, err := thingList.Page(ctx, db, namesOfThings(), byID)
		if got := (outcome{found, err}); got.names() != "ab" || found.Shared != nil {
			t.Errorf("in a transaction: %q, shared %v", got.names(), found.Shared)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
