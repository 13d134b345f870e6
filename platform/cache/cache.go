package cache

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"erp.internal/platform/change"
)

// Cache holds values by key. It does not cache a value whose owner was invalidated while it was loaded, nor one that was
// loaded in a transaction. Callers share the values and must not change them.
type Cache[K comparable, V any] struct {
	hub   *Hub
	name  string
	most  int // sum of the sizes of all values
	rules Rules
	hits  atomic.Int64

	mu      sync.RWMutex
	entries map[K]*entry[K, V]
	byOwner map[int64]*entry[K, V] // the first of the list of an owner's entries
	size    int                    // the sum of the entries' sizes
	loads   map[K]*flight[V]       // the newest load of each key
	// generation counts the invalidations. While values are loaded, invalidatedAt and allInvalidatedAt say at which
	// generation an owner, or all, were invalidated last.
	generation       uint64
	invalidatedAt    map[int64]uint64
	allInvalidatedAt uint64
	loading          int
	begun            int64 // loads, since the start
	// storing counts the changes of each owner that are being stored: see Hub.Storing.
	storing map[int64]int
}

type entry[K comparable, V any] struct {
	key            K
	value          V
	owner          int64
	size           int
	expires        time.Time // zero: never
	previous, next *entry[K, V]
}

// flight is a load under way. value and err are set once done is closed.
type flight[V any] struct {
	generation uint64 // when it began
	done       chan struct{}
	value      V
	err        error
	completed  bool // load returned; it did not panic
}

// Policy says how a loaded value is cached.
type Policy struct {
	Owner   int64
	Size    int       // what the value counts towards the limit of the cache, such as its bytes; 0 counts as 1
	Expires time.Time // zero: never
	NoStore bool      // do not cache the value
}

// New makes an empty cache; most limits the sum of the sizes of its values, which is their number where Policy says no size.
// Metrics show it by its name.
func New[K comparable, V any](hub *Hub, name string, most int, rules Rules) *Cache[K, V] {
	c := &Cache[K, V]{
		hub: hub, name: name, most: most, rules: rules,
		entries: map[K]*entry[K, V]{}, byOwner: map[int64]*entry[K, V]{}, loads: map[K]*flight[V]{}, invalidatedAt: map[int64]uint64{},
		storing: map[int64]int{},
	}
	hub.add(c, rules)
	return c
}

// Find returns a cached value. It finds none while the feed is not current, since an event of another server may be
// missing here. now is the result of time.Now, so that callers read the clock once.
func (c *Cache[K, V]) Find(key K, now time.Time) (value V, found bool) {
	if !c.hub.feed.Current(now) {
		return value, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, found := c.entries[key]
	if !found || !e.expires.IsZero() && !now.Before(e.expires) {
		return value, false
	}
	c.hits.Add(1)
	return e.value, true
}

// stats implements member.
func (c *Cache[K, V]) stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Stats{Name: c.name, Hits: c.hits.Load(), Loads: c.begun, Entries: len(c.entries)}
}

// Load loads a value and caches it, unless its owner was invalidated since the load began. Concurrent loads of a key are
// one (as in singleflight), so load must not depend on the caller. A caller does not join a load that began before the last
// invalidation, nor any while a change is being stored; a caller whose ctx is done joins none.
//
// Errors: load's own.
func (c *Cache[K, V]) Load(ctx context.Context, key K, load func(ctx context.Context) (V, Policy, error)) (V, error) {
	ctx, outside := c.hub.outside(ctx)
	if !outside || ctx.Err() != nil {
		value, _, err := load(ctx)
		return value, err
	}
	for {
		f, first := c.join(key)
		if first {
			return c.run(ctx, f, key, load)
		}
		<-f.done
		if f.completed {
			return f.value, f.err
		}
	}
}

// join returns the load of a key that is under way, or begins one.
func (c *Cache[K, V]) join(key K) (f *flight[V], first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.loads[key]; f != nil && f.generation == c.generation && len(c.storing) == 0 {
		return f, false
	}
	f = &flight[V]{generation: c.generation, done: make(chan struct{})}
	c.loads[key] = f
	c.loading++
	c.begun++
	return f, true
}

