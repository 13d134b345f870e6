//go:build !linux

package httpx

import "syscall"

// limitUnsent does nothing: the kernel decides how much it buffers.
func limitUnsent(_, _ string, _ syscall.RawConn) error { return nil }
