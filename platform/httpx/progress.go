package httpx

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Sending an answer has no total timeout, but the client must make progress: a total timeout would cut off honest clients
// on slow lines, and let a client that reads nothing keep its answer in memory until then.
const (
	// minProgress is how many bytes a client must read within progressTimeout. So the slowest client that is served reads
	// 3.2 KiB/s, and one that reads nothing is cut off after 20 s.
	minProgress     = 64 << 10
	progressTimeout = 20 * time.Second
	// maxUnsent is how many bytes the kernel buffers for one connection besides those in flight. Without a limit it would
	// take megabytes at once, and the server could not see whether the client reads them.
	maxUnsent = 64 << 10
)

// listen opens an address; connections whose clients make no progress are cut off.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	config := net.ListenConfig{Control: limitUnsent}
	config.SetMultipathTCP(false) // MPTCP connections do not inherit the limit from their listener
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return progressListener{listener, progressTimeout, newCopying()}, nil
}

// progressListener makes connections that must take minProgress bytes within a timeout.
type progressListener struct {
	net.Listener
	timeout time.Duration
	copying copying
}

// Accept implements net.Listener.
func (l progressListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &progressConn{Conn: l.copying.limit(conn), timeout: l.timeout}, nil
}

// progressConn is a connection of a progressListener. Only the time in which a write blocks counts, not the time between
// answers, nor the time that the server takes to make one. net/http writes one answer at a time.
type progressConn struct {
	net.Conn
	timeout  time.Duration
	written  int           // bytes since the last minProgress
	waited   time.Duration // for them
	deadline atomic.Int64  // the deadline that is set, in Unix nanoseconds
}

// deadlineSlack is how much later than needed a deadline may be, so that it is set once in that time and not for each
// answer.
const deadlineSlack = time.Second

// Write implements net.Conn. It returns os.ErrDeadlineExceeded when the client reads too little.
func (c *progressConn) Write(b []byte) (int, error) {
	written := 0
	for {
		n, err := c.write(b[written:min(len(b), written+minProgress-c.written)])
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
	}
}

// write writes at most the rest of minProgress.
func (c *progressConn) write(b []byte) (int, error) {
	begun := time.Now()
	until := begun.Add(c.timeout - c.waited)
	if set := c.deadline.Load(); set < until.UnixNano() || set > until.Add(deadlineSlack).UnixNano() {
		until = until.Add(min(deadlineSlack, c.timeout/2))
		if err := c.SetWriteDeadline(until); err != nil {
			return 0, err
		}
		c.deadline.Store(until.UnixNano())
	}
	n, err := c.Conn.Write(b)
	c.written += n
	c.waited += time.Since(begun)
	if c.written == minProgress {
		c.written, c.waited = 0, 0
	}
	return n, err
}

// CloseWrite lets net/http end an answer properly when it does not read the rest of a request.
func (c *progressConn) CloseWrite() error { return closeWrite(c.Conn) }

func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
