package httpx

import (
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// longWrite is the size from which copying limits a write.
const longWrite = 32 << 10

// copying is a semaphore for long writes. As many are copied to the kernel at once as half of the processors do: clients that
// read long bodies quickly would otherwise keep all of them busy. Each write that ends wakes the next one, and a processor
// looks for requests that have arrived only when it has nothing else to run, or every 10 ms. A write that waits for its client
// does not count.
type copying chan struct{}

func newCopying() copying { return make(copying, max(1, runtime.GOMAXPROCS(0)/2)) }

// limit returns the connection with its long writes limited.
func (c copying) limit(conn net.Conn) net.Conn {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return conn
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return conn
	}
	return &copyingConn{Conn: conn, raw: raw, copying: c}
}

// copyingConn is a connection whose long writes are limited.
type copyingConn struct {
	net.Conn
	raw     syscall.RawConn
	copying copying
}

// Write implements net.Conn.
func (c *copyingConn) Write(b []byte) (written int, err error) {
	if len(b) < longWrite {
		return c.Conn.Write(b)
	}
	waitErr := c.raw.Write(func(fd uintptr) (done bool) {
		var n int
		n, err = c.copy(int(fd), b[written:])
		written += n
		return err != nil || written == len(b)
	})
	return written, errors.Join(waitErr, err)
}

// copy writes what the kernel takes without waiting, which may be nothing.
func (c *copyingConn) copy(fd int, b []byte) (int, error) {
	c.copying <- struct{}{}
	defer func() { <-c.copying }()
	for {
		n, err := unix.Write(fd, b)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		default:
			return 0, os.NewSyscallError("write", err)
		}
	}
}

// CloseWrite lets net/http end an answer properly when it does not read the rest of a request.
func (c *copyingConn) CloseWrite() error { return closeWrite(c.Conn) }
