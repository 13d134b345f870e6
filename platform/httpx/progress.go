package httpx

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// An answer may take as long as its client needs, as long as the client takes some of it: a time for the whole would cut
// off an honest client on a slow line, and let one that reads nothing hold its answer in memory until then.
const (
	// stride is how many bytes a client must take within strideWithin. So the slowest that is served reads 3.2 KiB/s, and
	// one that reads nothing is cut off after 20 s.
	stride       = 64 << 10
	strideWithin = 20 * time.Second
	// unsent is how many bytes the kernel holds for one connection beyond those under way to the client. Without a bound
	// it would take megabytes at once, and nobody could see whether the client reads them.
	unsent = 64 << 10
)

// listen takes an address whose connections are cut off when their client does not take its answers.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	config := net.ListenConfig{Control: boundUnsent}
	config.SetMultipathTCP(false) // whose connections do not have the bound from their listener
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return insisting{listener, strideWithin}, nil
}

// insisting is a listener whose connections wait for a client at most so long for each stride.
type insisting struct {
	net.Listener
	within time.Duration
}

// Accept implements net.Listener.
func (l insisting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &insistent{Conn: conn, within: l.within}, nil
}

// insistent is one of its connections. Only the time counts in which a write waits: what lies between two answers, or
// what the server needs to make one, is none of the client's. net/http writes one answer at a time.
type insistent struct {
	net.Conn
	within time.Duration
	taken  int           // bytes of the present stride
	waited time.Duration // for them
	until  atomic.Int64  // the deadline that is set, in Unix nanoseconds
}

// grace is what a deadline may be later than it need be, so that it is set once in that time and not for each answer.
const grace = time.Second

// Write implements net.Conn. It gives os.ErrDeadlineExceeded when the client takes too little.
func (c *insistent) Write(b []byte) (int, error) {
	written := 0
	for {
		n, err := c.write(b[written:min(len(b), written+stride-c.taken)])
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
	}
}

// write writes what belongs to one stride.
func (c *insistent) write(b []byte) (int, error) {
	begun := time.Now()
	until := begun.Add(c.within - c.waited)
	if set := c.until.Load(); set < until.UnixNano() || set > until.Add(grace).UnixNano() {
		until = until.Add(min(grace, c.within/2))
		if err := c.SetWriteDeadline(until); err != nil {
			return 0, err
		}
		c.until.Store(until.UnixNano())
	}
	n, err := c.Conn.Write(b)
	c.taken += n
	c.waited += time.Since(begun)
	if c.taken == stride {
		c.taken, c.waited = 0, 0
	}
	return n, err
}

// CloseWrite lets net/http end an answer properly when it does not read the rest of a request.
func (c *insistent) CloseWrite() error { return closeWrite(c.Conn) }

func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
