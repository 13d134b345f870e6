// Package cache holds in memory what was read from the database, for as long as changes made on other servers are sure to
// be heard of here. A cache says which events invalidate what; nobody calls it by hand.
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

// Owner gives whose cached values an event invalidates. What is cached belongs to an owner, such as a user for a session.
// An event that does not say whose, with 0, invalidates all.
type Owner func(change.Notice) int64

// everyone is the owner of all.
const everyone = math.MinInt64

// The usual owners.
var (
	OfSubject      Owner = func(n change.Notice) int64 { return n.Subject.ID }
	OfUser         Owner = func(n change.Notice) int64 { return n.User }
	OfOrganization Owner = func(n change.Notice) int64 { return n.Organization }
	OfEveryone     Owner = func(change.Notice) int64 { return everyone }
)

// Rules say which kinds of events invalidate a cache, and whose values.
type Rules map[string]Owner

// Feed is where the events of other servers come from.
type Feed interface {
	// Current says whether every event that was stored more than a second before now has been heard here; now is what
	// time.Now gives.
	Current(now time.Time) bool
}

// Hub passes on what happened to every cache.
type Hub struct {
	feed   Feed
	inside func(ctx context.Context) bool

	mu     sync.RWMutex
	caches []hearer
	kinds  map[string]bool
}

type hearer interface {
	hear(notices []change.Notice)
	forgetAll()
}

// NewHub makes a hub; inside says whether a context is that of a transaction, which may read what is not stored yet.
func NewHub(feed Feed, inside func(ctx context.Context) bool) *Hub {
	return &Hub{feed: feed, inside: inside, kinds: map[string]bool{}}
}

func (h *Hub) add(c hearer, rules Rules) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.caches = append(h.caches, c)
	for kind := range rules {
		h.kinds[kind] = true
	}
}

// Kinds are the kinds of events that invalidate anything.
func (h *Hub) Kinds() []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Sorted(maps.Keys(h.kinds))
}

// Hear implements change.Caches.
func (h *Hub) Hear(notices []change.Notice) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.caches {
		c.hear(notices)
	}
}

// ForgetAll empties every cache: nobody can tell what happened.
func (h *Hub) ForgetAll() {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.caches {
		c.forgetAll()
	}
}
