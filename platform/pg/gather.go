package pg

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"erp.internal/platform/gather"
)

// gatherer runs changes of one statement each. Those that arrive while others are under way are sent together, as one implicit
// transaction (PostgreSQL documentation, "Pipelining"): one round trip and one commit for all. When one of several fails, nothing
// of them is stored, and each is run alone.
type gatherer struct {
	db       *DB
	gathered gather.Gatherer[*errand]
}

// errand is a change of one statement that returns one row.
type errand struct {
	sql  string
	args []any
	into []any

	done bool // err is the outcome; otherwise nothing is stored
	err  error
	sent bool // to the server, perhaps
	lost bool // the connection
}

// run runs a change of one statement.
func (g *gatherer) run(ctx context.Context, e *errand) {
	if !limited(ctx) { // others would be bound by its deadline
		g.gathered.Run(e, func(take func() []*errand) { g.lead(context.WithoutCancel(ctx), take) })
	}
	if !e.done {
		g.alone(ctx, e)
	}
}

// lead runs the changes that wait. What it leaves undone was not stored.
func (g *gatherer) lead(ctx context.Context, take func() []*errand) {
	conn, err := g.db.acquireToChange(ctx)
	all := take() // those that arrived while it waited for the connection as well
	if err != nil {
		settle(all, err, false, false)
		return
	}
	defer conn.Release()
	if len(all) == 1 {
		g.send(ctx, conn, all[0])
		return
	}
	g.together(ctx, conn, all)
}

// together runs changes as one implicit transaction.
func (g *gatherer) together(ctx context.Context, conn *pgxpool.Conn, all []*errand) {
	var batch pgx.Batch
	for _, e := range all {
		if g.prepare(ctx, conn, e) != nil {
			return
		}
		batch.Queue(e.sql, e.args...)
	}
	settle(all, errPanicked, true, false)
	results := conn.SendBatch(ctx, &batch)
	var err error
	for _, e := range all {
		if e.err = results.QueryRow().Scan(e.into...); e.err != nil && !errors.Is(e.err, pgx.ErrNoRows) {
			err = e.err
			break
		}
	}
	if closed := results.Close(); err == nil { // what COMMIT says comes last
		err = closed
	}
	if err == nil {
		return
	}
	settle(all, err, true, conn.Conn().IsClosed())
	var server *pgconn.PgError
	if isUnsent(err) || errors.As(err, &server) && !conn.Conn().IsClosed() {
		for _, e := range all {
			e.done = false
		}
	}
}

// errPanicked is the outcome of changes that were sent together when the driver panicked.
var errPanicked = errors.New("the driver panicked with changes that were sent together")

func settle(all []*errand, err error, sent, lost bool) {
	for _, e := range all {
		e.done, e.err, e.sent, e.lost = true, err, sent, lost
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
	e.done, e.sent = true, false
	if e.err = g.prepare(ctx, conn, e); e.err == nil {
		e.sent = true
		e.err = conn.QueryRow(running(ctx), e.sql, e.args...).Scan(e.into...)
	}
	e.lost = conn.Conn().IsClosed()
}

// prepare prepares a change, where it would be prepared anyway: a connection that is found lost by that has stored nothing.
func (g *gatherer) prepare(ctx context.Context, conn *pgxpool.Conn, e *errand) error {
	if !g.db.prepares {
		return nil
	}
	_, err := conn.Conn().Prepare(ctx, e.sql, e.sql)
	return err
}
