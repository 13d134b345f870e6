package pg

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// acquireTimer makes the contexts in which callers wait for a connection, since the pool has no timeout of its own. A context
// is shared by all callers that begin to wait within a moment: a timer for each would cost more than the wait.
type acquireTimer struct {
	atMost time.Duration
	shared atomic.Pointer[wait]
}

type wait struct {
	context.Context //nolint:containedctx // it is made to be handed out
	until           time.Time
}

// waiting returns the context in which to wait: the caller's own if it has a deadline, or one that ends after atMost, or up to
// grace later.
func (p *acquireTimer) waiting(ctx context.Context) context.Context {
	if limited(ctx) {
		return ctx
	}
	now := time.Now()
	if w := p.shared.Load(); w != nil && !w.until.Before(now.Add(p.atMost)) {
		return w.Context
	}
	until := now.Add(p.atMost + grace)
	shared, cancel := context.WithDeadline(context.Background(), until)
	context.AfterFunc(shared, cancel)
	p.shared.Store(&wait{shared, until})
	return shared
}

// running returns the context in which a statement runs: one that is not cancelled, unless the caller set a deadline. A
// client that goes away would otherwise cost a connection, which is closed when its statement is given up; and watching
// for it would cost every statement. statement_timeout ends what is slow. Lists have a deadline, see lists.
func running(ctx context.Context) context.Context {
	if limited(ctx) {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func limited(ctx context.Context) bool {
	_, is := ctx.Deadline()
	return is
}

// impatient is a connection on which no answer takes longer than a statement may, and a moment more: statement_timeout
// ends what is slow, and this what does not answer any more, its host being gone or hung. A context with a deadline
// for each statement would do the same at many times the cost.
type impatient struct {
	net.Conn
	atMost time.Duration
	until  atomic.Int64 // Unix nanoseconds
	pulse  *pulse
	ear    *ear         // nil where there is no socket
	asked  atomic.Int64 // when it was written to without an answer since, in Unix nanoseconds; 0 when it was answered
}

// grace is what a deadline is later than it need be, so that it is set once in that time and not for each statement.
const grace = time.Second

// Write implements net.Conn; each statement begins with one.
func (c *impatient) Write(b []byte) (int, error) {
	now := time.Now()
	c.asked.CompareAndSwap(0, now.UnixNano())
	if c.until.Load() < now.Add(c.atMost).UnixNano() {
		until := now.Add(c.atMost + grace)
		if err := c.Conn.SetDeadline(until); err != nil {
			return 0, err
		}
		c.until.Store(until.UnixNano())
	}
	return c.Conn.Write(b)
}

// SetDeadline implements net.Conn, for others than Write: the next one sets the deadline again.
func (c *impatient) SetDeadline(t time.Time) error {
	c.until.Store(0)
	return c.Conn.SetDeadline(t)
}

// Read implements net.Conn.
func (c *impatient) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.asked.Store(0)
		c.pulse.answers.Add(1)
	}
	return n, err
}

// Close implements net.Conn.
func (c *impatient) Close() error {
	c.pulse.closed(c)
	return c.Conn.Close()
}
