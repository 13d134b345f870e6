package pg_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/errs"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

var (
	errNameTaken = errs.New(errs.Taken, "thing.name_taken", "Thing name already exists")
	errHasParts  = errs.New(errs.Conflict, "thing.has_parts", "The thing has parts")
	errNotFound  = errs.New(errs.NotFound, "thing.not_found", "Thing not found")

	create = pg.Changes("create", pg.Build.Insert("things").Columns("name").Values(squirrel.Expr("?")).Suffix("RETURNING id"))
	add    = pg.Changes("add", pg.Build.Update("things").Set("amount", squirrel.Expr("amount + ?")).Where("id = ?"))
	amount = pg.Reads("amount", pg.Build.Select("amount").From("things").Where("id = ?"))
	part   = pg.Changes("part", pg.Build.Insert("parts").Columns("thing_id").Values(squirrel.Expr("?")))
	remove = pg.Changes("remove", pg.Build.Delete("things").Where("id = ?"))
)

func made(t *testing.T, db *pg.DB, name string) int64 {
	t.Helper()
	id, err := pg.One(t.Context(), db, create.With(name), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDB_constraints(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	storing := db.Storing(map[string]error{"things_name_key": errNameTaken})
	id := made(t, storing, "desk")

	if _, err := pg.One(t.Context(), storing, create.With("desk"), pg.Int, nil); !errors.Is(err, errNameTaken) {
		t.Errorf("a taken name: %v", err)
	}
	if _, err := storing.Exec(t.Context(), add.With(-1, id)); err == nil || errs.KindOf(err) != errs.Internal {
		t.Errorf("a constraint without an error of its own: %v", err)
	}
	if _, err := db.Exec(t.Context(), part.With(id)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Deleting(nil).Exec(t.Context(), remove.With(id)); !errors.Is(err, pg.ErrInUse) {
		t.Errorf("deleting what another module refers to: %v", err)
	}
	if _, err := db.Deleting(map[string]error{"parts_thing_fk": errHasParts}).Exec(t.Context(), remove.With(id)); !errors.Is(err, errHasParts) {
		t.Errorf("deleting what has parts: %v", err)
	}
	if _, err := db.Exec(t.Context(), part.With(id+1)); errors.Is(err, pg.ErrInUse) || err == nil {
		t.Errorf("storing a part of nothing: %v", err)
	}
}

func TestOne_missing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	if _, err := pg.One(t.Context(), db, amount.With(7), pg.Int, errNotFound); !errors.Is(err, errNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := pg.One(t.Context(), db, amount.With(7), pg.Int, nil); err == nil {
		t.Error("no row where there is always one is no error")
	}
}

func TestStatic_builderErrorIsGivenByEveryRun(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	if _, err := db.Exec(t.Context(), pg.Changes("empty", pg.Build.Insert("things")).With()); err == nil || !strings.HasPrefix(err.Error(), "empty: ") {
		t.Errorf("got %v", err)
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	boom := errors.New("boom")

	t.Run("keeps nothing of what failed", func(t *testing.T) {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := pg.One(ctx, db, create.With("failed"), pg.Int, nil); err != nil {
				t.Fatal(err)
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
		made(t, db, "failed") // the name is still free
	})
	t.Run("joins the transaction around it", func(t *testing.T) {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if err := db.InTx(ctx, func(ctx context.Context) error {
				_, err := pg.One(ctx, db, create.With("inner"), pg.Int, nil)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
		made(t, db, "inner")
	})
	t.Run("holds for a view of the database too", func(t *testing.T) {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := pg.One(ctx, db.Storing(nil), create.With("view"), pg.Int, nil); err != nil {
				t.Fatal(err)
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
		made(t, db, "view")
	})
	t.Run("rolls back when fn panics", func(t *testing.T) {
		func() {
			defer func() { _ = recover() }()
			_ = db.InTx(t.Context(), func(ctx context.Context) error {
				if _, err := pg.One(ctx, db, create.With("panicked"), pg.Int, nil); err != nil {
					t.Fatal(err)
				}
				panic(boom)
			})
		}()
		made(t, db, "panicked")
	})
}

// Two transactions that lock two rows in opposite order deadlock: Postgres ends one, and it is run again.
func TestInTx_runsADeadlockedTransactionAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	first, second := made(t, db, "first"), made(t, db, "second")
	var runs atomic.Int64
	both := func(a, b int64, locked, other chan struct{}) error {
		var once sync.Once
		return db.InTx(t.Context(), func(ctx context.Context) error {
			runs.Add(1)
			if _, err := db.Exec(ctx, add.With(1, a)); err != nil {
				return err
			}
			once.Do(func() { close(locked) })
			<-other
			_, err := db.Exec(ctx, add.With(1, b))
			return err
		})
	}
	lockedFirst, lockedSecond, results := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	go func() { results <- both(first, second, lockedFirst, lockedSecond) }()
	go func() { results <- both(second, first, lockedSecond, lockedFirst) }()
	for range 2 {
		if err := <-results; err != nil {
			t.Errorf("got %v", err)
		}
	}
	for _, id := range []int64{first, second} {
		if n, err := pg.One(t.Context(), db, amount.With(id), pg.Int, nil); n != 2 || err != nil {
			t.Errorf("amount %d, %v; want both additions", n, err)
		}
	}
	if runs.Load() < 3 {
		t.Errorf("%d runs: there was no deadlock to get out of", runs.Load())
	}
}

func TestDB_unavailable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	slow := pg.Reads("slow", squirrel.Expr("SELECT pg_sleep(60)"))

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Exec(canceled, slow.With()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a caller who went away: %v", err)
	}
	deadline, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := db.Exec(deadline, slow.With()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("too slow an answer: %v", err)
	}
	if _, err := db.Exec(t.Context(), pg.Reads("end itself", squirrel.Expr("SELECT pg_terminate_backend(pg_backend_pid())")).With()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a connection that the server ended: %v", err)
	}
	if err := db.Ready(t.Context()); err != nil {
		t.Errorf("after a connection was lost: %v", err)
	}
}

func TestOpen_statementTimeout(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, things))
	settings.StatementTimeout = 100 * time.Millisecond
	db, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Exec(t.Context(), pg.Reads("slow", squirrel.Expr("SELECT pg_sleep(60)")).With()); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestOpen_echoesStatementsWithoutValues(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, things))
	settings.Echo = true
	core, logs := observer.New(zap.InfoLevel)
	db, err := pg.Open(t.Context(), settings, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	made(t, db, "hunter2")
	found := false
	for _, entry := range logs.All() {
		line := fmt.Sprint(entry.Message, entry.ContextMap())
		found = found || strings.Contains(line, "INSERT INTO things")
		if strings.Contains(line, "hunter2") {
			t.Errorf("a value is logged: %s", line)
		}
	}
	if !found {
		t.Error("the statement is not logged")
	}
}

func TestOpen_saysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good, err := url.Parse(pgtest.URL(t, things))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(*url.URL)
		says   string
	}{
		"wrong password":   {func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "hunter2") }, "or its password: correct them"},
		"unknown user":     {func(u *url.URL) { u.User = url.UserPassword("somebody", "hunter2") }, `user "somebody"`},
		"unknown database": {func(u *url.URL) { u.Path = "/nowhere" }, `no database "nowhere": create it`},
		"nobody answers":   {func(u *url.URL) { u.Host = nobody }, "no PostgreSQL server answers at " + nobody},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := *good
			tc.change(&u)
			_, err := pg.Open(t.Context(), pgtest.Settings(u.String()), zap.NewNop())
			if err == nil || !strings.Contains(err.Error(), tc.says) || !strings.HasPrefix(err.Error(), "DATABASE_URL: ") {
				t.Errorf("got %v, want it to say %q", err, tc.says)
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n")) {
				t.Errorf("the error shows the password or has several lines: %v", err)
			}
		})
	}
}

