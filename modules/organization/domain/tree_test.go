package domain_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/modules/organization/domain"
)

func id(n domain.DepartmentID) *domain.DepartmentID { return &n }

// chain is 1 -> 2 -> ... -> n, with the department n+1 at the top beside it.
func chain(n int) []domain.Node {
	nodes := []domain.Node{{ID: domain.DepartmentID(n + 1), SortOrder: 2000}, {ID: 1, SortOrder: 1000}}
	for i := 2; i <= n; i++ {
		nodes = append(nodes, domain.Node{ID: domain.DepartmentID(i), ParentID: id(domain.DepartmentID(i - 1)), SortOrder: 1000})
	}
	return nodes
}

func TestTree_CanMove(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		depth  int
		move   domain.DepartmentID
		parent *domain.DepartmentID
		want   error
	}{
		"below another":                   {depth: 3, move: 4, parent: id(1)},
		"to the top":                      {depth: 3, move: 3},
		"where it is":                     {depth: 3, move: 3, parent: id(2)},
		"below itself":                    {depth: 3, move: 2, parent: id(2), want: domain.ErrMoveIntoOwnSubtree},
		"into its own subtree":            {depth: 3, move: 1, parent: id(3), want: domain.ErrMoveIntoOwnSubtree},
		"of one that is not there":        {depth: 3, move: 99, want: domain.ErrDepartmentNotFound},
		"below one that is not there":     {depth: 3, move: 1, parent: id(99), want: domain.ErrUnknownParent},
		"to the deepest level":            {depth: domain.MaxDepth - 1, move: domain.MaxDepth, parent: id(domain.MaxDepth - 1)},
		"below the deepest level":         {depth: domain.MaxDepth, move: domain.MaxDepth + 1, parent: id(domain.MaxDepth), want: domain.ErrTooDeep},
		"of a tall subtree below another": {depth: domain.MaxDepth, move: 1, parent: id(domain.MaxDepth + 1), want: domain.ErrTooDeep},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := domain.NewTree(chain(tc.depth))
			if err := tree.CanMove(tc.move, tc.parent); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if _, err := tree.Move(tc.move, tc.parent, 0); !errors.Is(err, tc.want) {
				t.Errorf("Move: got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestTree_Append(t *testing.T) {
	t.Parallel()
	if _, err := domain.NewTree(chain(domain.MaxDepth)).Append(id(domain.MaxDepth)); !errors.Is(err, domain.ErrTooDeep) {
		t.Errorf("below the deepest level: %v", err)
	}
	if _, err := domain.NewTree(nil).Append(id(7)); !errors.Is(err, domain.ErrUnknownParent) {
		t.Errorf("below one that is not there: %v", err)
	}
	places, err := domain.NewTree(chain(1)).Append(nil)
	if err != nil || len(places) != 1 || places[0].SortOrder != 3000 {
		t.Errorf("after siblings at 1000 and 2000: %v, %v", places, err)
	}
	places, err = domain.NewTree([]domain.Node{{ID: 1, SortOrder: domain.MaxSortOrder}}).Append(nil)
	if err != nil || len(places) != 2 {
		t.Errorf("after one at the greatest sort order: %v, %v; want both renumbered", places, err)
	}
}

// Whatever sort orders siblings have, ties and extremes included, a moved department stands where it was asked to, the
// others keep their order, and every sort order stays within its bounds.
func TestTree_Move_position(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		orders := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, domain.MaxSortOrder),
			rapid.Just(int64(domain.MaxSortOrder))), 1, 12).Draw(t, "sort orders")
		var nodes []domain.Node
		for i, order := range orders {
			nodes = append(nodes, domain.Node{ID: domain.DepartmentID(i + 1), SortOrder: order})
		}
		moved := domain.DepartmentID(rapid.IntRange(1, len(orders)).Draw(t, "moved"))
		position := rapid.OneOf(rapid.IntRange(0, len(orders)), rapid.Just(math.MaxInt)).Draw(t, "position")

		before := inOrder(nodes)
		places, err := domain.NewTree(nodes).Move(moved, nil, position)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range places {
			if p.SortOrder < 0 || p.SortOrder > domain.MaxSortOrder {
				t.Fatalf("sort order %d is out of bounds", p.SortOrder)
			}
			nodes[p.ID-1].SortOrder = p.SortOrder
		}
		want := slices.DeleteFunc(before, func(id domain.DepartmentID) bool { return id == moved })
		want = slices.Insert(want, min(position, len(want)), moved)
		if got := inOrder(nodes); !slices.Equal(got, want) {
			t.Fatalf("order is %v, want %v", got, want)
		}
	})
}

func inOrder(nodes []domain.Node) []domain.DepartmentID {
	sorted := slices.Clone(nodes)
	slices.SortFunc(sorted, func(a, b domain.Node) int {
		if a.SortOrder != b.SortOrder {
			return int(max(-1, min(1, a.SortOrder-b.SortOrder)))
		}
		return int(a.ID - b.ID)
	})
	var ids []domain.DepartmentID
	for _, n := range sorted {
		ids = append(ids, n.ID)
	}
	return ids
}

// A thousand moves to the same place stay possible, and rarely touch any but the moved department.
func TestTree_Move_staysCheap(t *testing.T) {
	t.Parallel()
	nodes := make([]domain.Node, 50)
	for i := range nodes {
		nodes[i] = domain.Node{ID: domain.DepartmentID(i + 1), SortOrder: int64(i+1) * 1000}
	}
	changed := 0
	for i := range 1000 {
		order := inOrder(nodes)
		places, err := domain.NewTree(nodes).Move(order[len(order)-1], nil, i%2)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range places {
			nodes[p.ID-1].SortOrder = p.SortOrder
			changed++
		}
	}
	if changed > 10_000 {
		t.Errorf("1000 moves changed %d departments", changed)
	}
}
