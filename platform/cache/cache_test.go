package cache_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"erp.internal/platform/cache"
	"erp.internal/platform/change"
	"erp.internal/platform/place"
)

// feed is current, or not.
type feed struct{ late atomic.Bool }

func (f *feed) Current(time.Time) bool { return !f.late.Load() }

type insideKey struct{}

// inside marks a context as that of a transaction.
func inside(ctx context.Context) context.Context { return context.WithValue(ctx, insideKey{}, true) }

func hubOf(f cache.Feed) *cache.Hub {
	return cache.NewHub(f, func(ctx context.Context) (context.Context, bool) { return ctx, ctx.Value(insideKey{}) == nil })
}

var rules = cache.Rules{
	"thing.changed":   cache.OfSubject,
	"grant.given":     cache.OfUser,
	"department.made": cache.OfOrganization,
	"role.changed":    cache.OfEveryone,
}

// caching returns an empty cache with room for so many, whose feed is current.
func caching[K comparable](most int) (*cache.Cache[K, int], *cache.Hub, *feed) {
	f := &feed{}
	hub := hubOf(f)
	return cache.New[K, int](hub, "test", most, rules), hub, f
}

// changed is the notice of a change of what an owner has.
func changed(owner int64) []change.Notice {
	return []change.Notice{{Kind: "thing.changed", Subject: change.Subject{Kind: "thing", ID: owner}}}
}

// of returns a load of a value of an owner.
func of(owner int64, value int) func(context.Context) (int, cache.Policy, error) {
	return func(context.Context) (int, cache.Policy, error) { return value, cache.Policy{Owner: owner}, nil }
}

func load[K comparable](t *testing.T, c *cache.Cache[K, int], key K, load func(context.Context) (int, cache.Policy, error)) {
	t.Helper()
	if _, err := c.Load(t.Context(), key, load); err != nil {
		t.Error(err)
	}
}

// finds fails the test unless a value is cached, or with nil none.
func finds[K comparable](t *testing.T, c *cache.Cache[K, int], key K, want any) {
	t.Helper()
	got, found := c.Find(key, time.Now())
	if found != (want != nil) || found && got != want {
		t.Errorf("of %v is found %d, %v; want %v", key, got, found, want)
	}
}

func TestCache_invalidates_by_owner(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		notice change.Notice
		gone   []int64
	}{
		"of the subject":                      {change.Notice{Kind: "thing.changed", Subject: change.Subject{Kind: "thing", ID: 1}, User: 2, Place: place.Place{Organization: 3}}, []int64{1}},
		"of the user":                         {change.Notice{Kind: "grant.given", Subject: change.Subject{Kind: "grant", ID: 1}, User: 2, Place: place.Place{Organization: 3}}, []int64{2}},
		"of the organization":                 {change.Notice{Kind: "department.made", Subject: change.Subject{Kind: "department", ID: 1}, User: 2, Place: place.Place{Organization: 3}}, []int64{3}},
		"of everyone":                         {change.Notice{Kind: "role.changed", Subject: change.Subject{Kind: "role", ID: 1}}, []int64{1, 2, 3, 4, 0}},
		"an event that does not say whose":    {change.Notice{Kind: "grant.given", Subject: change.Subject{Kind: "grant", ID: 1}}, []int64{1, 2, 3, 4, 0}},
		"an owner of whom nothing is cached":  {change.Notice{Kind: "grant.given", User: 77}, nil},
		"an event that concerns others":       {change.Notice{Kind: "thing.seen", Subject: change.Subject{ID: 1}, User: 2, Place: place.Place{Organization: 3}}, nil},
		"an event of a kind that is a prefix": {change.Notice{Kind: "thing", Subject: change.Subject{ID: 1}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, hub, _ := caching[string](100)
			for owner := range int64(5) {
				load(t, c, fmt.Sprint("a", owner), of(owner, 7))
				load(t, c, fmt.Sprint("b", owner), of(owner, 8))
			}
			hub.Invalidate([]change.Notice{{Kind: "other"}, tc.notice})
			gone := map[int64]bool{}
			for _, owner := range tc.gone {
				gone[owner] = true
			}
			for owner := range int64(5) {
				if gone[owner] {
					finds(t, c, fmt.Sprint("a", owner), nil)
					finds(t, c, fmt.Sprint("b", owner), nil)
				} else {
					finds(t, c, fmt.Sprint("a", owner), 7)
					finds(t, c, fmt.Sprint("b", owner), 8)
				}
			}
		})
	}
}

