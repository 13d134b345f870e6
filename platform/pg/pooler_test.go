package pg_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/await"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

func TestOpen_pooler(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, url, name string) (info, warnings []observer.LoggedEntry) {
		t.Helper()
		core, logged := observer.New(zap.InfoLevel)
		db, err := pg.Open(t.Context(), pgtest.Settings(url), zap.New(core))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		made(t, db, name)
		if err := db.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		return logged.FilterMessageSnippet("leads through a connection pooler").All(), logged.FilterMessageSnippet("behind the connection pooler").All()
	}
	for _, mode := range []string{pgtest.SessionMode, pgtest.TransactionMode} {
		for name, lines := range map[string][]string{"refusing limits": nil, "ignoring limits": {pgtest.IgnoreStartupParameters}} {
			t.Run(mode+" mode "+name, func(t *testing.T) {
				t.Parallel()
				direct := pgtest.URL(t, things)
				bouncer := pgtest.NewPgBouncer(t, direct, mode, lines...)
				info, warnings := open(t, bouncer.URL(), "desk")
				if len(info) != 1 || len(warnings) != 1 {
					t.Fatalf("the log says %v and warns %v", info, warnings)
				}
				run, _ := warnings[0].ContextMap()["run"].(string)
				role, database := roleAndDatabase(t, direct)
				want := fmt.Sprintf(`ALTER ROLE %[1]s SET statement_timeout = '30000ms'; ALTER ROLE %[1]s SET lock_timeout = '15000ms'; ALTER ROLE %[1]s SET idle_in_transaction_session_timeout = '60000ms';`, role)
				if run != want {
					t.Errorf("it says to run %s", run)
				}
				// other tests use the role, too; only this test uses the database
				pgtest.Run(t, direct, strings.ReplaceAll(run, "ALTER ROLE "+role, "ALTER DATABASE "+database))
				bouncer.Kill()
				bouncer.Start()
				if info, warnings := open(t, bouncer.URL(), "chair"); len(info) != 1 || len(warnings) != 0 {
					t.Errorf("with limits, the log says %v and warns %v", info, warnings)
				}
			})
		}
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		if info, warnings := open(t, pgtest.URL(t, things), "desk"); len(info)+len(warnings) != 0 {
			t.Errorf("the log says %v and warns %v", info, warnings)
		}
	})
	t.Run("that refuses another parameter", func(t *testing.T) {
		t.Parallel()
		bouncer := pgtest.NewPgBouncer(t, pgtest.URL(t, things), pgtest.SessionMode)
		_, err := pg.Open(t.Context(), pgtest.Settings(bouncer.URL()+"&search_path=public"), zap.NewNop())
		if err == nil || !strings.Contains(err.Error(), "unsupported startup parameter: search_path") {
			t.Errorf("got %v", err)
		}
	})
}

// roleAndDatabase are those of an address, quoted.
func roleAndDatabase(t *testing.T, url string) (role, database string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return pgx.Identifier{config.User}.Sanitize(), pgx.Identifier{config.Database}.Sanitize()
}

// Many clients share few connections, and none notices another: statements, lists, transactions, those that fail and
// those that are rolled back.
func TestDB_throughPgBouncer(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{pgtest.SessionMode, pgtest.TransactionMode} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			direct := pgtest.URL(t, things)
			settings := pgtest.Settings(pgtest.NewPgBouncer(t, direct, mode).URL())
			settings.PoolSize = 16
			db := openedWith(t, settings).Storing(map[string]error{"things_name_key": errNameTaken})
			until := time.Now().Add(2 * time.Second)
			var rounds atomic.Int64
			var all sync.WaitGroup
			for worker := range 16 {
				all.Go(func() {
					id := made(t, db, fmt.Sprintf("thing %02d", worker))
					for n := int64(1); time.Now().Before(until); n++ {
						rounds.Add(1)
						if err := round(t.Context(), db, worker, id, n); err != nil {
							t.Errorf("round %d: %v", n, err)
							return
						}
					}
				})
			}
			all.Wait()
			if rounds.Load() < 16 {
				t.Errorf("only %d rounds", rounds.Load())
			}
			if n := counted(t, openedWith(t, pgtest.Settings(direct))); n != 16 {
				t.Errorf("%d things are stored", n)
			}
		})
	}
}

