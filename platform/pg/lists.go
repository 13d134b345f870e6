package pg

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// Lists and searches may cost much more than other statements: what they cost depends on what is asked for. So that they keep
// nobody else waiting, they share half of the connections, have a time limit of their own, and end when their client goes.

// ListsOnce is ReadsOnce for a list or a search.
func ListsOnce(name string, b squirrel.Sqlizer) Call {
	call := ReadsOnce(name, b)
	call.lists = true
	return call
}

// lists is what lists and searches share.
type lists struct {
	connections chan struct{} // holds something for each that is in use
	atMost      time.Duration
}

func newLists(connections int32, atMost time.Duration) *lists {
	return &lists{connections: make(chan struct{}, max(1, connections/2)), atMost: atMost}
}

// enter waits for one of the connections of lists, before one of the pool is taken. The statement runs in the context that it
// returns, until leave. A call that lists nothing, and one in a transaction, which has its connection, do not wait.
//
// Errors: those of a context, when it takes as long as a connection may take.
func (l *lists) enter(ctx context.Context, db *DB, call Call) (in context.Context, leave func(), err error) {
	if !call.lists || txFrom(ctx, db.pool) != nil {
		return ctx, func() {}, nil
	}
	select {
	case l.connections <- struct{}{}:
	default:
		waiting := db.acquireTimer.waiting(ctx)
		select {
		case l.connections <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-waiting.Done():
			return nil, nil, waiting.Err()
		}
	}
	in, cancel := context.WithTimeout(context.WithValue(ctx, cancelsKey{}, true), l.atMost)
	return in, func() {
		cancel()
		<-l.connections
	}, nil
}

// cancelsKey marks the context of a statement that is cancelled on the server when the context ends.
type cancelsKey struct{}

// giveUpAfter is how long the server may take to cancel a statement. After that, the connection is closed.
const giveUpAfter = time.Second

// watcher ends the statement of a connection when its context ends. Lists are cancelled on the server, and their connection
// stays. Others have such a context where the caller gave them a deadline: their connection is closed, since nobody waits for
// the server any longer.
type watcher struct {
	cancel  pgconn.CancelRequestContextWatcherHandler
	close   pgconn.DeadlineContextWatcherHandler
	cancels bool
}

func newWatcher(conn *pgconn.PgConn) ctxwatch.Handler {
	return &watcher{
		cancel: pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: giveUpAfter},
		close:  pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()},
	}
}

// HandleCancel implements ctxwatch.Handler.
func (w *watcher) HandleCancel(ctx context.Context) {
	if w.cancels = ctx.Value(cancelsKey{}) != nil; w.cancels {
		w.cancel.HandleCancel(ctx)
	} else {
		w.close.HandleCancel(ctx)
	}
}

// HandleUnwatchAfterCancel implements ctxwatch.Handler.
func (w *watcher) HandleUnwatchAfterCancel() {
	if w.cancels {
		w.cancel.HandleUnwatchAfterCancel()
	} else {
		w.close.HandleUnwatchAfterCancel()
	}
}
