// Package cache caches values read from the database, while the events of all servers arrive here. Each cache declares
// which events invalidate its values; use cases do not invalidate by hand.
package cache

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"erp.internal/platform/change"
)

// Owner returns the owner whose values an event invalidates. Every cached value belongs to an owner: a session, for
// example, to its user. 0 invalidates all values.
type Owner func(change.Notice) int64

// everyone stands for all owners.
const everyone = math.MinInt64

// The usual owners.
var (
	OfSubject      Owner = func(n change.Notice) int64 { return n.Subject.ID }
	OfUser         Owner = func(n change.Notice) int64 { return n.User }
	OfOrganization Owner = func(n change.Notice) int64 { return n.Place.Organization }
	OfEveryone     Owner = func(change.Notice) int64 { return everyone }
)

// Rules map the kinds of events that invalidate a cache to the owners whose values they invalidate.
type Rules map[string]Owner

// Feed receives the events of all servers.
type Feed interface {
	// Current reports whether every event that was stored more than a second before now has arrived here; now is the result
	// of time.Now.
	Current(now time.Time) bool
}

// Hub passes events to every cache.
type Hub struct {
	feed    Feed
	outside func(ctx context.Context) (context.Context, bool)

	mu     sync.RWMutex
	caches []member
	kinds  map[string]bool
}

// member is a cache of any types of keys and values.
type member interface {
	invalidate(notices []change.Notice)
	invalidateAll()
	beginStoring(notices []change.Notice)
	endStoring(notices []change.Notice)
	stats() Stats
}

// Stats are the figures of a cache since the start.
type Stats struct {
	Name        string
	Hits, Loads int64 // values found, and values read since none was found
	Entries     int   // now
}

// NewHub makes a hub. outside returns the context in which values are loaded; it returns false for that of a transaction, which may
// read uncommitted changes: what it loads is not cached.
func NewHub(feed Feed, outside func(ctx context.Context) (context.Context, bool)) *Hub {
	return &Hub{feed: feed, outside: outside, kinds: map[string]bool{}}
}

func (h *Hub) add(c member, rules Rules) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.caches = append(h.caches, c)
	for kind := range rules {
		h.kinds[kind] = true
	}
}

// Kinds returns the kinds of events that invalidate any cache.
func (h *Hub) Kinds() []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Sorted(maps.Keys(h.kinds))
}

// Invalidate implements change.Caches.
func (h *Hub) Invalidate(notices []change.Notice) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.caches {
		c.invalidate(notices)
	}
}

// Storing implements change.Caches.
func (h *Hub) Storing(notices []change.Notice) (end func()) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	caches := h.caches
	for _, c := range caches {
		c.beginStoring(notices)
	}
	return func() {
		for _, c := range caches {
			c.endStoring(notices)
		}
	}
}

// InvalidateAll empties every cache, for when events may have been missed.
func (h *Hub) InvalidateAll() {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.caches {
		c.invalidateAll()
	}
}

// Stats returns the figures of every cache.
func (h *Hub) Stats() []Stats {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]Stats, len(h.caches))
	for i, c := range h.caches {
		all[i] = c.stats()
	}
	return all
}
