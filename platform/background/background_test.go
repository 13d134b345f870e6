package background_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/background"
	"erp.internal/platform/change"
)

// A task that fails is logged and comes again; stop waits for the one that goes on. What tasks change, the system changes.
func TestStart(t *testing.T) {
	t.Parallel()
	core, logged := observer.New(zap.WarnLevel)
	again, ended := make(chan change.Origin, 100), false
	stop := background.Start(t.Context(), zap.New(core), []background.Task{
		{Name: "prune", Every: time.Millisecond, Run: func(ctx context.Context) error {
			again <- change.From(ctx)
			return errors.New("away")
		}},
		{Name: "follow", Run: func(ctx context.Context) error {
			<-ctx.Done()
			ended = true
			return ctx.Err()
		}},
	})
	<-again
	if got, want := <-again, (change.Origin{Actor: change.Actor{Kind: change.System}, Operation: "task: prune"}); got != want {
		t.Errorf("the origin is %v, want %v", got, want)
	}
	stop()
	if !ended {
		t.Error("stop did not wait")
	}
	entries := logged.FilterField(zap.String("task", "prune")).Len()
	if entries == 0 || logged.Len() != entries {
		t.Errorf("logged: %v", logged.All())
	}
}
