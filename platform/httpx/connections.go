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
	idleTimeout = 120 * time.Second // of a connection between two requests, while there are few
	idleAtLeast = time.Second       // the same near the bound
	silentFor   = time.Second       // after which a connection that has sent nothing yet counts as idle
	complainFor = time.Minute       // between two lines that say that the bound is reached
)

// connections is a listener that bounds how many connections there are. Idle ones cost memory and do nothing, so they make
// room: beyond half of the bound they are closed sooner and sooner, and at the bound each new connection closes the one
// that has been idle for longest. Only when every connection has a request under way does a new one wait, until one of
// them has been answered.
type connections struct {
	net.Listener
	most int
	log  *zap.Logger

	wanted   atomic.Bool // whether a new connection looks for one that is idle
	mu       sync.Mutex
	all      []*connection
	changed  chan struct{} // closed when there may be room, nil while nobody waits for that
	closed   bool
	sweeping *time.Timer
	said     time.Time // when the log was told that the bound is reached
}

// connection is one that is open. What each request changes of it takes no lock.
type connection struct {
	net.Conn
	at int // in connections.all
	// rests says since when nothing is under way, in Unix nanoseconds: negative as long as the client has sent nothing
	// yet, busy while a request is under way, ended when it was closed to make room.
	rests atomic.Int64
}

const (
	busy  = 0
	ended = math.MaxInt64
)

// resting says since when a connection has been idle or silent.
func resting(rests int64) (since time.Time, silent, is bool) {
	if rests == busy || rests == ended {
		return time.Time{}, false, false
	}
	return time.Unix(0, max(rests, -rests)), rests < 0, true
}

// CloseWrite lets net/http end an answer properly when it does not read the rest of a request.
func (c *connection) CloseWrite() error { return closeWrite(c.Conn) }

func bounded(listener net.Listener, most int, log *zap.Logger) *connections {
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
		case <-time.After(silentFor): // one that is silent may count as idle by now
		}
	}
}

// admit takes a connection in. Where there is no room, it gives what is closed when there may be.
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
		if now.Sub(l.said) > complainFor {
			l.said = now
			l.log.Warn("as many connections as there may be have requests under way: new ones wait; see HTTP_MAX_CONNECTIONS", zap.Int("most", l.most))
		}
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		return l.changed, nil
	}
	l.wanted.Store(false)
	c.rests.Store(-now.UnixNano())
	c.at = len(l.all)
	l.all = append(l.all, c)
	if len(l.all) > l.most/2 && l.sweeping == nil {
		l.sweeping = time.AfterFunc(idleAtLeast, l.sweep)
	}
	return nil, nil //nolint:nilnil // there is nothing to wait for
}

// closeOne makes room, if a connection does nothing: an idle one, else one that has been silent for a while, and of these
// the one that has been so for longest.
func (l *connections) closeOne(now time.Time) bool {
	l.wanted.Store(true) // before it looks, so that what becomes idle meanwhile says so
	for {
		var oldest *connection
		var rests int64
		for _, c := range l.all {
			r := c.rests.Load()
			since, silent, is := resting(r)
			if !is || silent && now.Sub(since) < silentFor {
				continue
			}
			if oldest == nil || soonerClosed(r, rests) {
				oldest, rests = c, r
			}
		}
		if oldest == nil {
			return false
		}
		if l.close(oldest, rests) {
			return true
		}
	}
}

// soonerClosed orders what rests: idle before silent, then by how long.
func soonerClosed(a, b int64) bool {
	if (a < 0) != (b < 0) {
		return a > 0
	}
	return max(a, -a) < max(b, -b)
}

// sweep closes what has been idle for too long, as long as there are many.
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
		if since := c.rests.Load(); since > 0 && since != ended {
			all = append(all, idle{c, since})
		}
	}
	slices.SortFunc(all, func(a, b idle) int { return cmp.Compare(a.since, b.since) })
	for _, oldest := range all {
		if now.Sub(time.Unix(0, oldest.since)) < idleFor(len(l.all), l.most) {
			break
		}
		l.close(oldest.connection, oldest.since)
	}
	if len(l.all) > l.most/2 {
		l.sweeping = time.AfterFunc(idleAtLeast, l.sweep)
	}
}

// idleFor is how long a connection may be idle while so many are open: all the time up to half of the bound, next to
// nothing at it.
func idleFor(open, most int) time.Duration {
	free := 2 * float64(most-open) / float64(most)
	return max(idleAtLeast, min(idleTimeout, time.Duration(free*float64(idleTimeout))))
}

// note follows what becomes of a connection: it is http.Server's ConnState.
func (l *connections) note(conn net.Conn, state http.ConnState) {
	c, ours := conn.(*connection)
	if !ours {
		return
	}
	switch state {
	case http.StateNew: // as admit noted it
	case http.StateActive:
		if rests := c.rests.Load(); rests != ended {
			c.rests.CompareAndSwap(rests, busy) // or it is closed at this moment
		}
	case http.StateIdle:
		if c.rests.CompareAndSwap(busy, time.Now().UnixNano()) && l.wanted.Load() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.signal()
		}
	case http.StateClosed, http.StateHijacked:
		l.mu.Lock()
		defer l.mu.Unlock()
		if c.rests.Swap(ended) != ended {
			l.forget(c)
		}
	}
}

// Close implements net.Listener. What waits to be taken in is refused.
func (l *connections) Close() error {
	l.mu.Lock()
	if l.closed = true; l.sweeping != nil {
		l.sweeping.Stop()
	}
	l.signal()
	l.mu.Unlock()
	return l.Listener.Close()
}

// close ends a connection on which nothing is under way, unless a request has come since. One that is on its way at this
// moment is lost, as it is when an idle connection ends by itself: clients send it again.
func (l *connections) close(c *connection, rests int64) bool {
	if !c.rests.CompareAndSwap(rests, ended) {
		return false
	}
	l.forget(c)
	_ = c.Close() // it is gone either way
	return true
}

func (l *connections) forget(c *connection) {
	last := len(l.all) - 1
	l.all[c.at] = l.all[last]
	l.all[c.at].at = c.at
	l.all[last] = nil
	l.all = l.all[:last]
	l.signal()
}

// signal lets a connection that waits to be taken in look again.
func (l *connections) signal() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}
