package place

import "slices"

// Scope is a set of places, for the WHERE clause of a list. It contains no place twice.
type Scope struct {
	Everywhere    bool
	Organizations []int64 // with all of their departments
	Departments   []int64 // of other organizations; the list already contains all descendants
	// ByOrganization are the Departments by their organizations, for lists that are narrowed to one; nil if these are not known.
	ByOrganization map[int64][]int64
}

// Empty reports whether the scope contains no place.
func (s Scope) Empty() bool {
	return !s.Everywhere && len(s.Organizations) == 0 && len(s.Departments) == 0
}

// Contains reports whether a place is in the scope.
func (s Scope) Contains(p Place) bool {
	return s.Everywhere || slices.Contains(s.Organizations, p.Organization) || p.Department != 0 && slices.Contains(s.Departments, p.Department)
}

// Within returns the part of the scope that is in some departments of an organization.
func (s Scope) Within(organization int64, departments []int64) Scope {
	if s.Everywhere || slices.Contains(s.Organizations, organization) {
		return Scope{Departments: departments}
	}
	held := make(map[int64]bool, len(s.Departments))
	for _, id := range s.DepartmentsOf(organization) {
		held[id] = true
	}
	return Scope{Departments: slices.DeleteFunc(slices.Clone(departments), func(id int64) bool { return !held[id] })}
}

// DepartmentsOf returns the Departments that may belong to an organization.
func (s Scope) DepartmentsOf(organization int64) []int64 {
	if s.ByOrganization == nil {
		return s.Departments
	}
	return s.ByOrganization[organization]
}