// While a change is being stored, nothing of its owner is cached, whatever becomes of it. What others have is.
func TestCache_while_a_change_is_stored(t *testing.T) {
	t.Parallel()
	for name, notice := range map[string]change.Notice{
		"of its owner": changed(1)[0],
		"of everyone":  {Kind: "role.changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, hub, _ := caching[string](10)
			load(t, c, "a", of(1, 1))
			end := hub.Storing([]change.Notice{notice})
			again := hub.Storing([]change.Notice{notice})
			finds(t, c, "a", nil)
			load(t, c, "a", of(1, 2))
			finds(t, c, "a", nil)
			again()
			load(t, c, "a", of(1, 3))
			finds(t, c, "a", nil)
			load(t, c, "a", func(context.Context) (int, cache.Policy, error) {
				end() // what was read before that may be the former state
				return 4, cache.Policy{Owner: 1}, nil
			})
			finds(t, c, "a", nil)
			load(t, c, "a", of(1, 5))
			finds(t, c, "a", 5)
		})
	}
	c, hub, _ := caching[string](10)
	load(t, c, "b", of(2, 1))
	end := hub.Storing(changed(1))
	load(t, c, "c", of(2, 2))
	finds(t, c, "b", 1)
	finds(t, c, "c", 2)
	end()
}

func TestHub_invalidates_every_cache(t *testing.T) {
	t.Parallel()
	first, hub, _ := caching[string](100)
	second := cache.New[int, int](hub, "second", 100, cache.Rules{"thing.changed": cache.OfSubject})
	fill := func() {
		load(t, first, "a", of(1, 7))
		load(t, second, 5, of(1, 8))
		load(t, second, 6, of(2, 9))
	}
	fill()
	hub.Invalidate(changed(1))
	finds(t, first, "a", nil)
	finds(t, second, 5, nil)
	finds(t, second, 6, 9)
	fill()
	hub.InvalidateAll()
	finds(t, first, "a", nil)
	finds(t, second, 5, nil)
	finds(t, second, 6, nil)
}

// A value that is loaded anew takes the place of the one before, and belongs to its new owner alone.
func TestCache_value_that_changes_its_owner(t *testing.T) {
	t.Parallel()
	c, hub, _ := caching[string](100)
	load(t, c, "a", of(1, 7))
	load(t, c, "b", of(1, 17))
	load(t, c, "a", of(2, 8))
	finds(t, c, "a", 8)
	hub.Invalidate(changed(1))
	finds(t, c, "a", 8)
	finds(t, c, "b", nil)
	load(t, c, "a", of(1, 9))
	hub.Invalidate(changed(2))
	finds(t, c, "a", 9)
	hub.Invalidate(changed(1))
	finds(t, c, "a", nil)
}

