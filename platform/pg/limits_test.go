package pg_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var one = pg.Reads("one", squirrel.Expr("SELECT 1"))

// A server that takes what it is sent and says nothing, as one whose host hangs, is given up.
func TestDB_serverThatHangs(t *testing.T) {
	t.Parallel()
	given, hang := proxied(t, pgtest.URL(t, things))
	settings := pgtest.Settings(given)
	settings.StatementTimeout = 100 * time.Millisecond
	db, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	hang.Store(true)
	if _, err := db.Exec(t.Context(), one.With()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a statement: %v", err)
	}
	hang.Store(false)
	if _, err := db.Exec(t.Context(), one.With()); err != nil {
		t.Errorf("after the server is back: %v", err)
	}
	made(t, db, "prepares the statement")
	hang.Store(true)
	if _, err := pg.One(t.Context(), db, create.With("lost"), pg.Int, nil); !errors.Is(err, pg.ErrOutcomeUnknown) {
		t.Errorf("a change whose answer got lost: %v", err)
	}
	hang.Store(false)
	idle(t, db, 1) // which prepares COMMIT, so that it is what is sent
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := pg.One(ctx, db, create.With("lost at the commit"), pg.Int, nil)
		hang.Store(true)
		return err
	})
	if !errors.Is(err, pg.ErrOutcomeUnknown) {
		t.Errorf("a commit whose answer got lost: %v", err)
	}
	hang.Store(false)
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		hang.Store(true)
		_, err := db.Exec(ctx, one.With())
		return err
	})
	if !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a transaction: %v", err)
	}
}

// proxied returns a way to the database that passes nothing on while hang is set.
func proxied(t *testing.T, given string) (through string, hang *atomic.Bool) {
	t.Helper()
	u, err := url.Parse(given)
	if err != nil {
		t.Fatal(err)
	}
	target := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hang = new(atomic.Bool)
	var pipes sync.WaitGroup
	pipe := func(to, from net.Conn) {
		defer to.Close()
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if hang.Load() {
				continue // swallowed
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
	pipes.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			pipes.Go(func() { pipe(server, client) })
			pipes.Go(func() { pipe(client, server) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		pipes.Wait()
	})
	u.Host = listener.Addr().String()
	return u.String(), hang
}

// A caller that finds every connection in use waits no longer than the statement timeout.
func TestDB_everyConnectionInUse(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, things))
	settings.PoolSize, settings.StatementTimeout = 1, 200*time.Millisecond
	db, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	holding, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, one.With())
			close(holding)
			<-release
			return err
		})
	}()
	<-holding
	statement := func(ctx context.Context) error { _, err := db.Exec(ctx, one.With()); return err }
	if err := statement(t.Context()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a statement: %v", err)
	}
	if err := db.InTx(t.Context(), statement); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a transaction: %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), one.With()); err != nil {
		t.Errorf("once a connection is free: %v", err)
	}
}
