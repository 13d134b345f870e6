package domain

// Outline is an organization's departments as an outline lists them, each right before those below it, so that
// everything below one is a part of the list.
type Outline struct {
	ids    []int64
	places map[int64]span
}

// span is from where to where a department and those below it stand in the list.
type span struct{ from, to int32 }

// NewOutline makes the outline of nodes, which may come in any order.
func NewOutline(nodes []Node) *Outline {
	t := NewTree(nodes)
	o := &Outline{ids: make([]int64, 0, len(nodes)), places: make(map[int64]span, len(nodes))}
	o.add(t, noParent)
	return o
}

func (o *Outline) add(t *Tree, parent DepartmentID) {
	for _, n := range t.children[parent] {
		from := len(o.ids)
		o.ids = append(o.ids, int64(n.ID))
		o.add(t, n.ID)
		o.places[int64(n.ID)] = span{int32(from), int32(len(o.ids))} //nolint:gosec // far fewer departments than that
	}
}

// Holds says whether the department is one of the organization's.
func (o *Outline) Holds(department int64) bool {
	_, there := o.places[department]
	return there
}

// Within says whether a department is root or stands below it.
func (o *Outline) Within(department, root int64) bool {
	at, there := o.places[department]
	below, known := o.places[root]
	return there && known && below.from <= at.from && at.from < below.to
}

// Above gives a department and everything that it stands below, nothing when there is no such department.
func (o *Outline) Above(department int64) []int64 {
	var above []int64
	for _, id := range o.ids[:o.places[department].to] { // those above come before it
		if o.Within(department, id) {
			above = append(above, id)
		}
	}
	return above
}

// Below gives root and everything below it, nothing when there is no such department. It is not to be changed.
func (o *Outline) Below(root int64) []int64 {
	below := o.places[root]
	return o.ids[below.from:below.to:below.to]
}
