package pg

import (
	"context"
	"errors"
	"sync"
	"time"

	"erp.internal/platform/change"
)

// Turn is change.Turn.
type Turn = change.Turn

// turns are the lines of those who wait for a row. Who waits for a lock in PostgreSQL has a connection that others lack; so
// this server's callers wait here before they take one, and each row costs at most one. The row's lock remains what
// holds: other servers take it, too.
type turns struct {
	mu    sync.Mutex
	lines map[Turn]*line
}

type line struct {
	free   chan struct{} // holds something while it is nobody's turn
	people int
}

// errNoTurn is why a caller was sent away who waited for others to be done with a row.
var errNoTurn = errors.New("others were not done with it in time")

// take waits until it is the caller's turn, who leaves when done. First come, first served.
func (t *turns) take(ctx context.Context, of Turn, atMost time.Duration) (leave func(), err error) {
	l := t.enter(of)
	done := func() {
		l.free <- struct{}{}
		t.leave(of, l)
	}
	select {
	case <-l.free:
		return done, nil
	default:
	}
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-l.free:
		return done, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = errNoTurn
	}
	t.leave(of, l)
	return nil, err
}

func (t *turns) enter(of Turn) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, there := t.lines[of]
	if !there {
		l = &line{free: make(chan struct{}, 1)}
		l.free <- struct{}{}
		t.lines[of] = l
	}
	l.people++
	return l
}

func (t *turns) leave(of Turn, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.people--; l.people == 0 {
		delete(t.lines, of)
	}
}

// InTurn implements change.Store: it is InTx for a transaction that begins with a lock which others may wait for, who wait for
// their turn before they take a connection. Inside another transaction, and without a turn, it is InTx.
//
// Errors: those of InTx; ErrUnavailable also when the others are not done in time.
func (db *DB) InTurn(ctx context.Context, of Turn, fn func(ctx context.Context) error) error {
	if of == (Turn{}) || txFrom(ctx, db.pool) != nil {
		return db.InTx(ctx, fn)
	}
	leave, err := db.turns.take(ctx, of, db.acquireTimer.atMost)
	if err != nil {
		return db.constraints.explain(err)
	}
	defer leave()
	return db.InTx(ctx, fn)
}