// What was read before its owner was invalidated is not kept afterwards; what another's invalidation overtook is.
func TestCache_load_that_is_overtaken(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		happens func(hub *cache.Hub)
		kept    bool
	}{
		"nothing":                          {func(*cache.Hub) {}, true},
		"its owner":                        {func(h *cache.Hub) { h.Invalidate(changed(1)) }, false},
		"its owner, and others after that": {func(h *cache.Hub) { h.Invalidate(changed(1)); h.Invalidate(changed(2)); h.Invalidate(changed(3)) }, false},
		"another's":                        {func(h *cache.Hub) { h.Invalidate(changed(2)) }, true},
		"all":                              {func(h *cache.Hub) { h.InvalidateAll() }, false},
		"all, and others after that":       {func(h *cache.Hub) { h.InvalidateAll(); h.Invalidate(changed(2)) }, false},
		"that of everyone":                 {func(h *cache.Hub) { h.Invalidate([]change.Notice{{Kind: "role.changed"}}) }, false},
		"that of nobody who is named":      {func(h *cache.Hub) { h.Invalidate(changed(0)) }, false},
		"an event that does not concern":   {func(h *cache.Hub) { h.Invalidate([]change.Notice{{Kind: "other", Subject: change.Subject{ID: 1}}}) }, true},
		"more owners than are tracked": {func(h *cache.Hub) {
			h.Invalidate(changed(1))
			for owner := range int64(20_000) {
				h.Invalidate(changed(1000 + owner))
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, hub, _ := caching[string](100)
			hub.Invalidate(changed(1)) // one before it does not count
			load(t, c, "a", func(ctx context.Context) (int, cache.Policy, error) {
				tc.happens(hub)
				load(t, c, "other", of(99, 1)) // a load that begins and ends meanwhile does not clear the tracked invalidations
				return 7, cache.Policy{Owner: 1}, nil
			})
			if tc.kept {
				finds(t, c, "a", 7)
			} else {
				finds(t, c, "a", nil)
			}
			load(t, c, "a", of(1, 8))
			finds(t, c, "a", 8)
		})
	}
}

// While the feed is not current, nothing is found and nothing is cached.
func TestCache_not_current(t *testing.T) {
	t.Parallel()
	c, _, f := caching[string](100)
	load(t, c, "a", of(1, 7))
	f.late.Store(true)
	finds(t, c, "a", nil)
	if got, err := c.Load(t.Context(), "b", of(1, 8)); got != 8 || err != nil {
		t.Errorf("loaded %d, %v", got, err)
	}
	f.late.Store(false)
	finds(t, c, "b", nil)
	finds(t, c, "a", 7)
}

func TestCache_Policy(t *testing.T) {
	t.Parallel()
	c, _, _ := caching[string](100)
	now := time.Now()
	with := func(p cache.Policy) func(context.Context) (int, cache.Policy, error) {
		return func(context.Context) (int, cache.Policy, error) { return 7, p, nil }
	}
	load(t, c, "until", with(cache.Policy{Owner: 1, Expires: now.Add(time.Hour)}))
	for at, want := range map[time.Duration]bool{0: true, time.Hour - 1: true, time.Hour: false, 2 * time.Hour: false} {
		if _, found := c.Find("until", now.Add(at)); found != want {
			t.Errorf("after %s it is found: %v", at, found)
		}
	}
	load(t, c, "over", with(cache.Policy{Owner: 1, Expires: now.Add(-1)}))
	finds(t, c, "over", nil)
	load(t, c, "until", with(cache.Policy{Owner: 1}))
	if _, found := c.Find("until", now.Add(1000*time.Hour)); !found {
		t.Error("one without an end that took the place of one with an end is over")
	}
	load(t, c, "not", with(cache.Policy{Owner: 1, NoStore: true}))
	finds(t, c, "not", nil)
	failed := errors.New("failed")
	got, err := c.Load(t.Context(), "failed", func(context.Context) (int, cache.Policy, error) { return 7, cache.Policy{Owner: 1}, failed })
	if !errors.Is(err, failed) {
		t.Errorf("got %d, %v", got, err)
	}
	finds(t, c, "failed", nil)
}

// A transaction may see what is not stored yet, and what it asks for must be asked in it: it shares nothing.
func TestCache_in_a_transaction(t *testing.T) {
	t.Parallel()
	c, _, _ := caching[string](100)
	got, err := c.Load(inside(t.Context()), "a", func(ctx context.Context) (int, cache.Policy, error) {
		if ctx.Value(insideKey{}) == nil {
			t.Error("it is loaded outside of the transaction")
		}
		return 7, cache.Policy{Owner: 1}, nil
	})
	if got != 7 || err != nil {
		t.Errorf("loaded %d, %v", got, err)
	}
	finds(t, c, "a", nil)

	load(t, c, "a", func(context.Context) (int, cache.Policy, error) { // outside, and while that goes on:
		if got, err := c.Load(inside(t.Context()), "a", of(1, 8)); got != 8 || err != nil {
			t.Errorf("a transaction joined: %d, %v", got, err)
		}
		return 7, cache.Policy{Owner: 1}, nil
	})
	finds(t, c, "a", 7)

	if _, err := c.Load(inside(t.Context()), "b", func(context.Context) (int, cache.Policy, error) { // and the other way round
		if got, err := c.Load(t.Context(), "b", of(1, 9)); got != 9 || err != nil {
			t.Errorf("a transaction was joined: %d, %v", got, err)
		}
		return 8, cache.Policy{Owner: 1}, nil
	}); err != nil {
		t.Error(err)
	}
	finds(t, c, "b", 9)
}

