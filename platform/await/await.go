// Package await lets tests wait for other goroutines and processes.
package await

import (
	"testing"
	"time"
)

const (
	timeout  = 30 * time.Second // long, since the machine may be busy; only a failing test waits for it
	interval = 5 * time.Millisecond
)

// That waits until the condition is true. After a timeout it fails the test with what was awaited and, from got, what is
// true instead.
func That(tb testing.TB, what string, condition func() bool, got ...func() string) {
	tb.Helper()
	deadline := time.After(timeout)
	poll := time.NewTicker(interval)
	defer poll.Stop()
	for !condition() {
		select {
		case <-poll.C:
		case <-deadline:
			for _, describe := range got {
				what += ": " + describe()
			}
			tb.Fatalf("timeout waiting until %s", what)
		}
	}
}