func TestOpen_refusesAnotherEncoding(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.URL(t, things))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	name := strings.TrimPrefix(u.Path, "/") + "_ascii"
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	if _, err := pg.Open(t.Context(), pgtest.Settings(u.String()), zap.NewNop()); err == nil || !strings.Contains(err.Error(), "is SQL_ASCII: create one with UTF8") {
		t.Errorf("got %v", err)
	}
}

// What is left for the end of a transaction happens then, whether it is stored or not.
func TestDB_AtEnd(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	var done []string
	note := func(what string) func() { return func() { done = append(done, what) } }
	for _, result := range []error{nil, errNotFound} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			db.AtEnd(ctx, note("end"))
			db.AfterCommit(ctx, note("commit"))
			_, err := db.Exec(ctx, create.With("a"))
			if len(done) > 0 {
				t.Errorf("done inside: %s", done)
			}
			return errors.Join(err, result)
		})
		if !errors.Is(err, result) {
			t.Error(err)
		}
		done = append(done, "returned")
		if result == nil && fmt.Sprint(done) != "[commit end returned]" || result != nil && fmt.Sprint(done) != "[end returned]" {
			t.Errorf("%v: %s", result, done)
		}
		done = nil
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.InTx(t.Context(), func(ctx context.Context) error {
			db.AtEnd(ctx, note("after a panic"))
			panic("for the test")
		})
	}()
	db.AtEnd(t.Context(), note("outside"))
	if got := fmt.Sprint(done); got != "[after a panic outside]" {
		t.Errorf("got %s", got)
	}
}

// What is left for after the commit does not happen when nothing is stored.
func TestDB_AfterCommit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	var done []string
	note := func(what string) func() { return func() { done = append(done, what) } }
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		db.AfterCommit(ctx, note("first"))
		if len(done) > 0 {
			t.Error("it was done before the commit")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_ = db.InTx(t.Context(), func(ctx context.Context) error {
		db.AfterCommit(ctx, note("rolled back"))
		return errNotFound
	})
	db.AfterCommit(t.Context(), note("outside"))
	if got := fmt.Sprint(done); got != "[first outside]" {
		t.Errorf("got %s", got)
	}
}
