package health_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/zap"

	"erp.internal/platform/health"
)

func TestReady(t *testing.T) {
	t.Parallel()
	ok := health.Check{Name: "database", Run: func(context.Context) error { return nil }}
	broken := health.Check{Name: "migrations", Run: func(context.Context) error { return errors.New("at 10.0.0.3: refused") }}

	if err := health.New(zap.NewNop(), ok).Ready(t.Context()); err != nil {
		t.Errorf("when every check holds: %v", err)
	}
	err := health.New(zap.NewNop(), ok, broken).Ready(t.Context())
	if !errors.Is(err, health.ErrNotReady) || err.Error() != "Not ready: migrations" {
		t.Errorf("when one check fails: %v", err)
	}
	draining := health.New(zap.NewNop(), ok)
	draining.Drain()
	if err := draining.Ready(t.Context()); !errors.Is(err, health.ErrNotReady) || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("when draining: %v", err)
	}
}

func TestReady_asksAtMostOnceASecond(t *testing.T) {
	t.Parallel()
	asked := 0
	h := health.New(zap.NewNop(), health.Check{Name: "database", Run: func(context.Context) error { asked++; return nil }})
	for range 100 {
		if err := h.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if asked > 5 { // a hundred calls take far less than five seconds
		t.Errorf("the check ran %d times for 100 questions", asked)
	}
}
