package domain

import (
	"cmp"
	"slices"
)

// The limits of a tree.
const (
	MaxDepth     = 32   // levels, the top one included
	sortStep     = 1000 // between siblings, so that a move rarely changes other departments
	MaxSortOrder = 1_000_000_000_000
)

// Node is the place of a department in the tree.
type Node struct {
	ID        DepartmentID
	ParentID  *DepartmentID
	SortOrder int64
}

// Tree is the tree of an organization's departments, or the part of it that decides whether and where a department can be placed:
// see ports.Departments.
type Tree struct {
	nodes    map[DepartmentID]Node
	children map[DepartmentID][]Node // by parent, in order; top-level ones by noParent
}

// noParent is the key of the top level; ids begin at 1.
const noParent DepartmentID = 0

// NewTree makes the tree of nodes, which may come in any order.
func NewTree(nodes []Node) *Tree {
	t := &Tree{nodes: make(map[DepartmentID]Node, len(nodes)), children: map[DepartmentID][]Node{}}
	for _, n := range nodes {
		t.nodes[n.ID] = n
		t.children[key(n.ParentID)] = append(t.children[key(n.ParentID)], n)
	}
	for _, siblings := range t.children {
		slices.SortFunc(siblings, func(a, b Node) int {
			return cmp.Or(cmp.Compare(a.SortOrder, b.SortOrder), cmp.Compare(a.ID, b.ID))
		})
	}
	return t
}

// Append places a new department last below parent, nil for the top level. It returns its place, without an id, and the
// changed places of siblings.
//
// Errors: ErrUnknownParent, ErrTooDeep.
func (t *Tree) Append(parent *DepartmentID) ([]Node, error) {
	if err := t.allow(parent, 1); err != nil {
		return nil, err
	}
	return insert(t.children[key(parent)], len(t.children[key(parent)]), Node{ParentID: parent}), nil
}

// Move places a department with its descendants below parent, nil for the top level, with position siblings before it; a
// position beyond the last is the last. It returns its new place and the changed places of siblings; none if it is there
// already.
//
// Errors: ErrDepartmentNotFound, ErrUnknownParent, ErrMoveIntoOwnSubtree, ErrTooDeep.
func (t *Tree) Move(id DepartmentID, parent *DepartmentID, position int) ([]Node, error) {
	if err := t.CanMove(id, parent); err != nil {
		return nil, err
	}
	siblings := t.children[key(parent)]
	before := slices.IndexFunc(siblings, func(n Node) bool { return n.ID == id })
	if before >= 0 {
		siblings = slices.Delete(slices.Clone(siblings), before, before+1)
	}
	position = min(max(position, 0), len(siblings))
	if before == position {
		return nil, nil
	}
	return insert(siblings, position, Node{ID: id, ParentID: parent}), nil
}

// CanMove checks that the department, with its descendants, may be placed below parent, nil for the top level.
//
// Errors: ErrDepartmentNotFound, ErrUnknownParent, ErrMoveIntoOwnSubtree, ErrTooDeep.
func (t *Tree) CanMove(id DepartmentID, parent *DepartmentID) error {
	if _, ok := t.nodes[id]; !ok {
		return ErrDepartmentNotFound
	}
	for above := parent; above != nil; above = t.nodes[*above].ParentID {
		if *above == id {
			return ErrMoveIntoOwnSubtree
		}
	}
	return t.allow(parent, t.height(id))
}

// allow checks that a subtree of this height may be placed below parent.
func (t *Tree) allow(parent *DepartmentID, height int) error {
	if parent != nil {
		if _, ok := t.nodes[*parent]; !ok {
			return ErrUnknownParent
		}
	}
	if t.depth(parent)+height > MaxDepth {
		return ErrTooDeep
	}
	return nil
}

// depth counts the levels down to the department, including it; 0 for nil.
func (t *Tree) depth(id *DepartmentID) int {
	depth := 0
	for ; id != nil; id = t.nodes[*id].ParentID {
		depth++
	}
	return depth
}

// height counts the levels of the department and its descendants.
func (t *Tree) height(id DepartmentID) int {
	below := 0
	for _, child := range t.children[id] {
		below = max(below, t.height(child.ID))
	}
	return below + 1
}

// insert assigns n a sort order between its neighbours, or, if there is none left, new ones to all siblings.
func insert(siblings []Node, position int, n Node) []Node {
	low, high := int64(-1), int64(MaxSortOrder+1)
	if position > 0 {
		low = siblings[position-1].SortOrder
	}
	if position < len(siblings) {
		high = siblings[position].SortOrder
	}
	switch {
	case high-low < 2:
		return renumber(slices.Insert(slices.Clone(siblings), position, n))
	case position == len(siblings) && low+sortStep <= MaxSortOrder:
		n.SortOrder = max(low, 0) + sortStep
	default:
		n.SortOrder = low + (high-low)/2
	}
	return []Node{n}
}

// renumber spreads siblings evenly and returns those whose sort order changed. A department without a place has 0, which is
// never assigned.
func renumber(siblings []Node) []Node {
	step := min(sortStep, MaxSortOrder/int64(len(siblings)+1))
	var changed []Node
	for i, n := range siblings {
		if order := int64(i+1) * step; order != n.SortOrder {
			n.SortOrder = order
			changed = append(changed, n)
		}
	}
	return changed
}

func key(parent *DepartmentID) DepartmentID {
	if parent == nil {
		return noParent
	}
	return *parent
}
