package migrate_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/await"
	"erp.internal/platform/pg/migrate"
	"erp.internal/postgres/pgtest"
)

func TestMigrator_Up(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)

	up(t, url, three())
	at(t, url, 3, "chairs desks journal")

	up(t, url, three()) // again
	at(t, url, 3, "chairs desks journal")
	if got := journal(t, url); got != "one two three" {
		t.Errorf("what ran: %s", got)
	}
}

func TestMigrator_Up_continues(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	up(t, url, first(1))
	up(t, url, three())
	if got := journal(t, url); got != "one two three" {
		t.Errorf("what ran: %s", got)
	}
}

func TestMigrator_Down(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	m := migrator(url, three())
	up(t, url, three())

	for _, n := range []int{-1, 0, 4} {
		oneLine(t, m.Down(t.Context(), n), "cannot undo", "3 are applied")
		at(t, url, 3, "chairs desks journal")
	}
	if err := m.Down(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	at(t, url, 2, "desks journal")
	oneLine(t, m.Down(t.Context(), 3), "cannot undo 3 migrations: 2 are applied")
	if err := m.Down(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	at(t, url, 0, "")
	oneLine(t, m.Down(t.Context(), 1), "cannot undo 1 migrations: 0 are applied")
	up(t, url, three())
	at(t, url, 3, "chairs desks journal")
}

func TestMigrator_tenAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := migrator(url, three()).Up(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	at(t, url, 3, "chairs desks journal")
	if got := journal(t, url); got != "one two three" {
		t.Errorf("what ran: %s", got)
	}
}

func TestMigrator_failure(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		second string
		says   []string
	}{
		"when a statement fails": {
			second: "CREATE TABLE desks (id int);\nCREATE TABLE lamps (id int);\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE more (id int)",
			says:   []string{"version 2", "line 3", `"nowhere" does not exist`},
		},
		"when it cannot be parsed": {
			second: "CREATE TABLE desks (id int);\nCREATE TABEL lamps (id int)",
			says:   []string{"version 2", "line 2", "TABEL"},
		},
		"when it violates a constraint at its end": {
			second: "CREATE TABLE desks (id int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO desks VALUES (1), (1)",
			says:   []string{"version 2", "desks_id_key"},
		},
		"when it ends in a comment": {
			second: "CREATE TABLE desks (id int); SELECT 1/0 -- never",
			says:   []string{"version 2", "division by zero"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Empty(t)
			broken := with("000002_shop_desks.up.sql", test.second)

			oneLine(t, migrator(url, broken).Up(t.Context()), append(test.says, "nothing of this migration was applied")...)
			at(t, url, 1, "journal")
			oneLine(t, migrator(url, broken).Up(t.Context()), test.says...) // as often as one likes
			at(t, url, 1, "journal")

			up(t, url, three()) // mended
			at(t, url, 3, "chairs desks journal")
			if got := journal(t, url); got != "one two three" {
				t.Errorf("what ran: %s", got)
			}
		})
	}
}

func TestMigrator_failureOnTheWayDown(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	up(t, url, three())
	broken := with("000002_shop_desks.down.sql", "DROP TABLE desks; DROP TABLE nowhere")

	oneLine(t, migrator(url, broken).Down(t.Context(), 2), "nothing of this migration was applied", "nowhere")
	at(t, url, 2, "desks journal") // the third had been undone by then
	if err := migrator(url, three()).Down(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	at(t, url, 0, "")
}

// The migration whose process or connection ends in its middle.
func TestMigrator_killed(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	up(t, url, first(1))
	slow := with("000002_shop_desks.up.sql", "CREATE TABLE desks (id int); SELECT pg_sleep(600)")
	failed := make(chan error, 1)
	go func() { failed <- migrator(url, slow).Up(t.Context()) }()

	conn := connect(t, url)
	await.That(t, "the migration sleeps, and is killed", func() bool {
		return ask[int](t, conn, `SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event = 'PgSleep') killed`) == 1
	})
	select {
	case err := <-failed:
		oneLine(t, err, "nothing of this migration was applied", "version 2")
	case <-time.After(20 * time.Second):
		t.Fatal("it does not return")
	}
	at(t, url, 1, "journal")
	up(t, url, three())
	at(t, url, 3, "chairs desks journal")
}

// The connection that holds the turn ends while the other one still migrates, as when the process was killed: the next
// migrator must not do the same work beside it.
func TestMigrator_turnLost(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	up(t, url, first(1))
	slow := with("000002_shop_desks.up.sql", "CREATE TABLE desks (id int); INSERT INTO journal VALUES ('two'); SELECT pg_advisory_lock(1)")
	conn := connect(t, url)
	ask[string](t, conn, "SELECT pg_advisory_lock(1)::text")
	waiting := func() int {
		return ask[int](t, conn, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	}
	migrated := make(chan error, 2)
	go func() { migrated <- migrator(url, slow).Up(t.Context()) }()
	await.That(t, "the second migration is under way", func() bool { return waiting() == 1 })
	if n := ask[int](t, conn, `SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND classid = x'6572702e'::int AND objid = x'6d696772'::int
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) ended`); n != 1 {
		t.Fatalf("%d connections hold the turn", n)
	}
	go func() { migrated <- migrator(url, slow).Up(t.Context()) }()
	await.That(t, "the next one waits", func() bool { return waiting() == 2 })
	ask[bool](t, conn, "SELECT pg_advisory_unlock(1)")
	for range 2 {
		if err := <-migrated; err != nil {
			t.Error(err)
		}
	}
	at(t, url, 3, "chairs desks journal")
	if got := journal(t, url); got != "one two three" {
		t.Errorf("what ran: %s", got)
	}
}

func TestMigrator_tableInUse(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	up(t, url, first(2))
	busy := with("000003_shop_chairs.up.sql", "CREATE TABLE chairs (id int); ALTER TABLE desks ADD name text")

	conn := connect(t, url)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE desks IN ACCESS SHARE MODE"); err != nil { // as a SELECT does
		t.Fatal(err)
	}
	begun := time.Now()
	oneLine(t, migrator(url, busy).Up(t.Context()), "a table stayed in use for 5s", "nothing of this migration was applied", "try again")
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	at(t, url, 2, "desks journal")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	up(t, url, busy)
	at(t, url, 3, "chairs desks journal")
}

func TestMigrator_cancelled(t *testing.T) {
	t.Parallel()
	t.Run("when another one migrates", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Empty(t)
		holder := connect(t, url)
		if !ask[bool](t, holder, "SELECT pg_try_advisory_lock(x'6572702e6d696772'::bigint)") {
			t.Fatal("the lock is taken")
		}
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		core, logged := observer.New(zap.InfoLevel)
		go func() { failed <- migrate.New(url, three(), zap.New(core)).Up(ctx) }()
		await.That(t, "it waits", func() bool { return logged.FilterMessageSnippet("waiting for another server").Len() == 1 })
		cancel()
		select {
		case err := <-failed:
			if oneLine(t, err, "migrat"); !errors.Is(err, context.Canceled) {
				t.Errorf("%v does not say that it was cancelled", err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("it does not return")
		}
		at(t, url, 0, "")
	})
	t.Run("when it is between two migrations", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Empty(t)
		ctx, cancel := context.WithCancel(t.Context())
		slow := with("000002_shop_desks.up.sql", "CREATE TABLE desks (id int); INSERT INTO journal VALUES ('two'); SELECT pg_advisory_lock(1)")
		holder := connect(t, url)
		ask[string](t, holder, "SELECT pg_advisory_lock(1)::text")
		failed := make(chan error, 1)
		go func() { failed <- migrator(url, slow).Up(ctx) }()
		await.That(t, "the second migration is under way", func() bool {
			return ask[int](t, holder, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`) == 1
		})
		cancel()
		ask[bool](t, holder, "SELECT pg_advisory_unlock(1)")
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("it stopped before its end and says %v", err)
		}
		at(t, url, 2, "desks journal") // the one under way was finished
		up(t, url, three())
		at(t, url, 3, "chairs desks journal")
	})
}

func TestMigrator_Up_refuses(t *testing.T) {
	t.Parallel()
	t.Run("when a file's name has no number", func(t *testing.T) {
		t.Parallel()
		oneLine(t, migrator(pgtest.Empty(t), fstest.MapFS{"shop.up.sql": file("SELECT 1")}).Up(t.Context()),
			"shop.up.sql", "does not begin with a number")
	})
	t.Run("when it may not write", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Empty(t)
		execute(t, url, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
		oneLine(t, migrator(url, three()).Up(t.Context()), "prepare for migration", "read-only")
		if got := tables(t, url); got != "" {
			t.Errorf("its tables are %q", got)
		}
	})
	t.Run("when nothing answers", func(t *testing.T) {
		t.Parallel()
		err := migrator("postgres://erp:sesame@127.0.0.1:1/erp", three()).Up(t.Context())
		oneLine(t, err, "connect for migration")
		if strings.Contains(err.Error(), "sesame") {
			t.Errorf("the password is in %q", err)
		}
	})
}

// A migration whose answer gets lost was applied or not, and the error says no more than that.
func TestMigrator_lostAnswer(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	wire := pgtest.NewWire(t, url)
	up(t, url, first(1))
	wire.Lose(func(sql string) bool { return strings.Contains(sql, "schema_migrations (version, dirty) VALUES (2") })
	oneLine(t, migrator(wire.URL(), three()).Up(t.Context()), "the database's answer got lost", "erp migrate status")
	if wire.Lost() != 1 {
		t.Fatalf("%d answers were lost", wire.Lost())
	}
	wire.Lose(nil)
	at(t, url, 2, "desks journal")
	up(t, wire.URL(), three())
	at(t, url, 3, "chairs desks journal")
}
