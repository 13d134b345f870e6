package search_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/platform/search"
)

// A sample has as many rows with a query's words as match it, one by one.
func TestSample(t *testing.T) {
	t.Parallel()
	name := rapid.StringOfN(rapid.SampledFrom([]rune("김철수ㄱab 1")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		names, q := rapid.SliceOfN(name, 0, 30).Draw(t, "names"), search.Parse(name.Draw(t, "typed"))
		want := 0
		for _, n := range names {
			if search.Finds(q, n) {
				want++
			}
		}
		for _, atLeast := range []int{want, want + 1} {
			if got := search.Sampled(q, names, max(1, atLeast))(); got != (want > 0 && want >= atLeast) {
				t.Fatalf("at least %d, of %d: %v", atLeast, want, got)
			}
		}
	})
}

func BenchmarkSample(b *testing.B) {
	names := make([]string, 2000)
	for i := range names {
		names[i] = fmt.Sprint("박민", []string{"준", "서", "영"}[i%3], "\tminjun.park", i, "@hospital.example.kr")
	}
	for _, typed := range []string{"쀍뙗", "박민준", "zqxzqx", "kim@hospital.example.org"} {
		b.Run(strings.Split(typed, "@")[0], func(b *testing.B) {
			with := search.Sampled(search.Parse(typed), names, 10)
			for b.Loop() {
				with()
			}
		})
	}
}
