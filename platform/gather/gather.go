// Package gather lets callers who want the same kind of thing at the same time get it together, such as by one statement.
package gather

import (
	"sync"
	"time"
)

// Gatherer runs the errands of several callers together: those that arrive while others are under way. None waits for others to
// arrive: where none is under way, it is run at once. None joins others that were begun before it arrived. The zero value is
// ready.
type Gatherer[T any] struct {
	mu      sync.Mutex
	busy    bool // errands are under way
	waiting []*caller[T]
}

const (
	most = 64 // errands that are run together
	// patience is how long others wait for errands that are under way, which may be waiting for a lock.
	patience = 10 * time.Millisecond
)

// caller is a caller who waits.
type caller[T any] struct {
	errand T
	leads  chan bool // or others have run the errand
}

// Run runs an errand, perhaps together with others, and returns when it is done. run is called in the goroutine of one of the
// callers, and calls take once, when it is ready to begin: that returns the errands to run, in the order in which they arrived.
// If run panics, the other errands are left as they are.
func (g *Gatherer[T]) Run(errand T, run func(take func() []T)) {
	if leads := g.enter(errand); leads != nil && !<-leads {
		return
	}
	next := sync.OnceFunc(g.next)
	var slow *time.Timer
	var others []*caller[T]
	defer func() {
		if slow != nil {
			slow.Stop()
		}
		next()
		for _, other := range others {
			other.leads <- false
		}
	}()
	run(func() []T {
		slow = time.AfterFunc(patience, next)
		others = g.take()
		all := make([]T, 1, 1+len(others))
		all[0] = errand
		for _, other := range others {
			all = append(all, other.errand)
		}
		return all
	})
}

// enter returns nil if no errand is under way. Otherwise the caller waits.
func (g *Gatherer[T]) enter(errand T) (leads <-chan bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.busy {
		g.busy = true
		return nil
	}
	c := &caller[T]{errand, make(chan bool, 1)}
	g.waiting = append(g.waiting, c)
	return c.leads
}

// take returns the callers who wait, up to the limit.
func (g *Gatherer[T]) take() []*caller[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), most-1)
	taken := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return taken
}

// next lets the caller lead who has waited longest.
func (g *Gatherer[T]) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy = false
		return
	}
	first := g.waiting[0]
	g.waiting = g.waiting[1:]
	first.leads <- true
}

// Asked returns how many callers lead or wait, for tests.
func (g *Gatherer[T]) Asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy {
		return 1 + len(g.waiting)
	}
	return 0
}
