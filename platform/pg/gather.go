package pg

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// gatherer runs changes of one statement each. Those that arrive while others are under way are sent together, as one implicit
// transaction (PostgreSQL documentation, "Pipelining"): one round trip and one commit for all. A change never waits for others
// to arrive: where none is under way, it is sent at once. When one of several fails, nothing of them is stored, and each is run
// alone.
type gatherer struct {
	db      *DB
	mu      sync.Mutex
	busy    bool // changes are under way
	waiting []*errand
}

const (
	mostGathered = 64
	// patience is how long others wait for changes that are under way, which may be waiting for a lock.
	patience = 10 * time.Millisecond
)

// errand is a change of one statement that returns one row.
type errand struct {
	sql  string
	args []any
	into []any
	next chan signal // what its goroutine does

	err  error
	sent bool // to the server, perhaps
	lost bool // its connection was lost before it was sent: nothing is stored
}

type signal int

const (
	lead  signal = iota // send the changes that wait
	alone               // send this change by itself
	over
)

// run runs a change of one statement.
func (g *gatherer) run(ctx context.Context, e *errand) {
	if limited(ctx) { // others would be bound by its deadline
		g.alone(ctx, e)
		return
	}
	if !g.leads(e) {
		switch <-e.next {
		case over:
			return
		case alone:
			g.alone(ctx, e)
			return
		case lead:
		}
	}
	g.lead(context.WithoutCancel(ctx), e)
}

// leads reports whether no change is under way. Otherwise e waits for its turn.
func (g *gatherer) leads(e *errand) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.busy {
		g.busy = true
		return true
	}
	e.next = make(chan signal, 1)
	g.waiting = append(g.waiting, e)
	return false
}

// next lets the change that has waited longest lead.
func (g *gatherer) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy = false
		return
	}
	first := g.waiting[0]
	g.waiting = g.waiting[1:]
	first.next <- lead
}

// with takes the changes that wait, to be sent together with e, which is the first.
func (g *gatherer) with(e *errand) []*errand {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), mostGathered-1)
	all := append(make([]*errand, 0, n+1), e)
	all = append(all, g.waiting[:n]...)
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	return all
}

// lead sends e and the changes that wait.
func (g *gatherer) lead(ctx context.Context, e *errand) {
	conn, err := g.db.acquireToChange(ctx)
	all := g.with(e)
	next := sync.OnceFunc(g.next)
	slow := time.AfterFunc(patience, next)
	then := over
	defer func() { // also when the driver panics
		slow.Stop()
		next()
		for _, other := range all[1:] {
			other.next <- then
		}
	}()
	if err != nil {
		settle(all, err, false, false)
		return
	}
	defer conn.Release()
	if len(all) == 1 {
		g.send(ctx, conn, e)
		return
	}
	settle(all, errPanicked, true, false) // replaced below
	if g.together(ctx, conn, all) {
		return
	}
	then = alone
	conn.Release()
	g.alone(ctx, e)
}

// errPanicked is the error of changes that were sent together when the driver panicked.
var errPanicked = errors.New("the driver panicked with changes that were sent together")

func settle(all []*errand, err error, sent, lost bool) {
	for _, e := range all {
		e.err, e.sent, e.lost = err, sent, lost
	}
}

// alone runs a change by itself.
func (g *gatherer) alone(ctx context.Context, e *errand) {
	conn, err := g.db.acquireToChange(ctx)
	if err != nil {
		e.err, e.sent, e.lost = err, false, false
		return
	}
	defer conn.Release()
	g.send(ctx, conn, e)
}

// send runs a change by itself on a connection.
func (g *gatherer) send(ctx context.Context, conn *pgxpool.Conn, e *errand) {
	if e.err = g.prepare(ctx, conn, e); e.err != nil {
		e.sent, e.lost = false, conn.Conn().IsClosed()
		return
	}
	e.err = conn.QueryRow(running(ctx), e.sql, e.args...).Scan(e.into...)
	e.sent, e.lost = true, conn.Conn().IsClosed()
}

// together runs changes as one implicit transaction. It reports false if nothing was stored, and each may be run alone.
func (g *gatherer) together(ctx context.Context, conn *pgxpool.Conn, all []*errand) bool {
	var batch pgx.Batch
	for _, e := range all {
		if g.prepare(ctx, conn, e) != nil {
			return false
		}
		batch.Queue(e.sql, e.args...)
	}
	results := conn.SendBatch(ctx, &batch)
	var err error
	for _, e := range all {
		e.sent = true
		if e.err = results.QueryRow().Scan(e.into...); e.err != nil && !errors.Is(e.err, pgx.ErrNoRows) {
			err = e.err
			break
		}
	}
	if closed := results.Close(); err == nil { // what COMMIT says comes last
		err = closed
	}
	if err == nil {
		return true
	}
	var server *pgconn.PgError
	if isUnsent(err) || errors.As(err, &server) && !conn.Conn().IsClosed() {
		return false
	}
	settle(all, err, true, conn.Conn().IsClosed())
	return true
}

// prepare prepares a change, where it would be prepared anyway: a connection that is found lost by that has stored nothing.
func (g *gatherer) prepare(ctx context.Context, conn *pgxpool.Conn, e *errand) error {
	if !g.db.prepares {
		return nil
	}
	_, err := conn.Conn().Prepare(ctx, e.sql, e.sql)
	return err
}
