package place

import "slices"

// Scope is a set of places, for the WHERE clause of a list. It contains no place twice.
type Scope struct {
	Everywhere    bool
	Organizations []int64 // with all of their departments
	Departments   []int64 // of other organizations; the list already contains all descendants
}

// Contains reports whether a place is in the scope.
func (s Scope) Contains(p Place) bool {
	return s.Everywhere || slices.Contains(s.Organizations, p.Organization) || p.Department != 0 && slices.Contains(s.Departments, p.Department)
}
