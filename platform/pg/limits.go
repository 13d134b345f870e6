package pg

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// errTooSlow is why a statement was not even begun.
var errTooSlow = errors.New("every connection to the database stayed in use")

// turns bound how long a statement waits for a connection: whoever waits in the pool itself waits for as long as it takes.
type turns struct {
	free   chan struct{}
	atMost time.Duration
}

func newTurns(connections int32, atMost time.Duration) turns {
	return turns{free: make(chan struct{}, connections), atMost: atMost}
}

// take waits for a turn, which give gives back.
func (t turns) take(ctx context.Context) error {
	select {
	case t.free <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(t.atMost)
	defer timer.Stop()
	select {
	case t.free <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errTooSlow
	}
}

func (t turns) give() { <-t.free }

// impatient is a connection on which no answer takes longer than a statement may, and a moment more: statement_timeout
// ends what is slow, and this what does not answer any more, its host being gone or hung. A context with a deadline
// for each statement would do the same at many times the cost.
type impatient struct {
	net.Conn
	atMost time.Duration
	until  atomic.Int64 // Unix nanoseconds
}

// grace is what a deadline is later than it need be, so that it is set once in that time and not for each statement.
const grace = time.Second

func dialImpatiently(atMost time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := &net.Dialer{KeepAlive: time.Minute}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &impatient{Conn: conn, atMost: atMost}, nil
	}
}

// Write implements net.Conn; each statement begins with one.
func (c *impatient) Write(b []byte) (int, error) {
	if now := time.Now(); c.until.Load() < now.Add(c.atMost).UnixNano() {
		until := now.Add(c.atMost + grace)
		if err := c.SetDeadline(until); err != nil {
			return 0, err
		}
		c.until.Store(until.UnixNano())
	}
	return c.Conn.Write(b)
}
