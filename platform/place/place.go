// Package place defines places: the whole system, an organization, or a department.
package place

// Place is the whole system (the zero value), an organization, or a department with its descendants.
type Place struct {
	Organization int64 // 0: the whole system
	Department   int64 // one of the organization's; 0: the organization itself
}

// System is the whole system.
func System() Place { return Place{} }

// Organization is an organization with all of its departments.
func Organization[ID ~int64](id ID) Place { return Place{Organization: int64(id)} }

// Department is a department with its descendants.
func Department[O, D ~int64](organization O, department D) Place {
	return Place{Organization: int64(organization), Department: int64(department)}
}

// Level is the kind of a place, by its width.
type Level string

// The levels, each with all that is below it.
const (
	SystemLevel       Level = "system"
	OrganizationLevel Level = "organization"
	DepartmentLevel   Level = "department"
)

// Levels returns the levels, the widest first.
func Levels() []Level { return []Level{SystemLevel, OrganizationLevel, DepartmentLevel} }

// Level returns the level of the place.
func (p Place) Level() Level {
	switch {
	case p.Department != 0:
		return DepartmentLevel
	case p.Organization != 0:
		return OrganizationLevel
	default:
		return SystemLevel
	}
}

// Containment reports whether one place contains another.
type Containment int

// The results. Only the organization's tree knows whether a department is a descendant of another.
const (
	Outside Containment = iota
	Inside
	InTree // inside if the other department is a descendant of this one in the organization's tree
)

// Contains reports whether p contains another place. Each place contains itself.
func (p Place) Contains(other Place) Containment {
	switch {
	case p.Organization == 0:
		return Inside
	case p.Organization != other.Organization:
		return Outside
	case p.Department == 0, p.Department == other.Department:
		return Inside
	case other.Department != 0:
		return InTree
	default:
		return Outside
	}
}

// IDs is a place in JSON and tables.
type IDs struct {
	OrganizationID *int64 `json:"organization_id" example:"1" doc:"null: of none, or for the system as a whole"`
	DepartmentID   *int64 `json:"department_id" example:"1" doc:"A department of the organization; null: of none, or for the organization as a whole"`
}

// IDs returns the place's ids.
func (p Place) IDs() IDs {
	return IDs{OrganizationID: orNil(p.Organization), DepartmentID: orNil(p.Department)}
}

// Place returns the place of these ids.
func (i IDs) Place() Place {
	return Place{Organization: orZero(i.OrganizationID), Department: orZero(i.DepartmentID)}
}

func orNil(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func orZero(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
