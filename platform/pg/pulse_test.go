package pg_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/await"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// A server that hangs, new connections included, is given up long before a statement's time is over, and nobody waits
// for it any more.
func TestDB_hangs(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, things))
	settings := pgtest.Settings(wire.URL())
	settings.StatementTimeout, settings.PoolSize = 10*time.Minute, 4
	db := openedWith(t, settings)
	id := made(t, db, "a")
	wire.Hang(true)
	var asking sync.WaitGroup
	for range 12 { // more than there are connections
		asking.Go(func() {
			if _, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); !errors.Is(err, pg.ErrUnavailable) {
				t.Errorf("a read: %v", err)
			}
		})
	}
	asking.Wait()
	if _, err := db.Exec(t.Context(), one.With()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a statement afterwards: %v", err)
	}
	if err := db.Ready(t.Context()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("ready: %v", err)
	}
	wire.Hang(false)
	await.That(t, "the database answers again", func() bool { _, err := db.Exec(t.Context(), add.With(1, id)); return err == nil })
}

// A slow statement is none that hangs, also where nothing else is heard from the server.
func TestDB_slow(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	if _, err := db.Exec(t.Context(), pg.Reads("slow", squirrel.Expr("SELECT pg_sleep(5)")).With()); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestDB_Ready(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	idle(t, db, 4)
	ready := func(want error) {
		t.Helper()
		if err := db.Ready(t.Context()); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	ready(nil)
	setting := "ALTER DATABASE " + here(t, db) + " "
	pgtest.Run(t, db.URL(), setting+"SET default_transaction_read_only = on")
	ready(nil) // on the connections there are
	pgtest.EndConnections(t, db)
	ready(pg.ErrUnavailable)
	ready(pg.ErrUnavailable)
	pgtest.Run(t, db.URL(), "BEGIN READ WRITE; "+setting+"RESET default_transaction_read_only; COMMIT")
	ready(nil)
	if n := counted(t, db); n != 0 {
		t.Errorf("it left %d rows", n)
	}
	pgtest.Run(t, db.URL(), setting+"SET temp_file_limit = 0")
	pgtest.EndConnections(t, db)
	ready(nil) // an administrator's limit says nothing of the disk
}

// Where the disk has no room for a temporary file, changes are about to fail. What raises the server's error here stands
// before what asks for the file.
func TestDB_Ready_diskFull(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	pgtest.Run(t, db.URL(), `CREATE SCHEMA full_disk;
		CREATE FUNCTION full_disk.generate_series(int, int) RETURNS SETOF int LANGUAGE plpgsql AS
			$$ BEGIN RAISE 'could not write to file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
		ALTER DATABASE `+here(t, db)+` SET search_path = full_disk, pg_catalog, public`)
	pgtest.EndConnections(t, db)
	if err := db.Ready(t.Context()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	pgtest.Run(t, db.URL(), "DROP FUNCTION full_disk.generate_series")
	if err := db.Ready(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
