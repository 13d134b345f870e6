package cache

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"erp.internal/platform/change"
)

// Cache holds values by their keys. A value that was read while an event invalidated it is not kept, and neither is one
// that a transaction read.
type Cache[K comparable, V any] struct {
	hub   *Hub
	most  int
	rules Rules
	loads singleflight.Group

	mu      sync.RWMutex
	entries map[K]entry[V]
	of      map[int64][]K // by owner
	// What was invalidated while values are loaded: when that was, counted in invalidations.
	now         uint64
	invalidated map[int64]uint64 // by owner
	all         uint64
	loading     int
}

type entry[V any] struct {
	value V
	until time.Time // zero: without an end
}

// Keep says how a value that was loaded is to be kept.
type Keep struct {
	Owner int64
	Until time.Time // when it is over by itself; zero for never
	Not   bool      // it is not to be kept
}

// New makes an empty cache of at most so many values.
func New[K comparable, V any](hub *Hub, most int, rules Rules) *Cache[K, V] {
	c := &Cache[K, V]{hub: hub, most: most, rules: rules, entries: map[K]entry[V]{}, of: map[int64][]K{}, invalidated: map[int64]uint64{}}
	hub.add(c)
	return c
}

// Find gives a value that is cached: none when it is not, or when an event may not have been heard of here. now is what
// time.Now gives, so that a caller reads the clock once.
func (c *Cache[K, V]) Find(key K, now time.Time) (value V, found bool) {
	if !c.hub.feed.Current(now) {
		return value, false
	}
	c.mu.RLock()
	e, found := c.entries[key]
	c.mu.RUnlock()
	if !found || !e.until.IsZero() && !now.Before(e.until) {
		return value, false
	}
	return e.value, true
}

// Load gives a value that is not cached, and caches it. Loads of one key at the same time are one.
//
// Errors: load's own.
func (c *Cache[K, V]) Load(ctx context.Context, key K, load func(ctx context.Context) (V, Keep, error)) (V, error) {
	if c.hub.inside(ctx) {
		value, _, err := load(ctx)
		return value, err
	}
	begun := c.begin()
	defer c.end()
	// One that began before an invalidation is not joined by a caller who came after it.
	got, err, _ := c.loads.Do(fmt.Sprintf("%v %d", key, begun), func() (any, error) {
		value, keep, err := load(context.WithoutCancel(ctx)) // others wait for it, too
		if err == nil && !keep.Not {
			c.keep(begun, key, value, keep)
		}
		return value, err
	})
	if err != nil {
		var none V
		return none, err
	}
	value, _ := got.(V)
	return value, nil
}

func (c *Cache[K, V]) begin() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loading++
	return c.now
}

func (c *Cache[K, V]) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loading--; c.loading == 0 {
		clear(c.invalidated)
	}
}

func (c *Cache[K, V]) keep(begun uint64, key K, value V, keep Keep) {
	if !c.hub.feed.Current(time.Now()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all > begun || c.invalidated[keep.Owner] > begun {
		return
	}
	if _, there := c.entries[key]; !there {
		c.makeRoom()
		c.of[keep.Owner] = append(c.of[keep.Owner], key)
	}
	c.entries[key] = entry[V]{value, keep.Until}
}

// dropped is how many owners' values a full cache lets go at once, so that nobody waits for long.
const dropped = 16

// makeRoom drops the values of some owners, whichever: they are loaded again.
func (c *Cache[K, V]) makeRoom() {
	if len(c.entries) < c.most {
		return
	}
	n := 0
	for owner := range c.of {
		c.drop(owner)
		if n++; n == dropped {
			return
		}
	}
}

func (c *Cache[K, V]) drop(owner int64) {
	for _, key := range c.of[owner] {
		delete(c.entries, key)
	}
	delete(c.of, owner)
}

func (c *Cache[K, V]) hear(notices []change.Notice) {
	for _, n := range notices {
		if of, concerns := c.rules[n.Kind]; concerns {
			c.forget(of(n))
		}
	}
}

func (c *Cache[K, V]) forget(owner int64) {
	if owner == everyone {
		c.forgetAll()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	if c.loading > 0 {
		c.invalidated[owner] = c.now
	}
	c.drop(owner)
}

func (c *Cache[K, V]) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.all = c.now
	clear(c.entries)
	clear(c.of)
}
