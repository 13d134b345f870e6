package httpx

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnsent sets the bound of what the kernel holds unsent; connections have it from their listener.
func boundUnsent(_, _ string, conn syscall.RawConn) error {
	var set error
	err := conn.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent)
	})
	return errors.Join(err, set)
}
