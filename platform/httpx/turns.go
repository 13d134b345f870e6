package httpx

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

const (
	// waitingPerTurn is how many requests of a user may wait for each one under way. A browser sends up to a hundred at once
	// over HTTP/2.
	waitingPerTurn = 12
	// turnTimeout is how long a request waits.
	turnTimeout = 10 * time.Second
)

// errTooManyAtOnce answers requests above the limit.
var errTooManyAtOnce = &errs.Error{
	Kind: errs.TooMany, Code: "too_many_at_once", RetryAfter: time.Second,
	Message: "You have too many requests under way; wait for some answers before you send more",
}

// errBusy answers a request for a large answer that waited too long for others to be made.
var errBusy = &errs.Error{
	Kind: errs.Unavailable, Code: "busy", RetryAfter: time.Second,
	Message: "The server is making too many large answers; try again",
}

// turns limits how many requests of each user are under way, so that one user cannot use up the memory, the connections
// and the processors. A request is under way until its answer is written, since it is in memory until then.
type turns struct {
	most    int // 0: no limit
	timeout turnTimer

	mu    sync.Mutex
	users map[int64]*userTurns
}

// userTurns are the requests of one user.
type userTurns struct {
	free    int       // turns that are not taken
	total   int       // requests under way and waiting
	waiting []*waiter // first in, first out
}

// waiter is a request that waits for a turn. It comes from a pool, since a busy user's requests wait all the time.
type waiter struct{ ready chan struct{} } // of capacity 1

var (
	userTurnsPool = sync.Pool{New: func() any { return new(userTurns) }}
	waiterPool    = sync.Pool{New: func() any { return &waiter{make(chan struct{}, 1)} }}
)

func newTurns(most int) *turns { return &turns{most: most, users: map[int64]*userTurns{}} }

// enter waits for a turn of the user; the caller passes the result to leave. User 0 is not limited: see authn.Open.
//
// Errors: errTooManyAtOnce.
func (t *turns) enter(ctx context.Context, user int64) (*userTurns, error) {
	if t.most == 0 || user == 0 {
		return nil, nil //nolint:nilnil // no turn is needed
	}
	own, wait := t.enqueue(user)
	if own == nil {
		return nil, errTooManyAtOnce
	}
	if wait == nil {
		return own, nil
	}
	defer waiterPool.Put(wait)
	select {
	case <-wait.ready:
		return own, nil
	case <-ctx.Done():
	case <-t.timeout.elapsed():
	}
	if t.dequeue(user, own, wait) {
		return nil, errTooManyAtOnce
	}
	<-wait.ready // the turn came at this moment
	return own, nil
}

// enqueue counts a new request of the user. The waiter is nil if a turn is free, and both are nil if too many requests
// wait already.
func (t *turns) enqueue(user int64) (*userTurns, *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.users[user]
	if own == nil {
		own = userTurnsPool.Get().(*userTurns) //nolint:forcetypeassert // the pool makes nothing else
		own.free = t.most
		t.users[user] = own
	}
	if own.total == t.most*(1+waitingPerTurn) {
		return nil, nil
	}
	own.total++
	if own.free > 0 {
		own.free--
		return own, nil
	}
	wait := waiterPool.Get().(*waiter) //nolint:forcetypeassert // as above
	own.waiting = append(own.waiting, wait)
	return own, wait
}

// dequeue removes a waiter; false if it has got its turn already.
func (t *turns) dequeue(user int64, own *userTurns, wait *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(own.waiting, wait)
	if i < 0 {
		return false
	}
	own.waiting = slices.Delete(own.waiting, i, i+1)
	t.release(user, own)
	return true
}

// leave ends a turn and gives it to the next waiter; own may be nil.
func (t *turns) leave(user int64, own *userTurns) {
	if own == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(own.waiting) > 0 {
		own.waiting[0].ready <- struct{}{}
		own.waiting = slices.Delete(own.waiting, 0, 1)
	} else {
		own.free++
	}
	t.release(user, own)
}

// release counts one request less.
func (t *turns) release(user int64, own *userTurns) {
	if own.total--; own.total == 0 {
		delete(t.users, user)
		userTurnsPool.Put(own)
	}
}

// turnTimer is a timer of turnTimeout, shared by all that begin to wait within a second: a timer for each would cost more
// than the wait.
type turnTimer struct{ shared atomic.Pointer[sharedTimer] }

type sharedTimer struct {
	elapsed <-chan struct{}
	until   time.Time
}

// elapsed returns a channel that is closed after turnTimeout, or up to deadlineSlack later.
func (t *turnTimer) elapsed() <-chan struct{} {
	now := time.Now()
	if shared := t.shared.Load(); shared != nil && !shared.until.Before(now.Add(turnTimeout)) {
		return shared.elapsed
	}
	elapsed, until := make(chan struct{}), now.Add(turnTimeout+deadlineSlack)
	time.AfterFunc(turnTimeout+deadlineSlack, func() { close(elapsed) })
	t.shared.Store(&sharedTimer{elapsed, until})
	return elapsed
}

// large is a semaphore for large answers, of which as many are made at once as there are processors: more would not be
// ready sooner, and each takes tens of megabytes until it is a buffered body. It does not cover the sending.
func (a *API) large(ctx huma.Context, next func(huma.Context)) {
	select {
	case a.largeSlots <- struct{}{}:
		defer func() { <-a.largeSlots }()
		next(ctx)
		return
	case <-ctx.Context().Done():
	case <-a.turns.timeout.elapsed():
	}
	a.refuse(ctx, change.From(ctx.Context()), errBusy)
}
