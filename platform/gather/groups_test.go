package gather_test

import (
	"slices"
	"sync"
	"testing"

	"erp.internal/platform/await"
	"erp.internal/platform/gather"
)

// Errands with the same key that wait for each other are run together, and no others are.
func TestGroups(t *testing.T) {
	t.Parallel()
	var groups gather.Groups[string, int]
	hold := make(chan struct{})
	var mu sync.Mutex
	ran := map[string][][]int{}
	var all sync.WaitGroup
	asked := 0
	run := func(key string, errand int) {
		asked++
		all.Go(func() {
			groups.Run(key, errand, func(take func() []int) {
				<-hold
				together := take()
				mu.Lock()
				defer mu.Unlock()
				ran[key] = append(ran[key], together)
			})
		})
		await.That(t, "it is asked for", func() bool { _, callers := groups.Asked(); return callers == asked })
	}
	for errand := range 3 {
		run("a", errand)
		run("b", 10+errand)
	}
	if keys, _ := groups.Asked(); keys != 2 {
		t.Errorf("%d keys", keys)
	}
	close(hold)
	all.Wait()
	for key, first := range map[string]int{"a": 0, "b": 10} {
		if got := ran[key]; len(got) != 1 || !slices.Equal(got[0], []int{first, first + 1, first + 2}) {
			t.Errorf("%s: %v", key, got)
		}
	}
	if keys, callers := groups.Asked(); keys != 0 || callers != 0 {
		t.Errorf("%d keys and %d callers are left", keys, callers)
	}
}
