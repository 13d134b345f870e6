package httpx

import (
	"container/list"
	"net"
	"net/http"
	"sync"
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

	mu       sync.Mutex
	all      map[net.Conn]*connection
	idle     *list.List    // of *connection, the one that has been idle for longest at the front
	silent   *list.List    // the same of those that have sent nothing yet
	changed  chan struct{} // closed when there may be room, nil while nobody waits for that
	closed   bool
	sweeping *time.Timer
	said     time.Time // when the log was told that the bound is reached
}

// connection is one that is open. It is in one of the two lists, or in none while it has a request under way.
type connection struct {
	conn  net.Conn
	in    *list.List
	place *list.Element
	since time.Time
}

func bounded(listener net.Listener, most int, log *zap.Logger) *connections {
	return &connections{
		Listener: listener, most: most, log: log,
		all: map[net.Conn]*connection{}, idle: list.New(), silent: list.New(),
	}
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for {
		changed, err := l.admit(conn)
		if err != nil {
			_ = conn.Close() // it was never served
			return nil, err
		}
		if changed == nil {
			return conn, nil
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
func (l *connections) admit(conn net.Conn) (<-chan struct{}, error) {
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
	c := &connection{conn: conn}
	l.all[conn] = c
	l.put(c, l.silent, now)
	if len(l.all) > l.most/2 && l.sweeping == nil {
		l.sweeping = time.AfterFunc(idleAtLeast, l.sweep)
	}
	return nil, nil //nolint:nilnil // there is nothing to wait for
}

// closeOne makes room, if a connection does nothing.
func (l *connections) closeOne(now time.Time) bool {
	if oldest := front(l.idle); oldest != nil {
		l.close(oldest)
		return true
	}
	if oldest := front(l.silent); oldest != nil && now.Sub(oldest.since) >= silentFor {
		l.close(oldest)
		return true
	}
	return false
}

// sweep closes what has been idle for too long, as long as there are many.
func (l *connections) sweep() {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sweeping = nil; l.closed {
		return
	}
	for {
		oldest := front(l.idle)
		if oldest == nil || now.Sub(oldest.since) < idleFor(len(l.all), l.most) {
			break
		}
		l.close(oldest)
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
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.all[conn]
	if c == nil { // closed here
		return
	}
	switch state {
	case http.StateNew: // as admit noted it
	case http.StateActive:
		l.take(c)
	case http.StateIdle:
		l.put(c, l.idle, time.Now())
		l.signal()
	case http.StateClosed, http.StateHijacked:
		l.forget(c)
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

// close ends a connection on which nothing is under way. A request that is on its way at this moment is lost, as it is
// when an idle connection ends by itself: clients send it again.
func (l *connections) close(c *connection) {
	l.forget(c)
	_ = c.conn.Close() // it is gone either way
}

func (l *connections) forget(c *connection) {
	l.take(c)
	delete(l.all, c.conn)
	l.signal()
}

func (l *connections) put(c *connection, in *list.List, now time.Time) {
	l.take(c)
	c.in, c.since = in, now
	c.place = in.PushBack(c)
}

func (l *connections) take(c *connection) {
	if c.in != nil {
		c.in.Remove(c.place)
		c.in, c.place = nil, nil
	}
}

// signal lets a connection that waits to be taken in look again.
func (l *connections) signal() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

func front(l *list.List) *connection {
	if first := l.Front(); first != nil {
		c, _ := first.Value.(*connection)
		return c
	}
	return nil
}
