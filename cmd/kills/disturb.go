package main

import (
	"context"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// disturb ends connections of the server, and now and then kills the process of one, after which PostgreSQL ends all of them
// and recovers, until ctx ends.
func disturb(ctx context.Context, url string) (terminated, killed int) {
	const victim = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'erp%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`
	for ctx.Err() == nil {
		pause(ctx, time.Duration(50+rand.IntN(400))*time.Millisecond) //nolint:gosec // chance that need not be unpredictable
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			continue
		}
		var pid int
		if conn.QueryRow(ctx, victim).Scan(&pid) == nil {
			if rand.IntN(10) == 0 { //nolint:gosec // as above
				if syscall.Kill(pid, syscall.SIGKILL) == nil {
					killed++
				}
			} else if _, err := conn.Exec(ctx, "SELECT pg_terminate_backend($1)", pid); err == nil {
				terminated++
			}
		}
		_ = conn.Close(context.WithoutCancel(ctx)) // it may have been ended with the others
	}
	return terminated, killed
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// connect waits for a database that recovers.
func connect(ctx context.Context, url string) (conn *pgx.Conn, err error) {
	for range 200 {
		if conn, err = pgx.Connect(ctx, url); err == nil {
			return conn, nil
		}
		pause(ctx, 100*time.Millisecond)
	}
	return nil, err
}
