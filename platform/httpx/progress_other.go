//go:build !linux

package httpx

import "syscall"

// boundUnsent leaves it to the kernel how much it holds unsent.
func boundUnsent(_, _ string, _ syscall.RawConn) error { return nil }
