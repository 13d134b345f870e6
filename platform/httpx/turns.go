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
	most     int // 0: without a bound
	patience patience

	mu sync.Mutex
	of map[int64]*turn
}

// turn is what one user has under way.
type turn struct {
	free    int
	asked   int      // under way and waiting
	waiting []*place // the first is the next
}

// place is where a request waits. It is used again, since a busy user's requests wait all the time.
type place struct{ called chan struct{} } // with room for the one call

var (
	turnPool  = sync.Pool{New: func() any { return new(turn) }}
	placePool = sync.Pool{New: func() any { return &place{make(chan struct{}, 1)} }}
)

func newTurns(most int) *turns { return &turns{most: most, of: map[int64]*turn{}} }

// enter waits until the user may have another request under way; the caller leaves the turn it gives. Nobody else's
// requests count. A user of 0 is none: see authn.Open.
//
// Errors: errTooManyAtOnce.
func (t *turns) enter(ctx context.Context, user int64) (*turn, error) {
	if t.most == 0 || user == 0 {
		return nil, nil //nolint:nilnil // no turn is needed
	}
	own, at := t.ask(user)
	if own == nil {
		return nil, errTooManyAtOnce
	}
	if at == nil {
		return own, nil
	}
	defer placePool.Put(at)
	select {
	case <-at.called:
		return own, nil
	case <-ctx.Done():
	case <-t.patience.over():
	}
	if t.giveUp(user, own, at) {
		return nil, errTooManyAtOnce
	}
	<-at.called // the turn came at this moment
	return own, nil
}

// ask counts one more request of a user, and gives the place where it waits, nil when it need not; no turn when there are
// too many.
func (t *turns) ask(user int64) (*turn, *place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.of[user]
	if own == nil {
		own = turnPool.Get().(*turn) //nolint:forcetypeassert // the pool makes nothing else
		own.free = t.most
		t.of[user] = own
	}
	if own.asked == t.most*(1+waitingPerTurn) {
		return nil, nil
	}
	own.asked++
	if own.free > 0 {
		own.free--
		return own, nil
	}
	at := placePool.Get().(*place) //nolint:forcetypeassert // as above
	own.waiting = append(own.waiting, at)
	return own, at
}

// giveUp leaves a place, and says whether the request still waited there.
func (t *turns) giveUp(user int64, own *turn, at *place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(own.waiting, at)
	if i < 0 {
		return false
	}
	own.waiting = slices.Delete(own.waiting, i, i+1)
	t.forget(user, own)
	return true
}

// leave ends a turn, which may be nil, and calls the next.
func (t *turns) leave(user int64, own *turn) {
	if own == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(own.waiting) > 0 {
		own.waiting[0].called <- struct{}{}
		own.waiting = slices.Delete(own.waiting, 0, 1)
	} else {
		own.free++
	}
	t.forget(user, own)
}

// forget counts one request less.
func (t *turns) forget(user int64, own *turn) {
	if own.asked--; own.asked == 0 {
		delete(t.of, user)
		turnPool.Put(own)
	}
}

// patience says when one who waits has waited for long enough. All that begin within a moment share it: a timer for each
// would cost more than the wait.
type patience struct{ shared atomic.Pointer[sharedWait] }

type sharedWait struct {
	over  <-chan struct{}
	until time.Time
}

// over is closed after turnPatience, and at most a moment later.
func (p *patience) over() <-chan struct{} {
	now := time.Now()
	if w := p.shared.Load(); w != nil && !w.until.Before(now.Add(turnPatience)) {
		return w.over
	}
	over, until := make(chan struct{}), now.Add(turnPatience+grace)
	time.AfterFunc(turnPatience+grace, func() { close(over) })
	p.shared.Store(&sharedWait{over, until})
	return over
}

// large lets so many large answers be made at once as there are processors: more at once would be ready no sooner, and
// each takes some tens of megabytes until it is held back as bytes. It does not wait for clients.
func (a *API) large(ctx huma.Context, next func(huma.Context)) {
	select {
	case a.making <- struct{}{}:
		defer func() { <-a.making }()
		next(ctx)
		return
	case <-ctx.Context().Done():
	case <-a.turns.patience.over():
	}
	a.refuse(ctx, change.From(ctx.Context()), errBusy)
}
