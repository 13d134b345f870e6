package cache

import (
	"context"
	"sync"
	"time"

	"erp.internal/platform/change"
)

// Cache holds values by their keys. A value that was read while an event invalidated it is not kept, and neither is one
// that a transaction read. Callers share a value, and change nothing in it.
type Cache[K comparable, V any] struct {
	hub   *Hub
	most  int
	rules Rules

	mu      sync.RWMutex
	entries map[K]*entry[K, V]
	of      map[int64]*entry[K, V] // by owner: the first of the list of its entries
	flights map[K]*flight[V]       // by key: the newest
	// What was invalidated while values are loaded: when that was, counted in invalidations.
	now         uint64
	invalidated map[int64]uint64 // by owner
	all         uint64
	loading     int
}

type entry[K comparable, V any] struct {
	key            K
	value          V
	owner          int64
	until          time.Time // zero: without an end
	previous, next *entry[K, V]
}

// flight is a load under way. What it gives is read once it is done.
type flight[V any] struct {
	begun  uint64
	done   chan struct{}
	value  V
	err    error
	landed bool // and did not panic
}

// Keep says how a value that was loaded is to be kept.
type Keep struct {
	Owner int64
	Until time.Time // when it is over by itself; zero for never
	Not   bool      // it is not to be kept
}

// New makes an empty cache of at most so many values.
func New[K comparable, V any](hub *Hub, most int, rules Rules) *Cache[K, V] {
	c := &Cache[K, V]{
		hub: hub, most: most, rules: rules,
		entries: map[K]*entry[K, V]{}, of: map[int64]*entry[K, V]{}, flights: map[K]*flight[V]{}, invalidated: map[int64]uint64{},
	}
	hub.add(c, rules)
	return c
}

// Find gives a value that is cached: none when it is not, or when an event may not have been heard of here. now is what
// time.Now gives, so that a caller reads the clock once.
func (c *Cache[K, V]) Find(key K, now time.Time) (value V, found bool) {
	if !c.hub.feed.Current(now) {
		return value, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, found := c.entries[key]
	if !found || !e.until.IsZero() && !now.Before(e.until) {
		return value, false
	}
	return e.value, true
}

// Load gives a value that is not cached, and caches it. Loads of one key at the same time are one, so load must not depend
// on who asks; a caller who came after an invalidation does not join one that began before it. A caller who has gone joins
// nobody.
//
// Errors: load's own.
func (c *Cache[K, V]) Load(ctx context.Context, key K, load func(ctx context.Context) (V, Keep, error)) (V, error) {
	if c.hub.inside(ctx) || ctx.Err() != nil {
		value, _, err := load(ctx)
		return value, err
	}
	for {
		f, first := c.join(key)
		if first {
			return c.fly(ctx, f, key, load)
		}
		<-f.done
		if f.landed {
			return f.value, f.err
		}
	}
}

// join gives the load of a key that is under way, or begins one.
func (c *Cache[K, V]) join(key K) (f *flight[V], first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.flights[key]; f != nil && f.begun == c.now {
		return f, false
	}
	f = &flight[V]{begun: c.now, done: make(chan struct{})}
	c.flights[key] = f
	c.loading++
	return f, true
}

// fly loads a value for all who have joined.
func (c *Cache[K, V]) fly(ctx context.Context, f *flight[V], key K, load func(ctx context.Context) (V, Keep, error)) (V, error) {
	keep := Keep{Not: true}
	defer func() {
		c.land(f, key, keep)
		close(f.done)
	}()
	f.value, keep, f.err = load(context.WithoutCancel(ctx)) // others wait for it, too
	f.landed = true
	return f.value, f.err
}

// land keeps what was loaded, unless it may be what was invalidated since.
func (c *Cache[K, V]) land(f *flight[V], key K, keep Keep) {
	current := c.hub.feed.Current(time.Now())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[key] == f {
		delete(c.flights, key)
	}
	if f.landed && f.err == nil && !keep.Not && current && c.all <= f.begun && c.invalidated[keep.Owner] <= f.begun {
		c.put(&entry[K, V]{key: key, value: f.value, owner: keep.Owner, until: keep.Until})
	}
	if c.loading--; c.loading == 0 {
		clear(c.invalidated)
	}
}

func (c *Cache[K, V]) put(e *entry[K, V]) {
	if old, there := c.entries[e.key]; there {
		c.remove(old)
	} else {
		c.makeRoom()
	}
	c.entries[e.key] = e
	if first := c.of[e.owner]; first != nil {
		first.previous, e.next = e, first
	}
	c.of[e.owner] = e
}

func (c *Cache[K, V]) remove(e *entry[K, V]) {
	delete(c.entries, e.key)
	if e.next != nil {
		e.next.previous = e.previous
	}
	switch {
	case e.previous != nil:
		e.previous.next = e.next
	case e.next != nil:
		c.of[e.owner] = e.next
	default:
		delete(c.of, e.owner)
	}
}

// dropped is how many values a full cache lets go at once, so that nobody waits for long.
const dropped = 16

// makeRoom drops some values, whichever: they are loaded again.
func (c *Cache[K, V]) makeRoom() {
	if len(c.entries) < c.most {
		return
	}
	n := 0
	for _, e := range c.entries {
		c.remove(e)
		if n++; n == dropped {
			return
		}
	}
}

func (c *Cache[K, V]) hear(notices []change.Notice) {
	for _, n := range notices {
		if of, concerns := c.rules[n.Kind]; concerns {
			c.forget(of(n))
		}
	}
}

// remembered is how many owners that were invalidated while values are loaded are told apart: on a busy server, some load
// is always under way.
const remembered = 10_000

func (c *Cache[K, V]) forget(owner int64) {
	if owner == everyone || owner == 0 {
		c.forgetAll()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	if c.loading > 0 {
		c.invalidated[owner] = c.now
	}
	if len(c.invalidated) > remembered {
		c.all = c.now
		clear(c.invalidated)
	}
	for e := c.of[owner]; e != nil; e = c.of[owner] {
		c.remove(e)
	}
}

func (c *Cache[K, V]) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.all = c.now
	clear(c.entries)
	clear(c.of)
	clear(c.invalidated)
}