// round does each kind of work once, with the thing of one worker.
func round(ctx context.Context, db *pg.DB, worker int, id, n int64) error {
	errUndo := errors.New("undo")
	if _, err := db.Exec(ctx, add.With(1, id)); err != nil {
		return err
	}
	err := db.InTx(ctx, func(ctx context.Context) error {
		before, err := pg.One(ctx, db, amount.With(id), pg.Int, errNotFound)
		if err != nil {
			return err
		}
		if before != 2*n-1 {
			return fmt.Errorf("the amount is %d, not %d", before, 2*n-1)
		}
		_, err = db.Exec(ctx, add.With(1, id))
		return err
	})
	if err != nil {
		return err
	}
	if _, err := pg.One(ctx, db, create.With(fmt.Sprintf("thing %02d", worker)), pg.Int, nil); !errors.Is(err, errNameTaken) {
		return fmt.Errorf("a taken name: %w", err)
	}
	err = db.InTx(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, add.With(100, id)); err != nil {
			return err
		}
		_, err := pg.One(ctx, db, create.With(fmt.Sprintf("thing %02d", worker)), pg.Int, nil)
		return err
	})
	if !errors.Is(err, errNameTaken) {
		return fmt.Errorf("a taken name in a transaction: %w", err)
	}
	err = db.InTx(ctx, func(ctx context.Context) error {
		if _, err := pg.One(ctx, db, create.With(fmt.Sprintf("undone %02d", worker)), pg.Int, nil); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		return err
	}
	listed, err := thingList.Page(ctx, db, pg.Build.Select("id", "name", "amount").From("things").Where("id = ?", id), page.Request{Sort: page.ParseSort("name"), Limit: 10})
	if err != nil {
		return err
	}
	if len(listed.Items) != 1 {
		return fmt.Errorf("the list has %d items", len(listed.Items))
	}
	got, err := pg.One(ctx, db, amount.With(id), pg.Int, errNotFound)
	if err == nil && got != 2*n {
		err = fmt.Errorf("the amount is %d, not %d", got, 2*n)
	}
	return err
}

// A PgBouncer that is killed and comes back costs nothing but the time in between.
func TestDB_pgBouncerRestarts(t *testing.T) {
	t.Parallel()
	bouncer := pgtest.NewPgBouncer(t, pgtest.URL(t, things), pgtest.TransactionMode)
	db := opened(t, bouncer.URL())
	idle(t, db, 4)
	bouncer.Kill()
	if _, err := pg.One(t.Context(), db, create.With("desk"), pg.Int, nil); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("without PgBouncer: %v", err)
	}
	if err := db.Ready(t.Context()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("ready without PgBouncer: %v", err)
	}
	bouncer.Start()
	await.That(t, "it is ready again", func() bool { return db.Ready(t.Context()) == nil })
	for i := range 8 {
		made(t, db, fmt.Sprintf("thing %d", i))
	}
	if n := counted(t, db); n != 8 {
		t.Errorf("%d things are stored", n)
	}
}

// A commit whose answer PgBouncer did not pass on may be stored or not.
func TestDB_lostAnswer_ofPgBouncer(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, things))
	db := opened(t, pgtest.NewPgBouncer(t, wire.URL(), pgtest.TransactionMode).URL())
	wire.Lose(func(sql string) bool { return sql == "commit" })
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, create.With("desk"))
		return err
	})
	if !errors.Is(err, pg.ErrOutcomeUnknown) || wire.Lost() != 1 {
		t.Errorf("got %v, and %d answers were lost", err, wire.Lost())
	}
	wire.Lose(nil)
	if n := counted(t, db); n != 1 {
		t.Errorf("%d rows are there", n)
	}
}

// PgBouncer tells each client what its first server said of itself, which may be no longer so.
func TestDB_staleReportOfPgBouncer(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t, things)
	_, database := roleAndDatabase(t, direct)
	pgtest.Run(t, direct, "ALTER DATABASE "+database+" SET default_transaction_read_only = on")
	bouncer := pgtest.NewPgBouncer(t, direct, pgtest.TransactionMode)
	db := opened(t, bouncer.URL())
	if err := db.Ready(t.Context()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("ready while it is read-only: %v", err)
	}
	pgtest.Run(t, direct, "BEGIN READ WRITE; ALTER DATABASE "+database+" RESET default_transaction_read_only; COMMIT")
	pgtest.EndConnections(t, openedWith(t, pgtest.Settings(direct)))
	await.That(t, "it is ready again", func() bool { return db.Ready(t.Context()) == nil })
	before := db.Stat().NewConnsCount()
	for i := range 8 {
		made(t, db, fmt.Sprintf("thing %d", i))
	}
	if opened := db.Stat().NewConnsCount() - before; opened > 1 {
		t.Errorf("%d connections were opened for 8 changes", opened)
	}
}
