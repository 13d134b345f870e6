package domain

import "slices"

// Outline is the list of an organization's departments in depth-first order, so that the descendants of each are a part of
// the list.
type Outline struct {
	ids    []int64
	places map[int64]outlined
}

// outlined is the range of a department and its descendants in the list, with its ancestors.
type outlined struct {
	from, to int
	above    []int64 // itself at the end
}

// NewOutline makes the outline of nodes, which may come in any order.
func NewOutline(nodes []Node) *Outline {
	o := &Outline{ids: make([]int64, 0, len(nodes)), places: make(map[int64]outlined, len(nodes))}
	o.add(NewTree(nodes), noParent, nil)
	return o
}

func (o *Outline) add(t *Tree, parent DepartmentID, above []int64) {
	for _, n := range t.children[parent] {
		way := append(slices.Clip(above), int64(n.ID))
		from := len(o.ids)
		o.ids = append(o.ids, int64(n.ID))
		o.add(t, n.ID, way)
		o.places[int64(n.ID)] = outlined{from: from, to: len(o.ids), above: way}
	}
}

// Above returns the ancestors of a department, the top first, and itself at the end; nil if it does not exist. The result must
// not be changed.
func (o *Outline) Above(department int64) []int64 { return o.places[department].above }

// Below returns departments with all of their descendants, each once and sorted.
func (o *Outline) Below(departments ...int64) []int64 {
	var below []int64
	for _, root := range departments {
		place := o.places[root]
		below = append(below, o.ids[place.from:place.to]...)
	}
	slices.Sort(below)
	return slices.Compact(below)
}
