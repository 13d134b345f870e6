package domain

import "slices"

// Chart is the shape of an organization's departments, or of those that a caller may see: they have positions in depth-first
// order, siblings in order, so that the descendants of each follow it. A department whose parent is not in it is at the top.
type Chart struct {
	ids  []DepartmentID // by position
	ends []int          // by position: of the first department that is not a descendant of it
}

// NewChart makes the chart of departments, whose siblings are in order, and returns the departments by their positions.
func NewChart(departments []Department) (*Chart, []Department) {
	known := make(map[DepartmentID]bool, len(departments))
	for _, d := range departments {
		known[d.ID] = true
	}
	children := make(map[DepartmentID][]int, len(departments)/4)
	for i, d := range departments {
		parent := key(d.ParentID)
		if !known[parent] {
			parent = noParent
		}
		children[parent] = append(children[parent], i)
	}
	c := &Chart{ids: make([]DepartmentID, 0, len(departments)), ends: make([]int, len(departments))}
	ordered := make([]Department, 0, len(departments))
	var add func(parent DepartmentID)
	add = func(parent DepartmentID) {
		for _, i := range children[parent] {
			at := len(ordered)
			ordered = append(ordered, departments[i])
			c.ids = append(c.ids, departments[i].ID)
			add(departments[i].ID)
			c.ends[at] = len(ordered)
		}
	}
	add(noParent)
	return c, ordered
}

// Len is the number of departments.
func (c *Chart) Len() int { return len(c.ids) }

// Position returns the position of a department; false if it is not in the chart.
func (c *Chart) Position(id DepartmentID) (int, bool) {
	at := slices.Index(c.ids, id)
	return at, at >= 0
}

// End returns the position after the descendants of the department at a position: that of its next sibling, if it has one.
func (c *Chart) End(position int) int { return c.ends[position] }

// Children counts the direct subdepartments of the department at a position.
func (c *Chart) Children(position int) int {
	n := 0
	for child := position + 1; child < c.ends[position]; child = c.ends[child] {
		n++
	}
	return n
}