// run loads a value for all callers that have joined.
func (c *Cache[K, V]) run(ctx context.Context, f *flight[V], key K, load func(ctx context.Context) (V, Policy, error)) (V, error) {
	policy := Policy{NoStore: true}
	defer func() {
		c.finish(f, key, policy)
		close(f.done)
	}()
	f.value, policy, f.err = load(context.WithoutCancel(ctx)) // others wait for it, too
	f.completed = true
	return f.value, f.err
}

// finish caches a loaded value, unless its owner was invalidated since the load began.
func (c *Cache[K, V]) finish(f *flight[V], key K, policy Policy) {
	current := c.hub.feed.Current(time.Now())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loads[key] == f {
		delete(c.loads, key)
	}
	valid := c.allInvalidatedAt <= f.generation && c.invalidatedAt[policy.Owner] <= f.generation && c.storing[policy.Owner]+c.storing[everyone] == 0
	if f.completed && f.err == nil && !policy.NoStore && current && valid {
		c.put(&entry[K, V]{key: key, value: f.value, owner: policy.Owner, size: max(policy.Size, 1), expires: policy.Expires})
	}
	if c.loading--; c.loading == 0 {
		clear(c.invalidatedAt)
	}
}

// put caches a value, unless it is larger than the whole cache may be.
func (c *Cache[K, V]) put(e *entry[K, V]) {
	if old, found := c.entries[e.key]; found {
		c.remove(old)
	}
	if e.size > c.most {
		return
	}
	c.evict(e.size)
	c.entries[e.key] = e
	c.size += e.size
	if first := c.byOwner[e.owner]; first != nil {
		first.previous, e.next = e, first
	}
	c.byOwner[e.owner] = e
}

func (c *Cache[K, V]) remove(e *entry[K, V]) {
	delete(c.entries, e.key)
	c.size -= e.size
	if e.next != nil {
		e.next.previous = e.previous
	}
	switch {
	case e.previous != nil:
		e.previous.next = e.next
	case e.next != nil:
		c.byOwner[e.owner] = e.next
	default:
		delete(c.byOwner, e.owner)
	}
}

// evict removes values, in no particular order, until there is room for one of this size.
func (c *Cache[K, V]) evict(size int) {
	for _, e := range c.entries {
		if c.size+size <= c.most {
			return
		}
		c.remove(e)
	}
}

func (c *Cache[K, V]) invalidate(notices []change.Notice) {
	for owner := range c.owners(notices) {
		c.invalidateOwner(owner)
	}
}

// owners yields whose values events invalidate.
func (c *Cache[K, V]) owners(notices []change.Notice) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, n := range notices {
			rule, ok := c.rules[n.Kind]
			if !ok {
				continue
			}
			owner := rule(n)
			if owner == 0 {
				owner = everyone
			}
			if !yield(owner) {
				return
			}
		}
	}
}

// beginStoring invalidates the values of a change, and caches none of them until endStoring.
func (c *Cache[K, V]) beginStoring(notices []change.Notice) {
	for owner := range c.owners(notices) {
		c.countStoring(owner, 1)
		c.invalidateOwner(owner)
	}
}

func (c *Cache[K, V]) endStoring(notices []change.Notice) {
	for owner := range c.owners(notices) {
		c.invalidateOwner(owner) // what was read before the change was stored
		c.countStoring(owner, -1)
	}
}

func (c *Cache[K, V]) countStoring(owner int64, more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.storing[owner] += more; c.storing[owner] == 0 {
		delete(c.storing, owner)
	}
}

// maxTracked limits the size of invalidatedAt, which is cleared only when no load is under way; on a busy server there
// always is one.
const maxTracked = 10_000

func (c *Cache[K, V]) invalidateOwner(owner int64) {
	if owner == everyone {
		c.invalidateAll()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	if c.loading > 0 {
		c.invalidatedAt[owner] = c.generation
	}
	if len(c.invalidatedAt) > maxTracked {
		c.allInvalidatedAt = c.generation
		clear(c.invalidatedAt)
	}
	for e := c.byOwner[owner]; e != nil; e = c.byOwner[owner] {
		c.remove(e)
	}
}

func (c *Cache[K, V]) invalidateAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.allInvalidatedAt = c.generation
	clear(c.entries)
	c.size = 0
	clear(c.byOwner)
	clear(c.invalidatedAt)
}
