package domain

import "slices"

// Outline is an organization's departments as an outline lists them, each right before those below it, so that
// everything below one is a part of the list.
type Outline struct {
	ids    []int64
	places map[int64]outlined
}

// outlined is from where to where a department and those below it stand in the list, and the way to it from the top.
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

// Above returns a department and what it stands below, the top first; nothing when there is no such department. It is not
// to be changed.
func (o *Outline) Above(department int64) []int64 { return o.places[department].above }

// Below returns departments with everything below them, each once and sorted.
func (o *Outline) Below(departments ...int64) []int64 {
	var below []int64
	for _, root := range departments {
		place := o.places[root]
		below = append(below, o.ids[place.from:place.to]...)
	}
	slices.Sort(below)
	return slices.Compact(below)
}
