package cache_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"erp.internal/platform/cache"
)

// Whatever happens one after the other, the cache holds what was loaded last and has not been invalidated since.
func TestCache_holds_what_a_map_would(t *testing.T) {
	t.Parallel()
	type held struct {
		owner int64
		value int
		until time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		f := &feed{}
		hub := hubOf(f)
		c := cache.New[int, int](hub, "model", 1000, rules)
		model := map[int]held{}
		start := time.Now()
		keys, owners := rapid.IntRange(0, 9), rapid.Int64Range(-1, 4)
		t.Repeat(map[string]func(*rapid.T){
			"load": func(t *rapid.T) {
				key, h := keys.Draw(t, "key"), held{owner: owners.Draw(t, "owner"), value: rapid.Int().Draw(t, "value")}
				if minutes := rapid.IntRange(0, 5).Draw(t, "minutes"); minutes > 0 {
					h.until = start.Add(time.Duration(minutes) * time.Minute)
				}
				got, err := c.Load(t.Context(), key, func(context.Context) (int, cache.Policy, error) {
					return h.value, cache.Policy{Owner: h.owner, Expires: h.until}, nil
				})
				if got != h.value || err != nil {
					t.Fatalf("loaded %d, %v", got, err)
				}
				if !f.late.Load() {
					model[key] = h
				}
			},
			"invalidate": func(t *rapid.T) {
				owner := owners.Draw(t, "owner")
				hub.Invalidate(changed(owner))
				for key, h := range model {
					if h.owner == owner || owner == 0 {
						delete(model, key)
					}
				}
			},
			"invalidate all": func(*rapid.T) {
				hub.InvalidateAll()
				clear(model)
			},
			"be late, or not": func(*rapid.T) { f.late.Store(!f.late.Load()) },
			"": func(t *rapid.T) {
				now := start.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "now")) * time.Minute)
				for key := range 10 {
					want, holds := model[key]
					holds = holds && !f.late.Load() && (want.until.IsZero() || now.Before(want.until))
					if got, found := c.Find(key, now); found != holds || found && got != want.value {
						t.Fatalf("%d: found %d, %v; want %d, %v", key, got, found, want.value, holds)
					}
				}
			},
		})
	})
}

// Many read and change at the same time: no caller gets a value older than the last invalidation before their call. Each
// value is the number of changes of its owner that were stored when it was read.
func TestCache_gives_nothing_that_was_invalidated(t *testing.T) {
	t.Parallel()
	const owners, keysEach, changes = 6, 4, 3000
	c, hub, _ := caching[int64](owners*keysEach - 5) // so that it is full, too
	var stored, invalidated [owners + 1]atomic.Int64
	var running atomic.Int64
	var all sync.WaitGroup
	for owner := int64(1); owner <= owners; owner++ {
		running.Add(1)
		all.Go(func() {
			defer running.Add(-1)
			for n := range int64(changes) {
				stored[owner].Add(1)
				if n%500 == 0 {
					hub.InvalidateAll()
				} else {
					hub.Invalidate(changed(owner))
				}
				invalidated[owner].Add(1)
				if n%8 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	var found, loaded atomic.Int64
	for range 8 {
		all.Go(func() {
			for running.Load() > 0 {
				owner := rand.Int64N(owners) + 1
				key := owner*keysEach + rand.Int64N(keysEach)
				atLeast := invalidated[owner].Load()
				got, cached := c.Find(key, time.Now())
				if cached {
					found.Add(1)
				} else {
					loaded.Add(1)
					got, _ = c.Load(t.Context(), key, func(context.Context) (int, cache.Policy, error) {
						n := int(stored[owner].Load())
						runtime.Gosched()
						return n, cache.Policy{Owner: owner}, nil
					})
				}
				if int64(got) < atLeast {
					t.Errorf("key %d: %d, cached: %v; %d were invalidated", key, got, cached, atLeast)
					return
				}
			}
		})
	}
	all.Wait()
	if found.Load() == 0 || loaded.Load() == 0 {
		t.Errorf("%d were found and %d loaded: nothing was tried", found.Load(), loaded.Load())
	}
	for owner := int64(1); owner <= owners; owner++ { // at rest, it keeps what is loaded
		load(t, c, owner*keysEach, of(owner, changes))
		finds(t, c, owner*keysEach, changes)
	}
}

// Many read while changes are stored: no caller gets a value older than what the store had before their call, which others may have
// read from it without a cache.
func TestCache_gives_nothing_older_than_the_store(t *testing.T) {
	t.Parallel()
	const owners, changes = 4, 3000
	c, hub, _ := caching[int64](100)
	var stored [owners + 1]atomic.Int64
	var running atomic.Int64
	var all sync.WaitGroup
	for writer := range int64(2 * owners) { // two for each owner
		running.Add(1)
		all.Go(func() {
			defer running.Add(-1)
			owner := writer/2 + 1
			for n := range changes {
				end := hub.Storing(changed(owner))
				runtime.Gosched()
				stored[owner].Add(1)
				runtime.Gosched()
				end()
				for range n % 8 {
					runtime.Gosched()
				}
			}
		})
	}
	var found atomic.Int64
	for range 8 {
		all.Go(func() {
			for running.Load() > 0 {
				owner := rand.Int64N(owners) + 1
				atLeast := stored[owner].Load()
				got, cached := c.Find(owner, time.Now())
				if cached {
					found.Add(1)
				} else {
					got, _ = c.Load(t.Context(), owner, func(context.Context) (int, cache.Policy, error) {
						n := int(stored[owner].Load())
						runtime.Gosched()
						return n, cache.Policy{Owner: owner}, nil
					})
				}
				if int64(got) < atLeast {
					t.Errorf("of %d: %d, cached: %v; the store had %d", owner, got, cached, atLeast)
					return
				}
			}
		})
	}
	all.Wait()
	if found.Load() == 0 {
		t.Error("none was found: nothing was tried")
	}
	for owner := int64(1); owner <= owners; owner++ { // at rest, it keeps what is loaded
		load(t, c, owner, of(owner, 2*changes))
		finds(t, c, owner, 2*changes)
	}
}