// A full cache evicts no more values than it must, of any owner, and holds the value that was loaded last.
func TestCache_is_bounded(t *testing.T) {
	t.Parallel()
	for name, owner := range map[string]func(i int) int64{
		"many owners":               func(i int) int64 { return int64(i) },
		"some of each":              func(i int) int64 { return int64(i / 100) },
		"all of one":                func(int) int64 { return 1 },
		"all of an owner that is 0": func(int) int64 { return 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const most, all = 1000, 5000
			c, hub, _ := caching[int](most)
			count := func() (n int) {
				for i := range all {
					if _, found := c.Find(i, time.Now()); found {
						n++
					}
				}
				return n
			}
			for i := range all {
				load(t, c, i, of(owner(i), i))
				finds(t, c, i, i)
				if i >= most && i%97 == 0 {
					if n := count(); n != most {
						t.Fatalf("%d are held after %d", n, i)
					}
				}
			}
			for i := range all {
				hub.Invalidate(changed(owner(i)))
			}
			if n := count(); n != 0 {
				t.Errorf("%d are held of what was invalidated", n)
			}
		})
	}
}

// Where values have sizes, their sum is bounded. A value without a size counts as 1, and one that is larger than the cache
// replaces the earlier value of its key, and no other.
func TestCache_is_bounded_by_sizes(t *testing.T) {
	t.Parallel()
	const most = 1000
	c, hub, _ := caching[int](most)
	sized := func(key, size int) {
		load(t, c, key, func(context.Context) (int, cache.Policy, error) {
			return size, cache.Policy{Owner: int64(key), Size: size}, nil
		})
	}
	held := func() (sum int) {
		for key := range 100 {
			if size, found := c.Find(key, time.Now()); found {
				sum += max(size, 1)
			}
		}
		return sum
	}
	for i := range 500 {
		key, size := i%100, i*7%300
		sized(key, size)
		finds(t, c, key, size)
		if sum := held(); sum > most || i > 100 && sum < most-300 {
			t.Fatalf("after %d loads the sizes add up to %d", i, sum)
		}
	}
	hub.InvalidateAll()
	sized(1, 10)
	sized(2, 20)
	sized(2, most+1)
	finds(t, c, 1, 10)
	finds(t, c, 2, nil)
	sized(3, most-10)
	finds(t, c, 1, 10)
	finds(t, c, 3, most-10)
}

func TestCache_Find_allocates_nothing(t *testing.T) { //nolint:paralleltest // it counts the allocations of the process
	type key struct {
		user  int64
		token [32]byte
	}
	c, _, _ := caching[key](100)
	k := key{user: 5, token: [32]byte{1}}
	load(t, c, k, of(5, 7))
	now := time.Now()
	if n := testing.AllocsPerRun(1000, func() {
		if v, found := c.Find(k, now); !found || v != 7 {
			t.Error("it is not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestHub_Stats(t *testing.T) {
	t.Parallel()
	c, hub, f := caching[string](100)
	cache.New[int, int](hub, "other", 1, nil)
	load(t, c, "a", of(1, 7))
	load(t, c, "b", of(2, 8))
	finds(t, c, "a", 7)
	finds(t, c, "a", 7)
	finds(t, c, "missing", nil)
	hub.Invalidate(changed(2))
	f.late.Store(true)
	finds(t, c, "a", nil) // found while the feed is current only, which is no hit
	want := []cache.Stats{{Name: "test", Hits: 2, Loads: 2, Entries: 1}, {Name: "other"}}
	if got := hub.Stats(); !slices.Equal(got, want) {
		t.Errorf("stats are %+v, want %+v", got, want)
	}
}
