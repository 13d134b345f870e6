package migrate_test

import (
	"sync"
	"testing"
	"time"

	"erp.internal/postgres/pgtest"
)

// Through PgBouncer in either mode: what a migrator takes for its session would stay with a connection that others get.
func TestMigrator_throughPgBouncer(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{pgtest.SessionMode, pgtest.TransactionMode} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			direct := pgtest.Empty(t)
			url := pgtest.NewPgBouncer(t, direct, mode).URL()
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					if err := migrator(url, three()).Up(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			at(t, direct, 3, "chairs desks journal")
			if got := journal(t, direct); got != "one two three" {
				t.Errorf("what ran: %s", got)
			}

			begun := time.Now()
			for range 3 {
				if err := migrator(url, three()).Down(t.Context(), 2); err != nil {
					t.Fatal(err)
				}
				up(t, url, three())
				up(t, url, three())
			}
			at(t, direct, 3, "chairs desks journal")
			if n := ask[int](t, connect(t, direct), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); n != 0 {
				t.Errorf("%d locks are left after %s", n, time.Since(begun))
			}
			oneLine(t, migrator(url, with("000003_shop_chairs.up.sql", "SELECT 1;\nSELECT 1/0 FROM nowhere")).Down(t.Context(), 4), "cannot undo 4")
			if err := migrator(url, three()).Down(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			oneLine(t, migrator(url, with("000003_shop_chairs.up.sql", "SELECT 1;\nSELECT 1/0 FROM nowhere")).Up(t.Context()),
				"nothing of this migration was applied", "version 3, in line 2", "nowhere")
			at(t, direct, 2, "desks journal")
			up(t, url, three())
		})
	}
}
