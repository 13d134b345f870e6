package httpx

import (
	"cmp"
	"math"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

const (
	idleTimeout    = 120 * time.Second // of a connection between two requests, while few are open
	minIdleTimeout = time.Second       // the same near the limit
	silentTimeout  = time.Second       // after which a connection that has sent nothing counts as idle
	warnEvery      = time.Minute       // at most, that the limit is reached
)

// connections is a listener that limits the number of open connections. Idle connections make room for new ones: above
// half of the limit the idle timeout shrinks, and at the limit each new connection closes the one that has been idle
// longest. Only when every connection has a request under way does a new one wait until one of them is answered.
type connections struct {
	net.Listener
	most int
	log  *zap.Logger

	full     atomic.Bool // whether a new connection waits for an idle one
	mu       sync.Mutex
	all      []*connection
	changed  chan struct{} // closed when there may be room, nil while no connection waits
	closed   bool
	sweeping *time.Timer
	warned   time.Time // when the log last said that the limit is reached
}

// connection is an open connection. Requests change it without a lock.
type connection struct {
	net.Conn
	index int // in connections.all
	// idleSince is when the connection became idle, in Unix nanoseconds: negative while the client has sent nothing yet,
	// busy while a request is under way, ended when it was closed to make room.
	idleSince atomic.Int64
}

const (
	busy  = 0
	ended = math.MaxInt64
)

// decodeIdle reads a value of idleSince: since when the connection has been idle, and whether it has sent nothing yet; not
// idle if it is busy or ended.
func decodeIdle(idleSince int64) (since time.Time, silent, idle bool) {
	if idleSince == busy || idleSince == ended {
		return time.Time{}, false, false
	}
	return time.Unix(0, max(idleSince, -idleSince)), idleSince < 0, true
}

// CloseWrite lets net/http end an answer properly when it does not read the rest of a request.
func (c *connection) CloseWrite() error { return closeWrite(c.Conn) }

func limitConnections(listener net.Listener, most int, log *zap.Logger) *connections {
	return &connections{Listener: listener, most: most, log: log}
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: conn}
	for {
		changed, err := l.admit(c)
		if err != nil {
			_ = conn.Close() // it was never served
			return nil, err
		}
		if changed == nil {
			return c, nil
		}
		select {
		case <-changed:
		case <-time.After(silentTimeout): // a silent connection may count as idle by now
		}
	}
}

// admit adds a connection. If the limit is reached, it returns a channel that is closed when there may be room.
//
// Errors: net.ErrClosed.
func (l *connections) admit(c *connection) (<-chan struct{}, error) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, net.ErrClosed
	}
	if len(l.all) >= l.most && !l.closeOne(now) {
		if now.Sub(l.warned) > warnEvery {
			l.warned = now
			l.log.Warn("the limit of connections is reached, and all of them have requests under way: new ones wait; see HTTP_MAX_CONNECTIONS", zap.Int("most", l.most))
		}
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		return l.changed, nil
	}
	l.full.Store(false)
	c.idleSince.Store(-now.UnixNano())
	c.index = len(l.all)
	l.all = append(l.all, c)
	if len(l.all) > l.most/2 && l.sweeping == nil {
		l.sweeping = time.AfterFunc(minIdleTimeout, l.sweep)
	}
	return nil, nil //nolint:nilnil // no need to wait
}

// closeOne makes room by closing the connection that has been idle longest, else the one that has been silent longest. It
// is false if there is neither.
func (l *connections) closeOne(now time.Time) bool {
	l.full.Store(true) // before the search, so that a connection that becomes idle meanwhile signals
	for {
		var oldest *connection
		var oldestSince int64
		for _, c := range l.all {
			idleSince := c.idleSince.Load()
			since, silent, idle := decodeIdle(idleSince)
			if !idle || silent && now.Sub(since) < silentTimeout {
				continue
			}
			if oldest == nil || closesBefore(idleSince, oldestSince) {
				oldest, oldestSince = c, idleSince
			}
		}
		if oldest == nil {
			return false
		}
		if l.close(oldest, oldestSince) {
			return true
		}
	}
}

// closesBefore orders values of idleSince: idle before silent, then the oldest first.
func closesBefore(a, b int64) bool {
	if (a < 0) != (b < 0) {
		return a > 0
	}
	return max(a, -a) < max(b, -b)
}

// sweep closes the connections that have been idle for too long; it comes again while more than half of the limit is open.
func (l *connections) sweep() {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sweeping = nil; l.closed {
		return
	}
	type idle struct {
		*connection
		since int64
	}
	var all []idle
	for _, c := range l.all {
		if since := c.idleSince.Load(); since > 0 && since != ended {
			all = append(all, idle{c, since})
		}
	}
	slices.SortFunc(all, func(a, b idle) int { return cmp.Compare(a.since, b.since) })
	for _, oldest := range all {
		if now.Sub(time.Unix(0, oldest.since)) < idleTimeoutAt(len(l.all), l.most) {
			break
		}
		l.close(oldest.connection, oldest.since)
	}
	if len(l.all) > l.most/2 {
		l.sweeping = time.AfterFunc(minIdleTimeout, l.sweep)
	}
}

// idleTimeoutAt returns the idle timeout while so many connections are open: idleTimeout up to half of the limit, shrinking
// to minIdleTimeout at the limit.
func idleTimeoutAt(open, most int) time.Duration {
	free := 2 * float64(most-open) / float64(most)
	return max(minIdleTimeout, min(idleTimeout, time.Duration(free*float64(idleTimeout))))
}

// onState is http.Server's ConnState.
func (l *connections) onState(conn net.Conn, state http.ConnState) {
	c, ours := conn.(*connection)
	if !ours {
		return
	}
	switch state {
	case http.StateNew: // see admit
	case http.StateActive:
		if since := c.idleSince.Load(); since != ended {
			c.idleSince.CompareAndSwap(since, busy) // fails if it is closed at this moment
		}
	case http.StateIdle:
		if c.idleSince.CompareAndSwap(busy, time.Now().UnixNano()) && l.full.Load() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.signal()
		}
	case http.StateClosed, http.StateHijacked:
		l.mu.Lock()
		defer l.mu.Unlock()
		if c.idleSince.Swap(ended) != ended {
			l.remove(c)
		}
	}
}

// Close implements net.Listener. Connections that wait for room are refused.
func (l *connections) Close() error {
	l.mu.Lock()
	if l.closed = true; l.sweeping != nil {
		l.sweeping.Stop()
	}
	l.signal()
	l.mu.Unlock()
	return l.Listener.Close()
}

// close closes an idle connection, unless it has received a request since. A request that arrives at this moment is lost,
// as when an idle connection times out: clients retry it.
func (l *connections) close(c *connection, idleSince int64) bool {
	if !c.idleSince.CompareAndSwap(idleSince, ended) {
		return false
	}
	l.remove(c)
	_ = c.Close() // it is gone either way
	return true
}

func (l *connections) remove(c *connection) {
	last := len(l.all) - 1
	l.all[c.index] = l.all[last]
	l.all[c.index].index = c.index
	l.all[last] = nil
	l.all = l.all[:last]
	l.signal()
}

// signal wakes the connection that waits for room.
func (l *connections) signal() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}
