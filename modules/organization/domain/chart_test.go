package domain_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/modules/organization/domain"
)

// In any forest, also where parents are missing, each department stands once, its descendants follow it, siblings in the order
// in which they were given, and departments without a parent in it are at the top.
func TestChart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "departments")
		all := make([]domain.Department, n)
		for i := range all {
			all[i].ID = domain.DepartmentID(i + 1)
			if above := rapid.IntRange(0, i).Draw(t, "parent"); above > 0 {
				all[i].ParentID = id(domain.DepartmentID(above))
			}
		}
		seen := slices.DeleteFunc(rapid.Permutation(all).Draw(t, "in any order"), func(domain.Department) bool { return rapid.IntRange(0, 4).Draw(t, "unseen") == 0 })
		given := slices.Clone(seen)
		chart, ordered := domain.NewChart(seen)
		if chart.Len() != len(given) || len(ordered) != len(given) {
			t.Fatalf("%d departments of %d", chart.Len(), len(given))
		}
		childrenOf := func(parent *domain.DepartmentID) (ids []domain.DepartmentID) {
			for _, d := range given {
				atTop := d.ParentID == nil || !slices.ContainsFunc(given, func(p domain.Department) bool { return p.ID == *d.ParentID })
				if parent == nil && atTop || parent != nil && !atTop && *d.ParentID == *parent {
					ids = append(ids, d.ID)
				}
			}
			return ids
		}
		siblings := func(from, to int) (ids []domain.DepartmentID) {
			for at := from; at < to; at = chart.End(at) {
				ids = append(ids, ordered[at].ID)
			}
			return ids
		}
		if got, want := siblings(0, chart.Len()), childrenOf(nil); !slices.Equal(got, want) {
			t.Fatalf("at the top are %v, want %v", got, want)
		}
		for _, d := range given {
			at, found := chart.Position(d.ID)
			if !found || ordered[at].ID != d.ID {
				t.Fatalf("%d is at %d, %v", d.ID, at, found)
			}
			got, want := siblings(at+1, chart.End(at)), childrenOf(&d.ID)
			if !slices.Equal(got, want) || chart.Children(at) != len(want) {
				t.Fatalf("below %d are %v (%d), want %v", d.ID, got, chart.Children(at), want)
			}
		}
		if _, found := chart.Position(domain.DepartmentID(n + 1)); found {
			t.Fatal("a missing department has a position")
		}
	})
}
