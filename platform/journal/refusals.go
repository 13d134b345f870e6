package journal

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"

	"go.uber.org/zap"

	"erp.internal/platform/change"
)

// Refused is the kind of events of refused attempts by known callers.
const Refused = "refused"

const (
	refusalsEvery = 2 * time.Second // how often they are written
	longestPath   = 256             // bytes of a path that are kept
	mostRefusals  = 1000            // distinct ones that wait; more are written without their paths
)

// refusals wait to be written. Equal ones are counted and written as one, so that a flood of refusals causes few writes.
type refusals struct {
	mu    sync.Mutex
	count map[refusal]int
}

type refusal struct {
	origin     change.Origin // without the request's id
	code, path string
}

// Refuse records a refusal, also one that was answered 404 because the caller may not see the object. Refusals of anonymous
// callers are not recorded.
func (j *Journal) Refuse(origin change.Origin, code, path string) {
	if origin.Actor.Kind == change.Nobody {
		return
	}
	origin.RequestID = ""
	r := refusal{origin, code, storable(path)}
	j.refusals.mu.Lock()
	defer j.refusals.mu.Unlock()
	if _, there := j.refusals.count[r]; !there && len(j.refusals.count) >= mostRefusals {
		r.path = ""
	}
	if j.refusals.count == nil {
		j.refusals.count = map[refusal]int{}
	}
	j.refusals.count[r]++
}

// storable returns a path without bytes that the database refuses: with them, the other refusals of the caller would be lost,
// too.
func storable(path string) string {
	path = strings.ToValidUTF8(path[:min(len(path), longestPath)], "?")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, path)
}

// writeRefusals writes the waiting refusals at an interval until ctx ends, and the last ones after that.
func (j *Journal) writeRefusals(ctx context.Context, door *change.Door) error {
	tick := time.NewTicker(refusalsEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		j.writeWaiting(context.WithoutCancel(ctx), door)
	}
	return nil
}

func (j *Journal) writeWaiting(ctx context.Context, door *change.Door) {
	j.refusals.mu.Lock()
	waiting := j.refusals.count
	j.refusals.count = nil
	j.refusals.mu.Unlock()
	byOrigin := map[change.Origin][]change.Event{}
	for r, n := range waiting {
		values := change.Values{change.Public("code", r.code), change.Public("count", n)}
		if r.path != "" {
			values = append(values, change.Public("path", r.path))
		}
		byOrigin[r.origin] = append(byOrigin[r.origin], change.Event{
			Kind: Refused, Subject: change.Subject{Kind: string(r.origin.Actor.Kind), ID: r.origin.Actor.ID}, User: r.origin.Actor.ID,
			Fields: change.Between(nil, values),
		})
	}
	for origin, events := range byOrigin {
		_, err := change.Do(change.With(ctx, origin), door, func(_ context.Context, tx *change.Tx) (struct{}, error) {
			tx.Record(events...)
			return struct{}{}, nil
		})
		if err != nil { // the access log has them
			j.log.Warn("refusals were not written to the journal", zap.Int("count", len(events)), zap.Error(err))
		}
	}
}
