package pg

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Changes is what Held needs of a Feed.
type Changes interface {
	// Announce is Feed.Announce.
	Announce(ctx context.Context, keys ...int64) error
	// Current is Feed.Current.
	Current(now time.Time) bool
}

// Held keeps in memory what was read from the database, for as long as changes made elsewhere are sure to be told here
// within a second. What is held under K belongs to a key of the feed, its owner, and is forgotten when that changes.
//
// Whoever reads says so by Epoch before, and by Keep afterwards:
//
//	if v, ok := held.Find(k, time.Now()); ok { return v, nil }
//	epoch := held.Epoch()
//	v, err := repo.Load(ctx, k)
//	...
//	held.Keep(ctx, epoch, k, owner, v)
type Held[K comparable, V any] struct {
	tx      Transactor
	changes Changes
	most    int
	mu      sync.RWMutex
	items   map[K]V
	of      map[int64][]K // by owner
	forgets atomic.Uint64 // grows with each forget
}

// NewHeld makes an empty one that holds at most so many. The feed's follower calls its Forget and ForgetAll.
func NewHeld[K comparable, V any](tx Transactor, changes Changes, most int) *Held[K, V] {
	return &Held[K, V]{tx: tx, changes: changes, most: most, items: map[K]V{}, of: map[int64][]K{}}
}

// Find gives what is held of k now: nothing when it is not held, or when not every change may have been told here.
func (h *Held[K, V]) Find(k K, now time.Time) (v V, held bool) {
	if !h.changes.Current(now) {
		return v, false
	}
	h.mu.RLock()
	v, held = h.items[k]
	h.mu.RUnlock()
	return v, held
}

// Epoch is read before the database is asked: see Keep.
func (h *Held[K, V]) Epoch() uint64 { return h.forgets.Load() }

// Keep holds what was read from the database in the given epoch; in a transaction, once that is committed. When something
// was forgotten since, what was read may be older than that, and is not held.
func (h *Held[K, V]) Keep(ctx context.Context, epoch uint64, k K, owner int64, v V) {
	h.tx.AfterCommit(ctx, func() {
		if !h.changes.Current(time.Now()) {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.forgets.Load() != epoch {
			return
		}
		if _, there := h.items[k]; !there {
			h.makeRoom()
			h.of[owner] = append(h.of[owner], k)
		}
		h.items[k] = v
	})
}

// makeRoom drops half of a full one, whichever: it is read again.
func (h *Held[K, V]) makeRoom() {
	if len(h.items) < h.most {
		return
	}
	for owner, keys := range h.of {
		if len(h.items) <= h.most/2 {
			return
		}
		h.drop(owner, keys)
	}
}

func (h *Held[K, V]) drop(owner int64, keys []K) {
	for _, k := range keys {
		delete(h.items, k)
	}
	delete(h.of, owner)
}

// Changed makes every replica forget what it holds of owners once the context's transaction is committed: this one at
// once, the others when their feeds tell them.
//
// Errors: ErrUnavailable, ErrOutcomeUnknown.
func (h *Held[K, V]) Changed(ctx context.Context, owners ...int64) error {
	h.tx.AfterCommit(ctx, func() {
		for _, owner := range owners {
			h.Forget(owner)
		}
	})
	return h.changes.Announce(ctx, owners...)
}

// Forget forgets what is held of an owner.
func (h *Held[K, V]) Forget(owner int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgets.Add(1)
	h.drop(owner, h.of[owner])
}

// ForgetAll forgets everything: nobody can tell what changed.
func (h *Held[K, V]) ForgetAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgets.Add(1)
	clear(h.items)
	clear(h.of)
}
