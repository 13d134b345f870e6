// Package background runs the periodic and continuous tasks of modules.
package background

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/change"
)

// Task runs in the background while the server runs.
type Task struct {
	Name string
	// Every is the interval between calls of Run; 0 for a Run that is called once and goes on until its context ends.
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Start runs the tasks, with the actor change.System, until stop is called, which waits until they have ended. Errors are
// logged; a periodic task runs again after its interval.
func Start(ctx context.Context, log *zap.Logger, tasks []Task) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, t := range tasks {
		running.Go(func() { t.run(ctx, log) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

func (t Task) run(ctx context.Context, log *zap.Logger) {
	if t.Every == 0 {
		t.once(ctx, log)
		return
	}
	ticker := time.NewTicker(t.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			t.once(ctx, log)
		}
	}
}

func (t Task) once(ctx context.Context, log *zap.Logger) {
	ctx = change.With(ctx, change.Origin{Actor: change.Actor{Kind: change.System}, Operation: "task: " + t.Name})
	if err := t.Run(ctx); err != nil && ctx.Err() == nil {
		log.Warn("a background task failed", zap.String("task", t.Name), zap.Error(err))
	}
}
