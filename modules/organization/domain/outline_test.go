package domain_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/modules/organization/domain"
)

// In any forest, one department is within another exactly when the way up from it passes that one, and Below is all that
// are within.
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
		for root := int64(1); root <= int64(n); root++ {
			var above, below []int64
			for d := int64(1); d <= int64(n); d++ {
				want := passes(nodes, d, root)
				if got := outline.Within(d, root); got != want {
					t.Fatalf("%d within %d: %v", d, root, got)
				}
				if want {
					below = append(below, d)
				}
				if passes(nodes, root, d) {
					above = append(above, d)
				}
			}
			if got := slices.Sorted(slices.Values(outline.Below(root))); !slices.Equal(got, below) {
				t.Fatalf("below %d: %v, want %v", root, got, below)
			}
			if got := slices.Sorted(slices.Values(outline.Above(root))); !slices.Equal(got, above) {
				t.Fatalf("above %d: %v, want %v", root, got, above)
			}
		}
		unknown := int64(n + 1)
		if outline.Holds(unknown) || outline.Within(unknown, unknown) || len(outline.Below(unknown))+len(outline.Above(unknown)) > 0 {
			t.Fatal("a department that is not there stands somewhere")
		}
	})
}

// passes says whether the way up from a department passes root.
func passes(nodes []domain.Node, department, root int64) bool {
	for at := department; ; at = int64(*nodes[at-1].ParentID) {
		if at == root {
			return true
		}
		if nodes[at-1].ParentID == nil {
			return false
		}
	}
}
