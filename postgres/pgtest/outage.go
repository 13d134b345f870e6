package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/pg"
)

// CutNotifications repeatedly ends every connection that waits for notifications of a database, until stop is called.
func CutNotifications(tb testing.TB, db *pg.DB) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	conn, err := pgx.Connect(ctx, db.URL())
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = conn.Exec(ctx, "SELECT pg_terminate_backend(pid), pg_sleep(0.01) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% listen'")
		}
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	return func() { cancel(); <-ended }
}

// TakeAway lets nobody connect to a database any more, and ends the connections there are.
func TakeAway(tb testing.TB, db *pg.DB) {
	tb.Helper()
	config, err := pgx.ParseConfig(db.URL())
	if err != nil {
		tb.Fatal(err)
	}
	name := config.Database
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(tb.Context())) //nolint:errcheck // nothing is under way on it
	if _, err := conn.Exec(tb.Context(), "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" ALLOW_CONNECTIONS false"); err != nil {
		tb.Fatal(err)
	}
	if _, err := conn.Exec(tb.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name); err != nil {
		tb.Fatal(err)
	}
}
