package httpx

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

const (
	// waitingPerTurn is how many requests of a user may wait for each one under way. A browser sends up to a hundred at once
	// over HTTP/2. An address has many turns already.
	waitingPerTurn        = 12
	waitingPerAddressTurn = 1
	// turnTimeout is how long a request waits.
	turnTimeout = 10 * time.Second
)

// errTooManyAtOnce answers requests above the limit.
var errTooManyAtOnce = &errs.Error{
	Kind: errs.TooMany, Code: "too_many_at_once", RetryAfter: time.Second,
	Message: "You have too many requests under way; wait for some answers before you send more",
}

// errTooManyFromAddress is the same for requests of an address.
var errTooManyFromAddress = errTooManyAtOnce.WithMessage("Too many requests from your address are under way; wait for some answers before you send more")

// errBusy answers a request for a large answer that waited too long for others to be made.
var errBusy = &errs.Error{
	Kind: errs.Unavailable, Code: "busy", RetryAfter: time.Second,
	Message: "The server is making too many large answers; try again",
}

// turns limits how many requests of each caller, who is a user or an address, are under way, so that one caller cannot use up
// the memory, the connections and the processors. A request is under way until its answer is written, since it is in memory
// until then.
type turns[K comparable] struct {
	most    int // 0: no limit
	waiting int // at most, for each one under way
	refusal error
	timeout turnTimer

	mu      sync.Mutex
	callers map[K]*callerTurns
}

// callerTurns are the requests of one caller.
type callerTurns struct {
	free    int       // turns that are not taken
	total   int       // requests under way and waiting
	waiting []*waiter // first in, first out
}

// waiter is a request that waits for a turn. It comes from a pool, since a busy user's requests wait all the time.
type waiter struct{ ready chan struct{} } // of capacity 1

var (
	callerTurnsPool = sync.Pool{New: func() any { return new(callerTurns) }}
	waiterPool      = sync.Pool{New: func() any { return &waiter{make(chan struct{}, 1)} }}
)

func newTurns[K comparable](most, waiting int, refusal error) *turns[K] {
	return &turns[K]{most: most, waiting: waiting, refusal: refusal, callers: map[K]*callerTurns{}}
}

// enter waits for a turn of the caller; pass the result to leave. The zero value of K is not limited: user 0 is authn.Open's.
//
// Errors: refusal.
func (t *turns[K]) enter(ctx context.Context, caller K) (*callerTurns, error) {
	var nobody K
	if t.most == 0 || caller == nobody {
		return nil, nil //nolint:nilnil // no turn is needed
	}
	own, wait := t.enqueue(caller)
	if own == nil {
		return nil, t.refusal
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
	if t.dequeue(caller, own, wait) {
		return nil, t.refusal
	}
	<-wait.ready // the turn came at this moment
	return own, nil
}

// enqueue counts a new request of the caller. The waiter is nil if a turn is free, and both are nil if too many requests
// wait already.
func (t *turns[K]) enqueue(caller K) (*callerTurns, *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.callers[caller]
	if own == nil {
		own = callerTurnsPool.Get().(*callerTurns) //nolint:forcetypeassert // the pool makes nothing else
		own.free = t.most
		t.callers[caller] = own
	}
	if own.total == t.most*(1+t.waiting) {
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
func (t *turns[K]) dequeue(caller K, own *callerTurns, wait *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(own.waiting, wait)
	if i < 0 {
		return false
	}
	own.waiting = slices.Delete(own.waiting, i, i+1)
	t.release(caller, own)
	return true
}

// leave ends a turn and gives it to the next waiter; own may be nil.
func (t *turns[K]) leave(caller K, own *callerTurns) {
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
	t.release(caller, own)
}

// release counts one request less.
func (t *turns[K]) release(caller K, own *callerTurns) {
	if own.total--; own.total == 0 {
		delete(t.callers, caller)
		callerTurnsPool.Put(own)
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

// enterFrom waits for a turn of the client's address; the caller calls leave once the answer is written.
//
// Errors: errTooManyFromAddress.
func (a *API) enterFrom(c *gin.Context) (leave func(), err error) {
	network := networkOf(a.client(c))
	turn, err := a.addressTurns.enter(c.Request.Context(), network)
	if err != nil {
		return nil, err
	}
	return func() { a.addressTurns.leave(network, turn) }, nil
}

// addressTurn is the middleware of routes that are not operations: see the gate for those.
func (a *API) addressTurn(c *gin.Context) {
	leave, err := a.enterFrom(c)
	if err != nil {
		a.write(c, problemOf(err))
		return
	}
	defer leave()
	c.Next()
}

// networkOf returns what requests of an address are counted by: an IPv6 address by its /64, since one host has as many below that
// as it likes.
func networkOf(address string) string {
	if !strings.Contains(address, ":") {
		return address
	}
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	network, err := parsed.Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
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
