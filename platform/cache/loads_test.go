package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"erp.internal/platform/await"
	"erp.internal/platform/cache"
)

// underWay begins a load that gives a value of owner 1 once it may, and waits until it has begun.
func underWay[K comparable](ctx context.Context, t *testing.T, c *cache.Cache[K, int], key K, value int) (may chan struct{}, got chan int) {
	t.Helper()
	begun, may, got := make(chan struct{}), make(chan struct{}), make(chan int, 1)
	go func() {
		v, err := c.Load(ctx, key, func(ctx context.Context) (int, cache.Policy, error) {
			close(begun)
			<-may
			return value, cache.Policy{Owner: 1}, ctx.Err()
		})
		if err != nil {
			t.Error(err)
		}
		got <- v
	}()
	<-begun
	return may, got
}

// waits waits until so many goroutines of a test wait for what another one loads.
func waits(t *testing.T, n int) {
	t.Helper()
	await.That(t, "they wait", func() bool {
		stacks := make([]byte, 1<<20)
		waiting := 0
		for _, stack := range strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			lines := strings.Split(stack, "\n")
			if len(lines) > 1 && strings.Contains(lines[1], ").Load(") && strings.Contains(stack, "."+t.Name()+".func") {
				waiting++
			}
		}
		return waiting == n
	})
}

func TestCache_loads_are_joined(t *testing.T) {
	t.Parallel()
	c, _, _ := caching[string](100)
	may, got := underWay(t.Context(), t, c, "a", 7)
	var joined sync.WaitGroup
	const callers = 20
	for range callers {
		joined.Go(func() {
			v, err := c.Load(t.Context(), "a", func(context.Context) (int, cache.Policy, error) {
				t.Error("it is loaded twice")
				return 0, cache.Policy{}, nil
			})
			if v != 7 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
		})
	}
	waits(t, callers)
	load(t, c, "b", of(1, 8)) // another key's is not held up
	close(may)
	joined.Wait()
	if v := <-got; v != 7 {
		t.Errorf("the first got %d", v)
	}
	finds(t, c, "a", 7)
	load(t, c, "a", of(1, 9)) // what is done is not joined
	finds(t, c, "a", 9)
}

// A caller who came after an invalidation does not join a load that began before it, and the older one does not take the
// place of the newer.
func TestCache_loads_are_not_joined_across_an_invalidation(t *testing.T) {
	t.Parallel()
	c, hub, _ := caching[string](100)
	mayOld, old := underWay(t.Context(), t, c, "a", 7)
	hub.Invalidate(changed(1))
	mayNew, fresh := underWay(t.Context(), t, c, "a", 8)
	close(mayNew)
	if got := <-fresh; got != 8 {
		t.Errorf("got %d", got)
	}
	finds(t, c, "a", 8)
	close(mayOld)
	if got := <-old; got != 7 {
		t.Errorf("the older one got %d", got)
	}
	finds(t, c, "a", 8)
}

// Keys that look alike in a text are different ones.
func TestCache_keys_that_print_alike(t *testing.T) {
	t.Parallel()
	type pair struct{ a, b string }
	pairs, _, _ := caching[pair](100)
	may, got := underWay(t.Context(), t, pairs, pair{"a b", "c"}, 7)
	if v, err := pairs.Load(t.Context(), pair{"a", "b c"}, of(2, 8)); v != 8 || err != nil {
		t.Errorf("got another key's value: %d, %v", v, err)
	}
	close(may)
	<-got
	hidden, _, _ := caching[secret](100)
	may, got = underWay(t.Context(), t, hidden, secret{1}, 7)
	if v, err := hidden.Load(t.Context(), secret{2}, of(2, 8)); v != 8 || err != nil {
		t.Errorf("got another secret's value: %d, %v", v, err)
	}
	close(may)
	<-got
}

// secret is a key that does not print what it holds.
type secret struct{ n int }

func (secret) String() string { return "***" }

// The caller whose load others wait for may go: the load goes on. Who has gone before joins nobody.
func TestCache_callers_who_go(t *testing.T) {
	t.Parallel()
	c, _, _ := caching[string](100)
	ctx, goes := context.WithCancel(t.Context())
	may, got := underWay(ctx, t, c, "a", 7)
	goes()
	if _, err := c.Load(ctx, "a", func(ctx context.Context) (int, cache.Policy, error) { return 0, cache.Policy{Owner: 1}, ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone: %v", err)
	}
	close(may)
	if v := <-got; v != 7 {
		t.Errorf("got %d", v)
	}
	finds(t, c, "a", 7)
}

// A load that panics leaves nothing behind: the callers that wait for it load by themselves.
func TestCache_load_that_panics(t *testing.T) {
	t.Parallel()
	c, hub, _ := caching[string](100)
	begun, may := make(chan struct{}), make(chan struct{})
	panicked := make(chan any)
	go func() {
		defer func() { panicked <- recover() }()
		_, _ = c.Load(t.Context(), "a", func(context.Context) (int, cache.Policy, error) { close(begun); <-may; panic("boom") })
	}()
	<-begun
	waiting := make(chan int)
	go func() {
		v, err := c.Load(t.Context(), "a", of(1, 7))
		if err != nil {
			t.Error(err)
		}
		waiting <- v
	}()
	waits(t, 1)
	close(may)
	if got := <-panicked; got != "boom" {
		t.Errorf("it panics with %v", got)
	}
	if got := <-waiting; got != 7 {
		t.Errorf("who waited got %d", got)
	}
	finds(t, c, "a", 7)
	hub.Invalidate(changed(1))
	load(t, c, "a", of(1, 8))
	finds(t, c, "a", 8)
}
