package gather

import "sync"

// Groups runs the errands of callers who want the same thing together, each group as a Gatherer does. The zero value is ready.
type Groups[K comparable, T any] struct {
	mu     sync.Mutex
	groups map[K]*group[T]
}

// group is the callers who want one thing.
type group[T any] struct {
	Gatherer[T]
	callers int
}

// Run is Gatherer.Run among the callers with the same key.
func (g *Groups[K, T]) Run(key K, errand T, run func(take func() []T)) {
	together := g.join(key)
	defer g.leave(key, together)
	together.Run(errand, run)
}

func (g *Groups[K, T]) join(key K) *group[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	together := g.groups[key]
	if together == nil {
		if g.groups == nil {
			g.groups = map[K]*group[T]{}
		}
		together = &group[T]{}
		g.groups[key] = together
	}
	together.callers++
	return together
}

func (g *Groups[K, T]) leave(key K, together *group[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if together.callers--; together.callers == 0 {
		delete(g.groups, key)
	}
}

// Asked returns how many things are wanted, and by how many callers, for tests.
func (g *Groups[K, T]) Asked() (keys, callers int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, together := range g.groups {
		callers += together.callers
	}
	return len(g.groups), callers
}
