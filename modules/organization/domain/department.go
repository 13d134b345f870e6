package domain

import (
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
	"erp.internal/platform/place"
	"erp.internal/platform/text"
)

// The errors of departments.
var (
	ErrDepartmentNotFound       = errs.New(errs.NotFound, "department.not_found", "Department not found")
	ErrDepartmentCodeTaken      = errs.New(errs.Taken, "department.code_taken", "Department code already exists in this organization")
	ErrDepartmentHasChildren    = errs.New(errs.Conflict, "department.has_departments", "The department still has departments below it: move or delete them first")
	ErrMoveIntoOwnSubtree       = errs.New(errs.Conflict, "department.move_into_own_subtree", "A department cannot be moved below itself")
	ErrTooDeep                  = errs.New(errs.Conflict, "department.too_deep", "Departments can be at most 32 levels deep").WithParams(errs.Params{"max": MaxDepth})
	ErrUnknownOrganization      = errs.Violation("organization_id", "unknown_organization", "must be the id of an organization")
	ErrUnknownParent            = errs.Violation("parent_id", "unknown_parent", "must be the id of a department of the same organization")
	ErrOrganizationCannotChange = errs.Violation("organization_id", "cannot_change", "cannot be changed; create the department in the other organization instead")
)

// DepartmentID identifies a department; it is never used again.
type DepartmentID int64

// Department is a node of an organization's tree.
type Department struct {
	ID             DepartmentID
	OrganizationID OrganizationID
	ParentID       *DepartmentID // nil: top level; else a department of the same organization
	Name           string        // see text.Name
	Code           *string       // nil: none; unique in the organization; see text.Code
	SortOrder      int64         // order among siblings, by id for equal values; 0 to MaxSortOrder
	Version        int64         // grows with each change
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Place is the place of the department and its descendants.
func (d Department) Place() place.Place { return place.Department(d.OrganizationID, d.ID) }

// NewDepartment makes a department that is not stored and has no place yet: see Tree.Append.
//
// Errors: errs.Invalid with every violation.
func NewDepartment(organization OrganizationID, name string, code *string) (Department, error) {
	d := Department{OrganizationID: organization}
	err := d.Change(DepartmentChange{Name: &name, Code: patch.To(code)})
	return d, err
}

// DepartmentChange is an update; nil fields stay unchanged.
type DepartmentChange struct {
	OrganizationID *OrganizationID // must be unchanged
	ParentID       patch.Field[DepartmentID]
	Name           *string
	Code           patch.Field[string]
	SortOrder      *int64
}

// Moves reports whether the change has another parent, which the Tree must allow.
func (c DepartmentChange) Moves(d Department) bool {
	return patch.Alters(c.ParentID, d.ParentID)
}

// Change applies an update, or none of it.
//
// Errors: errs.Invalid with every violation.
func (d *Department) Change(change DepartmentChange) error {
	var v errs.Violations
	changed := *d
	if change.OrganizationID != nil && *change.OrganizationID != d.OrganizationID {
		_ = v.Check("organization_id", ErrOrganizationCannotChange)
	}
	changed.ParentID = change.ParentID.Apply(d.ParentID)
	if change.Name != nil && !unchanged(*change.Name, d.Name) {
		changed.Name = accept(&v, "name", *change.Name, text.Name)
	}
	changed.Code = acceptField(&v, "code", change.Code, d.Code, text.Code)
	if change.SortOrder != nil {
		changed.SortOrder = *change.SortOrder
	}
	if err := v.Err(); err != nil {
		return err
	}
	*d = changed
	return nil
}

func sameParent(a, b *DepartmentID) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
