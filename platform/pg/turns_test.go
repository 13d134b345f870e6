package pg_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

func TestDB_InTurn(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, things))
	settings.StatementTimeout = time.Second
	db := openedWith(t, settings)
	turn := pg.Turn{Of: "thing", ID: 1}
	has, hold, held := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		held <- db.InTurn(t.Context(), turn, func(ctx context.Context) error {
			return db.InTurn(ctx, turn, func(context.Context) error { close(has); <-hold; return nil }) // has it already
		})
	}()
	<-has
	never := func(context.Context) error { t.Error("it ran"); return nil }
	if err := db.InTurn(t.Context(), turn, never); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("whose turn does not come: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.InTurn(gone, turn, never); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("a caller who went away: %v", err)
	}
	ran := false
	if err := db.InTurn(t.Context(), pg.Turn{Of: "thing", ID: 2}, func(context.Context) error { ran = true; return nil }); err != nil || !ran {
		t.Errorf("another thing's: %v", err)
	}
	close(hold)
	if err := <-held; err != nil {
		t.Error(err)
	}
	if err := db.InTurn(t.Context(), turn, func(context.Context) error { return errNotFound }); !errors.Is(err, errNotFound) {
		t.Errorf("afterwards: %v", err)
	}
}
