package pg

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
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
	if ctx.Value(sparedKey{}) != nil {
		in, leave = l.limit(ctx)
		return in, leave, nil
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
	in, end := l.limit(ctx)
	return in, func() {
		end()
		<-l.connections
	}, nil
}

// limit gives a list its time.
func (l *lists) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, cancelsKey{}, true), l.atMost)
}

// AtOnce runs functions that list, some of them at the same time: as long as that leaves half of the connections of lists to
// others. In a transaction they run one after the other. It returns when all have ended, and ends all when one fails.
//
// Errors: those of the functions.
func (db *DB) AtOnce(ctx context.Context, all ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	fail := func(err error) {
		failed.CompareAndSwap(nil, &err)
		cancel()
	}
	run := func(ctx context.Context) {
		for n := next.Add(1); int(n) <= len(all) && failed.Load() == nil; n = next.Add(1) {
			if err := all[n-1](ctx); err != nil {
				fail(err)
			}
		}
	}
	var beside sync.WaitGroup
	for range len(all) - 1 {
		if db.Inside(ctx) || !db.lists.spare() {
			break
		}
		beside.Go(func() {
			defer func() { <-db.lists.connections }()
			defer func() {
				if p := recover(); p != nil { // in this goroutine, nothing else would
					fail(fmt.Errorf("%w: %v\n%s", errListPanicked, p, debug.Stack()))
				}
			}()
			run(context.WithValue(ctx, sparedKey{}, true))
		})
	}
	func() {
		defer beside.Wait()
		run(ctx)
	}()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

var errListPanicked = errors.New("a list panicked")

// spare takes one of the connections of lists if fewer than half are in use then, with that of the caller.
func (l *lists) spare() bool {
	select {
	case l.connections <- struct{}{}:
		if len(l.connections) < cap(l.connections)/2 {
			return true
		}
		<-l.connections
	default:
	}
	return false
}

// sparedKey marks the context of lists whose connection is counted already.
type sparedKey struct{}

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
