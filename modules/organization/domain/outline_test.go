package domain_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/modules/organization/domain"
)

// In any forest, Above is the way from the top, and Below is all whose way passes one of the departments.
func TestOutline(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "departments")
		nodes := make([]domain.Node, n)
		for i := range nodes {
			nodes[i] = domain.Node{ID: domain.DepartmentID(i + 1), SortOrder: rapid.Int64Range(0, 3).Draw(t, "sort order")}
			if above := rapid.IntRange(0, i).Draw(t, "parent"); above > 0 {
				nodes[i].ParentID = id(domain.DepartmentID(above))
			}
		}
		outline := domain.NewOutline(rapid.Permutation(nodes).Draw(t, "in any order"))
		for d := int64(1); d <= int64(n); d++ {
			if got := outline.Above(d); !slices.Equal(got, way(nodes, d)) {
				t.Fatalf("above %d: %v, want %v", d, got, way(nodes, d))
			}
		}
		roots := rapid.SliceOfN(rapid.Int64Range(1, 22), 0, 4).Draw(t, "roots") // of which some are not there
		var below []int64
		for d := int64(1); d <= int64(n); d++ {
			if slices.ContainsFunc(way(nodes, d), func(above int64) bool { return slices.Contains(roots, above) }) {
				below = append(below, d)
			}
		}
		if got := outline.Below(roots...); !slices.Equal(got, below) {
			t.Fatalf("below %v: %v, want %v", roots, got, below)
		}
		if len(outline.Above(int64(n+1))) > 0 {
			t.Fatal("a department that is not there stands somewhere")
		}
	})
}

// way is the way to a department from the top.
func way(nodes []domain.Node, department int64) []int64 {
	if parent := nodes[department-1].ParentID; parent != nil {
		return append(way(nodes, int64(*parent)), department)
	}
	return []int64{department}
}
