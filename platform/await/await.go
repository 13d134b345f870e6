// Package await lets tests wait for what other goroutines and processes do.
package await

import (
	"testing"
	"time"
)

const (
	patience = 30 * time.Second // a machine may be busy; a test that passes never waits for it
	between  = 5 * time.Millisecond
)

// That waits until the condition is true, and fails the test when it does not come true. instead says what is, then.
func That(tb testing.TB, what string, condition func() bool, instead ...func() string) {
	tb.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(between)
	defer again.Stop()
	for !condition() {
		select {
		case <-again.C:
		case <-deadline:
			for _, say := range instead {
				what += ": " + say()
			}
			tb.Fatalf("does not come true: %s", what)
		}
	}
}
