package httpx

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// limitUnsent limits what the kernel buffers unsent; connections inherit it from their listener.
func limitUnsent(_, _ string, conn syscall.RawConn) error {
	var set error
	err := conn.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent)
	})
	return errors.Join(err, set)
}
