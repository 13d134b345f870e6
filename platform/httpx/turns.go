package httpx

import (
	"context"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"golang.org/x/sync/semaphore"

	"erp.internal/platform/errs"
)

const (
	// waitingPerTurn is how many requests of a user wait for each that may be under way. A browser sends up to a hundred
	// at once over HTTP/2.
	waitingPerTurn = 12
	// turnPatience is how long they wait.
	turnPatience = 10 * time.Second
)

// errTooManyAtOnce answers a request beyond those.
var errTooManyAtOnce = &errs.Error{
	Kind: errs.TooMany, Code: "too_many_at_once", RetryAfter: time.Second,
	Message: "Too many of your requests are under way; wait for the answers of some before you send more",
}

// errBusy answers a request for a large answer when others are being made for too long.
var errBusy = &errs.Error{
	Kind: errs.Unavailable, Code: "busy", RetryAfter: time.Second,
	Message: "The server is making too many large answers; try again",
}

// turns bounds how many requests of each user are under way, so that one user cannot take the memory, the connections
// and the processors of all. A request is under way until its answer is written: a client that reads slowly holds it in
// memory until then.
type turns struct {
	most int // 0: without a bound

	mu sync.Mutex
	of map[int64]*turn
}

// turn is what one user has under way.
type turn struct {
	free  *semaphore.Weighted
	asked int // under way and waiting
}

// enter waits until the user may have another request under way; the caller leaves the turn it gives. Nobody else's
// requests count. A user of 0 is none: see authn.Open.
//
// Errors: errTooManyAtOnce.
func (t *turns) enter(ctx context.Context, user int64) (*turn, error) {
	if t.most == 0 || user == 0 {
		return nil, nil //nolint:nilnil // no turn is needed
	}
	own := t.ask(user)
	if own == nil {
		return nil, errTooManyAtOnce
	}
	if own.free.TryAcquire(1) {
		return own, nil
	}
	ctx, cancel := context.WithTimeout(ctx, turnPatience)
	defer cancel()
	if own.free.Acquire(ctx, 1) != nil {
		t.forget(user, own)
		return nil, errTooManyAtOnce
	}
	return own, nil
}

// leave ends a turn, which may be nil.
func (t *turns) leave(user int64, own *turn) {
	if own == nil {
		return
	}
	own.free.Release(1)
	t.forget(user, own)
}

// ask counts one more request of a user, or gives nil when there are too many.
func (t *turns) ask(user int64) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.of[user]
	if own == nil {
		own = &turn{free: semaphore.NewWeighted(int64(t.most))}
		t.of[user] = own
	}
	if own.asked == t.most*(1+waitingPerTurn) {
		return nil
	}
	own.asked++
	return own
}

func (t *turns) forget(user int64, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.asked--; own.asked == 0 {
		delete(t.of, user)
	}
}

// large lets so many large answers be made at once as there are processors: more at once would be ready no sooner, and
// each takes some tens of megabytes until it is held back as bytes. It does not wait for clients.
func (a *API) large(ctx huma.Context, next func(huma.Context)) {
	waiting, cancel := context.WithTimeout(ctx.Context(), turnPatience)
	defer cancel()
	if a.making.Acquire(waiting, 1) != nil {
		a.refuse(ctx, caller(humagin.Unwrap(ctx)), errBusy)
		return
	}
	defer a.making.Release(1)
	next(ctx)
}
