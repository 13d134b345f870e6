//go:build !linux

package httpx

import (
	"net"
	"syscall"
)

// limitUnsent does nothing: the kernel decides how much it buffers.
func limitUnsent(_, _ string, _ syscall.RawConn) error { return nil }

// copying limits nothing: see copying_linux.go.
type copying struct{}

func newCopying() copying { return copying{} }

func (copying) limit(conn net.Conn) net.Conn { return conn }
