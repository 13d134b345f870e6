// Package background runs what modules do besides answering requests.
package background

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/change"
)

// Task is something a module does while the server runs.
type Task struct {
	Name string
	// Every is how often Run is called; 0 for a Run that goes on until its context ends.
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Start runs the tasks, in the system's name, until stop is called, which waits for their ends. What a task fails with is logged; one that
// comes again is tried again at its next time.
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
